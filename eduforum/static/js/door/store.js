// What the device keeps: its token and point, and a counter of its scans. Nothing about people.

const KEY = "door";

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

let kept = read();

function keep(changes) {
  kept = { ...kept, ...changes };
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // A browser that keeps nothing works until its page is closed.
  }
}

export const device = () => kept.device ?? null;
export const pointId = () => kept.pointId ?? null;
export const keepDevice = (found) => keep({ device: found, pointId: null });
export const keepPoint = (id) => keep({ pointId: id });

/** The next number of this device's own count of scans. */
export function nextSeq() {
  keep({ seq: (kept.seq ?? 0) + 1 });
  return kept.seq;
}

export function forget() {
  kept = { seq: kept.seq };
  keep({});
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
