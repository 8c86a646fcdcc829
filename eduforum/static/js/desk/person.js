// Registering somebody: only what the chosen category may come to, and the seats it has left.

const form = document.querySelector("[data-person]");
const category = form?.querySelector("#category");

function fit() {
  const code = category.value;
  form.querySelectorAll("[data-categories]").forEach((line) => {
    const fits = !code || line.dataset.categories.split(" ").includes(code);
    line.hidden = !fits;
    const box = line.querySelector("input");
    if (!fits) box.checked = false;
  });
  const left = form.querySelector("[data-left]");
  let any = false;
  left.querySelectorAll("[data-category]").forEach((line) => {
    line.hidden = line.dataset.category !== code;
    any ||= !line.hidden;
  });
  left.hidden = !any;
}

if (category) {
  category.addEventListener("change", fit);
  fit();
}
