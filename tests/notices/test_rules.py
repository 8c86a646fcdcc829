from datetime import UTC, datetime, timedelta

import pytest

from eduforum.core.errors import BadInput
from eduforum.notices.rules import (
    WAITS,
    Action,
    Blame,
    DeliveryFailed,
    NoticeNotAllowed,
    NoticeState,
    Trouble,
    after,
    check_webhook,
    next_attempt,
    pause,
    trouble_text,
)

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_waits_as_promised() -> None:
    first = [next_attempt(n, NOON, None) for n in range(1, 8)]

    assert first == [NOON + MINUTE * m for m in (0.5, 2, 5, 15, 30, 60, 120)]
    later = set(WAITS[7:])
    assert later == {timedelta(hours=4)}
    assert timedelta(hours=68) < sum(WAITS, timedelta()) <= timedelta(hours=72)


def test_stops_after_72_hours() -> None:
    assert next_attempt(len(WAITS), NOON, None) is not None
    assert next_attempt(len(WAITS) + 1, NOON, None) is None


def test_never_tries_past_usefulness() -> None:
    assert next_attempt(1, NOON, NOON + MINUTE) == NOON + MINUTE / 2
    assert next_attempt(1, NOON, NOON + MINUTE / 2) is None
    assert next_attempt(2, NOON, NOON + MINUTE) is None


def test_a_channel_rests_longer_each_time() -> None:
    assert [pause(n) / MINUTE for n in range(1, 8)] == [0.5, 2, 5, 10, 15, 15, 15]


@pytest.mark.parametrize("action", list(Action))
def test_other_transitions_raise(action: Action) -> None:
    allowed = {
        Action.CLAIM: {"queued", "sending"},
        Action.RELEASE: {"sending"},
        Action.DELIVER: {"sending"},
        Action.GIVE_UP: {"sending"},
        Action.EXPIRE: {"queued", "sending"},
        Action.WITHHOLD: {"queued", "failed"},
        Action.RESEND: {"sent", "failed", "withheld"},
    }[action]
    for state in NoticeState:
        if state.value in allowed:
            after(action, state)
        else:
            with pytest.raises(NoticeNotAllowed):
                after(action, state)


def test_stored_trouble_reads_back() -> None:
    failure = DeliveryFailed(Blame.FINAL, Trouble.RECIPIENT, "550 No\r\n such user")

    sentence, words = trouble_text(str(failure))

    assert (sentence.en, words) == ("The recipient's address was refused", "550 No such user")
    assert trouble_text("tls")[1] == ""


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.org/a",
        "https://example.org/a",
        "https://hooks.example.org:8443/a",
        "https://user@hooks.example.org/a",
        "https://hooks.example.org@evil.example/a",
        "https://hooks.example.org.evil.example/",
        "https://hooks.example.org:99999/",
        "https://hooks.example.org\\@evil.example/",
        "https://hooks.example.org/a\r\nHost: x",
        "https://127.0.0.1/",
        "https:///a",
        "hooks.example.org",
        "",
    ],
)
def test_webhooks_elsewhere_are_refused(url: str) -> None:
    with pytest.raises(BadInput) as refused:
        check_webhook(url, (), {"hooks.example.org"})
    assert list(refused.value.errors) == ["url"]


def test_allowed_webhooks() -> None:
    hosts = {"hooks.example.org", "other.example.org:8443"}

    check_webhook("https://hooks.example.org/a?b=c", ["registration.confirmed"], hosts)
    check_webhook("https://HOOKS.example.org:443", [], hosts)
    check_webhook("https://other.example.org:8443/", [], hosts)
    with pytest.raises(BadInput) as refused:
        check_webhook("https://hooks.example.org/", ["registration", "a.b"], hosts)
    assert list(refused.value.errors) == ["types"]
