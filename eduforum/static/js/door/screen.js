// What the page shows. Everything from the server goes in as text.

import { clockTime, inLanguage, say } from "./words.js";

export const part = (id) => document.getElementById(id);
const CLOCK_NOTED = 2; // seconds
const CLOCK_WRONG = 120; // from here on the server corrects and flags the scans
const VIEWS = ["enrol", "choose", "scan", "answer", "shut", "elsewhere"];

export function show(view) {
  for (const name of VIEWS) part(name).hidden = name !== view;
}

function put(id, text) {
  part(id).textContent = text;
  part(id).hidden = !text;
}

/** One verdict over the whole screen. */
export function showVerdict({ tone, word, name = "", unit = "", cat = "", sample = false, step, detail = "" }) {
  show("answer");
  part("verdict").className = `verdict verdict--${tone}`;
  part("back").className = `back verdict--${tone}`;
  const sign = part("signs").content.querySelector(`[data-sign="${tone}"]`).firstElementChild;
  part("sign").replaceChildren(sign.cloneNode(true));
  part("word").textContent = word;
  put("name", name);
  put("unit", unit || (sample ? " " : ""));
  if (sample) part("unit").append(" ", sampleMark());
  put("cat", cat);
  part("step").textContent = step;
  put("detail", detail);
}

/** The verdict of one result, in this page's language. */
export function verdictOf(result, zone) {
  const { ticket, first, next_session: next } = result;
  return {
    tone: result.tone,
    word: inLanguage(result.word),
    name: ticket?.name,
    unit: ticket?.unit,
    cat: ticket ? inLanguage(ticket.category) : "",
    sample: ticket?.sample,
    step: inLanguage(result.next_step),
    detail: (first && firstText(first, zone)) || (next && nextText(next, zone)) || "",
  };
}

function firstText({ at, point_name }, zone) {
  return say("first", { time: clockTime(new Date(at), zone), point: inLanguage(point_name) });
}

function nextText({ starts_at, name, room }, zone) {
  const place = { time: clockTime(new Date(starts_at), zone), name: inLanguage(name), room: inLanguage(room) };
  return say(place.room ? "next_in" : "next", place);
}

export function sampleMark() {
  const mark = document.createElement("span");
  mark.className = "sample";
  mark.textContent = say("sample");
  return mark;
}

/** A list of buttons: title, a smaller line, a figure at the right. */
export function fillList(list, items, onChoose) {
  list.replaceChildren(
    ...items.map((item) => {
      const row = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      const text = document.createElement("span");
      const title = document.createElement("b");
      title.textContent = item.title;
      if (item.sample) title.append(" ", sampleMark());
      const small = document.createElement("small");
      small.textContent = item.note ?? "";
      text.append(title, small);
      const figure = document.createElement("span");
      figure.className = "num";
      figure.textContent = item.figure ?? "";
      button.append(text, figure);
      button.addEventListener("click", () => onChoose(item));
      row.append(button);
      return row;
    }),
  );
}

/** The strip on top: connected or not, since when, what is unsent, how old the list and the clock are. */
export class Strip {
  #offSince = null;
  #fetched = null;

  /** The line of a device with a vault: without a network it goes on. */
  line({ online, since, portal, skew }, waiting, zone) {
    part("net").className = online ? "net" : "net net--off";
    const time = clockTime(since, zone);
    part("net-state").textContent = online ? say("online") : say(portal ? "portal" : "on_its_own", { time });
    part("net-unsent").textContent = waiting ? say("unsent", { n: waiting }) : "";
    part("net-bundle").textContent = !online && this.#fetched ? say("list_of", { time: clockTime(this.#fetched, zone) }) : "";
    this.#clock(skew);
    part("retry").hidden = online;
  }

  bundle(fetchedAt) {
    this.#fetched = fetchedAt;
  }

  #clock(skew) {
    const seconds = Math.abs(skew) / 1000;
    part("net-clock").textContent = seconds < CLOCK_NOTED ? "" : say("clock", { seconds: Math.round(seconds) });
    part("net-clock").className = seconds < CLOCK_WRONG ? "" : "net__warn";
  }

  /** The line of a device without one. */
  online() {
    this.#offSince = null;
    part("net").className = "net";
    part("net-state").textContent = say("online");
    part("retry").hidden = true;
  }

  offline(zone) {
    this.#offSince ??= new Date();
    part("net").className = "net net--off";
    part("net-state").textContent = say("offline", { time: clockTime(this.#offSince, zone) });
    part("retry").hidden = false;
  }

  nobody() {
    part("net").className = "net";
    part("net-state").textContent = say("not_enrolled");
    for (const name of ["net-unsent", "net-bundle", "net-clock"]) part(name).textContent = "";
    part("retry").hidden = true;
  }
}
