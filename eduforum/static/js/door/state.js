// What the parts of the app share: the device, its vault and line, and the point it stands at.

export const door = {
  device: null,
  vault: null, // null where the browser keeps nothing safely: then the app works online alone
  roster: null,
  link: null,
  walkIns: null, // what it needs to register people without a network
  point: null,
  gate: "", // the door of the point at which the device stands, where it has several
  points: [],
  verdicts: {}, // kind of point → verdict → {tone, word, next_step}
  kept: null, // whether the browser promised not to clear what the app keeps
};

const OWN_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The clocks of the place, whatever this phone is set to. */
export const zone = () => (door.point ?? door.points[0])?.time_zone ?? OWN_ZONE;

/** Now, by the server's clock as far as it is known. */
export const now = () => door.link?.now() ?? Date.now();

/** Whether the desk gave this device a supervisor's right, as far as it has heard. */
export const isSupervisor = () => door.device?.supervisor ?? false;

let last = 0;

/** The next number of this device's own count, where there is no vault to keep it. */
export function nextSeq() {
  try {
    last = Number(localStorage.getItem("door-seq") ?? 0) + 1;
    localStorage.setItem("door-seq", String(last));
  } catch {
    last = Math.max(last + 1, Math.floor(Date.now() / 1000)); // a browser that keeps nothing: it grows
  }
  return last;
}

/** A random UUID (RFC 9562, version 4), also where the page is not a secure context. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
