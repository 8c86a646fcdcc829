// The order of questions: dragged by their handle, or moved by Alt and an arrow key. Both press the same
// buttons that stand there without a script.

const list = document.querySelector("[data-built]");
const rows = () => [...list.querySelectorAll("[data-question]")];
let dragged = null;

function send(row, to) {
  const form = row.querySelector("[data-move]");
  form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "to", value: to }));
  HTMLFormElement.prototype.submit.call(form);
}

if (list) {
  list.querySelectorAll("[data-grip]").forEach((grip) => grip.removeAttribute("hidden"));
  list.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-grip]")?.closest("[data-question]") ?? null;
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.id);
    event.dataTransfer.setDragImage(dragged, 12, 12);
    dragged.classList.add("is-dragged");
  });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("[data-question]");
    if (!dragged || !over) return;
    event.preventDefault();
    if (over === dragged) return;
    const box = over.getBoundingClientRect();
    over[event.clientY < box.top + box.height / 2 ? "before" : "after"](dragged);
  });
  list.addEventListener("drop", (event) => {
    if (!dragged) return;
    event.preventDefault();
    send(dragged, rows().indexOf(dragged));
  });
  list.addEventListener("dragend", () => dragged?.classList.remove("is-dragged"));
  list.addEventListener("keydown", (event) => {
    const row = event.target.closest("[data-question]");
    if (!row || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    row.querySelector(event.key === "ArrowUp" ? "[data-up]:not([disabled])" : "[data-down]:not([disabled])")?.click();
  });
}
