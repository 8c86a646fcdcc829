// The door app: enrol, choose a point, scan. Online: nothing is green that the server has not stored.

import * as api from "./api.js";
import { Camera } from "./camera.js";
import { decode } from "./decode.js";
import { fillList, part, sampleMark, show, showVerdict, Strip, verdictOf } from "./screen.js";
import { allowSound, signal, stayAwake } from "./signals.js";
import * as store from "./store.js";
import { listen } from "./wedge.js";
import { clockTime, inLanguage, say } from "./words.js";

const GREEN = 3000; // ms until the camera is back
const SAME_CODE = 3000; // ms in which one code is read once
const POLL = 20000;
const UNDO = Number(document.body.dataset.undoSeconds) * 1000;
const OVERRIDABLE = new Set(document.body.dataset.overridable.split(" "));
const OWN_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

const camera = new Camera(part("video"));
const strip = new Strip();
let point = null;
let leaving = false;
let busy = false;
let shown = null; // the scan on the screen, with its code
let returning = 0;
let lastAdmitted = null;
let lastCode = { text: "", at: 0 };

const zone = () => point?.time_zone ?? OWN_ZONE;

// ---------- enrol ----------

function askToEnrol(sentence = "") {
  camera.close();
  stayAwake(false);
  strip.nobody();
  show("enrol");
  part("enrol-error").textContent = sentence;
  part("enrol-code").focus();
}

async function enrol(code) {
  try {
    const found = await api.enrol(code, part("enrol-name").value.trim() || "–");
    const { token, series, epoch } = found;
    store.keepDevice({ token, series, epoch, id: found.id });
    await choosePoint();
  } catch (error) {
    askToEnrol(error instanceof api.Refused ? error.message : say("no_network"));
  }
}

part("enrol-form").addEventListener("submit", (event) => {
  event.preventDefault();
  enrol(part("enrol-code").value);
});

part("forget").addEventListener("click", () => {
  store.forget();
  point = null;
  askToEnrol();
});

// ---------- points ----------

/** The points with their counts; null when the server does not answer or the device is shut out. */
async function fetchPoints() {
  try {
    const { items } = await api.points(store.device());
    strip.online();
    return items;
  } catch (error) {
    failed(error);
    return null;
  }
}

function failed(error) {
  if (error instanceof api.Refused && [401, 403, 404].includes(error.status)) {
    store.forget();
    point = null;
    askToEnrol(say("revoked"));
  } else {
    strip.offline(zone());
  }
}

async function choosePoint(wanted = null) {
  camera.close();
  point = null;
  const items = await fetchPoints();
  if (items === null) {
    if (store.device()) show("choose");
    return;
  }
  const found = items.find((item) => item.id === wanted);
  if (found) {
    await openPoint(found);
    return;
  }
  show("choose");
  part("no-points").hidden = items.length > 0;
  fillList(
    part("points"),
    items.map((item) => ({ title: inLanguage(item.name), figure: say("count", item), item })),
    ({ item }) => openPoint(item),
  );
  part("points").querySelector("button")?.focus();
}

async function openPoint(found) {
  point = found;
  leaving = false;
  store.keepPoint(point.id);
  part("point-name").textContent = inLanguage(point.name);
  part("way-out").hidden = point.repeat !== "reentry" && point.capacity === null;
  part("way-out").setAttribute("aria-pressed", "false");
  part("last").hidden = true;
  lastAdmitted = null;
  showCount();
  show("scan");
  stayAwake(true);
  await openCamera();
}

function showCount() {
  part("count").textContent = say("count", point);
}

async function refresh() {
  if (!store.device() || document.hidden) return;
  const items = await fetchPoints();
  const found = items?.find((item) => item.id === point?.id);
  if (found && !busy) {
    point = found;
    showCount();
  }
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
  const now = Date.now();
  const same = text === lastCode.text && now - lastCode.at < SAME_CODE;
  lastCode = { text, at: now };
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
  if (!point || busy) return;
  const now = new Date().toISOString();
  deliver({ id: store.newId(), seq: store.nextSeq(), code, direction, scanned_at: now, ...more });
}

async function deliver(sent) {
  busy = true;
  camera.stop();
  clearTimeout(returning);
  part("sheet").close();
  part("reason-sheet").close();
  shown = { sent, result: null };
  try {
    const answer = await api.send(store.device(), point, sent);
    strip.online(answer.server_time);
    answered(sent, answer.results[0]);
  } catch (error) {
    notAnswered(error);
  } finally {
    busy = false;
  }
}

function answered(sent, result) {
  shown.result = result;
  const counts = result.result === "stored" || result.result === "already_stored";
  if (counts && result.verdict === "admitted") {
    if (result.result === "stored") point.admitted += 1;
    remember(sent, result);
  }
  if (result.verdict === "undone" && result.result === "stored") {
    point.admitted = Math.max(0, point.admitted - 1);
    forgetLast();
  }
  showCount();
  showVerdict(verdictOf(result, zone()));
  const green = result.tone === "ok";
  part("override").hidden = !OVERRIDABLE.has(result.verdict);
  part("find").hidden = result.tone !== "bad" || OVERRIDABLE.has(result.verdict);
  settle(green, result.tone);
}

function notAnswered(error) {
  if (error instanceof api.Refused && error.status !== 422) {
    failed(error);
    if (error.status === 401) return;
  }
  const refused = error instanceof api.Refused;
  if (!refused) strip.offline(zone());
  showVerdict({
    tone: "bad",
    word: say(refused ? "refused_word" : "lost_word"),
    step: refused ? error.message : say("lost_step"),
    detail: refused ? "" : say("lost_detail"),
  });
  part("override").hidden = part("find").hidden = true;
  settle(false, "bad", !refused);
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
  if (busy || !point) return;
  // A code that is still before the camera was dealt with just now.
  lastCode.at = Date.now();
  show("scan");
  look();
}

function remember(sent, result) {
  lastAdmitted = { id: sent.id, at: Date.now() };
  const text = [result.ticket.name, result.ticket.unit].filter(Boolean).join(" ");
  part("last-text").textContent = text;
  if (result.ticket.sample) part("last-text").append(" ", sampleMark());
  part("last-time").textContent = clockTime(new Date(sent.scanned_at), zone());
  part("last").hidden = part("undo").hidden = false;
  const { id } = sent;
  setTimeout(() => {
    if (lastAdmitted?.id === id) part("undo").hidden = true;
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
part("again").addEventListener("click", () => deliver(shown.sent));
part("retry").addEventListener("click", () => (point ? refresh() : choosePoint(store.pointId())));
part("change-point").addEventListener("click", () => choosePoint());
part("find").addEventListener("click", () => openSheet("type_name"));
part("override").addEventListener("click", () => {
  part("reason-error").textContent = "";
  part("reason-sheet").showModal();
  part("reason").focus();
});
part("reason-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const override = part("reason").value.trim();
  if (!override) {
    part("reason-error").textContent = say("reason_missing");
    return;
  }
  part("reason").value = "";
  const { code, direction, manual } = shown.sent;
  scan({ code, direction, override, ...(manual ? { manual } : {}) });
});

// Escape, Enter and Space leave a verdict, whatever has the focus.
document.addEventListener("keydown", (event) => {
  if (part("answer").hidden || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" || ((event.key === "Enter" || event.key === " ") && !part("back").hidden)) {
    event.preventDefault();
    goOn();
  }
});

// ---------- finding somebody ----------

let asked = 0;
let typing = 0;

function openSheet(hint) {
  clearTimeout(returning);
  part("q").value = "";
  part("q").placeholder = say(hint);
  part("q").classList.toggle("door-input--code", hint === "type_code");
  part("sheet-note").textContent = say(hint);
  part("found").replaceChildren();
  part("sheet").showModal();
  part("q").focus();
}

async function find() {
  const text = part("q").value.trim();
  const turn = ++asked;
  part("found").replaceChildren();
  if (text.length < 2) {
    part("sheet-note").textContent = say("type_more");
    return;
  }
  let items;
  try {
    ({ items } = await api.search(store.device(), point, text));
    strip.online();
  } catch (error) {
    failed(error);
    part("sheet-note").textContent = say("no_network");
    return;
  }
  if (turn !== asked) return;
  part("sheet-note").textContent = say(items.length ? "check_person" : "none_found");
  fillList(
    part("found"),
    items.map((item) => ({
      title: item.name,
      note: item.unit,
      figure: inLanguage(item.category),
      sample: item.sample,
      code: item.code,
    })),
    ({ code }) => scan({ code, manual: true }),
  );
}

part("open-code").addEventListener("click", () => openSheet("type_code"));
part("open-search").addEventListener("click", () => openSheet("type_name"));
part("q").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(find, 250);
});
part("search-form").addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(typing);
  find();
});

// ---------- start ----------

listen(() => point !== null, (text) => scan({ code: text }));
document.addEventListener("pointerdown", allowSound);
document.addEventListener("keydown", allowSound);
document.addEventListener("visibilitychange", refresh);
window.addEventListener("online", refresh);
window.addEventListener("offline", () => strip.offline(zone()));
setInterval(refresh, POLL);

const code = new URLSearchParams(location.hash.slice(1)).get("code");
if (code) {
  // The code is worth nothing once used, and need not stay in the history.
  history.replaceState(null, "", location.pathname + location.search);
  part("enrol-code").value = code;
}
if (store.device() && !code) choosePoint(store.pointId());
else askToEnrol();
