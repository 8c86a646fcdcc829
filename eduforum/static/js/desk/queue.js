// The queue by single keys. They can be switched off, do nothing while something is typed, and never repeat:
// a key that is held down decides about one person, not about the next as well.

const queue = document.getElementById("queue");
const box = document.querySelector("[data-keys-on]");
const KEPT = "queue-keys";
let busy = false;

function recall() {
  try {
    return localStorage.getItem(KEPT) !== "off";
  } catch {
    return true; // no storage here: on until the page is left
  }
}

function keep(on) {
  try {
    localStorage.setItem(KEPT, on ? "on" : "off");
  } catch {
    return;
  }
}

function dress() {
  queue.querySelectorAll("[data-plain]").forEach((link) => link.remove());
  queue.querySelectorAll("[data-open-panel]").forEach((button) => (button.hidden = false));
  queue.querySelectorAll("[data-key-hint]").forEach((hint) => (hint.hidden = !box.checked));
}

box.checked = recall();
box.closest("[data-keys-switch]").hidden = false;
box.addEventListener("change", () => {
  keep(box.checked);
  dress();
});
dress();

// ---------- the forms under the person ----------
function open(name) {
  queue.querySelectorAll("[data-panel]").forEach((panel) => (panel.open = panel.dataset.panel === name));
  const panel = queue.querySelector(`[data-panel="${name}"]`);
  panel?.querySelector("input:not([type=hidden]), select")?.focus();
  panel?.scrollIntoView({ block: "nearest" });
}

function shut() {
  const panel = queue.querySelector("[data-panel][open]");
  if (!panel) return false;
  panel.open = false;
  queue.querySelector(`[data-open-panel="${panel.dataset.panel}"]`)?.focus();
  return true;
}

queue.addEventListener("click", ({ target }) => {
  const opener = target.closest("[data-open-panel]");
  if (opener) open(opener.dataset.openPanel);
  else if (target.closest("[data-shut]")) shut();
});

// A ticked field asks at once what is wrong with it.
queue.addEventListener("change", ({ target }) => {
  if (target.matches(".wrong input[type=checkbox]") && target.checked) target.closest(".wrong").querySelector(".wrong__note").focus();
});

// ---------- keys ----------
function digit(panel, number) {
  const ticks = [...panel.querySelectorAll(".wrong input[type=checkbox]")];
  if (ticks.length) {
    ticks[number - 1]?.click();
    return;
  }
  const list = panel.querySelector("select");
  if (list && number < list.options.length) list.selectedIndex = number;
}

document.addEventListener("keydown", (event) => {
  const panel = queue.querySelector("[data-panel][open]");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && panel) {
    event.preventDefault();
    if (!busy) panel.querySelector("form").requestSubmit();
    return;
  }
  if (event.key === "Escape" && shut()) {
    event.preventDefault();
    return;
  }
  if (!box.checked || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat || busy) return;
  if (event.target.closest("input:not([type=checkbox]), select, textarea, [popover]:popover-open, dialog")) return;
  if (panel && /^[1-9]$/.test(event.key)) {
    event.preventDefault();
    digit(panel, Number(event.key));
    return;
  }
  const button = queue.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!button || (panel && button.dataset.key === "a")) return; // with a form open, A decides nothing
  event.preventDefault();
  button.click();
});

// ---------- one request at a time; what failed is said ----------
queue.addEventListener("htmx:beforeRequest", (event) => {
  if (busy) event.preventDefault();
  else busy = true;
});
queue.addEventListener("htmx:afterRequest", () => (busy = false));
queue.addEventListener("htmx:afterSwap", () => {
  dress();
  const wrong = queue.querySelector("[data-focus]") ?? queue.querySelector("#queue-name");
  wrong?.focus({ preventScroll: true });
  (wrong ?? queue).scrollIntoView({ block: "nearest" });
});

function complain(word) {
  const line = document.createElement("p");
  line.className = "flash flash--bad";
  line.setAttribute("role", "alert");
  line.textContent = queue.dataset[word];
  queue.querySelector("[data-said]").replaceChildren(line);
}

queue.addEventListener("htmx:sendError", () => complain("lost"));
queue.addEventListener("htmx:responseError", ({ detail }) => complain(detail.xhr.status === 401 || detail.xhr.status === 404 ? "out" : "lost"));
