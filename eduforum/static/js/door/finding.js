// Finding somebody by name, pinyin, last digits or staff code; and the supervisor's reason.

import * as api from "./api.js";
import { PICKED } from "./roster.js";
import { fillList, part } from "./screen.js";
import { door } from "./state.js";
import { inLanguage, say } from "./words.js";

const SHORTEST = 2;
let asked = 0;
let typing = 0;
let choose = () => {};

export function closeSheets() {
  for (const sheet of document.querySelectorAll("dialog[open]")) sheet.close();
}

/** Open the search; `onChoose` gets `{code, manual}` of who is picked. */
export function openSearch(hint, onChoose) {
  choose = onChoose;
  part("q").value = "";
  part("q").placeholder = say(hint);
  part("q").classList.toggle("door-input--code", hint === "type_code");
  part("sheet-note").textContent = say(hint);
  part("found").replaceChildren();
  part("sheet").showModal();
  part("q").focus();
}

/** The server knows most; without it the roster on this device does. */
async function search(text) {
  if (!door.link || door.link.online) {
    try {
      return (await api.search(door.device, door.point, text)).items;
    } catch (error) {
      if (error instanceof api.Refused) throw error;
      door.link?.hurry();
    }
  }
  if (!door.vault) return null;
  return door.roster.search(text).map((line) => ({ ...line, code: PICKED + line.serial }));
}

async function find() {
  const text = part("q").value.trim();
  const turn = ++asked;
  part("found").replaceChildren();
  if (text.length < SHORTEST) {
    part("sheet-note").textContent = say("type_more");
    return;
  }
  const items = await search(text);
  if (turn !== asked) return;
  if (items === null) {
    part("sheet-note").textContent = say("no_network");
    return;
  }
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
    ({ code }) => choose({ code, manual: true }),
  );
}

part("q").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(find, 250);
});
part("search-form").addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(typing);
  find();
});

/** Ask a supervisor for the reason; `onReason` gets it. */
export function askReason(onReason) {
  part("reason-error").textContent = "";
  part("reason-sheet").showModal();
  part("reason").focus();
  part("reason-form").onsubmit = (event) => {
    event.preventDefault();
    const reason = part("reason").value.trim();
    if (!reason) {
      part("reason-error").textContent = say("reason_missing");
      return;
    }
    part("reason").value = "";
    onReason(reason);
  };
}
