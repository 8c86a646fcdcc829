// The last check-ins of a point, on a supervisor's device: any of them can be taken back.

import { closeSheets } from "./finding.js";
import { fillList, part } from "./screen.js";
import { door, isSupervisor, zone } from "./state.js";
import { clockTime, say } from "./words.js";

const MOST = 30;

/** Show the button where it may be used. `onUndo` gets the id of the scan to be taken back. */
export function prepareRecent(onUndo) {
  part("open-recent").hidden = !isSupervisor() || !door.vault;
  part("open-recent").onclick = () => open(onUndo);
}

function open(onUndo) {
  const moves = door.roster.recent(door.point, MOST);
  part("recent-ask").hidden = true;
  part("recent-note").textContent = say(moves.length ? "recent_choose" : "recent_none");
  fillList(
    part("recent"),
    moves.map(({ id, at, direction, ticket }) => ({
      title: ticket?.name || say("no_name"),
      note: [ticket?.unit, direction === "out" ? say("recent_out") : ""].filter(Boolean).join(" "),
      figure: clockTime(new Date(at), zone()),
      sample: ticket?.sample,
      id,
    })),
    (item) => ask(item, onUndo),
  );
  part("recent-sheet").showModal();
}

function ask({ id, title, figure }, onUndo) {
  part("recent").replaceChildren();
  part("recent-note").textContent = say("recent_sure", { name: title, time: figure });
  part("recent-ask").hidden = false;
  part("recent-undo").onclick = () => {
    closeSheets();
    onUndo(id);
  };
  part("recent-undo").focus();
}
