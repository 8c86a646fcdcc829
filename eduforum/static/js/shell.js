// What every page shares, and works without: focus on mistakes, dialogs, popovers, menus, one submit per form.

const root = document;

// A page that answers with mistakes starts at their list.
root.querySelector("[data-focus]")?.focus();

// <button data-dialog="id"> opens a dialog; [data-close] and a click beside it close it.
root.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    root.getElementById(opener.dataset.dialog)?.showModal();
    return;
  }
  if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
  else if (event.target instanceof HTMLDialogElement && isOutside(event.target, event)) event.target.close();
  else if (event.target.closest("[data-print]")) window.print();
});

function isOutside(dialog, { clientX, clientY, detail }) {
  if (detail === 0) return false; // a key, not a pointer
  const box = dialog.getBoundingClientRect();
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
}

// A popover stands under the button that opens it, inside the window.
function place(pop) {
  const button = root.querySelector(`[popovertarget="${CSS.escape(pop.id)}"]`);
  if (!button) return;
  const at = button.getBoundingClientRect();
  const margin = 8;
  pop.classList.add("is-placed");
  const { offsetWidth: width, offsetHeight: height } = pop;
  const below = at.bottom + 4;
  const top = below + height + margin > window.innerHeight ? at.top - height - 4 : below;
  pop.style.left = `${Math.max(margin, Math.min(at.left, window.innerWidth - width - margin))}px`;
  pop.style.top = `${Math.max(margin, top)}px`;
}

root.addEventListener(
  "toggle",
  ({ target, newState }) => {
    if (target.matches?.("[popover].pop") && newState === "open") place(target);
  },
  true,
);
// It stays there while the window changes under it (a keyboard comes up, the page scrolls).
function placeOpen() {
  root.querySelectorAll(".pop.is-placed").forEach((pop) => {
    if (pop.matches(":popover-open")) place(pop);
  });
}
window.addEventListener("resize", placeOpen);
window.addEventListener("scroll", placeOpen, { passive: true });

// Menus (details.menu) close like menus: by Escape, and by a click elsewhere.
root.addEventListener("click", ({ target }) => closeMenus((menu) => !menu.contains(target)));
root.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  closeMenus((menu) => {
    if (menu.contains(root.activeElement)) menu.querySelector("summary").focus();
    return true;
  });
});
function closeMenus(which) {
  root.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (which(menu)) menu.open = false;
  });
}

// A second press while the first is on its way sends nothing. Coming back by the Back button frees the form.
root.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
});
window.addEventListener("pageshow", () => {
  root.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  });
});

// The current tab is in view where tabs scroll sideways.
root.querySelectorAll(".tabs [aria-current]").forEach((tab) => {
  const bar = tab.closest(".tabs");
  bar.scrollLeft = tab.offsetLeft - (bar.clientWidth - tab.offsetWidth) / 2;
});
