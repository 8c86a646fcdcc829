// Who may come in, and who has: what the bundle said, and what this device has done since.

import { nextStop } from "./programme.js";
import { judge, standingInside, undoRefusal } from "./rules.js";
import { Forged, NotATicket, parse, verify } from "./ticket.js";

export const PICKED = "serial:"; // in front of the serial of somebody picked from a search
const MOST_FOUND = 20;
const NOBODY = { class: null, name: "", unit: "", category: null, events: [], sessions: [], zones: [], answers: {} };
const COUNTED = { admitted: "in", checked_out: "out" };

export class Roster {
  #tickets = new Map(); // serial → line of the roster
  #moves = new Map(); // scan id → {serial, point, direction, at}
  #bySerial = new Map(); // serial → set of scan ids
  #undone = new Set();
  #keys = new Map();
  #classes = new Map(); // class number → code
  #exits = new Set();
  #programme = [];
  number = null;

  get size() {
    return this.#tickets.size;
  }

  clear() {
    for (const kept of [this.#tickets, this.#moves, this.#bySerial, this.#undone]) kept.clear();
  }

  /** What every page of the bundle repeats: the series, its keys, classes and programme. */
  describe({ series, keys, classes, programme }) {
    this.#programme = programme ?? []; // an older version kept none
    this.number = series.number;
    this.#keys = new Map(keys.map((key) => [key.key_id, key.public_key]));
    this.#classes = new Map(classes.map((one) => [one.class, one.code]));
  }

  knowPoints(points) {
    this.#exits = new Set(points.filter((point) => point.kind === "exit").map((point) => point.id));
  }

  /** One page of the bundle, or what was kept of one: what comes again replaces what came before. */
  take({ roster, revocations, admissions }) {
    for (const line of roster) {
      // A ticket that is nobody's on the server yet may be somebody's here.
      if (line.name || !this.line(line.serial)?.name) this.#tickets.set(line.serial, line);
    }
    for (const { serial, state, replaced_at } of revocations) {
      const before = this.#tickets.get(serial) ?? NOBODY;
      this.#tickets.set(serial, { ...before, serial, state, replaced_at });
    }
    for (const move of admissions) this.#takeMove(move);
  }

  #takeMove({ id, serial, point, verdict, at, undoes, own = false }) {
    if (undoes) this.#undone.add(undoes);
    if (!COUNTED[verdict]) return;
    this.#moves.set(id, { id, serial, point, direction: COUNTED[verdict], at: Date.parse(at), own });
    if (!this.#bySerial.has(serial)) this.#bySerial.set(serial, new Set());
    this.#bySerial.get(serial).add(id);
  }

  /** What this device did itself, or learned of a scan it sent. */
  note({ id, serial, point, verdict, at, undoes = null }) {
    this.#takeMove({ id, serial, point, verdict, at, undoes, own: true });
  }

  /** The last scans that count at a point, newest first, whoever made them: `{id, at, own, ticket}`. */
  recent(point, most) {
    const here = [...this.#moves.values()].filter((move) => move.point === point.id && !this.#undone.has(move.id));
    const last = here.sort((a, b) => b.at - a.at).slice(0, most);
    return last.map((move) => ({ ...move, ticket: this.line(move.serial) }));
  }

  /** Somebody whom this device registered without a network. The server's word comes later. */
  know(line) {
    if (!this.line(line.serial)?.name) this.#tickets.set(line.serial, line);
  }

  /** People of exactly this name. */
  named(name) {
    return [...this.#tickets.values()].filter((line) => line.name === name && line.state === "valid");
  }

  line(serial) {
    return this.#tickets.get(serial) ?? null;
  }

  /** Where the holder of a ticket goes next today; null if that is not known. */
  nextStop(serial, point, now) {
    const line = this.line(serial);
    return line ? nextStop(this.#programme, line, point, now) : null;
  }

  /** Judge what was read: `{verdict, first, serial, ticket, flags}`; nothing is stored. */
  async judge(point, reading, now, options) {
    const { direction = "in" } = reading;
    if (direction === "undo") return this.#judgeUndo(point, reading, now, options);
    const read = await this.#read(reading);
    if (read.verdict) return { first: null, serial: null, ticket: null, flags: [], ...read };
    const { serial } = read;
    const known = this.line(serial);
    const ticket = known ?? this.#assumed(point, read);
    const facing = { ...ticket, class: this.#classes.get(ticket.class) ?? "" };
    const judged = judge(point, facing, this.#movesOf(serial, point), now, {
      ...options,
      direction,
      inside: this.inside(point, now),
    });
    const flags = [...(known ? [] : ["roster_missing"]), ...(isAhead(serial) && !known?.name ? ["provisional"] : [])];
    return { ...judged, serial, ticket: known, flags };
  }

  /** A signed ticket that the roster does not hold yet: its class alone decides, and opens no zone. */
  #assumed(point, read) {
    return { state: "valid", class: read.class, events: point.events, sessions: point.sessions, zones: [] };
  }

  #judgeUndo(point, { undoes }, now, { supervisor = false } = {}) {
    const move = this.#moves.get(undoes);
    const ticket = move ? this.line(move.serial) : null;
    const answer = { first: null, serial: move?.serial ?? null, ticket, flags: [] };
    if (move?.point !== point.id) return { ...answer, verdict: "unknown", refused: "undo_unknown" };
    if (this.#undone.has(undoes)) return { ...answer, verdict: "undone", refused: "undo_twice" };
    const refused = undoRefusal({ own: move.own, supervisor, scannedAt: move.at, now });
    return { ...answer, verdict: refused ? "too_late" : "undone", refused };
  }

  async #read({ code, manual }) {
    if (manual) {
      const serial = code.replace(PICKED, "");
      return this.line(serial) ? { serial } : { verdict: "unknown" };
    }
    try {
      // The keys of other series are not here: of their tickets only the number is known.
      if (parse(code).series !== this.number) return { verdict: "wrong_series" };
      const { serial, class: number } = await verify(code, this.#keys);
      return { serial, class: number };
    } catch (error) {
      if (error instanceof NotATicket) return { verdict: "unknown" };
      if (error instanceof Forged) return { verdict: "forged" };
      throw error;
    }
  }

  #movesOf(serial, point) {
    const ids = [...(this.#bySerial.get(serial) ?? [])].filter((id) => !this.#undone.has(id));
    return ids
      .map((id) => this.#moves.get(id))
      .filter((move) => move.point === point.id || this.#exits.has(move.point));
  }

  /** How many are inside now, as far as this device knows. */
  inside(point, now) {
    if (point.capacity === null) return 0;
    let count = 0;
    for (const serial of this.#bySerial.keys()) {
      if (standingInside(point, this.#movesOf(serial, point), now)) count += 1;
    }
    return count;
  }

  /** People by name, pinyin, initials, the last four digits of the mobile, or the printed code. */
  search(text) {
    const wanted = text.normalize("NFKC").trim().toLowerCase();
    const code = staffCode(text);
    const digits = /^\d{4}$/.test(wanted);
    const latin = wanted.replace(/[\s'’-]/g, "");
    const found = [];
    for (const line of this.#tickets.values()) {
      if (!line.name) continue;
      const fits = digits
        ? line.mobile_last4 === wanted
        : line.staff_code === code || line.name.toLowerCase().includes(wanted) ||
          (/^[a-z]+$/.test(latin) && (line.pinyin.startsWith(latin) || line.initials.startsWith(latin)));
      if (fits) found.push(line);
      if (found.length === MOST_FOUND) break;
    }
    return found;
  }
}

/** Whether a ticket was signed before it was anybody's: its serial begins with FF. */
function isAhead(serial) {
  return serial.startsWith("ff");
}

/** A printed code as somebody types it: any case, spaces or hyphens, O for 0, I or L for 1. */
function staffCode(text) {
  const letters = text.normalize("NFKC").toUpperCase().replace(/[\s-]/g, "");
  return letters.replaceAll("O", "0").replaceAll(/[IL]/g, "1");
}
