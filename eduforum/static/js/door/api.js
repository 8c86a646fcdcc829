// The door's API. An answer that is not JSON of our making (a captive portal, say) is no answer.

const DEADLINE = 8000;

/** Nothing came back: whether it was stored is unknown until the same scan is sent again. */
export class NoAnswer extends Error {}

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
  let found;
  try {
    answer = await fetch(`/api/v1${path}`, {
      method,
      headers,
      body: body && JSON.stringify(body),
      cache: "no-store",
      redirect: "error",
      credentials: "omit",
      signal: AbortSignal.timeout(deadline),
    });
    found = await answer.json();
  } catch (error) {
    throw new NoAnswer(error.message);
  }
  if (answer.ok) return found;
  if (answer.status >= 500 || !found.code) throw new NoAnswer(`status ${answer.status}`);
  throw new Refused(answer.status, found);
}

export const enrol = (code, name) => call("POST", "/devices:enrol", { body: { code, name } });

export const points = (device) =>
  call("GET", `/series/${encodeURIComponent(device.series)}/points`, { token: device.token });

/** Send one scan and return its result; the whole answer tells the server's clock. */
export async function send(device, point, scan) {
  const body = { epoch: device.epoch, device_time: new Date().toISOString(), scans: [scan] };
  const answer = await call("POST", `/points/${point.id}/scans`, { token: device.token, body });
  if (answer.results?.length !== 1) throw new NoAnswer("not our answer");
  return answer;
}

export const search = (device, point, text) =>
  call("GET", `/points/${point.id}/search?q=${encodeURIComponent(text)}`, { token: device.token });
