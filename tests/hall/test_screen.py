"""The display of an event: figures, consent to names, links, and who may open it."""

import re
from collections.abc import Callable
from datetime import timedelta

import time_machine

from eduforum.core.signing import Purpose, link_secret
from eduforum.hall.services import make_screen, revoke_screen, screen_url
from eduforum.registration.models import Registration
from eduforum.registration.services import my_url
from eduforum.web.access import Role
from tests.factories import make_series
from tests.pages import Browser
from tests.queries import counted
from tests.reports.hall import Hall, make_hall

SignIn = Callable[..., None]


def path_of(url: str) -> str:
    return url.removeprefix("https://forum.example.org")


def a_hall() -> tuple[Hall, str]:
    """A hall with three people of one unit, and the path of a link to its first event."""
    hall = make_hall()
    for name in ("林知夏", "周明远", "陈一诺"):
        hall.person(name, unit="样本一中")
    return hall, path_of(screen_url(make_screen(hall.events[0])))


def dd(page: str, term: str) -> str:
    found = re.search(rf"<dt>{term}</dt><dd>(\d+)</dd>", page)
    assert found, page
    return found[1]


def agree(browser: Browser, who: Registration) -> None:
    browser.post(f"{path_of(my_url(who))}/welcome", {}, status=303)


def test_it_counts_the_event_and_its_units(browser: Browser) -> None:
    hall, link = a_hall()
    here, elsewhere = hall.person("沈亦辰", unit="样本大学"), hall.person("何其美", hall.events[1])
    hall.scan(here, hall.events[0])
    hall.scan(elsewhere, hall.events[1])
    page = browser.get(link).text
    assert (dd(page, "实到"), dd(page, "应到")) == ("1", "4")
    rows = re.findall(r"<li><span>(.*?)</span><b>(\d+)<small> / (\d+)</small></b>", page)
    assert rows == [("样本一中", "0", "3"), ("样本大学", "1", "1")]
    assert "各单位到场" in page
    assert 'aria-labelledby="curve-t"' in page
    assert "Present" in browser.get(link, query_string={"lang": "en"}).text


def test_it_names_only_those_who_agreed_and_only_for_a_while(
    browser: Browser, clock: time_machine.Traveller
) -> None:
    hall, link = a_hall()
    named, silent = hall.person("沈亦辰", unit="样本大学"), hall.person("何其美")
    agree(browser, named)
    for one in (named, silent):
        hall.scan(one, hall.events[0])
    page = browser.get(link).text
    assert "沈亦辰" in page
    assert "何其美" not in page
    clock.shift(timedelta(minutes=11))
    assert "沈亦辰" not in browser.get(f"{link}/figures").text


def test_a_name_goes_when_the_consent_is_taken_back(
    browser: Browser, clock: time_machine.Traveller
) -> None:
    hall, link = a_hall()
    who = hall.person("沈亦辰")
    agree(browser, who)
    hall.scan(who, hall.events[0])
    assert "沈亦辰" in browser.get(link).text
    agree(browser, who)  # the same button takes it back
    clock.shift(timedelta(seconds=5))
    assert "沈亦辰" not in browser.get(link).text
    assert "撤回" in browser.get(f"{path_of(my_url(who))}/data").text


def test_it_is_sent_again_only_when_something_changed(
    browser: Browser, clock: time_machine.Traveller
) -> None:
    hall, link = a_hall()
    first = browser.get(f"{link}/figures")
    tag = {"If-None-Match": first.headers["ETag"]}
    assert browser.get(f"{link}/figures", status=304, headers=tag).text == ""
    hall.scan(hall.person("沈亦辰"), hall.events[0])
    clock.shift(timedelta(seconds=5))
    later = browser.get(f"{link}/figures", headers=tag)
    assert dd(later.text, "实到") == "1"


def test_a_link_opens_for_anybody_until_it_is_revoked(browser: Browser) -> None:
    hall = make_hall()
    screen = make_screen(hall.events[0])
    link = path_of(screen_url(screen))
    browser.get(link)
    revoke_screen(hall.series.id, screen.id)
    browser.get(link, status=404)
    browser.get(f"{link}/figures", status=404)


def test_no_other_signature_opens_it(browser: Browser) -> None:
    hall = make_hall()
    screen = make_screen(hall.events[0])
    browser.get(f"/screen/{link_secret(Purpose.REGISTRATION, screen.id, 0)}", status=404)
    browser.get(f"/screen/{link_secret(Purpose.SCREEN, hall.arrival.id, 0)}", status=404)


def test_staff_open_it_by_name_and_others_do_not(browser: Browser, sign_in: SignIn) -> None:
    hall = make_hall()
    address = f"/screen/{hall.events[0].slug}"
    assert "/desk/sign-in" in browser.get(address, status=302).location
    sign_in(Role.DOOR, series=make_series())
    browser.get(address, status=404)
    sign_in(Role.DOOR, series=hall.series)
    browser.get(address, query_string={"series": hall.series.slug})
    browser.get(f"{address}/figures")
    browser.get("/screen/no-such-event", status=404)


def test_the_desk_makes_and_revokes_links(browser: Browser, sign_in: SignIn) -> None:
    hall = make_hall()
    sign_in(Role.DOOR, series=hall.series)
    desk = f"/desk/s/{hall.series.slug}/screens"
    browser.post(desk, {"event": "nothing"}, status=422)
    browser.post(desk, {"event": hall.events[0].slug}, status=303)
    page = browser.get(desk).text
    links = re.findall(r"https://forum\.example\.org(/screen/[^<\"]+\.[^<\"]+)</small>", page)
    assert len(links) == 1
    browser.get(links[0])
    (revoke,) = re.findall(r'action="([^"]+/revoke)"', page)
    browser.post(revoke, status=303)
    browser.get(links[0], status=404)


def test_many_units_cost_no_more_statements(
    browser: Browser, clock: time_machine.Traveller
) -> None:
    hall, link = a_hall()
    browser.get(link)
    clock.shift(timedelta(seconds=5))
    with counted() as few:
        browser.get(link)
    for number in range(12):
        hall.scan(hall.person(f"样本{number}", unit=f"样本单位{number}"), hall.events[0])
    clock.shift(timedelta(seconds=5))
    with counted() as many:
        page = browser.get(link).text
    assert len(many) == len(few)
    assert page.count("data-page>") == 2
