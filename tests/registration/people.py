"""People who register through the service, and what the database says of them."""

from collections.abc import Sequence
from itertools import count
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from eduforum.core.db import db
from eduforum.registration.models import Category, Pool, Registration
from eduforum.registration.rules import State
from eduforum.registration.services import Application, register
from eduforum.reports.invariants import findings

_mobiles = count(13700000000)


def application(category: Category, /, name: str = "林知夏", **more: Any) -> Application:
    given: dict[str, Any] = {
        "name": name,
        "category": category.code,
        "events": tuple(event.slug for event in category.events),
        "organisation": "样本学校",
        "mobile": f"+86{next(_mobiles)}",
    }
    return Application(**(given | more))


def apply(category: Category, /, name: str = "林知夏", **more: Any) -> Registration:
    return register(category.series, application(category, name, **more), submit_id=uuid4().hex)


def fresh(pool: Pool) -> Pool:
    """The pool as the database has it now."""
    db.session.refresh(pool)
    return pool


def state_of(registration: Registration) -> State:
    """Its state as the database has it now."""
    db.session.refresh(registration)
    return registration.state


def pools_of(category: Category) -> Sequence[Pool]:
    found = select(Pool).where(Pool.category_id == category.id).order_by(Pool.id)
    return db.session.scalars(found.execution_options(populate_existing=True)).all()


def broken() -> dict[str, list[str]]:
    """The invariants that do not hold, and where."""
    return {one.name: list(one.examples) for one in findings() if one.broken}
