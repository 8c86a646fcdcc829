"""Fixtures for deliveries to real servers."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from eduforum.core.db import db, transaction
from eduforum.notices.models import Notice
from eduforum.notices.services import COMPOSERS, Extras, queue
from tests.notices.servers import Authority, Mailbox, make_authority, smtp
from tests.notices.test_letters import letter_extras, letter_values


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with smtp() as server:
        yield server


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(autouse=True)
def _composers() -> Iterator[None]:
    """Whatever `queue_letter` says of composers ends with the test."""
    kept = dict(COMPOSERS)
    yield
    COMPOSERS.clear()
    COMPOSERS.update(kept)


def _compose(notice: Notice) -> Extras:
    return letter_extras(notice.kind)


def set_server(app: Flask, port: int, **more: Any) -> None:
    """Let `app` send mail through the server on `port`."""
    plain = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": port, "MAIL_USE_TLS": False}
    app.config.update(plain | {"MAIL_TIMEOUT": 1} | more)


def queue_letter(
    recipient: str = "lin@example.org", kind: str = "registration-received", **more: Any
) -> Notice:
    """A queued letter to one person, about nothing: what it carries is made up here."""
    COMPOSERS[kind] = _compose
    given: dict[str, Any] = {
        "series_id": 1,
        "about": "registration:1",
        "language": "zh-Hans",
        "recipient_name": "林知夏",
        "values": letter_values(kind),
    }
    with transaction():
        queue(kind, recipient=recipient, **given | more)
        newest = select(Notice).order_by(Notice.id.desc()).limit(1)
        return db.session.execute(newest).scalar_one()
