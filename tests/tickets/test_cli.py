"""`flask keys …`."""

from flask import Flask

from eduforum.core.i18n import Text
from eduforum.tickets.rules import verify
from eduforum.tickets.services import Holder, issue, keys_of
from tests.factories import make_series


def holder(name: str) -> Holder:
    return Holder(
        name=name, key=name, pinyin="", initials="", unit="", mobile_last4="",
        category=Text("旁听", "Observer"), class_code=1, event_ids=[],
    )  # fmt: skip


def test_tickets_of_the_old_key_stay_valid(app: Flask) -> None:
    series = make_series()
    old = issue(series, holder("甲"))

    result = app.test_cli_runner().invoke(args=["keys", "rotate", "--series", series.slug])

    assert result.output == f"New tickets of {series.slug} are signed with key 2 from now on.\n"
    new = issue(series, holder("乙"))
    keys = keys_of(series.id)
    assert (verify(old.text, keys).key_id, verify(new.text, keys).key_id) == (1, 2)


def test_an_unknown_series_is_refused_with_a_sentence(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["keys", "rotate", "--series", "nowhere"])
    assert (result.exit_code, result.output) == (1, "Error: There is no series nowhere.\n")
