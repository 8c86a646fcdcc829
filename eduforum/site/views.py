"""The public pages: the list of series, one series, one event, how personal data is handled."""

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.core.errors import NotFound
from eduforum.events.access import guarded_series
from eduforum.events.models import Series
from eduforum.schedule.links import event_url, series_url, site_url
from eduforum.site import jsonld, labels, programme, typeset, words
from eduforum.site.queries import listed_series, offer_of, other_series, regions
from eduforum.web.access import public
from eduforum.web.caching import in_wechat, shared

pages = Blueprint("site", __name__)
pages.add_app_template_filter(typeset.named)
pages.add_app_template_filter(typeset.listed)
pages.add_app_template_filter(typeset.by_sense)


@pages.get("/")
@public
@shared
def home() -> ResponseReturnValue:
    """All published series; the next one first."""
    now = clock.now()
    ahead, past = listed_series(now)
    return _page("home.html", now=now, ahead=ahead, past=past, address=f"{site_url()}/")


@pages.get("/s/<series>")
@public
@shared
def series(series: str) -> ResponseReturnValue:
    """One series; its schedule is the hero. `?track=` shows one track of it."""
    now, found = clock.now(), guarded_series()
    offer = offer_of(found, now)
    shown = programme.on_track(offer.events, request.args.get("track", ""))
    return _series_page(
        "series.html",
        found,
        now=now,
        offer=offer,
        regions=regions(),
        others=other_series(found.id),
        days=programme.days(shown, found.time_zone, now),
        tracks=programme.tracks(offer.events),
        track=request.args.get("track", "") if len(shown) < len(offer.events) else "",
        now_next=programme.now_next(offer.events, found.time_zone, now),
        data=jsonld.series_data(found, offer.events),
        address=series_url(found),
    )


@pages.get("/s/<series>/e/<event>")
@public
@shared
def event(series: str, event: str) -> ResponseReturnValue:
    """One event with all that is known about it."""
    now, found = clock.now(), guarded_series()
    offer = offer_of(found, now)
    this = next((other for other in offer.events if other.slug == event), None)
    if this is None:
        raise NotFound
    before, after = programme.neighbours(offer.events, this)
    return _series_page(
        "event.html",
        found,
        now=now,
        offer=offer,
        event=this,
        before=before,
        after=after,
        data=jsonld.event_data(found, this),
        address=event_url(found, this),
    )


@pages.get("/privacy")
@public
@shared
def privacy() -> ResponseReturnValue:
    """What personal data is for, how long it is kept, and what rights people have."""
    return _page("privacy.html", address=f"{site_url()}/privacy")


def _series_page(template: str, series: Series, **values: Any) -> str:
    return _page(
        template, series=series, zone=series.time_zone, sample_data=series.sample, **values
    )


def _page(template: str, **values: Any) -> str:
    values |= {"words": words, "labels": labels, "programme": programme, "in_wechat": in_wechat()}
    return render_template(f"site/{template}", **values)
