// The scanner: one reading becomes one scan, which is kept, judged and shown.

import * as api from "./api.js";
import { Camera } from "./camera.js";
import { decode } from "./decode.js";
import { askReason, closeSheets, openSearch } from "./finding.js";
import { part, sampleMark, show, showVerdict, verdictOf } from "./screen.js";
import { signal, stayAwake } from "./signals.js";
import { prepareRecent } from "./recent.js";
import { door, isSupervisor, newId, nextSeq, now, zone } from "./state.js";
import { activate } from "./update.js";
import { answerOf, judgeHere, OVERRIDABLE } from "./verdicts.js";
import { prepareWalkIns } from "./walkin.js";
import { listen } from "./wedge.js";
import { clockTime, inLanguage, say } from "./words.js";

const GREEN = 3000; // ms until the camera is back
const SAME_CODE = 3000; // ms in which one code is read once
const UNDO = Number(document.body.dataset.undoSeconds) * 1000;
const COUNTS = new Set(["stored", "already_stored", "kept"]);

const camera = new Camera(part("video"));
let leaving = false;
let busy = false;
let shown = null; // the scan on the screen
let returning = 0;
let lastAdmitted = null;
let lastCode = { text: "", at: 0 };

// ---------- the point ----------

export async function openPoint(found) {
  door.point = found;
  leaving = false;
  part("point-name").textContent = [inLanguage(found.name), door.gate].filter(Boolean).join(" · ");
  part("way-out").hidden = found.repeat !== "reentry" && found.capacity === null;
  part("way-out").setAttribute("aria-pressed", "false");
  part("last").hidden = true;
  lastAdmitted = null;
  showCount(found);
  show("scan");
  stayAwake(true);
  prepareWalkIns(scan);
  prepareRecent((undoes) => scan({ direction: "undo", undoes }));
  await openCamera();
}

/** Stop scanning: the camera is let go, and a new version of the app may take over. */
export function leavePoint() {
  camera.close();
  clearTimeout(returning);
  closeSheets();
  door.point = null;
  activate();
}

export function showCount(found = door.point) {
  if (found !== door.point && !busy) door.point = found;
  part("count").textContent = say("count", door.point);
}

// ---------- camera ----------

async function openCamera(deviceId) {
  try {
    await camera.open(deviceId);
    part("cam").classList.remove("cam--shut");
    part("cam-note").textContent = say("hold");
  } catch {
    part("cam").classList.add("cam--shut");
    part("cam-note").textContent = say("no_camera");
  }
  part("torch").hidden = !camera.hasTorch;
  part("torch").setAttribute("aria-pressed", "false");
  part("camera").hidden = !camera.hasChoice;
  look();
}

function look() {
  if (!part("scan").hidden) camera.start(seen);
}

function seen(text) {
  const at = Date.now();
  const same = text === lastCode.text && at - lastCode.at < SAME_CODE;
  lastCode = { text, at };
  if (!same) scan({ code: text });
}

part("torch").addEventListener("click", async () => {
  const on = part("torch").getAttribute("aria-pressed") !== "true";
  await camera.setTorch(on).then(
    () => part("torch").setAttribute("aria-pressed", String(on)),
    () => { part("torch").hidden = true; },
  );
});
part("camera").addEventListener("click", async () => {
  await camera.next().catch(() => openCamera());
  part("torch").hidden = !camera.hasTorch;
  look();
});
part("photo").addEventListener("change", async ({ target }) => {
  const [file] = target.files;
  target.value = "";
  if (!file) return;
  const text = await decode(file).catch(() => null);
  if (text) scan({ code: text });
  else part("cam-note").textContent = say("no_code_in_photo");
});
part("way-out").addEventListener("click", () => {
  leaving = !leaving;
  part("way-out").setAttribute("aria-pressed", String(leaving));
});

// ---------- scans ----------

/** One reading becomes one scan with an id of its own; sending it again is the same scan. */
function scan({ code = "", direction = leaving ? "out" : "in", ...more }) {
  if (!door.point || busy) return;
  const scanned_at = new Date().toISOString();
  const where = door.gate ? { gate: door.gate } : {};
  take({ id: newId(), code, direction, scanned_at, ...where, ...more });
}

async function take(scan, kept = null) {
  busy = true;
  camera.stop();
  clearTimeout(returning);
  closeSheets();
  shown = { scan, kept };
  try {
    await (door.vault ? keepAndJudge(scan) : deliver(scan));
  } catch (error) {
    console.error(error);
    showVerdict({ tone: "bad", word: say("not_kept_word"), step: say("not_kept_step") });
    part("override").hidden = part("ask-supervisor").hidden = part("find").hidden = true;
    settle(false, "bad", true);
  } finally {
    busy = false;
  }
}

/** On the disk first; then the server, if it answers in time; else this device's own judgement. */
async function keepAndJudge(scan) {
  const { vault, link, roster, point } = door;
  shown.kept ??= await vault.addScan(point.id, scan);
  const { kept } = shown;
  const [judged, answer] = await Promise.all([judgeHere(point, kept, now()), link.ask(point, kept)]);
  const result = answer ?? answerOf(point, kept, judged);
  const { serial } = judged;
  const counted = COUNTS.has(result.result);
  const more = { serial, shown: counted ? result.verdict : "" };
  if (!answer) more.local_verdict = judged.verdict;
  await vault.amendScan(kept.id, more);
  if (serial && counted) {
    const { id, undoes } = kept;
    roster.note({ id, serial, point: point.id, verdict: result.verdict, at: new Date(now()).toISOString(), undoes });
  }
  answered(kept, result);
}

/** Without a vault the server alone keeps scans: no answer, no green. */
async function deliver(scan) {
  shown.kept ??= { ...scan, seq: nextSeq() }; // tried again it is the same scan
  const sent = shown.kept;
  try {
    const answer = await api.send(door.device, door.point.id, [sent], 8000);
    answered(sent, answer.results[0]);
  } catch (error) {
    const refused = error instanceof api.Refused;
    showVerdict({
      tone: "bad",
      word: say(refused ? "refused_word" : "lost_word"),
      step: refused ? error.message : say("lost_step"),
      detail: refused ? "" : say("lost_detail"),
    });
    part("override").hidden = part("ask-supervisor").hidden = part("find").hidden = true;
    settle(false, "bad", !refused);
  }
}

function answered(scan, result) {
  const isNew = result.result === "stored" || result.result === "kept";
  if (COUNTS.has(result.result) && result.verdict === "admitted") {
    if (isNew) door.point.admitted += 1;
    remember(scan, result);
  }
  if (result.verdict === "undone" && isNew) {
    door.point.admitted = Math.max(0, door.point.admitted - 1);
    if (scan.undoes === lastAdmitted?.id) forgetLast();
  }
  showCount();
  showVerdict(verdictOf(result, zone()));
  const overridable = OVERRIDABLE.has(result.verdict) && scan.direction !== "undo";
  part("override").hidden = !overridable || !isSupervisor();
  part("ask-supervisor").hidden = !overridable || isSupervisor();
  part("find").hidden = result.tone !== "bad" || OVERRIDABLE.has(result.verdict);
  settle(result.tone === "ok", result.tone);
}

/** Green goes back by itself; the others wait for somebody. */
function settle(green, tone, retry = false) {
  signal(tone);
  part("again").hidden = !retry;
  part("again").classList.toggle("btn--main", retry);
  part("go-on").classList.toggle("btn--main", !retry);
  part("acts").hidden = green;
  part("back").hidden = !green;
  if (green) {
    part("verdict").focus();
    returning = setTimeout(goOn, GREEN);
  } else {
    part(retry ? "again" : "go-on").focus();
  }
}

function goOn() {
  clearTimeout(returning);
  if (busy || !door.point) return;
  // A code that is still before the camera was dealt with just now.
  lastCode.at = Date.now();
  show("scan");
  look();
}

function remember(scan, result) {
  lastAdmitted = { id: scan.id };
  const text = [result.ticket?.name, result.ticket?.unit].filter(Boolean).join(" ");
  part("last-text").textContent = text || say("no_name");
  if (result.ticket?.sample) part("last-text").append(" ", sampleMark());
  part("last-time").textContent = clockTime(new Date(now()), zone());
  part("last").hidden = part("undo").hidden = false;
  setTimeout(() => {
    if (lastAdmitted?.id === scan.id) part("undo").hidden = true;
  }, UNDO);
}

function forgetLast() {
  lastAdmitted = null;
  lastCode = { text: "", at: 0 };
  part("last").hidden = true;
}

part("undo").addEventListener("click", () => {
  if (lastAdmitted) scan({ direction: "undo", undoes: lastAdmitted.id });
});
part("go-on").addEventListener("click", goOn);
part("again").addEventListener("click", () => take(shown.scan, shown.kept));
part("find").addEventListener("click", () => openSearch("type_name", scan));
part("open-code").addEventListener("click", () => openSearch("type_code", scan));
part("open-search").addEventListener("click", () => openSearch("type_name", scan));
part("override").addEventListener("click", () => {
  clearTimeout(returning);
  askReason((override) => {
    const { code, direction, manual } = shown.scan;
    scan({ code, direction, override, ...(manual ? { manual } : {}) });
  });
});

// Escape, Enter and Space leave a verdict, whatever has the focus.
document.addEventListener("keydown", (event) => {
  if (part("answer").hidden || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" || ((event.key === "Enter" || event.key === " ") && !part("back").hidden)) {
    event.preventDefault();
    goOn();
  }
});

listen(() => door.point !== null, (text) => scan({ code: text }));
