// The judgement over one ticket at one point, without a network: the server's rules in the same order.

const BY_STATE = { suspended: "not_confirmed", cancelled: "cancelled", revoked: "revoked" };

/** The calendar day of `moment` on the clocks of `zone`. */
export function dayIn(zone, moment) {
  return new Intl.DateTimeFormat("en-CA", { dateStyle: "short", timeZone: zone }).format(moment);
}

/**
 * Say what to do with a genuine ticket of this series: `{verdict, first}`.
 *
 * point: as the API describes it. ticket: `{state, class, events, sessions}`, class as its code.
 * moves: its counted scans at this point and on the way out, `{direction, at (ms), point}`.
 * tolerance: milliseconds before a point opens in which people are let in all the same.
 */
export function judge(point, ticket, moves, now, { direction = "in", inside = 0, tolerance = 0 } = {}) {
  if (direction === "out" || point.kind === "exit") return { verdict: "checked_out", first: null };
  if (BY_STATE[ticket.state]) return { verdict: BY_STATE[ticket.state], first: null };
  if (!isEntitled(point, ticket)) return { verdict: "not_entitled", first: null };
  const before = inTheWay(point, moves, now);
  if (before) return { verdict: "already_admitted", first: before };
  if (point.opens_at && now < Date.parse(point.opens_at) - tolerance) return { verdict: "too_early", first: null };
  if (point.closes_at && now > Date.parse(point.closes_at)) return { verdict: "too_late", first: null };
  if (point.capacity !== null && inside >= point.capacity) return { verdict: "room_full", first: null };
  return { verdict: "admitted", first: null };
}

function isEntitled(point, ticket) {
  const has = (wanted, own) => wanted.length === 0 || wanted.some((one) => own.includes(one));
  return (
    has(point.events, ticket.events) &&
    has(point.sessions, ticket.sessions) &&
    has(point.categories, [ticket.class])
  );
}

function inTheWay(point, moves, now) {
  const ordered = [...moves].sort(
    (a, b) => a.at - b.at || a.direction.localeCompare(b.direction) || a.point.localeCompare(b.point),
  );
  if (point.repeat === "reentry") {
    const last = ordered.at(-1);
    return last?.direction === "in" ? last : null;
  }
  const today = dayIn(point.time_zone, now);
  return (
    ordered.find(
      (move) =>
        move.direction === "in" && (point.repeat === "once" || dayIn(point.time_zone, move.at) === today),
    ) ?? null
  );
}
