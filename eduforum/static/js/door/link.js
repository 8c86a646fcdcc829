// The line to the server: asks it first, does without it, and brings everything up when it is back.

import * as api from "./api.js";

const PATIENCE = 1500; // ms that somebody at the door waits for the server
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 300_000;
const MOST_AT_ONCE = 200;
const POLL = 7_000; // ms between two looks at what is new: an incident is shown within 10 s

/**
 * Events: `state` (online or not, since when), `news` (the roster changed), `sent`, `incidents`, `shut` (the
 * device was revoked). What waits is in the vault, never here: closing the page loses nothing.
 */
export class Link extends EventTarget {
  online = true;
  since = new Date();
  portal = false;
  incidents = []; // what went wrong with scans of this device, and is not settled
  skew = 0; // ms by which this device's clock is ahead of the server's
  #vault;
  #roster;
  #device;
  #walkIns;
  #point = null;
  #pause = FIRST_PAUSE;
  #timer = 0;
  #running = false;
  #again = false;
  #stopped = false;

  /** `walkIns` goes up before scans, so that their tickets are known; it is kept going by every turn. */
  constructor(vault, roster, device, walkIns) {
    super();
    this.#walkIns = walkIns;
    this.#vault = vault;
    this.#roster = roster;
    this.#device = device;
  }

  /** Which point's bundle is fetched. */
  follow(point) {
    this.#point = point;
    this.hurry();
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Now, by the server's clock as far as it is known. */
  now() {
    return Date.now() - this.skew;
  }

  /** The server's result for one scan, or null when it does not answer in time. */
  async ask(point, scan) {
    if (!this.online) {
      this.hurry();
      return null;
    }
    try {
      const answer = await api.send(this.#device, point.id, [scan], PATIENCE);
      await this.#heard(answer);
      await this.#vault.delivered([scan.id]);
      this.#tell("sent");
      return answer.results[0];
    } catch (error) {
      this.#failed(error);
      this.#turnIn(FIRST_PAUSE);
      return null;
    }
  }

  /** Look now instead of at the next turn; also forgives a long pause. */
  hurry() {
    this.#pause = FIRST_PAUSE;
    this.#turnIn(0);
  }

  #turnIn(wait) {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#turn(), wait);
  }

  /** One turn: everything up, then what is new down. One at a time. */
  async #turn() {
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = true;
    try {
      await this.#walkIns.deliver();
      await this.#upload();
      await this.#fetchNews();
      // The first tickets of a series make its key, which the next news brings.
      if (this.#point && (await this.#walkIns.renew(this.#point))) this.#again = true;
      this.#pause = FIRST_PAUSE;
      this.#turnIn(POLL);
    } catch (error) {
      this.#failed(error);
      this.#turnIn(this.#pause * (0.75 + Math.random() / 2));
      this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
    } finally {
      this.#running = false;
      if (this.#again) {
        this.#again = false;
        this.#turnIn(0);
      }
    }
  }

  async #upload() {
    for (let batch = await this.#vault.nextBatch(MOST_AT_ONCE); batch; batch = await this.#vault.nextBatch(MOST_AT_ONCE)) {
      const answer = await api.send(this.#device, batch.point, batch.scans);
      await this.#heard(answer);
      // Whatever became of them, the server has them: facts are never refused.
      await this.#vault.delivered(answer.results.map((result) => result.id));
      this.#tell("sent");
    }
  }

  async #fetchNews() {
    if (!this.#point) return;
    let { cursor, epoch } = (await this.#vault.get("position")) ?? {};
    let more = true;
    let changed = false;
    while (more) {
      const page = await api.bundle(this.#device, this.#point, cursor, await this.#report());
      await this.#heard(page);
      if (epoch !== undefined && page.epoch !== epoch) {
        await this.#startOver(page.epoch);
        ({ cursor, epoch } = { cursor: undefined, epoch: undefined });
        continue;
      }
      this.incidents = page.incidents ?? [];
      changed = (await this.#keep(page)) || changed;
      ({ cursor, epoch, more } = page);
    }
    await this.#vault.compact();
    this.#tell("incidents");
    if (changed) this.#tell("news");
  }

  async #keep(page) {
    const { roster, revocations, admissions } = page;
    this.#roster.describe(page);
    this.#roster.take(page);
    const { series, keys, classes, verdicts, programme, cursor, epoch } = page;
    const facts = { series, keys, classes, verdicts, programme };
    const position = { cursor, epoch, at: new Date().toISOString(), facts };
    if ((this.#device.supervisor ?? false) !== page.supervisor) {
      this.#device.supervisor = page.supervisor;
      await this.#vault.put("device", this.#device);
    }
    const isNew = roster.length + revocations.length + admissions.length > 0;
    if (isNew) await this.#vault.keepPage({ roster, revocations, admissions }, position);
    else await this.#vault.put("position", position);
    this.#tell("state"); // its words and its age are known from now on
    return isNew;
  }

  /** The server's history was replaced (a restore): read everything anew, and send everything again. */
  async #startOver(epoch) {
    this.#device.epoch = epoch;
    await this.#vault.put("device", this.#device);
    await this.#vault.dropBundle();
    await this.#vault.sendAllAgain();
    this.#roster.clear();
    await this.#walkIns.open();
    this.#again = true;
  }

  async #report() {
    return { unsent: await this.#vault.countWaiting(), app: document.body.dataset.version };
  }

  async #heard({ server_time: time }) {
    if (time) this.skew = Date.now() - Date.parse(time);
    if (!this.online) {
      this.online = true;
      this.portal = false;
      this.since = new Date();
      this.hurry();
    }
    this.#tell("state");
  }

  #failed(error) {
    if (error instanceof api.Refused) {
      if ([401, 403, 404].includes(error.status)) {
        this.stop();
        this.#tell("shut");
      }
      return;
    }
    if (!(error instanceof api.NoAnswer)) console.error(error);
    if (this.online) {
      this.online = false;
      this.since = new Date();
    }
    this.portal = error.portal ?? false;
    this.#tell("state");
  }

  #tell(what) {
    this.dispatchEvent(new Event(what));
  }
}
