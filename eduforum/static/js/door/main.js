// The door app: enrol, choose a point, scan, with a network and without. Nothing is green that is
// not kept: on the server, or on this device's disk until the server has it.

import { WalkIns } from "./ahead.js";
import * as api from "./api.js";
import { closeSheets } from "./finding.js";
import { chooseGate } from "./gates.js";
import { Link } from "./link.js";
import { onlyTab } from "./onlytab.js";
import { Roster } from "./roster.js";
import { leavePoint, openPoint, showCount } from "./scanning.js";
import { showIncidents } from "./incidents.js";
import { fillList, part, show, Strip } from "./screen.js";
import { allowSound, stayAwake } from "./signals.js";
import { door, zone } from "./state.js";
import { watchForUpdates } from "./update.js";
import { Vault } from "./vault.js";
import { inLanguage, say } from "./words.js";

const OLD_KEY = "door"; // where the version before this one kept its token

export const strip = new Strip();

// ---------- enrol ----------

function askToEnrol(sentence = "") {
  leavePoint();
  door.link?.stop();
  Object.assign(door, { device: null, link: null, walkIns: null, points: [] });
  stayAwake(false);
  strip.nobody();
  showIncidents([], zone());
  show("enrol");
  part("enrol-error").textContent = sentence;
  part("enrol-code").focus();
}

async function enrol(code) {
  try {
    const { token, series, epoch, id, name, supervisor } = await api.enrol(code, part("enrol-name").value.trim() || "–");
    const device = { token, series, epoch, id, name, supervisor };
    await door.vault?.put("device", device);
    await enter(device);
  } catch (error) {
    if (!(error instanceof api.Refused || error instanceof api.NoAnswer)) throw error;
    askToEnrol(error instanceof api.Refused ? error.message : say("no_network"));
  }
}

part("enrol-form").addEventListener("submit", (event) => {
  event.preventDefault();
  enrol(part("enrol-code").value);
});

/** Start with what is kept: this must work without any network. */
async function enter(device, wanted = null) {
  door.device = device;
  door.roster = new Roster();
  if (door.vault) {
    door.points = (await door.vault.get("points")) ?? [];
    await openKeptBundle();
    door.walkIns = new WalkIns(door.vault, door.roster, device);
    await door.walkIns.open();
    door.link = new Link(door.vault, door.roster, device, door.walkIns);
    listenToLink(door.link);
    strip.line(door.link, await door.vault.countWaiting(), zone());
  }
  await refreshPoints();
  if (door.device) choosePoint(wanted);
}

async function openKeptBundle() {
  door.roster.knowPoints(door.points);
  const position = await door.vault.get("position");
  if (!position) return;
  door.roster.describe(position.facts);
  door.verdicts = position.facts.verdicts;
  strip.bundle(new Date(position.at));
  for (const page of await door.vault.pages()) door.roster.take(page);
  // Scans of this device that no delta has brought back yet.
  for (const scan of await door.vault.allScans()) {
    if (scan.serial) door.roster.note({ ...scan, verdict: scan.shown, at: scan.scanned_at });
  }
}

function listenToLink(link) {
  link.addEventListener("state", async () => {
    strip.line(link, await door.vault.countWaiting(), zone());
    const position = await door.vault.get("position");
    if (position) {
      door.verdicts = position.facts.verdicts;
      strip.bundle(new Date(position.at));
    }
  });
  link.addEventListener("sent", async () => strip.line(link, await door.vault.countWaiting(), zone()));
  link.addEventListener("news", refreshPoints);
  link.addEventListener("incidents", () => showIncidents(link.incidents, zone()));
  link.addEventListener("shut", shut);
}

/** The desk has shut this device out. What it has not delivered is not thrown away unasked. */
async function shut() {
  const waiting = door.vault ? await door.vault.countWaiting() : 0;
  leavePoint();
  if (waiting === 0) {
    await door.vault?.wipe();
    askToEnrol(say("revoked"));
    return;
  }
  part("shut-count").textContent = say("shut_count", { n: waiting });
  show("shut");
}

async function exportScans() {
  const scans = (await door.vault.allScans()).filter((scan) => scan.waiting);
  const walk_ins = (await door.vault.forms()).filter((one) => one.waiting).map(({ point, form }) => ({ point, ...form }));
  const { id, series, epoch } = door.device;
  const device_time = new Date().toISOString();
  const text = JSON.stringify({ device: id, series, epoch, device_time, scans, walk_ins }, null, 1);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = `eduforum-scans-${new Date().toISOString().slice(0, 16).replace(/\D/g, "")}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function forget() {
  await door.vault?.wipe();
  askToEnrol();
}

async function askToForget() {
  const waiting = door.vault ? await door.vault.countWaiting() : 0;
  part("forget-count").textContent = waiting ? say("forget_count", { n: waiting }) : say("forget_none");
  part("forget-export").hidden = waiting === 0;
  part("forget-sheet").showModal();
}

part("forget").addEventListener("click", askToForget);
part("forget-yes").addEventListener("click", () => {
  closeSheets();
  forget();
});
part("shut-forget").addEventListener("click", forget);
for (const name of ["export", "forget-export", "shut-export"]) part(name).addEventListener("click", exportScans);

// ---------- points ----------

/** Ask for the points and their counts; without an answer those that are kept go on. */
async function refreshPoints() {
  try {
    const { items } = await api.points(door.device);
    door.points = items;
    door.roster.knowPoints(items);
    await door.vault?.put("points", items);
    if (!door.vault) strip.online();
    const here = items.find((item) => item.id === door.point?.id);
    if (here) showCount(here);
  } catch (error) {
    if (error instanceof api.Refused && [401, 403, 404].includes(error.status)) await shut();
    else if (!door.vault) strip.offline(zone());
  }
}

function choosePoint(wanted = null) {
  leavePoint();
  const found = door.points.find((item) => item.id === wanted);
  if (found) {
    show("choose");
    enterPoint(found, true);
    return;
  }
  show("choose");
  part("no-points").hidden = door.points.length > 0;
  showStorage();
  fillList(
    part("points"),
    door.points.map((item) => ({ title: inLanguage(item.name), figure: say("count", item), item })),
    ({ item }) => enterPoint(item),
  );
  part("points").querySelector("button")?.focus();
}

async function enterPoint(found, again = false) {
  await chooseGate(found, again, async () => {
    await door.vault?.put("point", found.id);
    door.link?.follow(found.id);
    await openPoint(found);
  });
}

async function showStorage() {
  const words = [];
  if (!door.vault) words.push(say("online_only"));
  else if (door.kept === false) words.push(say("not_kept"));
  part("storage-note").textContent = words.join("");
  part("storage-note").hidden = words.length === 0;
  part("export").hidden = !door.vault || (await door.vault.countWaiting()) === 0;
}

part("change-point").addEventListener("click", async () => {
  choosePoint();
  await refreshPoints();
  if (!door.point && door.device && !part("choose").hidden) choosePoint();
});
part("retry").addEventListener("click", () => (door.link ? door.link.hurry() : refreshPoints()));

// ---------- start ----------

document.addEventListener("pointerdown", allowSound);
document.addEventListener("keydown", allowSound);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && door.device) door.link?.hurry();
});
window.addEventListener("online", () => door.link?.hurry());

/** The device of the version before this one, which kept it elsewhere. */
function takeOver() {
  try {
    const { device } = JSON.parse(localStorage.getItem(OLD_KEY)) ?? {};
    localStorage.removeItem(OLD_KEY);
    return device ?? null;
  } catch {
    return null;
  }
}

async function start() {
  door.vault = await Vault.open().catch(() => null);
  door.kept = (await navigator.storage?.persist?.().catch(() => false)) ?? false;
  watchForUpdates();
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (code) {
    // The code is worth nothing once used, and need not stay in the history.
    history.replaceState(null, "", location.pathname + location.search);
    part("enrol-code").value = code;
  }
  const device = (await door.vault?.get("device")) ?? takeOver();
  if (!device || code) {
    askToEnrol();
    return;
  }
  await door.vault?.put("device", device);
  await enter(device, await door.vault?.get("point"));
}

onlyTab(start, () => {
  leavePoint();
  door.link?.stop();
  show("elsewhere");
});
if (!window.isSecureContext || !navigator.locks) start();
