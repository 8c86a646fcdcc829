"""Programs are told over https, signed, and nobody else is."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from standardwebhooks import Webhook as Verifier

from eduforum.core import clock as our_clock
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput, NotFound
from eduforum.notices.models import Notice, Webhook
from eduforum.notices.queries import webhooks_of
from eduforum.notices.rules import NoticeState
from eduforum.notices.services import add_webhook, announce, deliver_due, end_webhook
from tests.notices.servers import Authority, Receiver, webhook_receiver

DATA = {"id": "01a3", "series": "jjj-2027", "state": "confirmed"}


@pytest.fixture
def receiver(
    app: Flask, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Receiver]:
    """A receiver whose certificate is trusted and whose host is allowed."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    with webhook_receiver(authority.server) as server:
        app.config["WEBHOOK_HOSTS"] = f"hooks.example.org, LOCALHOST:{server.port}"
        yield server


def hook_to(receiver: Receiver, *types: str) -> tuple[Webhook, str]:
    return add_webhook(1, f"https://localhost:{receiver.port}/in?from=eduforum", types)


def tell(type_: str = "registration.confirmed", series_id: int = 1) -> int:
    with transaction():
        return announce(type_, series_id=series_id, data=DATA)


def notices() -> list[Notice]:
    db.session.rollback()
    found = select(Notice).order_by(Notice.id).execution_options(populate_existing=True)
    return list(db.session.scalars(found))


def test_told_and_signed(receiver: Receiver) -> None:
    _, secret = hook_to(receiver)
    assert secret.startswith("whsec_")
    tell()

    assert deliver_due() == 1

    [(headers, body)] = receiver.calls
    assert Verifier(secret).verify(body, headers) == {
        "type": "registration.confirmed",
        "timestamp": "2027-03-01T01:00:00+00:00",
        "data": DATA,
    }
    assert headers["content-type"] == "application/json"
    assert [notice.state for notice in notices()] == [NoticeState.SENT]
    assert headers["webhook-id"] == notices()[0].message_id


def test_the_secret_is_not_stored_in_plain(receiver: Receiver) -> None:
    hook, secret = hook_to(receiver)
    assert secret.encode() not in hook.sealed_secret


def test_only_who_asked_is_told(receiver: Receiver) -> None:
    hook_to(receiver, "registration.withdrawn")
    hook_to(receiver, "registration.confirmed", "registration.withdrawn")
    hook_to(receiver)

    assert tell("registration.confirmed") == 2
    assert tell("registration.confirmed", series_id=2) == 0


def test_500_is_tried_again_with_the_same_id(
    receiver: Receiver, clock: time_machine.Traveller
) -> None:
    receiver.statuses = [500, 204]
    hook_to(receiver)
    tell()
    tell()

    assert deliver_due() == 0
    first, second = notices()
    retry = our_clock.now() + timedelta(seconds=30)
    assert (first.attempts, first.last_error) == (1, "webhook-refused: 500")
    assert (second.attempts, second.last_error) == (0, ""), "it waits along, untried"
    assert (first.next_attempt_at, second.next_attempt_at) == (retry, retry)
    clock.shift(30)
    assert deliver_due() == 2
    ids = [headers["webhook-id"] for headers, _ in receiver.calls]
    assert ids == [first.message_id, first.message_id, second.message_id]


def test_redirects_are_not_followed(receiver: Receiver) -> None:
    receiver.statuses = [302]
    hook_to(receiver)
    tell()

    assert deliver_due() == 0
    assert len(receiver.calls) == 1
    assert notices()[0].last_error == "webhook-refused: 302"


def test_410_ends_the_webhook(receiver: Receiver) -> None:
    receiver.statuses = [410]
    hook_to(receiver)
    tell()
    tell()
    deliver_due()

    assert webhooks_of(1) == []
    assert tell() == 0
    assert {notice.state for notice in notices()} == {NoticeState.FAILED}
    assert len(receiver.calls) == 1


def test_an_untrusted_certificate_is_told_nothing(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    hook_to(receiver)
    tell()

    assert deliver_due() == 0
    assert receiver.calls == []
    assert notices()[0].last_error.startswith("tls: ")


def test_a_host_no_longer_allowed_is_told_nothing(app: Flask, receiver: Receiver) -> None:
    hook_to(receiver)
    tell()
    app.config["WEBHOOK_HOSTS"] = ""

    assert deliver_due() == 0
    assert receiver.calls == []
    assert notices()[0].state is NoticeState.FAILED


def test_a_host_that_is_not_allowed_is_refused(app: Flask) -> None:
    with pytest.raises(BadInput):
        add_webhook(1, "https://hooks.example.org/")


def test_ended_webhooks_are_told_nothing(receiver: Receiver) -> None:
    hook, _ = hook_to(receiver)
    tell()
    end_webhook(1, hook.id)

    assert deliver_due() == 0
    assert receiver.calls == []
    with pytest.raises(NotFound):
        end_webhook(1, hook.id)


def test_webhooks_of_another_series_are_out_of_reach(receiver: Receiver) -> None:
    hook, _ = hook_to(receiver)
    for series_id, hook_id in [(2, hook.id), (1, uuid4())]:
        with pytest.raises(NotFound):
            end_webhook(series_id, hook_id)
