// The display: asks every few seconds and gets 304 while nothing has changed. It never stops asking, says calmly
// when its figures are old, and starts anew by itself when the server has become another.

const body = document.body;
const main = document.getElementById("main");
const clock = document.getElementById("clock");
const state = document.getElementById("state");
const POLL = Number(body.dataset.poll) * 1000;
const PATIENCE = 8000; // ms for one answer
const OLD = 30_000; // ms after which the figures are called old
const CODE_OVER = 45_000; // ms after which a code that was not renewed is taken off
const LONGEST = 30_000; // ms between two tries while nobody answers
const TURN = 12_000; // ms that one page of delegations stands
const GONE = [401, 403, 404, 410];

let etag = body.dataset.etag;
let fresh = Date.now();
let ahead = 0; // ms by which this machine's clock is ahead of the server's
let pause = POLL;
let page = 0;

const clockText = (at) =>
  new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: body.dataset.zone }).format(at);

function tell(word) {
  const text = word ? state.dataset[word].replace("{time}", clockText(fresh - ahead)) : "";
  if (state.textContent !== text) state.textContent = text;
  state.hidden = !word;
}

function hear(answer) {
  const date = Date.parse(answer.headers.get("Date") ?? "");
  if (date) ahead = Date.now() - date;
  fresh = Date.now();
  pause = POLL;
  tell(null);
}

async function look() {
  try {
    const answer = await fetch(body.dataset.figures, {
      headers: { "If-None-Match": `"${etag}"` },
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE),
    });
    const version = answer.headers.get("X-Screen-Version");
    if (GONE.includes(answer.status)) {
      tell("gone");
      pause = LONGEST;
    } else if (!version || ![200, 304].includes(answer.status)) {
      throw new Error(`status ${answer.status}`); // a sign-in of the network, a server that starts
    } else {
      hear(answer);
      if (version !== body.dataset.version) location.reload();
      if (answer.status === 200) {
        main.innerHTML = await answer.text();
        etag = (answer.headers.get("ETag") ?? "").replaceAll('"', "");
        turnTo(page);
      }
    }
  } catch {
    pause = Math.min(pause * 1.5, LONGEST);
    if (Date.now() - fresh > OLD) tell("stale");
    // A code of then would only send people away.
    if (Date.now() - fresh > CODE_OVER) main.querySelector("[data-code]")?.setAttribute("hidden", "");
  }
  setTimeout(look, pause);
}

/** Delegations stand in pages; one after the other is shown. */
function turnTo(wanted) {
  const pages = [...main.querySelectorAll("[data-page]")];
  if (pages.length === 0) return;
  page = wanted % pages.length;
  pages.forEach((one, number) => { one.hidden = number !== page; });
  main.querySelectorAll("[data-pages] span").forEach((dot, number) => dot.classList.toggle("is-on", number === page));
}

setInterval(() => turnTo(page + 1), TURN);
setInterval(() => { clock.textContent = clockText(Date.now() - ahead); }, 1000);
setTimeout(look, POLL);
window.addEventListener("online", () => { pause = POLL; });

// A display must not fall asleep.
async function stayAwake() {
  if (navigator.wakeLock && !document.hidden) await navigator.wakeLock.request("screen").catch(() => null);
}
document.addEventListener("visibilitychange", stayAwake);
stayAwake();
