// A walk-in: the shortest form, and the ticket on the screen at once. Seats are counted on the server;
// without a network the ticket is one that was signed ahead, and seats are counted when it is back.

import * as api from "./api.js";
import { closeSheets } from "./finding.js";
import { PICKED } from "./roster.js";
import { fillList, part } from "./screen.js";
import { door, newId } from "./state.js";
import { inLanguage, say } from "./words.js";

const PATIENCE = 5000; // ms that somebody who registers waits for the server
const MOBILE = /^\+?[\d\s-]{7,20}$/;
let admit = () => {};
let id = "";
let offers = [];

/** Show the button where this point takes walk-ins. `onAdmit` gets what is to be scanned. */
export async function prepareWalkIns(onAdmit) {
  admit = onAdmit;
  const { point } = door;
  const items = await offered(point);
  if (point !== door.point) return;
  offers = items;
  part("open-walkin").hidden = offers.length === 0;
}

async function offered(point) {
  if (!isCutOff()) {
    try {
      return (await api.walkInOffers(door.device, point.id)).items;
    } catch (error) {
      if (!(error instanceof api.Refused || error instanceof api.NoAnswer)) throw error;
    }
  }
  return door.walkIns?.offers(point) ?? offers;
}

const isCutOff = () => door.link !== null && !door.link.online;

function open() {
  id = newId();
  part("walkin-form").reset();
  part("walkin-error").textContent = "";
  part("walkin-same").replaceChildren();
  part("walkin-other").hidden = true;
  showOffers();
  part("walkin-sheet").showModal();
  part("walkin-name").focus();
  prepareWalkIns(admit).then(showOffers);
}

function showOffers() {
  const chosen = part("walkin-category").value;
  part("walkin-category").replaceChildren(
    ...offers.map(({ category, name, free }) => {
      const text = free === null ? inLanguage(name) : say("walkin_free", { name: inLanguage(name), n: free });
      const option = new Option(text, category);
      option.disabled = free === 0;
      return option;
    }),
  );
  if (chosen) part("walkin-category").value = chosen;
}

function typed() {
  return {
    id,
    name: part("walkin-name").value.trim(),
    organisation: part("walkin-unit").value.trim(),
    mobile: part("walkin-mobile").value.trim(),
    category: part("walkin-category").value,
    consents: part("walkin-told").checked ? ["privacy"] : [],
    another: part("walkin-another").checked,
  };
}

function missing({ name, mobile, category, consents }) {
  if (!name) return "walkin_name";
  if (mobile && !MOBILE.test(mobile)) return "walkin_mobile_wrong";
  if (!category) return "walkin_full";
  return consents.length ? null : "walkin_told";
}

async function send() {
  const body = typed();
  const wrong = missing(body);
  if (wrong) {
    part("walkin-error").textContent = say(wrong);
    return;
  }
  part("walkin-send").disabled = true;
  try {
    if (isCutOff()) throw new api.NoAnswer("cut off");
    showTicket(await api.walkIn(door.device, door.point.id, body, PATIENCE));
  } catch (error) {
    if (error instanceof api.NoAnswer) await goOnAlone(body);
    else if (error instanceof api.Refused) refused(error);
    else throw error;
  } finally {
    part("walkin-send").disabled = false;
  }
}

/** No answer: a ticket that was signed ahead is handed out, under the same id. */
async function goOnAlone(body) {
  const same = body.another ? [] : (door.roster?.named(body.name) ?? []);
  if (same.length > 0) {
    part("walkin-error").textContent = say("walkin_same");
    askWho(same.map((line) => ({ ...line, code: PICKED + line.serial })));
    return;
  }
  const made = await door.walkIns?.hand(door.point, body, document.documentElement.lang.startsWith("zh") ? "zh-Hans" : "en");
  if (!made) {
    part("walkin-error").textContent = say(door.walkIns ? "walkin_none_left" : "walkin_no_network");
    return;
  }
  showTicket(made, true);
  door.link.hurry();
}

function refused(error) {
  const fields = Object.values(error.problem.errors ?? {}).flat();
  part("walkin-error").textContent = fields[0] ?? error.message;
  askWho(error.problem.people ?? []);
}

function askWho(people) {
  part("walkin-other").hidden = people.length === 0;
  fillList(
    part("walkin-same"),
    people.map((one) => ({ title: one.name, note: one.unit, figure: inLanguage(one.category), code: one.code })),
    ({ code }) => {
      if (code) admit({ code, manual: true });
    },
  );
}

function showTicket(made, isProvisional = false) {
  closeSheets();
  part("walkin-provisional").hidden = !isProvisional;
  part("walkin-qr").src = `data:image/svg+xml,${encodeURIComponent(made.qr)}`;
  part("walkin-who").textContent = [made.name, made.unit].filter(Boolean).join(" ");
  part("walkin-cat").textContent = inLanguage(made.category);
  part("walkin-code").textContent = made.staff_code;
  part("walkin-in").onclick = () => admit({ code: made.ticket });
  part("walkin-done").showModal();
  part("walkin-in").focus();
}

part("open-walkin").addEventListener("click", open);
part("walkin-form").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
