// Sentences come with the page, in its language; names from the server come in both.

const template = document.getElementById("words");
const words = Object.fromEntries(
  [...template.content.querySelectorAll("[data-word]")].map((part) => [part.dataset.word, part.textContent]),
);

/** The sentence `key` with `values` in place of `{name}`, each put in once. */
export function say(key, values = {}) {
  return words[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** The half of a `{zh, en}` text that this page speaks. */
export function inLanguage(text, language = document.documentElement.lang) {
  return language.startsWith("zh") ? text.zh : text.en || text.zh;
}

/** 10:12 on the clocks of `zone`; with the day in front if that is not today. */
export function clockTime(moment, zone, now = new Date()) {
  const language = document.documentElement.lang;
  const day = (at) => new Intl.DateTimeFormat("en-CA", { dateStyle: "short", timeZone: zone }).format(at);
  const parts = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone };
  if (day(moment) !== day(now)) Object.assign(parts, { month: "numeric", day: "numeric" });
  return new Intl.DateTimeFormat(language, parts).format(moment);
}
