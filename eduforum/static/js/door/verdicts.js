// A verdict that this device reached by itself, in the form in which the server answers.

import { door, isSupervisor, now, zone } from "./state.js";
import { clockTime, say } from "./words.js";

export const OVERRIDABLE = new Set(document.body.dataset.overridable.split(" "));
const TOLERANCE = Number(document.body.dataset.toleranceMinutes) * 60_000;

const both = (text) => ({ zh: text, en: text });

/** Judge one scan without the server; also what the roster must note of it. */
export async function judgeHere(point, scan, at) {
  const supervisor = isSupervisor();
  const judged = await door.roster.judge(point, scan, at, { tolerance: TOLERANCE, supervisor });
  if (scan.override && supervisor && OVERRIDABLE.has(judged.verdict)) return { ...judged, verdict: "admitted", first: null };
  return judged;
}

/** The answer as the server would give it, from what the bundle brought along. */
export function answerOf(point, scan, judged) {
  const isProvisional = judged.verdict === "admitted" && judged.flags.includes("provisional");
  const words = isProvisional ? provisional() : door.verdicts[point.kind][judged.verdict];
  const { ticket, first } = judged;
  return {
    id: scan.id,
    result: judged.refused ? "quarantined" : "kept",
    verdict: judged.verdict,
    ...words,
    next_step: nextStep(point, judged) ?? words.next_step,
    ticket: ticket?.name ? ticket : undefined,
    next_session: judged.verdict === "admitted" ? door.roster.nextStop(judged.serial, point, now()) : null,
    first: first ? { at: new Date(first.at).toISOString(), point_name: point.name } : undefined,
  };
}

/** A walk-in of another device, whose form this one does not know: somebody looks at the name. */
const provisional = () => ({ tone: "wait", word: both(say("provisional_word")), next_step: both(say("provisional_step")) });

/** The rule that was not met in words, where it has an hour, a zone or a new ticket in it. */
function nextStep(point, { because, moment }) {
  if (!because) return null;
  const time = moment === null ? "" : clockTime(new Date(moment), zone());
  return both(say(because, { time, zones: (point.zones ?? []).join("/") }));
}
