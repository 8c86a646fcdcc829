"""Where the public pages are, for whoever writes to people outside a request."""

from urllib.parse import quote, urlsplit

from flask import current_app

from eduforum.events.models import Event, Series


def site_url() -> str:
    """How people reach the site, without a slash at the end."""
    return str(current_app.config["BASE_URL"])


def host_name() -> str:
    """The site's host, which makes our ids unique in the world."""
    return urlsplit(site_url()).hostname or "localhost"


def series_url(series: Series) -> str:
    """The series page, absolute."""
    return f"{site_url()}/s/{quote(series.slug, safe='')}"


def event_url(series: Series, event: Event) -> str:
    """The event page, absolute."""
    return f"{series_url(series)}/e/{quote(event.slug, safe='')}"
