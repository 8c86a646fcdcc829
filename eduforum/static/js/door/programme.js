// Where somebody who comes in goes next: told on the green screen.

import { dayIn } from "./rules.js";

/**
 * The first event or session of this ticket that begins later on this day, on the point's clocks; at
 * the door of a session, not the one that is behind that door. Null when there is none.
 */
export function nextStop(programme, ticket, point, now) {
  const today = dayIn(point.time_zone, now);
  const isOf = (stop, { events, sessions }) => events.includes(stop.event) || sessions.includes(stop.session);
  const ahead = programme.filter((stop) => {
    const at = Date.parse(stop.starts_at);
    if (!isOf(stop, ticket) || (point.kind === "session" && isOf(stop, point))) return false;
    return at > now && dayIn(point.time_zone, at) === today;
  });
  // By time; of two at once the session, which says more than its event.
  ahead.sort((a, b) => Date.parse(a.starts_at) - Date.parse(b.starts_at) || Number(!a.session) - Number(!b.session));
  return ahead[0] ?? null;
}
