// Where one point has several gates: whoever scans says at which the device stands.

import { fillList, part } from "./screen.js";
import { door } from "./state.js";

const GATE = "gate"; // what the vault keeps: {point, name}

/** Know the gate, then go on: the only one, with `again` the one of before a restart, or as chosen. */
export async function chooseGate(point, again, goOn) {
  const gates = point.gates ?? []; // what an older version kept has none
  const before = again ? await door.vault?.get(GATE) : null;
  if (gates.length < 2) return enter(point, gates[0] ?? "", goOn);
  if (before?.point === point.id && gates.includes(before.name)) return enter(point, before.name, goOn);
  fillList(
    part("gates"),
    gates.map((name) => ({ title: name, name })),
    ({ name }) => {
      part("gate-sheet").close();
      enter(point, name, goOn);
    },
  );
  part("gate-sheet").showModal();
}

async function enter(point, name, goOn) {
  door.gate = name;
  await door.vault?.put(GATE, { point: point.id, name });
  await goOn();
}
