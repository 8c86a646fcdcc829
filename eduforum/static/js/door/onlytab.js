// One tab at a time: two would count their scans twice over.

import { part } from "./screen.js";

const NAME = "eduforum-door";

/** Call `start` when this tab has the door to itself; `lost` when another one has or takes it. */
export function onlyTab(start, lost) {
  if (!navigator.locks) return;
  const hold = (options) =>
    navigator.locks.request(NAME, options, (lock) => {
      if (!lock) {
        lost();
        return null;
      }
      start();
      return new Promise(() => {}); // for as long as the page lives
    });
  const seize = (options) => hold(options).catch(lost); // it rejects when another tab steals it
  part("take-over").addEventListener("click", () => {
    // Whatever the other tab holds is on the disk as well: a fresh start reads it.
    sessionStorage.setItem(NAME, "take");
    location.reload();
  });
  const takes = sessionStorage.getItem(NAME) === "take";
  sessionStorage.removeItem(NAME);
  seize(takes ? { steal: true } : { ifAvailable: true });
}
