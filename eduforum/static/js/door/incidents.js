// What went wrong with scans of this device: shown on top of everything until somebody has seen it.

import { part } from "./screen.js";
import { signal } from "./signals.js";
import { clockTime, inLanguage, say } from "./words.js";

const seen = new Set();
let open = [];

/** One line for each: what, who, and every place with its time. */
export function showIncidents(incidents, zone) {
  const before = new Set(open.map(({ id }) => id));
  open = incidents;
  const fresh = incidents.filter(({ id }) => !seen.has(id));
  part("alarm").hidden = fresh.length === 0;
  part("alarm-list").replaceChildren(
    ...fresh.map((incident) => {
      const row = document.createElement("li");
      const head = document.createElement("b");
      head.textContent = [inLanguage(incident.word), incident.ticket?.name].filter(Boolean).join(" · ");
      const places = document.createElement("span");
      places.textContent = incident.places.map((place) => placeText(place, zone)).join(say("and_then"));
      row.append(head, places);
      return row;
    }),
  );
  if (fresh.some(({ id }) => !before.has(id))) signal("wait");
}

function placeText({ at, point_name, gate, device, own }, zone) {
  const point = [inLanguage(point_name), gate].filter(Boolean).join(" ");
  const place = { time: clockTime(new Date(at), zone), point, device };
  return say(own ? "place_own" : "place_other", place);
}

part("alarm-seen").addEventListener("click", () => {
  for (const { id } of open) seen.add(id);
  part("alarm").hidden = true;
});
