// Scanners that type: many letters, faster than anybody can, ended by Enter or Tab, wherever the focus is.

const LONGEST_PAUSE = 1000; // ms after which a new code begins
const FASTEST_HAND = 70; // ms a key on average; a radio or a busy phone delays single keys
const SHORTEST = 6;
const SHORTEST_IN_FIELD = 20;
const TICKET = /^EV1[A-Z2-7]{122}$/i; // nobody types this by hand

/** The letter of a key, also while an input method holds the keyboard: then by the key's place. */
export function letterOf({ key, code = "" }) {
  if (key.length === 1) return key;
  const place = /^(?:Key([A-Z])|(?:Digit|Numpad)(\d))$/.exec(code);
  return place && (key === "Process" || key === "Unidentified") ? (place[1] ?? place[2]) : "";
}

/** Collects keys; `press` returns what a scanner has typed when its last key comes, else null. */
export class Wedge {
  #letters = "";
  #first = 0;
  #last = -Infinity;

  /** `inField`: somebody may be typing there by hand, so it takes a ticket's form, or length and speed. */
  press(event, now, inField = false) {
    if (now - this.#last > LONGEST_PAUSE) this.#letters = "";
    this.#last = now;
    if (event.key === "Enter" || event.key === "Tab") {
      const typed = this.#letters;
      this.#letters = "";
      return this.#isScan(typed, now, inField) ? typed : null;
    }
    const letter = letterOf(event);
    if (letter && !this.#letters) this.#first = now;
    this.#letters += letter;
    return null;
  }

  #isScan(typed, now, inField) {
    if (typed.length < SHORTEST) return false;
    if (!inField || TICKET.test(typed)) return true;
    return typed.length >= SHORTEST_IN_FIELD && (now - this.#first) / typed.length <= FASTEST_HAND;
  }
}

function fieldInUse() {
  const field = document.activeElement;
  return field instanceof HTMLInputElement && field.type !== "file" ? field : null;
}

/** Hear scanners on the whole page while `isOpen()`. What they typed into a field is taken out again. */
export function listen(isOpen, onCode) {
  const wedge = new Wedge();
  document.addEventListener(
    "keydown",
    (event) => {
      if (!isOpen() || event.ctrlKey || event.metaKey || event.altKey) return;
      const field = fieldInUse();
      const typed = wedge.press(event, event.timeStamp, field !== null);
      if (typed === null) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (field) field.value = "";
      onCode(typed);
    },
    true,
  );
}
