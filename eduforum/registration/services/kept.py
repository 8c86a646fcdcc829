"""What a registration keeps of an application."""

from dataclasses import replace
from typing import Any

from eduforum.core.names import clean_name, name_key, pinyin_key, search_forms
from eduforum.events.models import Organisation
from eduforum.events.queries import organisation_named
from eduforum.registration.models import Registration
from eduforum.registration.services.choice import Application


def written_of(application: Application) -> dict[str, Any]:
    unit = organisation_named(application.organisation) if application.organisation else None
    return columns_of(application, unit)


def columns_of(application: Application, unit: Organisation | None) -> dict[str, Any]:
    """What a registration keeps of an application; unit: the organisation that it names."""
    name = clean_name(application.name)
    organisation = unit.name_zh if unit else application.organisation
    forms = search_forms(name)
    return {
        "name": name,
        "name_key": name_key(name),
        "pinyin_key": pinyin_key(name),
        "pinyin": forms.pinyin,
        "initials": forms.initials,
        "organisation": organisation,
        "organisation_id": unit.id if unit else None,
        "organisation_pinyin": unit.pinyin if unit else pinyin_key(organisation),
        "position": application.position,
        "mobile": application.mobile,
        "mobile_last4": application.mobile[-4:],
        "email": application.email,
        "mode": application.mode,
        "region": _region(application, unit),
        "answers": dict(application.answers or {}),
        "consents": list(application.consents),
        "language": application.language,
    }


def with_region(application: Application, registration: Registration) -> Application:
    """The application of a change: where no region was asked, that of the same unit stays."""
    if application.region is None and application.organisation == registration.organisation:
        return replace(application, region=registration.region)
    return application


def _region(application: Application, unit: Organisation | None) -> str:
    """As it was chosen; where it was not asked, that of the unit's record. Never guessed."""
    if application.region is not None:
        return application.region
    return (unit.region_code if unit else "") or ""
