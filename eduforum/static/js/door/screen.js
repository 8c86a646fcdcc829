// What the page shows. Everything from the server goes in as text.

import { clockTime, inLanguage, say } from "./words.js";

export const part = (id) => document.getElementById(id);
const VIEWS = ["enrol", "choose", "scan", "answer"];

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
  const { ticket, first } = result;
  return {
    tone: result.tone,
    word: inLanguage(result.word),
    name: ticket?.name,
    unit: ticket?.unit,
    cat: ticket ? inLanguage(ticket.category) : "",
    sample: ticket?.sample,
    step: inLanguage(result.next_step),
    detail: first
      ? say("first", { time: clockTime(new Date(first.at), zone), point: inLanguage(first.point_name) })
      : "",
  };
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

/** The strip on top: connected or not, since when, and how far the clock is off. */
export class Strip {
  #offSince = null;

  online(serverTime) {
    this.#offSince = null;
    part("net").className = "net";
    part("net-state").textContent = say("online");
    part("retry").hidden = true;
    if (!serverTime) return;
    const seconds = (Date.now() - new Date(serverTime)) / 1000;
    part("net-clock").textContent = say("clock", { seconds: Math.abs(seconds).toFixed(1) });
  }

  offline(zone) {
    this.#offSince ??= new Date();
    part("net").className = "net net--off";
    part("net-state").textContent = say("offline", { time: clockTime(this.#offSince, zone) });
    part("net-clock").textContent = "";
    part("retry").hidden = false;
  }

  nobody() {
    part("net").className = "net";
    part("net-state").textContent = say("not_enrolled");
    part("net-clock").textContent = "";
    part("retry").hidden = true;
  }
}
