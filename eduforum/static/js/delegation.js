// The liaison's page, more like a spreadsheet: arrows and Enter move, blocks of cells can be pasted,
// a row is added where it is needed. Everything is kept by the server; without this, buttons do it.

const grid = document.querySelector("form[data-grid]");

// ---------- texts to pass on ----------
document.querySelectorAll("[data-copy]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(text.value);
    } catch {
      text.select(); // WeChat and plain HTTP have no clipboard for scripts
      document.execCommand("copy");
    }
    button.parentElement.querySelector("[data-copied]").textContent = button.dataset.done;
  });
});

// ---------- the grid ----------
const rowsOf = () => [...grid.querySelectorAll("tbody tr")].filter((row) => row.querySelector(".w"));
const cellsOf = (row) => [...row.querySelectorAll("td.w :is(input.input, select, summary)")];

function move(from, down) {
  const row = from.closest("tr");
  const column = cellsOf(row).indexOf(from);
  const rows = rowsOf();
  const next = rows[rows.indexOf(row) + down] ?? (down > 0 ? addRow() : null);
  const cell = next && cellsOf(next)[column];
  if (!cell) return;
  cell.focus();
  cell.select?.();
}

function addRow() {
  const blanks = grid.querySelectorAll("tr[data-blank]");
  const last = blanks[blanks.length - 1];
  if (!last) return null;
  const number = Number(last.id.slice(1)) + 1;
  const row = last.cloneNode(true);
  const old = last.id;
  row.id = `r${number}`;
  row.querySelector("th").firstChild.textContent = number;
  row.querySelectorAll("[name]").forEach((item) => {
    item.name = item.name.replace(`${old}-`, `${row.id}-`);
    if (item.name.endsWith("-key")) item.value = crypto.getRandomValues(new Uint32Array(3)).join("-");
    else if (item.matches("input.input")) item.value = "";
  });
  row.querySelectorAll("[aria-label]").forEach((item) => {
    item.setAttribute("aria-label", item.getAttribute("aria-label").replace(String(number - 1), number));
  });
  last.after(row);
  return row;
}

// A block of cells is read by the server, with everything that was typed: one reader for all ways.
function paste(event) {
  const target = event.target.closest?.("td.w input.input");
  const text = event.clipboardData?.getData("text/plain") ?? "";
  const block = /[\t\n]/.test(text.replace(/[\r\n]+$/, ""));
  if (!target || !block) return;
  event.preventDefault();
  grid.elements.pasted.value = text;
  grid.requestSubmit(grid.querySelector('[value="paste"]'));
}

// What is ticked in a cell stands on it in a few words.
function say(picker) {
  const boxes = [...picker.querySelectorAll("input")];
  const ticked = boxes.filter((box) => box.checked);
  const word = picker.querySelector("[data-picked]");
  const one = ticked.length === 1 ? ticked[0].closest("label").textContent.trim() : "";
  const { all, some, none } = word.dataset;
  word.textContent =
    ticked.length === 0 ? none
    : ticked.length === boxes.length && boxes.length > 1 ? all.replace("{n}", boxes.length)
    : one || some.replace("{n}", ticked.length);
}

function closeOthers(open) {
  grid.querySelectorAll("details.pickmany[open]").forEach((picker) => {
    if (picker !== open) picker.open = false;
  });
}

if (grid) {
  const place = grid.querySelector("[data-state]");
  let changed = false;
  grid.querySelectorAll("[data-add]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => cellsOf(addRow())[0].focus());
  });
  grid.addEventListener("paste", paste);
  grid.addEventListener("input", () => {
    changed = true;
    if (place) place.textContent = grid.dataset.unsaved;
  });
  grid.addEventListener("change", ({ target }) => {
    const picker = target.closest("details.pickmany");
    if (picker) say(picker);
  });
  grid.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (key === "Escape") closeOthers(null);
    if (!target.matches("td.w input.input") || event.isComposing) return;
    if (key === "Enter" || key === "ArrowDown") {
      event.preventDefault();
      move(target, 1);
    } else if (key === "ArrowUp") {
      event.preventDefault();
      move(target, -1);
    }
  });
  document.addEventListener("click", ({ target }) => closeOthers(target.closest("details.pickmany")));
  grid.addEventListener("submit", () => (changed = false));
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
}
