// Walk-ins without a network: tickets that were signed ahead for this device are handed out, and the
// forms go up when it is back. A form is on the disk before anybody sees a ticket.

import * as api from "./api.js";
import { parse } from "./ticket.js";

const LOW = 25; // tickets of a category from which on more are asked for
const MOST_AT_ONCE = 50;
const SIDE = 45; // modules of a ticket's QR code
const QUIET = 4;

/** A QR code as an SVG picture, from its modules: 45 × 45 bits row by row in base 64. */
export function drawn(modules) {
  const bytes = Uint8Array.from(atob(modules), (letter) => letter.charCodeAt(0));
  const spare = bytes.length * 8 - SIDE * SIDE; // the bits stand at the end
  const isDark = (x, y) => {
    const bit = spare + y * SIDE + x;
    return (bytes[bit >> 3] >> (7 - (bit & 7))) & 1;
  };
  let runs = "";
  for (let y = 0; y < SIDE; y += 1) {
    for (let x = 0; x < SIDE; x += 1) {
      if (!isDark(x, y)) continue;
      const start = x;
      while (x < SIDE && isDark(x, y)) x += 1;
      runs += `M${start + QUIET} ${y + QUIET}h${x - start}v1h-${x - start}z`;
    }
  }
  const side = SIDE + 2 * QUIET;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${side}v${side}H0z"/><path d="${runs}"/></svg>`
  );
}

/** Whom a ticket was handed out to, as a line of the roster. */
export function lineOf({ form, handed }) {
  const { serial, class: number } = parse(form.ticket);
  return {
    serial, class: number, state: "valid", sample: false, name: form.name, unit: form.organisation,
    category: handed.name, events: handed.events, sessions: [], zones: [], answers: {}, pinyin: "", initials: "",
    mobile_last4: form.mobile.replace(/\D/g, "").slice(-4), staff_code: handed.staff_code.replace(" ", ""),
  };
}

export class WalkIns {
  #vault;
  #roster;
  #device;
  #items = []; // {category, name, events, tickets} as the server gave them
  #used = new Set(); // texts that were handed out
  #asked = null; // the point for which tickets were asked last

  constructor(vault, roster, device) {
    this.#vault = vault;
    this.#roster = roster;
    this.#device = device;
  }

  /** What is kept: this must work without any network. */
  async open() {
    this.#asked = null;
    this.#items = (await this.#vault.getSealed("ahead")) ?? [];
    for (const one of await this.#vault.forms()) {
      this.#used.add(one.form.ticket);
      this.#roster.know(lineOf(one));
    }
  }

  #free({ tickets }) {
    return tickets.filter(({ ticket }) => !this.#used.has(ticket));
  }

  /** What may be chosen at a point without a network, in the form in which the server offers it. */
  offers(point) {
    const fits = ({ events }) => point.events.length === 0 || events.some((slug) => point.events.includes(slug));
    return this.#items
      .filter((item) => fits(item) && this.#free(item).length > 0)
      .map(({ category, name }) => ({ category, name, free: null }));
  }

  /** Keep a form and hand out a ticket for it; null when none is left. */
  async hand(point, { id, name, organisation, mobile, category, consents, another }, language) {
    const item = this.#items.find((one) => one.category === category);
    const [ticket] = item ? this.#free(item) : [];
    if (!ticket) return null;
    const form = {
      id, ticket: ticket.ticket, taken_at: new Date().toISOString(), name, organisation, mobile, category,
      consents, another, language,
    };
    const handed = { name: item.name, events: item.events, staff_code: ticket.staff_code };
    this.#used.add(ticket.ticket);
    await this.#vault.addForm(point.id, { form, handed });
    this.#roster.know(lineOf({ form, handed }));
    const { staff_code, modules } = ticket;
    return { name, unit: organisation, category: item.name, ticket: ticket.ticket, staff_code, qr: drawn(modules) };
  }

  /** Send the forms that wait. What cannot be read on the other side must not hold up scans. */
  async deliver() {
    for (let batch = await this.#vault.nextForms(MOST_AT_ONCE); batch; batch = await this.#vault.nextForms(MOST_AT_ONCE)) {
      try {
        const answer = await api.sendWalkIns(this.#device, batch.point, batch.forms);
        await this.#vault.formsDelivered(answer.results.map((result) => result.id));
        this.#asked = null;
      } catch (error) {
        if (!(error instanceof api.Refused) || [401, 403, 404].includes(error.status)) throw error;
        console.error(error);
        return;
      }
    }
  }

  /** Ask for more tickets when few are left, or none were asked for at this point; whether these are the first. */
  async renew(point) {
    const isLow = this.#items.some((item) => this.#free(item).length < LOW);
    if (this.#asked === point && !isLow) return false;
    const { items } = await api.ticketsAhead(this.#device, point);
    const isFirst = this.#items.length === 0 && items.length > 0;
    await this.#vault.putSealed("ahead", items);
    this.#items = items;
    this.#asked = point;
    return isFirst;
  }
}
