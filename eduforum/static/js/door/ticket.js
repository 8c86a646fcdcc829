// Ticket texts EV1, read and verified exactly as the server does.

import * as noble from "../../vendor/ed25519/index.js";

const PREFIX = "EV1";
const LENGTH = 125;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BODY = 12;
const NEVER_ISSUED = 255;

/** Some other text. */
export class NotATicket extends Error {}

/** A well-formed ticket that none of the keys has signed. */
export class Forged extends Error {}

/** Take a text apart, without trusting it: `{keyId, series, serial, class, body, signature}`. */
export function parse(text) {
  const trimmed = text.trim();
  if (trimmed.length > LENGTH) throw new NotATicket("too long");
  const letters = trimmed.normalize("NFKC").toUpperCase();
  if (letters.length !== LENGTH || !letters.startsWith(PREFIX)) throw new NotATicket("other length or version");
  const raw = decode(letters.slice(PREFIX.length));
  const body = raw.slice(0, BODY);
  const serial = hex(body.slice(4, 11));
  if (/^0*$/.test(serial) || body[11] === NEVER_ISSUED) throw new NotATicket("never issued");
  return {
    keyId: body[0],
    series: (body[1] << 16) | (body[2] << 8) | body[3],
    serial,
    class: body[11],
    body,
    signature: raw.slice(BODY),
  };
}

/** The parsed ticket, if one of `keys` (key id → hexadecimal public key) has signed it. */
export async function verify(text, keys) {
  const ticket = parse(text);
  const key = keys.get(ticket.keyId);
  if (key === undefined) throw new Forged("unknown key");
  const signed = new Uint8Array([...new TextEncoder().encode(PREFIX), ...ticket.body]);
  if (!(await isSigned(ticket.signature, signed, bytes(key)))) throw new Forged("not signed by this key");
  return ticket;
}

/** Base 32 (RFC 4648) without padding; the spare bits of the last letter must be zero. */
function decode(letters) {
  const raw = new Uint8Array(Math.floor((letters.length * 5) / 8));
  let held = 0;
  let bits = 0;
  let filled = 0;
  for (const letter of letters) {
    const value = LETTERS.indexOf(letter);
    if (value < 0) throw new NotATicket("not base 32");
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      raw[filled] = (held >> bits) & 0xff;
      filled += 1;
    }
  }
  if (held & ((1 << bits) - 1)) throw new NotATicket("not canonical");
  return raw;
}

const imported = new Map();
let builtIn = true;

/** Strict Ed25519 (RFC 8032): the browser's own where it has one, else the library's. */
async function isSigned(signature, signed, publicKey) {
  if (builtIn) {
    try {
      return await crypto.subtle.verify("Ed25519", await importKey(publicKey), signature, signed);
    } catch {
      builtIn = false;
    }
  }
  return noble.verifyAsync(signature, signed, publicKey, { zip215: false });
}

function importKey(publicKey) {
  const name = hex(publicKey);
  if (!imported.has(name)) {
    imported.set(name, crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]));
  }
  return imported.get(name);
}

const hex = (data) => [...data].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const bytes = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
