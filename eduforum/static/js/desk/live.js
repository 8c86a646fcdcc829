// A part of the page that stays fresh: htmx asks for it every ten seconds and gets 304 while nothing has changed.
// It rests while the page is hidden, keeps what was opened and where the focus was, and says when it fails.

const part = document.getElementById("live");
const state = document.querySelector("[data-live]");
let etag = part.dataset.etag;
let fresh = new Date();
let kept = { open: [], focus: null };

function say(word) {
  const time = fresh.toTimeString().slice(0, 5);
  const text = state.dataset[word].replace("{time}", time);
  state.classList.toggle("is-off", word !== "on");
  if (state.textContent !== text) state.textContent = text;
  state.hidden = false;
}

part.addEventListener("htmx:configRequest", ({ detail }) => {
  detail.headers["If-None-Match"] = `"${etag}"`;
});
part.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) window.htmx.trigger(part, "refresh");
});

part.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { xhr } = detail;
  if (xhr.status === 200 || xhr.status === 304) fresh = new Date();
  if (xhr.status !== 200) {
    detail.shouldSwap = false;
    return;
  }
  etag = (xhr.getResponseHeader("ETag") ?? "").replaceAll('"', "");
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  kept = {
    open: [...part.querySelectorAll("details[open]")].map((one) => one.id),
    focus: focused?.getAttribute("href") ?? null,
    summary: focused?.closest("details")?.id ?? null,
  };
});
part.addEventListener("htmx:afterSwap", () => {
  kept.open.forEach((id) => {
    const details = document.getElementById(id);
    if (details) details.open = true;
  });
  if (kept.focus) part.querySelector(`a[href="${CSS.escape(kept.focus)}"]`)?.focus({ preventScroll: true });
  else if (kept.summary) document.getElementById(kept.summary)?.querySelector("summary").focus({ preventScroll: true });
});

part.addEventListener("htmx:afterRequest", ({ detail }) => {
  const { status } = detail.xhr;
  say(status === 200 || status === 304 ? "on" : status === 401 || status === 404 ? "out" : "off");
});
part.addEventListener("htmx:sendError", () => say("off"));

say("on");
