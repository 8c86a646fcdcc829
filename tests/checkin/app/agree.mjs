// Reads cases from standard input, answers each as the door app does. Run by test_app_agrees.py.

import { drawn, lineOf } from "./js/door/ahead.js";
import { nextStop } from "./js/door/programme.js";
import { judge, undoRefusal } from "./js/door/rules.js";
import { Roster } from "./js/door/roster.js";
import { Forged, NotATicket, parse, verify } from "./js/door/ticket.js";
import { Wedge } from "./js/door/wedge.js";

async function ticket({ text, keys }) {
  try {
    const found = await verify(text, new Map(keys));
    return { series: found.series, serial: found.serial, class: found.class };
  } catch (error) {
    if (error instanceof NotATicket) return "not a ticket";
    if (error instanceof Forged) return "forged";
    throw error;
  }
}

/** How many of the mutated texts are taken for genuine, by each way of checking signatures. */
async function mutations({ text, key, edits }) {
  let accepted = 0;
  for (const [at, letter] of edits) {
    const changed = text.slice(0, at) + letter + text.slice(at + 1);
    try {
      parse(changed);
      await verify(changed, new Map([[1, key]]));
      accepted += 1;
    } catch (error) {
      if (!(error instanceof NotATicket || error instanceof Forged)) throw error;
    }
  }
  return accepted;
}

async function roster({ bundle, point, points, readings, now, supervisor = false }) {
  const known = new Roster();
  known.knowPoints(points);
  known.describe(bundle);
  known.take(bundle);
  const verdicts = [];
  for (const reading of readings) {
    const judged = await known.judge(point, reading, Date.parse(now), { tolerance: 900000, supervisor });
    verdicts.push(judged.verdict);
    if (judged.refused) continue;
    known.note({ ...reading, serial: judged.serial, point: point.id, verdict: judged.verdict, at: now });
  }
  return verdicts;
}

function found({ bundle, texts }) {
  const known = new Roster();
  known.describe(bundle);
  known.take(bundle);
  return texts.map((text) => known.search(text).map((line) => line.name));
}

function wedge({ keys, inField }) {
  const one = new Wedge();
  return keys.map(([key, at]) => one.press({ key, code: "" }, at, inField)).filter((typed) => typed !== null);
}

/** What a gate makes of tickets that were signed ahead, before and after it learns whose they are. */
async function ahead({ bundle, point, texts, now, own, later }) {
  const known = new Roster();
  known.describe(bundle);
  known.take(bundle);
  const read = () => Promise.all(texts.map(async (code) => {
    const { verdict, ticket, flags } = await known.judge(point, { code }, Date.parse(now));
    return [verdict, ticket?.name ?? null, flags];
  }));
  const first = await read();
  known.know(lineOf(own));
  known.take(bundle);
  const second = await read();
  known.take(later);
  return [first, second, await read(), known.named(own.form.name).length];
}

const answers = {
  ahead,
  drawn: ({ modules }) => drawn(modules),
  ticket,
  mutations,
  roster,
  found,
  wedge,
  undo: (case_) => undoRefusal(case_),
  next: ({ programme, ticket: facing, point, now }) => {
    const stop = nextStop(programme, facing, point, now);
    return stop && (stop.event ?? stop.session);
  },
  judge: ({ point, ticket: facing, moves, now, options }) => {
    const { verdict, because, moment, first } = judge(point, facing, moves, now, options);
    return [verdict, because, moment, first?.at ?? null];
  },
};

let input = "";
for await (const chunk of process.stdin) input += chunk;
const results = [];
for (const { ask, ...given } of JSON.parse(input)) results.push(await answers[ask](given));
process.stdout.write(JSON.stringify(results));
