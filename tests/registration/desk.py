"""What the tests of the desk share: a series with people, and its addresses."""

from itertools import count
from uuid import uuid4

from eduforum.core.db import db
from eduforum.events.models import Series
from eduforum.registration.models import Category, Registration
from eduforum.registration.services import Application, register

_mobiles = count(13900000000)


def apply(category: Category, name: str = "林知夏", **more: object) -> Registration:
    """Somebody registers for all events of the category."""
    given: dict[str, object] = {
        "name": name,
        "category": category.code,
        "events": tuple(event.slug for event in category.events),
        "organisation": "天津市职业大学",
        "position": "教师",
        "mobile": f"+86{next(_mobiles)}",
        "email": f"{uuid4().hex[:12]}@example.org",
    }
    application = Application(**(given | more))  # type: ignore[arg-type]
    return register(category.series, application, submit_id=uuid4().hex)


def desk(series: Series, more: str = "") -> str:
    return f"/desk/s/{series.slug}/registrations{more}"


def state_of(registration: Registration) -> str:
    found = db.session.get(Registration, registration.id, populate_existing=True)
    assert found is not None
    return found.state.value
