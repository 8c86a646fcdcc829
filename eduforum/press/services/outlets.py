"""Outlets: found under any of their names, proposed by who applies, verified once."""

from uuid import UUID

from sqlalchemy import delete, select

from eduforum.core import audit, clock
from eduforum.core.db import db, new_id, transaction
from eduforum.core.errors import BadInput, NotFound
from eduforum.core.i18n import Text
from eduforum.core.names import clean, pinyin_key
from eduforum.press import queries
from eduforum.press.models import Application, Outlet, OutletAlias, OutletTie
from eduforum.press.rules import OutletState, OutletType, VerifyMethod


def of(application: Application) -> Outlet:
    """The outlet that an application means: known, named in the announcement, or proposed by it.

    Inside the transaction that sends it in.
    """
    found = queries.outlet_named(application.outlet_name)
    if found is not None:
        return found
    unit = queries.announced_unit(application.series_id, application.outlet_name)
    outlet = Outlet(
        id=new_id(),
        name_zh=unit.name_zh if unit else application.outlet_name,
        name_en=unit.name_en if unit else "",
        organisation_id=unit.id if unit else None,
        type=application.outlet_type,
        pinyin=pinyin_key(unit.name_zh if unit else application.outlet_name),
    )
    if unit is not None:
        _verify(outlet, VerifyMethod.ANNOUNCED, "")
    db.session.add(outlet)
    db.session.flush()
    audit.record("outlet.propose", f"outlet:{outlet.id}", series_id=application.series_id,
                 after={"state": outlet.state.value})  # fmt: skip
    return outlet


def verify(outlet: Outlet, method: VerifyMethod, note: str) -> None:
    """Note how it was made sure; once for all series. Inside the transaction of the step."""
    if outlet.state is OutletState.VERIFIED:
        return
    _verify(outlet, method, note)
    db.session.flush()
    audit.record("outlet.verify", f"outlet:{outlet.id}",
                 after={"state": outlet.state.value, "code": method.value})  # fmt: skip


def _verify(outlet: Outlet, method: VerifyMethod, note: str) -> None:
    outlet.state = OutletState.VERIFIED
    outlet.verified_at = clock.now()
    outlet.verified_by = audit.current_actor()
    outlet.verified_method = method.value
    outlet.verified_note = note.strip()


def edit(
    outlet_id: UUID, *, name_zh: str, name_en: str, type_: OutletType, aliases: list[str]
) -> Outlet:
    """Put the record of an outlet right. Raises `BadInput` beside the field."""
    name, names = clean(name_zh), [clean(alias) for alias in aliases if clean(alias)]
    if not name:
        raise _bad("name_zh", "请填写单位全称。", "Enter the full name of the outlet.")
    with transaction():
        outlet = _locked(outlet_id)
        for taken in (name, *names):
            other = queries.outlet_named(taken)
            if other is not None and other.id != outlet.id:
                field = "name_zh" if taken == name else "aliases"
                raise _bad(
                    field,
                    "“{name}”已是另一单位的名称。",
                    "“{name}” is already a name of another outlet.",
                    taken,
                )
        outlet.name_zh, outlet.name_en, outlet.type = name, clean(name_en), type_
        outlet.pinyin = pinyin_key(name)
        db.session.execute(delete(OutletAlias).where(OutletAlias.outlet_id == outlet.id))
        db.session.add_all(
            OutletAlias(alias=alias, outlet_id=outlet.id)
            for alias in dict.fromkeys(names)
            if alias != name
        )
        audit.record("outlet.edit", f"outlet:{outlet.id}", after={"fields": ["name", "aliases"]})
    return outlet


def tie(outlet_id: UUID, actor: str) -> None:
    """An officer belongs to this outlet and decides nothing about it from now on."""
    with transaction():
        outlet = _locked(outlet_id)
        if db.session.get(OutletTie, (outlet.id, actor)) is None:
            db.session.add(OutletTie(outlet_id=outlet.id, actor=actor))
            audit.record("outlet.tie", f"outlet:{outlet.id}", after={"by": actor})


def _locked(outlet_id: UUID) -> Outlet:
    found = db.session.scalar(
        select(Outlet)
        .where(Outlet.id == outlet_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def _bad(field: str, zh: str, en: str, name: str = "") -> BadInput:
    sentence = Text(zh, en).fill(name=name) if name else Text(zh, en)
    return BadInput(sentence, {field: [sentence]})
