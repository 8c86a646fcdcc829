"""The desk lets a registered person into zones of the venue."""

from collections.abc import Callable

from eduforum.core.db import db
from eduforum.registration.services import cancel
from eduforum.tickets.models import Ticket
from eduforum.web.access import Role
from tests.factories import make_category, make_event, make_series
from tests.pages import Browser
from tests.registration.people import apply

SignIn = Callable[..., None]


def test_zones_are_granted_with_hours_and_taken_back(browser: Browser, sign_in: SignIn) -> None:
    series = make_series()
    person = apply(make_category(make_event(series=series)))
    ticket = db.session.get_one(Ticket, person.ticket_id)
    page = f"/desk/s/{series.slug}/registrations/{person.id}"
    sign_in(Role.REGISTRAR, series=series)
    browser.get(f"{page}/zones", status=404)
    sign_in(Role.ORGANISER, series=series)
    assert "可进入的区域" in browser.get(page).text
    browser.get(f"{page}/zones")
    hours = {"zone_F": "y", "starts_F": "2027-03-15T09:00", "ends_F": "2027-03-15T08:00"}
    answer = browser.post(f"{page}/zones", hours, status=422).text
    assert "结束时间须晚于开始时间。" in answer
    assert 'value="2027-03-15T09:00"' in answer
    granted = hours | {"ends_F": "2027-03-15T10:00", "zone_D": "y"}
    browser.post(f"{page}/zones", granted, status=303)
    db.session.expire_all()
    assert ticket.zones == [
        {"zone": "D", "starts_at": None, "ends_at": None},
        {"zone": "F", "starts_at": "2027-03-15T01:00:00+00:00",
         "ends_at": "2027-03-15T02:00:00+00:00"},
    ]  # fmt: skip
    assert "F 贵宾区" in browser.get(page).text
    form = browser.get(f"{page}/zones").text
    assert 'value="2027-03-15T10:00"' in form
    browser.post(f"{page}/zones", {}, status=303)
    db.session.expire_all()
    assert ticket.zones == []
    cancel(series.id, person.id, "样本")
    assert "没有有效的参会证" in browser.get(f"{page}/zones", follow_redirects=True).text
