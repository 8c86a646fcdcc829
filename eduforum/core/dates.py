"""Days and times as people read them, in their language and in the series' time zone."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from eduforum.core.i18n import Text

_WEEKDAYS_ZH = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")
_WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS_EN = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

YEARS = range(1900, 2200)
"""Years that moments may lie in: at the ends of what Python counts, some zone's clock falls out."""


def local(moment: datetime, zone: str) -> datetime:
    """The same moment on the clocks of `zone` (an IANA name)."""
    return moment.astimezone(ZoneInfo(zone))


def day_text(day: date, *, year: bool = False) -> Text:
    """11 月 28 日 / 28 November, with the year if asked."""
    month = _MONTHS_EN[day.month - 1]
    if year:
        return Text(f"{day.year} 年 {day.month} 月 {day.day} 日", f"{day.day} {month} {day.year}")
    return Text(f"{day.month} 月 {day.day} 日", f"{day.day} {month}")


def weekday_text(day: date) -> Text:
    return Text(_WEEKDAYS_ZH[day.weekday()], _WEEKDAYS_EN[day.weekday()])


def days_text(first: date, last: date, *, year: bool = True) -> Text:
    """A range of days without repeating what both ends share."""
    if first == last:
        return day_text(first, year=year)
    if (first.year, first.month) == (last.year, last.month):
        start = Text(day_text(first, year=year).zh, str(first.day))
        end = Text(f"{last.day} 日", day_text(last, year=year).en)
    elif first.year == last.year:
        start = Text(day_text(first, year=year).zh, day_text(first).en)
        end = Text(day_text(last).zh, day_text(last, year=year).en)
    else:
        start, end = day_text(first, year=True), day_text(last, year=True)
    joint = "–" if first.month == last.month and first.year == last.year else " – "
    return Text(f"{start.zh}至 {end.zh}", f"{start.en}{joint}{end.en}")


def clock_text(moment: datetime, zone: str) -> str:
    """09:00, on the clocks of `zone`."""
    return f"{local(moment, zone):%H:%M}"


def moment_text(moment: datetime, zone: str, *, year: bool = False) -> Text:
    """11 月 24 日 18:00 / 24 November, 18:00."""
    there = local(moment, zone)
    day = day_text(there.date(), year=year)
    return Text(f"{day.zh} {there:%H:%M}", f"{day.en}, {there:%H:%M}")


def near_text(moment: datetime, zone: str, now: datetime) -> Text:
    """18:00 when that is today on the clocks of `zone`, else with the day in front."""
    if local(moment, zone).date() != local(now, zone).date():
        return moment_text(moment, zone)
    clock = clock_text(moment, zone)
    return Text(clock, clock)


def short_moment(moment: datetime, zone: str) -> str:
    """11-20 14:26, for dense tables."""
    return f"{local(moment, zone):%m-%d %H:%M}"


def zone_text(zone: str) -> Text:
    """What people call the clocks of `zone`."""
    if zone == "Asia/Shanghai":
        return Text("北京时间", "Beijing time")
    return Text(f"{zone} 时间", f"{zone} time")
