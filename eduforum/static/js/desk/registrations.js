// The table of registrations: ticks are counted, keys move, a row opens beside the table.

const root = document;
const people = root.querySelector("[data-people]");
const WIDE = matchMedia("(min-width: 56em)"); // below, the detail is a page of its own

// ---------- selection ----------
const all = root.querySelector("[data-pick-all]");
const everybody = root.querySelector("[data-everybody]");
const boxes = () => [...(people?.querySelectorAll("tbody .box") ?? [])];

function count() {
  const picked = boxes().filter((box) => box.checked);
  const whole = everybody?.checked;
  if (all) {
    all.checked = picked.length > 0 && picked.length === boxes().length;
    all.indeterminate = picked.length > 0 && !all.checked;
  }
  const told = people.querySelector("[data-count]");
  if (told) told.textContent = told.dataset.one.replace("{n}", whole ? everybody.parentElement.textContent.replace(/\D/g, "") : picked.length);
  const seats = people.querySelector("[data-seats]");
  if (!seats) return;
  const categories = new Set(picked.map((box) => box.dataset.category));
  let any = false;
  seats.querySelectorAll("[data-category]").forEach((one) => {
    one.hidden = !categories.has(one.dataset.category);
    any ||= !one.hidden;
  });
  seats.hidden = !any;
}

if (people && all) {
  all.hidden = false;
  people.querySelectorAll("[data-clear]").forEach((button) => (button.hidden = false));
  all.addEventListener("change", () => {
    boxes().forEach((box) => (box.checked = all.checked));
    count();
  });
  people.addEventListener("change", (event) => {
    if (event.target !== all) count();
  });
  people.addEventListener("reset", () => setTimeout(count));
  window.addEventListener("pageshow", count);
  count();
}

// A range of rows: the last tick, then Shift and another.
let last = null;
people?.addEventListener("click", (event) => {
  const box = event.target.closest("tbody .box");
  if (!box) return;
  if (event.shiftKey && last) {
    const [from, to] = [boxes().indexOf(last), boxes().indexOf(box)].sort((a, b) => a - b);
    boxes().slice(from, to + 1).forEach((one) => (one.checked = box.checked));
    count();
  }
  last = box;
});

// ---------- the panel ----------
function address(id) {
  const url = new URL(location.href);
  if (id) url.searchParams.set("open", id);
  else url.searchParams.delete("open");
  return url;
}

async function open(link, { push = true } = {}) {
  const answer = await fetch(link.href, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok) {
    location.href = link.href; // signed out, gone, or no network: the page itself says so
    return;
  }
  show(await answer.text(), link.dataset.open);
  if (push) history.pushState({}, "", address(link.dataset.open));
}

function show(html, id) {
  const desk = root.querySelector(".desk");
  let panel = desk.querySelector(".panel");
  if (!html) {
    panel?.remove();
  } else {
    if (!panel) {
      panel = root.createElement("aside");
      panel.className = "panel";
      panel.setAttribute("aria-label", people?.dataset.panel ?? "");
      desk.append(panel);
    }
    panel.innerHTML = `<div class="panel__in">${html}</div>`;
  }
  desk.classList.toggle("desk--panel", Boolean(html));
  people?.querySelectorAll("tbody tr").forEach((row) => {
    const mine = Boolean(html) && row.querySelector("[data-open]")?.dataset.open === id;
    row.classList.toggle("is-open", mine);
  });
}

root.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const link = event.target.closest("a[data-open]");
  if (link && WIDE.matches && people) {
    event.preventDefault();
    open(link);
  } else if (event.target.closest("[data-close-panel]") && people) {
    event.preventDefault();
    close();
  }
});
window.addEventListener("popstate", () => location.reload());

function close() {
  const row = people.querySelector("tr.is-open a[data-open]");
  show("", "");
  history.pushState({}, "", address(null));
  row?.focus();
}

// ---------- keys ----------
root.querySelectorAll("[data-keys]").forEach((hint) => (hint.hidden = false));

function current() {
  return root.activeElement?.closest?.("[data-people] tbody tr");
}

function move(step) {
  const rows = [...people.querySelectorAll("tbody tr")];
  const at = rows.indexOf(current() ?? people.querySelector("tr.is-open"));
  const next = rows[at === -1 ? (step > 0 ? 0 : rows.length - 1) : at + step];
  next?.querySelector("a[data-open]")?.focus();
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  x: () => current()?.querySelector(".box")?.click(),
  Escape: () => {
    if (root.querySelector(".panel")) close();
  },
};

root.addEventListener("keydown", (event) => {
  if (!people || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const typing = event.target.closest("input:not([type=checkbox]), select, textarea, [popover]:popover-open, details[open]");
  const act = KEYS[event.key];
  if (!act || typing) return;
  event.preventDefault();
  act();
});

// ---------- downloads ----------
// The page stays, so the form must be free for the next time.
root.querySelectorAll("form[data-download]").forEach((form) => {
  form.addEventListener("submit", (event) => {
    setTimeout(() => {
      delete form.dataset.sent;
      event.submitter?.removeAttribute("aria-busy");
      form.closest("[popover]")?.hidePopover?.();
    }, 1500);
  });
});
