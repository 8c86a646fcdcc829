// The door's API. An answer that is not JSON of our making (a captive portal, say) is no answer.

const DEADLINE = 20_000;

/** Nothing came back: whether it was stored is unknown until the same scan is sent again. */
export class NoAnswer extends Error {
  /** `portal`: something else answered in the server's place, as hotel networks do before a sign-in. */
  constructor(reason, portal = false) {
    super(reason);
    this.portal = portal;
  }
}

/** The server understood and said no; `problem` is its problem document (RFC 9457). */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? problem.title ?? String(status));
    this.status = status;
    this.problem = problem;
  }
}

async function call(method, path, { token, body, deadline = DEADLINE } = {}) {
  const headers = { Accept: "application/json", "Accept-Language": document.documentElement.lang };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(`/api/v1${path}`, {
      method,
      headers,
      body: body && JSON.stringify(body),
      cache: "no-store",
      redirect: "manual",
      credentials: "omit",
      signal: AbortSignal.timeout(deadline),
    });
  } catch (error) {
    throw new NoAnswer(error.message);
  }
  if (answer.type === "opaqueredirect") throw new NoAnswer("sent elsewhere", true);
  const found = await answer.json().catch((error) => {
    throw new NoAnswer(error.message, error.name === "SyntaxError");
  });
  if (answer.ok) return found;
  if (answer.status >= 500 || !found.code) throw new NoAnswer(`status ${answer.status}`);
  throw new Refused(answer.status, found);
}

/** The answer, if it has the marks of ours. */
function ours(answer) {
  if (typeof answer?.epoch !== "string") throw new NoAnswer("not our answer", true);
  return answer;
}

export const enrol = (code, name) => call("POST", "/devices:enrol", { body: { code, name } });

export const points = (device) =>
  call("GET", `/series/${encodeURIComponent(device.series)}/points`, { token: device.token });

/** Send scans of one point: an answer for each, in order, and the server's clock. */
export async function send(device, point, scans, deadline = DEADLINE) {
  const body = { epoch: device.epoch, device_time: new Date().toISOString(), scans };
  const answer = ours(await call("POST", `/points/${point}/scans`, { token: device.token, body, deadline }));
  if (answer.results?.length !== scans.length) throw new NoAnswer("not our answer");
  return answer;
}

/** One page of what is new behind `cursor`; `report` tells the desk how this device is. */
export async function bundle(device, point, cursor, report) {
  const query = new URLSearchParams(report);
  if (cursor) query.set("cursor", cursor);
  return ours(await call("GET", `/points/${point}/bundle?${query}`, { token: device.token }));
}

export const walkInOffers = (device, point) =>
  call("GET", `/points/${point}/walk-ins/offers`, { token: device.token });

/** Register somebody at the door; the same `body.id` again is the same person. */
export const walkIn = (device, point, body, deadline = DEADLINE) =>
  call("POST", `/points/${point}/walk-ins`, { token: device.token, body, deadline });

/** Tickets that are nobody's yet, to be handed out without a network. */
export const ticketsAhead = async (device, point) =>
  ours(await call("POST", `/points/${point}/walk-ins/tickets`, { token: device.token }));

/** Send forms that were filled in without a network: what became of each, in order. */
export async function sendWalkIns(device, point, forms) {
  const body = { device_time: new Date().toISOString(), walk_ins: forms };
  const answer = ours(await call("POST", `/points/${point}/walk-ins/offline`, { token: device.token, body }));
  if (answer.results?.length !== forms.length) throw new NoAnswer("not our answer");
  return answer;
}

export const search = (device, point, text) =>
  call("GET", `/points/${point.id}/search?q=${encodeURIComponent(text)}`, { token: device.token });
