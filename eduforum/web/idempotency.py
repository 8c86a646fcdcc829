"""`Idempotency-Key`: a client that asks twice gets the first answer and makes one thing.

The answer is stored in the transaction of the change it reports, so there is never one without the
other. It is sealed: answers hold personal links and secrets that stand nowhere else. Only answers
that made something are kept; a refusal made nothing, and the same key may try again.

A key belongs to whoever asks (a token, a device, the public) and to one address.
"""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial, wraps
from typing import Any, ParamSpec

from flask import Response, current_app, make_response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Row, bindparam, delete, func, insert, select

from eduforum.core import clock
from eduforum.core.db import db, is_sqlite, table_of, transaction
from eduforum.core.encryption import seal, unseal
from eduforum.core.errors import BadInput, Refusal
from eduforum.core.i18n import Text
from eduforum.core.rotation import Sealed
from eduforum.web.access import current_principal
from eduforum.web.models import IdempotentAnswer
from eduforum.web.reading import sent_json

P = ParamSpec("P")
HEADER = "Idempotency-Key"
KEPT = timedelta(hours=48)
"""How long an answer is replayed; 24 hours are promised."""
_MOST_KEY = 255


class KeyMismatch(BadInput):
    """The key was used before, with another body."""

    code = "idempotency-mismatch"

    def __init__(self) -> None:
        super().__init__(
            Text(
                "这个 Idempotency-Key 已用于另一次内容不同的请求。",
                "This Idempotency-Key was used before, with another body.",
            )
        )


class KeyInFlight(Refusal):
    """The first request with this key has not been answered yet."""

    code = "idempotency-in-flight"

    def __init__(self) -> None:
        super().__init__(
            Text(
                "同一 Idempotency-Key 的请求正在处理，请稍后重试。",
                "A request with this Idempotency-Key is being answered; try again in a moment.",
            )
        )


def idempotent(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Let `view`, which creates something and answers with JSON, take an `Idempotency-Key`."""

    @wraps(view)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        asked = _asked()
        if asked is None:
            return view(*args, **kwargs)
        with _alone(asked.key):
            return _once(asked, partial(view, *args, **kwargs))

    wrapper.is_idempotent = True  # type: ignore[attr-defined]
    return wrapper


def forget_old() -> int:
    """Delete answers that are older than `KEPT`; returns how many."""
    old = IdempotentAnswer.created_at < clock.now() - KEPT
    # Mostly there is nothing to do, and then nobody who writes has to wait.
    if db.session.scalar(select(IdempotentAnswer.key).where(old).limit(1)) is None:
        return 0
    with transaction():
        gone = db.session.execute(
            delete(IdempotentAnswer).where(old).returning(IdempotentAnswer.key)
        )
        return len(gone.all())


@dataclass(frozen=True, slots=True)
class _Asked:
    """key: who asks, the address and the client's key, hashed. body: its hash."""

    key: str
    body: str


def _asked() -> _Asked | None:
    sent = request.headers.get(HEADER)
    if sent is None:
        return None
    if not 0 < len(sent) <= _MOST_KEY or not all("!" <= char <= "~" for char in sent):
        sentence = Text(
            "Idempotency-Key 须为 1 至 {most} 个可见的 ASCII 字符。",
            "Idempotency-Key must be 1 to {most} visible ASCII characters.",
        ).fill(most=_MOST_KEY)
        raise BadInput(sentence, {HEADER: [sentence]})
    asker = current_principal()
    who = f"{asker.kind}:{asker.id}" if asker else "public"
    # The same members in another order are the same body.
    body = json.dumps(sent_json(), sort_keys=True)
    return _Asked(_digest(f"{who}\0{request.method} {request.path}\0{sent}"), _digest(body))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


_guard = threading.Lock()


@contextmanager
def _alone(key: str) -> Iterator[None]:
    """Raise `KeyInFlight` if this process is answering the same key already."""
    running: set[str] = current_app.extensions.setdefault("idempotency_in_flight", set())
    with _guard:
        if key in running:
            raise KeyInFlight
        running.add(key)
    try:
        yield
    finally:
        with _guard:
            running.discard(key)


_ANSWERS = table_of(IdempotentAnswer)
_KEPT = select(_ANSWERS.c.body_hash, _ANSWERS.c.status, _ANSWERS.c.sealed_body).where(
    _ANSWERS.c.key == bindparam("asked")
)
_KEEP = insert(_ANSWERS)


def _once(asked: _Asked, view: Callable[[], ResponseReturnValue]) -> Response:
    with transaction():
        _check_other_processes(asked.key)
        kept = db.session.execute(_KEPT, {"asked": asked.key}).first()
        if kept is not None:
            return _replayed(kept, asked)
        try:
            response = make_response(view())
        except Refusal as refused:
            # What the refusal itself wrote, such as a letter, is kept.
            refusal = refused
        else:
            _keep(asked, response)
            return response
    raise refusal


def _check_other_processes(key: str) -> None:
    """On SQLite the turnstile makes them wait; on PostgreSQL a lock until the transaction ends."""
    if is_sqlite():
        return
    number = int.from_bytes(bytes.fromhex(key)[:8], "big", signed=True)
    if not db.session.scalar(select(func.pg_try_advisory_xact_lock(number))):
        raise KeyInFlight


def _keep(asked: _Asked, response: Response) -> None:
    if 200 <= response.status_code < 300:
        answer = {
            "key": asked.key,
            "body_hash": asked.body,
            "status": response.status_code,
            "sealed_body": seal(response.get_data(), _place(asked.key)),
        }
        db.session.execute(_KEEP, answer)


def _replayed(kept: Row[str, int, bytes], asked: _Asked) -> Response:
    if kept.body_hash != asked.body:
        raise KeyMismatch
    body: Any = unseal(kept.sealed_body, _place(asked.key))
    response = Response(body, status=kept.status, content_type="application/json")
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _place(key: str) -> str:
    return f"idempotent_answers:{key}"


SEALED = Sealed(IdempotentAnswer.sealed_body, (IdempotentAnswer.key,), lambda row: _place(row.key))
