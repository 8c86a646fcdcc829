// The app itself is kept on the device, so that it starts without a network. A new version waits
// until nothing is unsent and nobody is scanning.

import { part } from "./screen.js";
import { door } from "./state.js";

const CHECK = 15 * 60_000;
let waiting = null;
let asked = false; // it was told to take over

export async function watchForUpdates() {
  if (!navigator.serviceWorker) return;
  const registration = await navigator.serviceWorker.register("/door/sw.js", { scope: "/door/" });
  note(registration);
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", () => note(registration));
  });
  let reloading = false;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (asked && !reloading) {
      reloading = true;
      location.reload();
    }
  });
  setInterval(() => {
    registration.update().catch(() => {});
    activate();
  }, CHECK);
}

function note(registration) {
  waiting = registration.active ? registration.waiting : null;
  part("update-note").hidden = !waiting;
  activate();
}

/** Change over, if that costs nobody anything. */
export async function activate() {
  if (!waiting || door.point) return;
  if (door.vault && (await door.vault.countWaiting()) > 0) return;
  asked = true;
  waiting?.postMessage("activate");
}
