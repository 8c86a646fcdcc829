// The kiosk: reads tickets by camera or scanner, goes back to its start by itself, prints the badge. Nothing leaves the page while there is no network: a browser's error page would be the end of it.

import { Camera } from "../door/camera.js";
import { stayAwake } from "../door/signals.js";
import { listen } from "../door/wedge.js";

const { start, idle, after, prints } = document.body.dataset;
const PATIENCE = 6000; // ms for an answer
const STALE = 15 * 60_000; // ms after which a waiting page is fetched anew: what proves its form lasts for an hour
const LAST_TOUCH = 5000;
const form = document.getElementById("scan");

async function isThere(address = location.href) {
  try {
    const answer = await fetch(address, { cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
    return answer.ok || answer.status === 404;
  } catch {
    return false;
  }
}

/** Go on only if the server answers; else say so and stay. */
async function go(onward) {
  const there = await isThere(start ?? location.pathname);
  const note = document.getElementById("offline");
  if (note) note.hidden = there;
  if (there) onward();
  return there;
}

// ---------- reading tickets ----------

let reading = false;

async function read(text) {
  if (reading) return;
  reading = true;
  form.elements.code.value = text;
  reading = await go(() => form.submit());
}

async function openCamera() {
  const camera = new Camera(document.getElementById("video"));
  try {
    await camera.open();
    camera.start(read);
  } catch {
    form.classList.add("kiosk__cam--shut"); // a scanner or the name will do
  }
}

if (form) {
  openCamera();
  listen(() => true, read);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.elements.code.value) read(form.elements.code.value);
  });
  setInterval(() => {
    if (!reading) go(() => location.reload());
  }, STALE);
}

for (const guarded of document.querySelectorAll("[data-guarded]")) {
  guarded.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    go(() => guarded.submit());
  });
}

// ---------- back to the start ----------

let touched = Date.now();
for (const what of ["pointerdown", "keydown"]) document.addEventListener(what, () => { touched = Date.now(); }, true);

async function back() {
  while (!(await isThere(start))) await new Promise((done) => setTimeout(done, LAST_TOUCH));
  location.replace(start);
}

if (idle) {
  const watch = setInterval(() => {
    if (Date.now() - touched < Number(idle) * 1000) return;
    clearInterval(watch);
    back();
  }, 1000);
}

if (after) {
  const left = document.getElementById("left");
  const ends = Date.now() + Number(after) * 1000;
  const count = setInterval(() => {
    const rest = ends - Date.now();
    left.setAttribute("width", String(Math.max(0, rest / Number(after) / 10)));
    if (rest > 0) return;
    clearInterval(count);
    back();
  }, 200);
}

if (prints !== undefined) window.addEventListener("load", () => window.print());
stayAwake(true);
