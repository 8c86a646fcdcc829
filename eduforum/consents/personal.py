"""What this room keeps of people: that they agreed. It proves, and stays."""

from collections.abc import Mapping

from eduforum.consents.queries import given_by, text_of
from eduforum.core.personal import Holding, Person


def _export(person: Person) -> Mapping[str, object]:
    return {
        "consents": [
            {
                "code": one.code,
                "version": one.version,
                "text": text.zh if (text := text_of(one.series_id, one.code, one.version)) else "",
                "given_at": one.given_at.isoformat(),
                "withdrawn_at": one.withdrawn_at.isoformat() if one.withdrawn_at else None,
            }
            for one in given_by(person.subject)
        ]
    }


HOLDING = Holding(room="consents", erase=lambda _people, _groups: None, export=_export)
