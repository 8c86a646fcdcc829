// Scanners that type: many letters, faster than anybody can, ended by Enter or Tab, wherever the focus is.

const FASTEST_HAND = 60; // ms between two keys
const SHORTEST = 6;

/** The letter of a key, also while an input method holds the keyboard: then by the key's place. */
export function letterOf({ key, code = "" }) {
  if (key.length === 1) return key;
  const place = /^(?:Key([A-Z])|(?:Digit|Numpad)(\d))$/.exec(code);
  return place && (key === "Process" || key === "Unidentified") ? (place[1] ?? place[2]) : "";
}

/** Collects keys; `press` returns what a scanner has typed when its last key comes, else null. */
export class Wedge {
  #letters = "";
  #last = -Infinity;

  press(event, now) {
    const quick = now - this.#last <= FASTEST_HAND;
    this.#last = now;
    if (event.key === "Enter" || event.key === "Tab") {
      const typed = this.#letters;
      this.#letters = "";
      return quick && typed.length >= SHORTEST ? typed : null;
    }
    const letter = letterOf(event);
    if (letter) this.#letters = (quick ? this.#letters : "") + letter;
    return null;
  }
}

/** Hear scanners on the whole page. What they typed into a field is taken out of it again. */
export function listen(onCode) {
  const wedge = new Wedge();
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const typed = wedge.press(event, event.timeStamp);
      if (typed === null) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const field = document.activeElement;
      if (field instanceof HTMLInputElement && field.type !== "file") field.value = "";
      onCode(typed);
    },
    true,
  );
}
