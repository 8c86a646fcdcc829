"""The door app in a real browser whose processor is four times slower: loading, memory, scanning."""

import re
import shutil

from playwright.sync_api import CDPSession, Page, ViewportSize, sync_playwright

from eduforum.tickets import qr
from tests.bench.measuring import SERIES, Bench, say
from tests.e2e.conftest import QUIET
from tests.running import command

SLOWER = 4
READINGS = 40
_PHONE: ViewportSize = {"width": 390, "height": 844}

# A camera that shows what is drawn on a canvas, and when the picture with the code was taken.
_CAMERA = """
const sheet = document.createElement("canvas");
[sheet.width, sheet.height] = [1280, 720];
const pen = sheet.getContext("2d");
const clear = () => { pen.fillStyle = "#888"; pen.fillRect(0, 0, 1280, 720); };
clear();
navigator.mediaDevices.getUserMedia = async () => sheet.captureStream(30);
const take = CanvasRenderingContext2D.prototype.getImageData;
CanvasRenderingContext2D.prototype.getImageData = function (...area) {
  window.taken = performance.now();
  return take.apply(this, area);
};
window.showCode = (svg) => new Promise((done) => {
  const picture = new Image(500, 500);
  const answer = document.getElementById("answer");
  picture.onload = () => {
    const watcher = new MutationObserver(() => {
      if (answer.hidden) return;
      watcher.disconnect();
      clear();
      done([performance.now() - window.taken, document.getElementById("verdict").className]);
    });
    watcher.observe(answer, { attributes: true });
    pen.drawImage(picture, 390, 110, 500, 500);
  };
  picture.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
});
"""
_READY = """async () => {
  const { door } = await import(new URL("state.js", document.querySelector("script[src*='/door/main']").src));
  return door.roster?.size ?? 0;
}"""


def app(bench: Bench, texts: list[str]) -> dict[str, float]:
    """Enrol, load everybody, scan without a network. {} where there is no browser."""
    where = shutil.which("chromium") or shutil.which("chromium-browser")
    if where is None:
        say(f"{bench.engine:<11}the door app was left out: no browser")
        return {}
    printed = command(bench.server.env, "devices", "enrol", "--series", SERIES)
    code = printed.split()[-1]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=where, args=QUIET)
        context = chromium.new_context(
            base_url=f"http://127.0.0.1:{bench.server.port}", viewport=_PHONE, locale="zh-CN"
        )
        context.add_init_script(_CAMERA)
        page = context.new_page()
        line = context.new_cdp_session(page)
        line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        found = _load(page, code, len(texts)) | {"app_heap_mb": _heap(line)}
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        context.set_offline(True)
        found |= _scan(page, texts[:READINGS])
        chromium.close()
    say(
        f"{bench.engine:<11}door app, processor {SLOWER}× slower: {len(texts)} tickets loaded in "
        f"{found['app_load_seconds']:.1f} s, heap {found['app_heap_mb']:.0f} MB; picture to verdict "
        f"without a network: median {found['app_verdict_p50_ms']:.0f} ms, "
        f"p95 {found['app_verdict_p95_ms']:.0f} ms of {READINGS}, {found['app_odd_verdicts']} odd"
    )
    return found


def _load(page: Page, code: str, size: int) -> dict[str, float]:
    page.goto("/door/")
    page.fill("#enrol-code", code)
    page.click("#enrol-form button[type=submit]")
    point = page.locator("#points button").first
    point.wait_for()
    began = page.evaluate("performance.now()")
    point.click()
    page.wait_for_function(f"async () => (await ({_READY})()) >= {size}", timeout=300_000)
    return {"app_load_seconds": (page.evaluate("performance.now()") - began) / 1000}


def _heap(line: CDPSession) -> float:
    line.send("HeapProfiler.collectGarbage")
    line.send("Performance.enable")
    metrics = line.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "JSHeapUsedSize")) / 1e6


def _scan(page: Page, texts: list[str]) -> dict[str, float]:
    times: list[float] = []
    odd = 0
    for text in texts:
        page.locator("#scan").wait_for()
        took, tone = page.evaluate("(svg) => window.showCode(svg)", qr.svg(text))
        odd += re.search("verdict--(ok|wait)", tone) is None
        times.append(took)
        page.keyboard.press("Escape")
    times.sort()
    return {
        "app_verdict_p50_ms": times[len(times) // 2],
        "app_verdict_p95_ms": times[int(len(times) * 0.95) - 1],
        "app_odd_verdicts": odd,
    }
