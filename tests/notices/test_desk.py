"""The outbox at the desk."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, update

from eduforum.core import clock as our_clock
from eduforum.core.audit import AuditEntry
from eduforum.core.db import db, transaction
from eduforum.events.models import Series
from eduforum.notices.models import Notice
from eduforum.notices.queries import failed_count
from eduforum.notices.rules import KIND_NAMES, SECRET_KINDS, NoticeState
from eduforum.notices.services import add_webhook, announce
from eduforum.web.access import Role
from tests.factories import make_series
from tests.notices.conftest import queue_letter
from tests.notices.test_letters import LINK
from tests.pages import BASE, Browser

SignIn = Callable[..., None]


@pytest.fixture
def series(app: Flask) -> Series:
    return make_series(slug="jjj-2027")


@pytest.fixture
def organiser(series: Series, sign_in: SignIn) -> None:
    sign_in(Role.ORGANISER, series=series)


def letter_in(series: Series, state: NoticeState = NoticeState.QUEUED, **more: object) -> Notice:
    notice = queue_letter(**{"series_id": series.id} | more)  # type: ignore[arg-type]
    ended = state not in (NoticeState.QUEUED, NoticeState.SENDING)
    with transaction():
        db.session.execute(
            update(Notice)
            .where(Notice.id == notice.id)
            .values(
                state=state,
                next_attempt_at=None if ended else our_clock.now(),
                sent_at=our_clock.now() if state is NoticeState.SENT else None,
                last_error="recipient-refused: 550 no such user"
                if state is NoticeState.FAILED
                else "",
            )
        )
    return notice


def state_of(notice: Notice) -> NoticeState:
    db.session.rollback()
    return db.session.execute(select(Notice.state).where(Notice.id == notice.id)).scalar_one()


@pytest.mark.usefixtures("organiser")
def test_empty_outbox(browser: Browser) -> None:
    page = browser.get("/desk/s/jjj-2027/notices")

    assert "还没有通知" in page.text
    assert "尚未设置邮件服务器" in page.text


@pytest.mark.usefixtures("organiser")
def test_list_masks_addresses_and_names_problems(browser: Browser, series: Series) -> None:
    letter_in(series, NoticeState.FAILED)

    page = browser.get("/desk/s/jjj-2027/notices?lang=en")

    assert "l***@example.org" in page.text
    assert "lin@example.org" not in page.text
    assert "The recipient&#39;s address was refused (550 no such user)" in page.text
    assert "Send 1 failed notice again" in page.text


@pytest.mark.usefixtures("organiser")
def test_filters_live_in_the_url(browser: Browser, series: Series) -> None:
    letter_in(series, NoticeState.SENT, recipient_name="甲一")
    letter_in(series, NoticeState.FAILED, recipient_name="乙二", kind="registration-offered")
    letter_in(series, NoticeState.NO_ADDRESS, recipient_name="丙%三", recipient="c@example.org")

    def shown(query: str) -> list[str]:
        text = browser.get(f"/desk/s/jjj-2027/notices?{query}").text
        return [name for name in ("甲一", "乙二", "丙%三") if name in text]

    assert shown("") == ["甲一", "乙二", "丙%三"]
    assert shown("state=failed") == ["乙二"]
    assert shown("kind=registration-offered") == ["乙二"]
    assert shown("q=%E7%94%B2") == ["甲一"]
    assert shown("q=%25") == ["丙%三"]
    assert shown("q=C@example.org") == ["丙%三"]
    assert shown("q=example.org") == []
    assert shown("state=nonsense&page=x") == ["甲一", "乙二", "丙%三"]
    assert shown("state=sent&kind=registration-offered") == []


@pytest.mark.usefixtures("organiser")
def test_pages_cost_the_same_whatever_the_size(browser: Browser, series: Series) -> None:
    counted: list[str] = []

    def count(*arguments: object) -> None:
        counted.append(str(arguments[2]))

    def cost() -> int:
        counted.clear()
        browser.get("/desk/s/jjj-2027/notices")
        return len(counted)

    event.listen(db.engine, "before_cursor_execute", count)
    letter_in(series)
    few = cost()
    for n in range(60):
        letter_in(series, recipient=f"n{n}@example.org")
    assert cost() == few <= 15
    assert "第 51–61 条，共 61 条" in browser.get("/desk/s/jjj-2027/notices?page=2").text


@pytest.mark.usefixtures("organiser")
def test_one_letter_is_shown_as_its_reader_gets_it(browser: Browser, series: Series) -> None:
    notice = letter_in(series, kind="registration-confirmed")

    page = browser.get(f"/desk/s/jjj-2027/notices/{notice.id}")

    assert "您的报名已确认" in page.text
    assert LINK in page.text
    assert "schedule.ics" in page.text
    assert "lin@example.org" in page.text


@pytest.mark.usefixtures("organiser")
def test_html_letter_can_do_nothing(client: FlaskClient, series: Series) -> None:
    notice = letter_in(series, kind="registration-confirmed")

    answer = client.get(f"/desk/s/jjj-2027/notices/{notice.id}/letter", base_url=BASE)

    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'; style-src 'unsafe-inline'")
    assert "script-src" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert 'src="data:image/png;base64,' in answer.text
    assert "cid:" not in answer.text


@pytest.mark.usefixtures("organiser")
def test_links_that_open_accounts_are_shown_to_nobody(
    browser: Browser, client: FlaskClient, series: Series
) -> None:
    for kind in SECRET_KINDS:
        notice = letter_in(series, kind=kind)
        assert LINK not in browser.get(f"/desk/s/jjj-2027/notices/{notice.id}").text
        html = client.get(f"/desk/s/jjj-2027/notices/{notice.id}/letter", base_url=BASE).text
        assert LINK not in html


@pytest.mark.usefixtures("organiser")
def test_resend_and_its_trace(browser: Browser, series: Series) -> None:
    notice = letter_in(series, NoticeState.FAILED)
    assert failed_count(series.id) == 1

    browser.post(f"/desk/s/jjj-2027/notices/{notice.id}/resend")

    assert state_of(notice) is NoticeState.QUEUED
    assert failed_count(series.id) == 0
    page = browser.get(f"/desk/s/jjj-2027/notices/{notice.id}")
    assert "已重新排队发送。" in page.text
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.before, entry.after) == (
        "notice.resend",
        {"state": "failed"},
        {"state": "queued"},
    )


@pytest.mark.usefixtures("organiser")
def test_a_sent_letter_goes_again_under_a_new_id(browser: Browser, series: Series) -> None:
    notice = letter_in(series, NoticeState.SENT)
    before = notice.message_id

    browser.post(f"/desk/s/jjj-2027/notices/{notice.id}/resend")

    assert state_of(notice) is NoticeState.QUEUED
    assert notice.message_id != before


@pytest.mark.usefixtures("organiser")
def test_what_cannot_be_done_is_said(browser: Browser, series: Series) -> None:
    queued = letter_in(series)
    late = letter_in(series, NoticeState.FAILED, useful_until=our_clock.now())
    for notice, sentence in ((queued, "通知当前为“待发送”"), (late, "这封通知已过时效")):
        before = state_of(notice)
        browser.post(f"/desk/s/jjj-2027/notices/{notice.id}/resend")
        assert sentence in browser.get(f"/desk/s/jjj-2027/notices/{notice.id}").text
        assert state_of(notice) is before


@pytest.mark.usefixtures("organiser")
def test_withhold(browser: Browser, series: Series) -> None:
    notice = letter_in(series)

    browser.post(f"/desk/s/jjj-2027/notices/{notice.id}/withhold")

    assert state_of(notice) is NoticeState.WITHHELD


@pytest.mark.usefixtures("organiser")
def test_resend_all_failed(browser: Browser, series: Series) -> None:
    failed = [letter_in(series, NoticeState.FAILED) for _ in range(3)]
    late = letter_in(series, NoticeState.FAILED, useful_until=our_clock.now() - timedelta(1))
    foreign = letter_in(make_series(), NoticeState.FAILED)

    browser.post("/desk/s/jjj-2027/notices/resend-failed")

    page = browser.get("/desk/s/jjj-2027/notices")
    assert "3 封通知已重新排队发送。" in page.text
    assert "1 封已过时效，未重新发送。" in page.text
    assert {state_of(notice) for notice in failed} == {NoticeState.QUEUED}
    assert state_of(late) is NoticeState.FAILED
    assert state_of(foreign) is NoticeState.FAILED


@pytest.mark.usefixtures("organiser")
def test_notices_of_another_series_do_not_exist(browser: Browser, series: Series) -> None:
    foreign = letter_in(make_series())
    for notice_id in (foreign.id, uuid4()):
        browser.get(f"/desk/s/jjj-2027/notices/{notice_id}", status=404)
        browser.get(f"/desk/s/jjj-2027/notices/{notice_id}/letter", status=404)
        browser.post(f"/desk/s/jjj-2027/notices/{notice_id}/resend", status=404)
        browser.post(f"/desk/s/jjj-2027/notices/{notice_id}/withhold", status=404)
    assert state_of(foreign) is NoticeState.QUEUED


@pytest.mark.parametrize("role", [Role.VIEWER, Role.DOOR, Role.PRESS_OFFICER])
def test_other_roles_see_nothing(
    browser: Browser, series: Series, sign_in: SignIn, role: Role
) -> None:
    sign_in(role, series=series)
    notice = letter_in(series)

    browser.get("/desk/s/jjj-2027/notices", status=404)
    browser.get(f"/desk/s/jjj-2027/notices/{notice.id}", status=404)


@pytest.mark.usefixtures("organiser")
def test_a_webhook_message_is_shown(app: Flask, browser: Browser, series: Series) -> None:
    app.config["WEBHOOK_HOSTS"] = "hooks.example.org"
    add_webhook(series.id, "https://hooks.example.org/secret-path")
    with transaction():
        announce("registration.confirmed", series_id=series.id, data={"state": "confirmed"})
    notice = db.session.scalars(select(Notice)).one()

    listed = browser.get("/desk/s/jjj-2027/notices").text
    assert "hooks.example.org" in listed
    assert "secret-path" not in listed
    page = browser.get(f"/desk/s/jjj-2027/notices/{notice.id}")
    assert "registration.confirmed" in page.text
    browser.get(f"/desk/s/jjj-2027/notices/{notice.id}/letter", status=404)


@pytest.mark.usefixtures("organiser")
@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
def test_every_kind_has_its_page(browser: Browser, series: Series, lang: str) -> None:
    for kind in KIND_NAMES:
        notice = letter_in(series, kind=kind)
        browser.get(f"/desk/s/jjj-2027/notices/{notice.id}?lang={lang}")
