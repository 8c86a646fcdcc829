"""`python -m tests.prove.numbers seal|check`: ID numbers for everybody of an installation, and a look
at whether each of them still opens. Run in the environment of the installation."""

import json
import sys

from sqlalchemy import bindparam, select

from eduforum.core import encryption
from eduforum.core.db import db, transaction
from eduforum.core.encryption import blind_index, seal, unseal
from eduforum.factory import create_app
from eduforum.registration.models import Registration

CHUNK = 2000


def main(what: str) -> None:
    with create_app().app_context():
        if what == "seal":
            _seal()
        else:
            sys.stdout.write(json.dumps(_seen()))


def _place(registration_id: object) -> str:
    return f"registrations:{registration_id}:id_number"


def _seal() -> None:
    """Give everybody an invented number, `E` and eight digits."""
    ids = db.session.scalars(select(Registration.id).order_by(Registration.id)).all()
    db.session.rollback()
    table = Registration.__table__
    for start in range(0, len(ids), CHUNK):
        rows = [
            {"row_id": one, "sealed": seal(f"E{n:08}".encode(), _place(one)),
             "mark": blind_index(f"passport:E{n:08}", "series:1")}
            for n, one in enumerate(ids[start : start + CHUNK], start)
        ]  # fmt: skip
        with transaction():
            db.session.connection().execute(
                table.update()  # type: ignore[attr-defined]
                .where(table.c.id == bindparam("row_id"))
                .values(id_type="passport", id_number=bindparam("sealed"),
                        id_index=bindparam("mark")),
                rows,
            )  # fmt: skip


def _seen() -> dict[str, object]:
    """keys: how many there are. old: rows not under the newest. wrong: that do not open, or say a
    number that is not the one of their index. numbers: all of them, sorted, as one hash's worth."""
    newest, old, wrong, numbers = encryption.newest_key(), 0, 0, []
    rows = select(Registration.id, Registration.id_number, Registration.id_index)
    for id_, sealed, index in db.session.execute(rows.where(Registration.id_index != "")):
        assert sealed
        old += sealed[0] != newest
        try:
            number = unseal(sealed, _place(id_)).decode()
        except Exception:
            wrong += 1
            continue
        numbers.append(number)
        wrong += blind_index(f"passport:{number}", "series:1") != index
    return {"keys": len(encryption.all_keys()), "old": old, "wrong": wrong,
            "numbers": sorted(numbers)}  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1])
