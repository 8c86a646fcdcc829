"""Letters on their way through a real SMTP server that works, refuses, hangs or drops."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from eduforum.core import clock as our_clock
from eduforum.core.db import db, transaction
from eduforum.notices.mail import Connection
from eduforum.notices.models import ChannelPause, Notice
from eduforum.notices.queries import pause_of
from eduforum.notices.rules import LEASE, Channel, NoticeState
from eduforum.notices.services import COMPOSERS, deliver, deliver_due, expire_overdue, frozen
from eduforum.notices.services.deliver import BATCH
from tests.notices.conftest import queue_letter, set_server
from tests.notices.servers import Authority, Mailbox, silent_server, smtp
from tests.notices.test_letters import LINK, PNG

Clock = time_machine.Traveller


def again(notice: Notice) -> Notice:
    """The notice as it is stored now."""
    db.session.rollback()
    return db.session.execute(
        select(Notice).where(Notice.id == notice.id).execution_options(populate_existing=True)
    ).scalar_one()


def test_delivered_once_and_complete(either_app: Flask, mailbox: Mailbox) -> None:
    set_server(either_app, mailbox.port)
    notice = queue_letter(kind="registration-confirmed")

    assert deliver_due() == 1
    assert deliver_due() == 0

    [message] = mailbox.messages
    assert mailbox.recipients == ["lin@example.org"]
    assert message["To"] == "林知夏 <lin@example.org>"
    assert message["From"] == "EduForum <noreply@localhost>"
    assert message["Subject"] == "报名已确认：京津冀教育协同发展系列主场活动"
    assert message["Message-ID"] == notice.message_id
    assert notice.message_id.endswith("@forum.example.org>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"] == "Mon, 01 Mar 2027 01:00:00 +0000"
    stored = again(notice)
    assert (stored.state, stored.attempts, stored.leased_until) == (NoticeState.SENT, 1, None)
    assert stored.sent_at == our_clock.now()


def test_parts_of_a_letter(app: Flask, mailbox: Mailbox) -> None:
    set_server(app, mailbox.port)
    queue_letter(kind="registration-confirmed")
    deliver_due()

    [message] = mailbox.messages
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "text/calendar",
    ]
    parts = {part.get_content_type(): part for part in message.walk()}
    cid = parts["image/png"]["Content-ID"].strip("<>")
    assert cid == "ticket@forum.example.org"
    assert parts["image/png"].get_content() == PNG
    assert parts["image/png"].get_content_disposition() == "inline"
    html = parts["text/html"].get_content()
    assert f'src="cid:{cid}"' in html
    assert LINK in html
    assert LINK in parts["text/plain"].get_content()
    calendar = parts["text/calendar"]
    assert calendar.get_filename() == "schedule.ics"
    assert calendar.get_param("method") == "PUBLISH"
    assert calendar.get_param("charset") == "utf-8"
    assert max(map(len, message.as_bytes().splitlines())) <= 998


def test_the_link_is_stored_nowhere(app: Flask, mailbox: Mailbox) -> None:
    set_server(app, mailbox.port)
    notice = queue_letter(kind="registration-confirmed")
    deliver_due()

    stored = again(notice)
    assert LINK not in f"{stored.subject}{stored.text}{stored.html}{stored.values}"


def test_headers_cannot_be_injected(app: Flask, mailbox: Mailbox) -> None:
    set_server(app, mailbox.port)
    payload = "Lin\r\nBcc: eve@example.org\r\n\r\nbody"
    both = {"zh": payload, "en": payload}
    queue_letter(recipient_name=payload, values={"name": payload, "series": both})
    bad = queue_letter("lin@example.org\r\nBcc: eve@example.org")
    deliver_due()

    [message] = mailbox.messages
    assert mailbox.recipients == ["lin@example.org"]
    assert message["Bcc"] is None
    assert again(bad).state is NoticeState.FAILED
    assert again(bad).last_error == "recipient-refused: not an address"


@pytest.mark.parametrize(
    ("address", "sent_to"),
    [("林@example.org", "林@example.org"), ("lin@例子.测试", "lin@xn--fsqu00a.xn--0zwm56d")],
)
def test_international_addresses(app: Flask, mailbox: Mailbox, address: str, sent_to: str) -> None:
    set_server(app, mailbox.port)
    queue_letter(address)

    assert deliver_due() == 1
    assert mailbox.recipients == [sent_to]


def test_without_a_server_letters_wait_and_can_be_read(app: Flask) -> None:
    notice = queue_letter()

    assert deliver_due() == 0

    stored = again(notice)
    assert (stored.state, stored.attempts) == (NoticeState.QUEUED, 0)
    assert "您以“专家”类别提交的报名已收到" in frozen(stored).text


def test_without_an_address_it_is_not_tried(app: Flask, mailbox: Mailbox) -> None:
    set_server(app, mailbox.port)
    notice = queue_letter("")

    assert deliver_due() == 0
    assert again(notice).state is NoticeState.NO_ADDRESS
    assert frozen(again(notice)).subject == "已收到您的报名：京津冀教育协同发展系列主场活动"


def test_what_was_read_is_what_is_sent(app: Flask, mailbox: Mailbox) -> None:
    notice = queue_letter()
    seen = frozen(notice)
    with transaction():
        again(notice).values = {"name": "somebody else"}
    set_server(app, mailbox.port)
    deliver_due()

    sent = mailbox.messages[0].get_body(("plain",))
    assert sent is not None
    assert sent.get_content().replace("\r\n", "\n") == seen.with_link(LINK).text


@pytest.mark.parametrize("when", ["on_rcpt", "on_data"])
def test_5xx_is_final(app: Flask, mailbox: Mailbox, when: str) -> None:
    set_server(app, mailbox.port)
    setattr(mailbox, when, lambda to: "550 5.1.1 no such user" if to.startswith("gone") else None)
    refused, good = queue_letter("gone@example.org"), queue_letter()

    assert deliver_due() == 1

    stored = again(refused)
    assert (stored.state, stored.next_attempt_at) == (NoticeState.FAILED, None)
    assert stored.last_error.endswith("-refused: 550 5.1.1 no such user")
    assert again(good).state is NoticeState.SENT
    assert len(mailbox.connections) == 1


@pytest.mark.parametrize("when", ["on_rcpt", "on_data"])
def test_4xx_is_tried_again_with_the_same_message_id(
    app: Flask, mailbox: Mailbox, clock: Clock, when: str
) -> None:
    set_server(app, mailbox.port)
    setattr(mailbox, when, lambda _: "451 4.7.1 greylisted")
    notice = queue_letter()

    assert deliver_due() == 0
    stored = again(notice)
    assert (stored.state, stored.attempts) == (NoticeState.QUEUED, 1)
    assert stored.next_attempt_at == our_clock.now() + timedelta(seconds=30)
    clock.shift(29)
    setattr(mailbox, when, lambda _: None)
    assert deliver_due() == 0
    clock.shift(1)
    assert deliver_due() == 1
    assert mailbox.messages[0]["Message-ID"] == notice.message_id


def test_gives_up_before_it_is_useless(app: Flask, mailbox: Mailbox) -> None:
    set_server(app, mailbox.port)
    mailbox.on_rcpt = lambda _: "451 later"
    notice = queue_letter(useful_until=our_clock.now() + timedelta(seconds=20))
    deliver_due()

    assert again(notice).state is NoticeState.FAILED


def test_nothing_is_sent_that_is_useless(app: Flask, mailbox: Mailbox, clock: Clock) -> None:
    waits = queue_letter(useful_until=our_clock.now() + timedelta(seconds=20))
    clock.shift(20)
    set_server(app, mailbox.port)

    assert deliver_due() == 0
    assert again(waits).state is NoticeState.EXPIRED


def test_letters_without_a_server_go_out_of_date(app: Flask, clock: Clock) -> None:
    notice = queue_letter(useful_until=our_clock.now() + timedelta(seconds=20))
    assert expire_overdue() == 0
    clock.shift(20)

    assert expire_overdue() == 1
    assert again(notice).state is NoticeState.EXPIRED


def test_letters_go_out_though_the_clock_was_set_back(
    either_app: Flask, mailbox: Mailbox, clock: Clock
) -> None:
    """New ones at once, those of a dead worker, those that a resting channel kept; no others."""
    set_server(either_app, mailbox.port)
    now = our_clock.now()
    queue_letter("new@example.org")
    dead, later, tried = (
        queue_letter(f"{name}@example.org") for name in ("dead", "later", "tried")
    )
    with transaction():
        db.session.merge(ChannelPause(channel=Channel.MAIL, until=now + timedelta(minutes=1),
                                      failures=1, reason="unreachable"))  # fmt: skip
        again_ = {one.id: one for one in db.session.scalars(select(Notice))}
        again_[dead.id].state, again_[dead.id].attempts = NoticeState.SENDING, 1
        again_[dead.id].leased_until = again_[dead.id].next_attempt_at = now + LEASE
        again_[later.id].next_attempt_at = now + timedelta(minutes=30)
        again_[tried.id].attempts = 1
        again_[tried.id].next_attempt_at = now + timedelta(minutes=2)
    assert deliver_due() == 0
    clock.shift(-timedelta(hours=1))
    assert deliver_due() == 2
    assert sorted(mailbox.recipients) == ["dead@example.org", "new@example.org"]


@pytest.mark.parametrize("fault", ["hang_after_data", "drop_after_data"])
def test_hanging_and_dropping_servers_cost_one_attempt(
    app: Flask, mailbox: Mailbox, clock: Clock, fault: str
) -> None:
    set_server(app, mailbox.port)
    setattr(mailbox, fault, {"first@example.org"})
    first, second = queue_letter("first@example.org"), queue_letter()
    deliver_due()

    stored = again(first)
    assert (stored.state, stored.attempts) == (NoticeState.QUEUED, 1)
    assert stored.last_error.startswith("interrupted: ")
    assert deliver_due() == 1
    assert again(second).state is NoticeState.SENT
    assert again(second).attempts == 1
    clock.shift(30)
    assert deliver_due() == 1
    twice = [m["Message-ID"] for m in mailbox.messages if m["To"].endswith("<first@example.org>")]
    assert twice == [first.message_id, first.message_id]


def test_a_silent_server_rests_the_channel(app: Flask, clock: Clock) -> None:
    notices = [queue_letter(f"n{n}@example.org") for n in range(3)]
    with silent_server() as port:
        set_server(app, port)
        assert deliver_due() == 0
        resting = pause_of(Channel.MAIL)
        assert resting is not None
        assert resting.until == our_clock.now() + timedelta(seconds=30)
        assert resting.reason.startswith("unreachable: ")
        assert deliver_due() == 0
        clock.shift(30)
        assert deliver_due() == 0
    again_resting = pause_of(Channel.MAIL)
    assert again_resting is not None
    assert again_resting.until == our_clock.now() + timedelta(minutes=2)
    states = [(again(n).state, again(n).attempts, again(n).last_error) for n in notices]
    assert states == [(NoticeState.QUEUED, 0, "")] * 3


def test_verified_starttls(app: Flask, authority: Authority) -> None:
    notice = queue_letter()
    with smtp(tls=authority.server, password="right") as server:
        set_server(
            app,
            server.port,
            MAIL_USE_TLS=True,
            MAIL_CA_FILE=str(authority.file),
            MAIL_USERNAME="forum",
            MAIL_PASSWORD="right",
        )
        assert deliver_due() == 1
    assert again(notice).state is NoticeState.SENT


def test_untrusted_certificate_is_refused(app: Flask, authority: Authority) -> None:
    notice = queue_letter()
    with smtp(tls=authority.server) as server:
        set_server(app, server.port, MAIL_USE_TLS=True)
        assert deliver_due() == 0
        assert server.messages == []
    resting = pause_of(Channel.MAIL)
    assert resting is not None
    assert resting.reason.startswith("tls: ")
    assert (again(notice).state, again(notice).attempts) == (NoticeState.QUEUED, 0)


def test_a_server_without_starttls_gets_nothing(app: Flask, mailbox: Mailbox) -> None:
    queue_letter()
    set_server(app, mailbox.port, MAIL_USE_TLS=True)

    assert deliver_due() == 0
    assert mailbox.messages == []
    resting = pause_of(Channel.MAIL)
    assert resting is not None
    assert resting.reason.startswith("tls: ")


def test_a_wrong_password_rests_the_channel(app: Flask, authority: Authority, clock: Clock) -> None:
    notices = [queue_letter(f"n{n}@example.org") for n in range(3)]
    with smtp(tls=authority.server, password="right") as server:
        good = {"MAIL_USE_TLS": True, "MAIL_CA_FILE": str(authority.file)}
        set_server(app, server.port, MAIL_USERNAME="u", MAIL_PASSWORD="wrong", **good)
        assert deliver_due() == 0
        assert len(server.connections) == 1
        resting = pause_of(Channel.MAIL)
        assert resting is not None
        assert resting.reason.startswith("auth: 535")
        app.config["MAIL_PASSWORD"] = "right"
        assert deliver_due() == 0, "it rests"
        clock.shift(30)
        assert deliver_due() == 3
    assert db.session.scalar(select(ChannelPause)) is None
    assert {again(n).attempts for n in notices} == {1}


def test_many_letters_over_one_connection(app: Flask, mailbox: Mailbox) -> None:
    set_server(app, mailbox.port)
    for n in range(40):
        queue_letter(f"n{n}@example.org")

    assert deliver_due(100) == 40
    assert len(mailbox.connections) == 1
    assert sorted(mailbox.recipients) == sorted(f"n{n}@example.org" for n in range(40))


def test_a_connection_closed_by_the_server_is_made_anew(app: Flask, mailbox: Mailbox) -> None:
    set_server(app, mailbox.port)
    with Connection() as connection:
        queue_letter("one@example.org")
        assert deliver_due(10, connection) == 1
        assert connection.host is not None
        assert connection.host.sock is not None
        connection.host.sock.shutdown(2)
        queue_letter("two@example.org")
        assert deliver_due(10, connection) == 1
        assert connection.opened == 2


def test_a_dead_lease_is_taken_up_within_five_minutes(
    app: Flask, mailbox: Mailbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker dies between sending and marking: one duplicate, under the same Message-ID."""
    set_server(app, mailbox.port)
    notices = [queue_letter(f"n{n}@example.org") for n in range(3)]

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(deliver, "_mark", die)
        with pytest.raises(KeyboardInterrupt):
            deliver_due()
    assert {again(n).state for n in notices} == {NoticeState.SENDING}
    assert deliver_due() == 0
    clock.shift(LEASE)
    assert timedelta(minutes=5) >= LEASE
    assert deliver_due() == 3

    ids = [message["Message-ID"] for message in mailbox.messages]
    assert len(ids) == 4
    assert set(ids) == {notice.message_id for notice in notices}


def test_late_news_of_a_delivery_still_counts(
    app: Flask, mailbox: Mailbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """We were so slow that somebody else took it up: what we sent is not sent once more."""
    set_server(app, mailbox.port)
    notice = queue_letter()
    send = deliver._send

    def slowly(claimed: Notice, connection: Connection) -> None:
        send(claimed, connection)
        clock.shift(LEASE)
        with transaction():
            taken = again(notice)
            taken.leased_until = taken.next_attempt_at = our_clock.now() + LEASE

    with monkeypatch.context() as patch:
        patch.setattr(deliver, "_send", slowly)
        assert deliver_due() == 1
    assert again(notice).state is NoticeState.SENT


def test_does_not_begin_what_its_lease_may_not_cover(
    app: Flask, mailbox: Mailbox, clock: Clock
) -> None:
    set_server(app, mailbox.port)
    first, second = queue_letter("first@example.org"), queue_letter()

    def take_long(_: str) -> None:
        clock.shift(150)

    mailbox.on_data = take_long

    assert deliver_due(2) == 1
    assert again(first).state is NoticeState.SENT
    assert (again(second).state, again(second).attempts) == (NoticeState.QUEUED, 0)


def test_a_broken_letter_holds_up_nobody(app: Flask, mailbox: Mailbox) -> None:
    set_server(app, mailbox.port)
    broken = queue_letter(values={"events": 3})
    good = queue_letter(kind="registration-confirmed")

    assert deliver_due() == 1
    assert again(broken).last_error == "cannot-compose: TypeError"
    assert again(broken).state is NoticeState.QUEUED
    assert again(good).state is NoticeState.SENT


def test_several_workers_share_the_outbox(either_app: Flask, mailbox: Mailbox) -> None:
    set_server(either_app, mailbox.port, MAIL_TIMEOUT=20)
    for n in range(30):
        queue_letter(f"n{n}@example.org")
    sent: list[int] = []

    def work() -> None:
        with either_app.app_context():
            while done := deliver_due(BATCH):
                sent.append(done)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sum(sent) == 30
    assert sorted(mailbox.recipients) == sorted(f"n{n}@example.org" for n in range(30))
    left = db.session.scalar(
        select(func.count()).select_from(Notice).where(Notice.state != NoticeState.SENT)
    )
    assert left == 0


def test_queued_and_rolled_back_is_not_queued(app: Flask) -> None:
    with pytest.raises(ZeroDivisionError), transaction():  # noqa: PT012
        queue_letter()
        _ = 1 // 0

    assert db.session.scalar(select(func.count()).select_from(Notice)) == 0


def test_composers_are_asked_at_each_attempt(app: Flask, mailbox: Mailbox) -> None:
    """The link may have been renewed since the letter was written."""
    set_server(app, mailbox.port)
    notice = queue_letter()
    frozen(notice)
    compose = COMPOSERS["registration-received"]
    COMPOSERS["registration-received"] = lambda n: replace(compose(n), link="https://new/")
    deliver_due()

    text = mailbox.messages[0].get_body(("plain",))
    assert text is not None
    assert "https://new/" in text.get_content()


def test_goes_over_the_wire_in_seven_bits(app: Flask, mailbox: Mailbox) -> None:
    set_server(app, mailbox.port)
    queue_letter(kind="registration-confirmed")
    deliver_due()

    assert mailbox.messages[0].as_bytes().isascii()
