// Questions with conditions: what depends on an earlier answer appears and goes while one types, and a
// file that is too large is named before it is sent. The server judges both again.

const of = (box, key) => box.querySelector(`[data-ask="${CSS.escape(key)}"]`);

// The answer to a question that is shown: a string, a list of chosen options, or null.
function answer(ask) {
  if (!ask || ask.hidden) return null;
  const name = `answers.${ask.dataset.ask}`;
  const inputs = [...ask.querySelectorAll("input, textarea")].filter((item) => item.name === name);
  const kind = ask.dataset.kind;
  if (kind === "multi_choice") {
    const chosen = inputs.filter((item) => item.checked).map((item) => item.value);
    return chosen.length ? chosen : null;
  }
  if (kind === "choice" || kind === "boolean") return inputs.find((item) => item.checked)?.value || null;
  if (kind === "file" || kind === "photo") {
    return inputs.some((item) => (item.type === "checkbox" ? item.checked : item.value)) ? "file" : null;
  }
  return inputs[0]?.value.trim() || null;
}

function passes(test, said) {
  if (test.op === "is_set") return said !== null;
  if (said === null) return false;
  if (Array.isArray(said)) {
    return test.op === "contains" ? said.includes(test.value) : said.length === 1 && said[0] === test.value;
  }
  const [here, wanted] = [said.toLowerCase(), test.value.toLowerCase()];
  return test.op === "contains" ? here.includes(wanted) : here === wanted;
}

// Answers that were given on other pages of the form travel as hidden fields.
function carried(form, key) {
  const found = [...form.elements].filter((item) => item.type === "hidden" && item.name === `answers.${key}`);
  if (found.length === 0) return null;
  return found.length > 1 ? found.map((item) => item.value) : found[0].value || null;
}

function show(box) {
  const form = box.closest("form");
  const known = JSON.parse(box.dataset.known || "{}");
  for (const ask of box.querySelectorAll("[data-when]")) {
    const { joined, terms } = JSON.parse(ask.dataset.when);
    const results = terms.map((test) => {
      const here = of(box, test.question);
      return passes(test, here ? answer(here) : (known[test.question] ?? (form && carried(form, test.question))));
    });
    ask.hidden = !(joined === "any" ? results.some(Boolean) : results.every(Boolean));
  }
}

// Which questions were shown travels along: without a script, the page comes again for new ones.
function tell(box) {
  const seen = box.querySelector("[data-seen]");
  if (seen) seen.value = [...box.querySelectorAll("[data-ask]")].filter((ask) => !ask.hidden).map((ask) => ask.dataset.ask).join(" ");
}

function checkSize({ target }) {
  if (target.type !== "file") return;
  const file = target.files[0];
  const tooLarge = Boolean(file) && file.size > Number(target.dataset.most);
  target.setCustomValidity(tooLarge ? target.dataset.tooLarge : "");
  if (!tooLarge) return;
  target.reportValidity();
  target.value = "";
}

for (const box of document.querySelectorAll("[data-asks]")) {
  const again = () => {
    show(box);
    tell(box);
  };
  box.addEventListener("input", again);
  box.addEventListener("change", (event) => {
    checkSize(event);
    again();
  });
  // What a script put back (a draft kept on the device) is an answer too.
  box.closest("form")?.addEventListener("restored", again);
  again();
}
