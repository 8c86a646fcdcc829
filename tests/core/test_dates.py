"""Days and times as people read them."""

from datetime import UTC, date, datetime

import pytest

from eduforum.core import dates
from eduforum.core.i18n import Text

EVENING = datetime(2024, 11, 28, 16, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "last", "zh", "en"),
    [
        ((2024, 11, 28), (2024, 11, 28), "2024 年 11 月 28 日", "28 November 2024"),
        ((2024, 11, 28), (2024, 11, 29), "2024 年 11 月 28 日至 29 日", "28–29 November 2024"),
        (
            (2024, 11, 30), (2024, 12, 1),
            "2024 年 11 月 30 日至 12 月 1 日", "30 November – 1 December 2024",
        ),
        (
            (2024, 12, 31), (2025, 12, 31),
            "2024 年 12 月 31 日至 2025 年 12 月 31 日", "31 December 2024 – 31 December 2025",
        ),
    ],
)  # fmt: skip
def test_a_range_says_nothing_twice(
    first: tuple[int, int, int], last: tuple[int, int, int], zh: str, en: str
) -> None:
    assert dates.days_text(date(*first), date(*last)) == Text(zh, en)


def test_a_range_may_leave_the_year_out() -> None:
    days = dates.days_text(date(2024, 11, 28), date(2024, 11, 29), year=False)
    assert days == Text("11 月 28 日至 29 日", "28–29 November")


def test_moments_are_told_on_the_clocks_of_the_series() -> None:
    """16:05 UTC is already the next day in Beijing."""
    assert dates.moment_text(EVENING, "Asia/Shanghai") == Text(
        "11 月 29 日 00:05", "29 November, 00:05"
    )
    assert dates.moment_text(EVENING, "Europe/Berlin", year=True) == Text(
        "2024 年 11 月 28 日 17:05", "28 November 2024, 17:05"
    )
    assert dates.clock_text(EVENING, "Asia/Shanghai") == "00:05"
    assert dates.short_moment(EVENING, "Asia/Shanghai") == "11-29 00:05"


def test_days_of_the_week() -> None:
    assert dates.weekday_text(date(2024, 11, 28)) == Text("星期四", "Thursday")
    assert dates.weekday_text(date(2024, 12, 1)) == Text("星期日", "Sunday")


def test_clocks_have_a_name() -> None:
    assert dates.zone_text("Asia/Shanghai") == Text("北京时间", "Beijing time")
    assert dates.zone_text("Europe/Berlin").en == "Europe/Berlin time"


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Shanghai"])
def test_every_moment_that_may_be_entered_can_be_shown(zone: str) -> None:
    for year in (dates.YEARS[0], dates.YEARS[-1]):
        for moment in (
            datetime(year, 1, 1, tzinfo=UTC),
            datetime(year, 12, 31, 23, 59, tzinfo=UTC),
        ):
            assert dates.moment_text(moment, zone)
