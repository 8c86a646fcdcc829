// What the device keeps: its enrolment, the bundle, and every scan. People's data is sealed with a
// key that the browser does not give out; a scan is on the disk before anybody sees green.

import { openDB } from "../../vendor/idb/index.js";

const NAME = "eduforum-door";
const STRICT = { durability: "strict" };
const ALGORITHM = "AES-GCM";
const MOST_PAGES = 24; // deltas kept one by one before they are written anew as one

export class Vault {
  #db;
  #key;

  /** Open the vault. Throws where the browser keeps nothing, or not safely (no HTTPS). */
  static async open() {
    if (!globalThis.crypto?.subtle) throw new Error("not a secure context");
    const vault = new Vault();
    vault.#db = await openDB(NAME, 2, {
      upgrade(db, before) {
        if (before < 1) {
          db.createObjectStore("meta");
          db.createObjectStore("pages", { autoIncrement: true });
          const scans = db.createObjectStore("scans", { keyPath: "id" });
          scans.createIndex("waiting", ["waiting", "seq"]);
        }
        db.createObjectStore("forms", { keyPath: "id" });
      },
    });
    vault.#key = (await vault.get("key")) ?? (await vault.#makeKey());
    return vault;
  }

  async #makeKey() {
    const key = await crypto.subtle.generateKey({ name: ALGORITHM, length: 256 }, false, ["encrypt", "decrypt"]);
    await this.put("key", key);
    return key;
  }

  get(name) {
    return this.#db.get("meta", name);
  }

  async put(name, value) {
    const change = this.#db.transaction("meta", "readwrite", STRICT);
    await Promise.all([change.store.put(value, name), change.done]);
  }

  async #seal(value) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const plain = new TextEncoder().encode(JSON.stringify(value));
    return { iv, data: await crypto.subtle.encrypt({ name: ALGORITHM, iv }, this.#key, plain) };
  }

  async #unseal({ iv, data }) {
    const plain = await crypto.subtle.decrypt({ name: ALGORITHM, iv }, this.#key, data);
    return JSON.parse(new TextDecoder().decode(plain));
  }

  async getSealed(name) {
    const sealed = await this.get(name);
    return sealed ? this.#unseal(sealed) : null;
  }

  async putSealed(name, value) {
    await this.put(name, await this.#seal(value));
  }

  // ---------- the bundle ----------

  /** Keep one page, and with it how far the bundle was read: both or neither. */
  async keepPage(page, position) {
    const sealed = await this.#seal(page);
    const change = this.#db.transaction(["pages", "meta"], "readwrite");
    await Promise.all([
      change.objectStore("pages").add(sealed),
      change.objectStore("meta").put(position, "position"),
      change.done,
    ]);
  }

  /** All pages in the order in which they came. */
  async pages() {
    const sealed = await this.#db.getAll("pages");
    return Promise.all(sealed.map((one) => this.#unseal(one)));
  }

  /** Write many small pages anew as one. */
  async compact() {
    if ((await this.#db.count("pages")) <= MOST_PAGES) return;
    const whole = { roster: [], revocations: [], admissions: [] };
    for (const page of await this.pages()) for (const name of Object.keys(whole)) whole[name].push(...page[name]);
    const last = (await this.#db.getAllKeys("pages")).at(-1);
    const sealed = await this.#seal(whole);
    const change = this.#db.transaction("pages", "readwrite");
    await Promise.all([change.store.delete(IDBKeyRange.upperBound(last)), change.store.add(sealed), change.done]);
  }

  async dropBundle() {
    const change = this.#db.transaction(["pages", "meta"], "readwrite", STRICT);
    await Promise.all([
      change.objectStore("pages").clear(),
      change.objectStore("meta").delete("position"),
      change.done,
    ]);
  }

  // ---------- scans ----------

  /** Keep a new scan with the next number of this device's count. Returns it when it is on disk. */
  async addScan(point, scan) {
    const sealed = await this.#seal(scan);
    const change = this.#db.transaction(["meta", "scans"], "readwrite", STRICT);
    const seq = ((await change.objectStore("meta").get("seq")) ?? 0) + 1;
    await Promise.all([
      change.objectStore("meta").put(seq, "seq"),
      change.objectStore("scans").add({ id: scan.id, seq, point, waiting: 1, sealed }),
      change.done,
    ]);
    return { ...scan, seq };
  }

  /** Keep what the device itself has shown for a scan: it is sent along. */
  async amendScan(id, more) {
    const row = await this.#db.get("scans", id);
    const sealed = await this.#seal({ ...(await this.#unseal(row.sealed)), ...more });
    const change = this.#db.transaction("scans", "readwrite", STRICT);
    const now = await change.store.get(id);
    await Promise.all([change.store.put({ ...now, sealed }), change.done]);
  }

  /** The server has these; they stay until the enrolment ends, should its history be replaced. */
  async delivered(ids) {
    const change = this.#db.transaction("scans", "readwrite", STRICT);
    const marks = ids.map(async (id) => {
      const row = await change.store.get(id);
      if (row) await change.store.put({ ...row, waiting: 0 });
    });
    await Promise.all([...marks, change.done]);
  }

  /** The server's history was replaced: everything is sent again, which is harmless. */
  async sendAllAgain() {
    const change = this.#db.transaction(["scans", "forms"], "readwrite", STRICT);
    for (const name of ["scans", "forms"]) {
      for (let row = await change.objectStore(name).openCursor(); row; row = await row.continue()) {
        if (!row.value.waiting) await row.update({ ...row.value, waiting: 1 });
      }
    }
    await change.done;
  }

  /** How much has not been sent: scans and forms. */
  async countWaiting() {
    const scans = await this.#db.countFromIndex("scans", "waiting", IDBKeyRange.bound([1], [2]));
    return scans + (await this.#db.getAll("forms")).filter((row) => row.waiting).length;
  }

  /** The oldest scans that wait, all of one point: `{point, scans}`, or null. */
  async nextBatch(most) {
    const rows = await this.#db.getAllFromIndex("scans", "waiting", IDBKeyRange.bound([1], [2]), most);
    if (rows.length === 0) return null;
    const ours = rows.filter((row) => row.point === rows[0].point);
    return { point: ours[0].point, scans: await Promise.all(ours.map((row) => this.#scan(row))) };
  }

  /** Every scan of this device, oldest first, each with its point. */
  async allScans() {
    const rows = (await this.#db.getAll("scans")).sort((a, b) => a.seq - b.seq);
    return Promise.all(
      rows.map(async (row) => ({ point: row.point, waiting: row.waiting === 1, ...(await this.#scan(row)) })),
    );
  }

  async #scan(row) {
    return { ...(await this.#unseal(row.sealed)), seq: row.seq };
  }

  // ---------- forms of walk-ins ----------

  /** Keep a form with the ticket that is handed out for it: `{form, handed}`. */
  async addForm(point, one) {
    const sealed = await this.#seal(one);
    const change = this.#db.transaction("forms", "readwrite", STRICT);
    // Put, not add: pressed again after a lost answer it is the same form.
    await Promise.all([change.store.put({ id: one.form.id, point, waiting: 1, sealed }), change.done]);
  }

  /** Every form of this device as it was taken down, oldest first, with its point and whether it waits. */
  async forms() {
    const rows = await this.#db.getAll("forms");
    const forms = await Promise.all(
      rows.map(async ({ point, waiting, sealed }) => ({ point, waiting: waiting === 1, ...(await this.#unseal(sealed)) })),
    );
    return forms.sort((a, b) => Date.parse(a.form.taken_at) - Date.parse(b.form.taken_at));
  }

  /** The oldest forms that wait, all of one point: `{point, forms}`, or null. */
  async nextForms(most) {
    const waiting = (await this.forms()).filter((one) => one.waiting);
    if (waiting.length === 0) return null;
    const { point } = waiting[0];
    return { point, forms: waiting.filter((one) => one.point === point).slice(0, most).map(({ form }) => form) };
  }

  async formsDelivered(ids) {
    const change = this.#db.transaction("forms", "readwrite", STRICT);
    for (const id of ids) {
      const row = await change.store.get(id);
      if (row) await change.store.put({ ...row, waiting: 0 });
    }
    await change.done;
  }

  /** Forget everything but the count of scans and the key. */
  async wipe() {
    const seq = await this.get("seq");
    const names = ["meta", "pages", "scans", "forms"];
    const change = this.#db.transaction(names, "readwrite", STRICT);
    const meta = change.objectStore("meta");
    await Promise.all(names.map((name) => change.objectStore(name).clear()));
    await Promise.all([meta.put(seq ?? 0, "seq"), meta.put(this.#key, "key"), change.done]);
  }
}
