// The judgement over one ticket at one point, without a network: the server's rules in the same order.

const BY_STATE = { suspended: "not_confirmed", cancelled: "cancelled", revoked: "revoked" };

const UNDO_OWN = 60_000; // ms in which the device that scanned may take it back by itself

/** Why a scan may not be taken back, in the server's words; null if it may. Times in ms. */
export function undoRefusal({ own, supervisor, scannedAt, now }) {
  if (supervisor) return null;
  if (!own) return "undo_not_own";
  return now - scannedAt > UNDO_OWN ? "undo_too_late" : null;
}

/** The calendar day of `moment` on the clocks of `zone`. */
export function dayIn(zone, moment) {
  return new Intl.DateTimeFormat("en-CA", { dateStyle: "short", timeZone: zone }).format(moment);
}

/** Day and time of `moment` on the clocks of `zone`, as text that sorts by time. */
function wallClock(zone, moment) {
  const time = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: zone }).format(moment);
  return `${dayIn(zone, moment)}T${time}`;
}

/**
 * Say what to do with a genuine ticket of this series: `{verdict, because, moment, first}`.
 *
 * point: as the API describes it. ticket: `{state, class, events, sessions, zones, replaced_at}`, class
 * as its code. moves: its counted scans at this point and on the way out, `{direction, at (ms), point}`.
 * tolerance: milliseconds before a point opens in which people are let in all the same.
 * because, moment (ms): the rule that was not met, and the hour that its explanation names.
 */
export function judge(point, ticket, moves, now, { direction = "in", inside = 0, tolerance = 0 } = {}) {
  if (direction === "out" || point.kind === "exit") return answer("checked_out");
  const before = inTheWay(point, moves, now);
  return (
    ofStanding(ticket) ??
    ofEntitlement(point, ticket) ??
    (before && { ...answer("already_admitted"), first: before }) ??
    ofHours(point, ticket, now, tolerance) ??
    answer(point.capacity !== null && inside >= point.capacity ? "room_full" : "admitted")
  );
}

const answer = (verdict, because = null, moment = null) => ({ verdict, because, moment, first: null });

function ofStanding({ state, replaced_at: replaced }) {
  if (state === "revoked" && replaced) return answer("revoked", "replaced", Date.parse(replaced));
  return BY_STATE[state] ? answer(BY_STATE[state]) : null;
}

function ofEntitlement(point, ticket) {
  const has = (wanted, own) => wanted.length === 0 || wanted.some((one) => own.includes(one));
  if (!has(point.events, ticket.events) || !has(point.sessions, ticket.sessions)) {
    return answer("not_entitled", "booked_elsewhere");
  }
  const zones = zonesOf(point);
  if ((point.categories.length === 0 && zones.length === 0) || isOfClass(point, ticket)) return null;
  if (grants(point, ticket).length > 0) return null;
  return answer("not_entitled", zones.length > 0 ? "zone" : "category");
}

function ofHours(point, ticket, now, tolerance) {
  const opens = point.opens_at ? Date.parse(point.opens_at) - tolerance : null;
  if (opens !== null && now < opens) return answer("too_early", "opens", opens);
  const closes = point.closes_at ? Date.parse(point.closes_at) : null;
  if (closes !== null && now > closes) return answer("too_late", "closed", closes);
  if (zonesOf(point).length === 0 || isOfClass(point, ticket)) return null;
  return ofZoneHours(grants(point, ticket), now);
}

function ofZoneHours(windows, now) {
  const open = ({ from, until }) => (from === null || from <= now) && (until === null || now <= until);
  if (windows.some(open)) return null;
  const ahead = windows.map(({ from }) => from).filter((from) => from !== null && from > now);
  if (ahead.length > 0) return answer("too_early", "opens", Math.min(...ahead));
  const past = windows.map(({ until }) => until).filter((until) => until !== null);
  return past.length > 0 ? answer("too_late", "closed", Math.max(...past)) : null;
}

const zonesOf = (point) => point.zones ?? []; // what an older version kept has none
const isOfClass = (point, ticket) => point.categories.includes(ticket.class);

function grants(point, ticket) {
  const time = (text) => (text ? Date.parse(text) : null);
  return (ticket.zones ?? [])
    .filter(({ zone }) => zonesOf(point).includes(zone))
    .map(({ starts_at, ends_at }) => ({ from: time(starts_at), until: time(ends_at) }));
}

/** The admission because of which the ticket is inside now; null when it is outside. */
export function standingInside(point, moves, now) {
  const last = inOrder(moves).at(-1);
  if (last?.direction !== "in") return null;
  return point.checkout_time && wallClock(point.time_zone, last.at) < emptiedAt(point, now) ? null : last;
}

/** When everybody was last taken to have left, as `wallClock` tells it. */
function emptiedAt({ checkout_time: time, time_zone: zone }, now) {
  const today = dayIn(zone, now);
  const emptied = `${today}T${time}:00`;
  if (emptied <= wallClock(zone, now)) return emptied;
  return `${new Date(Date.parse(today) - 86_400_000).toISOString().slice(0, 10)}T${time}:00`;
}

function inOrder(moves) {
  return [...moves].sort(
    (a, b) => a.at - b.at || a.direction.localeCompare(b.direction) || a.point.localeCompare(b.point),
  );
}

function inTheWay(point, moves, now) {
  if (point.repeat === "count") return null;
  if (point.repeat === "reentry") return standingInside(point, moves, now);
  const today = dayIn(point.time_zone, now);
  return (
    inOrder(moves).find(
      (move) =>
        move.direction === "in" && (point.repeat === "once" || dayIn(point.time_zone, move.at) === today),
    ) ?? null
  );
}
