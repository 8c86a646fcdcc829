// Registration: what is typed survives an accidental reload, events that overlap say so at once.
// Everything works without this; the server checks it all again.

// A number of an identity document is never kept on the device.
const NEVER_KEPT = new Set(["csrf_token", "step", "go", "consents", "seen", "read", "id_type", "id_number"]);
const form = document.querySelector("form[data-register]");

const keyOf = (series) => `register:${series}`;

// A draft stays on the device for three days, so that a phone may ring, and no longer.
const DAYS_KEPT = 3;
const HOUR = 3_600_000;

function read(key) {
  try {
    const kept = JSON.parse(localStorage.getItem(key));
    if (kept && Date.now() - kept.at < DAYS_KEPT * 24 * HOUR) return kept;
    localStorage.removeItem(key);
    return null;
  } catch {
    return null;
  }
}

function write(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false; // full, or not allowed: nothing is lost but the comfort
  }
}

// Sensitive answers and consents are the person's to give anew; they are not kept either.
function typed(form) {
  const values = {};
  const never = new Set((form.dataset.never ?? "").split(" "));
  for (const [name, value] of new FormData(form)) {
    if (!NEVER_KEPT.has(name) && !never.has(name) && !name.startsWith("consents.") && typeof value === "string") (values[name] ??= []).push(value);
  }
  return values;
}

const controls = (form, name) =>
  [...form.elements].filter((item) => item.name === name && item.type !== "submit");

// Fill one name from what was kept, unless the page has an answer for it. Says whether it did.
function fill(form, name, values) {
  const found = controls(form, name);
  if (found.length === 0) {
    for (const value of values) {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    return values.some(Boolean);
  }
  if (found[0].type === "checkbox" || found[0].type === "radio") {
    if (found.some((item) => item.checked)) return false;
    found.forEach((item) => (item.checked = values.includes(item.value)));
    return found.some((item) => item.checked);
  }
  if (found[0].type === "hidden" || found[0].value) return false;
  found[0].value = values[0] ?? "";
  return found[0].value !== "";
}

function restore(form, kept, young) {
  const fresh = "fresh" in form.dataset;
  let changed = false;
  for (const [name, values] of Object.entries(kept)) {
    if (name === "submit_id") continue;
    // Later pages carry everything already; only what stands on this very page can have been lost.
    if (!fresh && controls(form, name).length === 0) continue;
    changed = fill(form, name, values) || changed;
  }
  // The same submission as before the reload: sent twice, it is still one registration.
  if (fresh && young && kept.submit_id) form.elements.submit_id.value = kept.submit_id[0];
  return changed;
}

// A step is an answer to a POST, which a browser cannot show again by Back or Reload. The entry in
// its history becomes the plain address with the number of the step: from there, and from what was
// kept, the step is asked for anew.
function resume(form, kept) {
  const step = Number(form.dataset.step);
  const wanted = history.state?.registerStep ?? 1;
  if (!("fresh" in form.dataset)) {
    history.replaceState({ registerStep: step }, "");
    return false;
  }
  if (wanted <= step || !kept?.values.category) return false;
  const last = Number(form.dataset.last);
  form.elements.step.value = wanted === last ? last - 1 : last;
  if (wanted < last) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "go", value: wanted }));
  }
  HTMLFormElement.prototype.submit.call(form);
  return true;
}

function say(place, at) {
  if (!place) return;
  const time = new Intl.DateTimeFormat("zh-Hans", { hour: "2-digit", minute: "2-digit", hour12: false });
  place.textContent = place.dataset.saved.replace("{time}", time.format(at));
  document.querySelector("[data-forget]")?.removeAttribute("hidden");
}

function keepTyping(form) {
  const key = keyOf(form.dataset.register);
  const place = document.querySelector("[data-saved]");
  const save = () => {
    if (write(key, { at: Date.now(), values: typed(form) })) say(place, Date.now());
  };
  const kept = read(key);
  const again = document.querySelector("[data-restored]");
  if (kept && restore(form, kept.values, Date.now() - kept.at < HOUR)) {
    if (again) again.hidden = false;
    form.dispatchEvent(new Event("restored"));
  }
  if (resume(form, kept)) return;
  let later = 0;
  if (kept) save();
  form.addEventListener("input", () => {
    clearTimeout(later);
    later = setTimeout(save, 400);
  });
  form.addEventListener("submit", save);
  document.querySelector("[data-forget]")?.addEventListener("click", () => {
    clearTimeout(later);
    localStorage.removeItem(key);
    history.replaceState(null, "");
    location.assign(form.action);
  });
}

// Overlapping events: allowed, but named while there is time to think.
function watchClashes(form) {
  const list = form.querySelector("[data-events]");
  const place = form.querySelector("[data-clashes]");
  if (!list || !place) return;
  const events = [...list.querySelectorAll("input[data-from]")];
  const show = () => {
    const chosen = events.filter((item) => item.checked).map(({ dataset: d }) => ({
      title: d.title, from: Date.parse(d.from), to: Date.parse(d.to),
    }));
    const pairs = chosen.flatMap((a, n) =>
      chosen.slice(n + 1).filter((b) => a.from < b.to && b.from < a.to).map((b) => [a, b]),
    );
    const lines = pairs.map(([a, b]) => {
      const names = { first: a.title, second: b.title };
      const line = document.createElement("p");
      line.className = "note note--wait";
      line.textContent = list.dataset.clash.replace(/\{(first|second)\}/g, (_, which) => names[which]);
      return line;
    });
    const now = lines.map((line) => line.textContent).join("\n");
    if (now === place.dataset.now) return;
    place.dataset.now = now;
    place.replaceChildren(...lines);
  };
  list.addEventListener("change", show);
  show();
}

if (form) {
  keepTyping(form);
  watchClashes(form);
}

// Registered: what was kept for the form has done its work. A shared computer keeps none of it.
const registered = document.body.dataset.registered;
if (registered) localStorage.removeItem(keyOf(registered));

// What only a script can do is offered only where there is one.
document.querySelectorAll("[data-script]").forEach((item) => item.removeAttribute("hidden"));
