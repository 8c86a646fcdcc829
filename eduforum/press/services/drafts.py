"""What an outlet fills in: begun without an account, kept as it is typed, sent in when it is whole."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, inspect, select

from eduforum.consents import services as consents
from eduforum.consents.rules import ID, PRIVACY
from eduforum.core import audit, clock
from eduforum.core.contacts import parse_email, parse_mobile
from eduforum.core.db import db, new_id, transaction
from eduforum.core.errors import BadInput, NotFound
from eduforum.core.i18n import Language, Text
from eduforum.core.names import clean, clean_name, name_key, search_forms
from eduforum.events.models import Event
from eduforum.files import services as files
from eduforum.files.rules import Limits
from eduforum.files.services import Upload
from eduforum.press import queries
from eduforum.press.models import (
    Application,
    Equipment,
    Interview,
    PressPerson,
    PressPersonEvent,
)
from eduforum.press.rules import Action, Actor, PassAction, State, group_of
from eduforum.press.rules.forms import (
    LETTER,
    MOST_EQUIPMENT,
    MOST_INTERVIEWS,
    MOST_PEOPLE,
    PHOTO,
    Field,
    Incomplete,
    NotOpenForChanges,
    TooManyPeople,
    check_window,
    lacking,
)
from eduforum.press.rules.states import OPEN_TO_APPLICANT, PASS_TRANSITIONS
from eduforum.press.services import identity, letters, outlets
from eduforum.press.services.inputs import OutletInput, PersonInput
from eduforum.press.services.moves import move, move_pass
from eduforum.tickets.rules import new_staff_code

_DRAFTS_LIVE = timedelta(days=60)
_CHUNK = 50
_LONGEST_CARD = 60
_WITHDRAWABLE = frozenset(PASS_TRANSITIONS[PassAction.WITHDRAW])


def begin(
    series_id: int, given: OutletInput, *, submit_id: str, language: Language, source: str = "web",
    sample: bool = False,
) -> Application:  # fmt: skip
    """Keep a new draft and mail its link to the focal person. The same `submit_id` is the same draft.
    sample: it is made up, and says so everywhere.

    Raises `BadInput` beside the field.
    """
    _check(given)
    with transaction():
        series = queries.locked_series(series_id)
        known = db.session.scalar(
            select(Application).where(
                Application.series_id == series_id, Application.submit_id == submit_id
            )
        )
        if known is not None:
            return known
        application = Application(
            id=new_id(),
            series=series,
            submit_id=submit_id,
            language=language.value,
            source=source,
            sample=sample or series.sample,
            **_columns(given),
        )
        db.session.add(application)
        db.session.flush()
        audit.record("press_application.begin", application.owner, series_id=series_id,
                     after={"state": application.state.value})  # fmt: skip
        letters.write(application, "press-draft")
    return application


def edit_outlet(series_id: int, application_id: UUID, given: OutletInput) -> Application:
    """Change who applies. Raises `NotOpenForChanges`, `BadInput`."""
    _check(given)
    with transaction():
        application = open_application(series_id, application_id)
        if application.state is not State.DRAFT:
            # Whom it is for was read and verified: only how to reach the focal person may change.
            given = OutletInput(
                outlet=application.outlet_name,
                outlet_type=application.outlet_type,
                freelance=application.freelance,
                focal_name=given.focal_name,
                focal_mobile=given.focal_mobile,
                focal_email=given.focal_email,
                remark=given.remark,
            )
        for name, value in _columns(given).items():
            setattr(application, name, value)
        audit.record("press_application.edit", application.owner, series_id=series_id,
                     after={"fields": ["outlet"]})  # fmt: skip
    return application


def _check(given: OutletInput) -> None:
    errors: dict[str, list[Text]] = {}
    if not clean(given.outlet):
        errors["outlet"] = [Text("请填写单位全称。", "Enter the full name of the outlet.")]
    if not clean_name(given.focal_name):
        errors["focal_name"] = [Text("请填写联络人姓名。", "Enter the name of the focal person.")]
    for name, parse, typed in (
        ("focal_mobile", parse_mobile, given.focal_mobile),
        ("focal_email", parse_email, given.focal_email),
    ):
        try:
            parse(typed)
        except BadInput as bad:
            errors[name] = [bad.sentence]
    if errors:
        raise BadInput(next(iter(errors.values()))[0], errors)


def _columns(given: OutletInput) -> dict[str, object]:
    return {
        "outlet_name": clean(given.outlet),
        "outlet_type": given.outlet_type,
        "media_group": group_of(given.outlet_type),
        "freelance": given.freelance,
        "focal_name": clean_name(given.focal_name),
        "focal_mobile": parse_mobile(given.focal_mobile),
        "focal_email": parse_email(given.focal_email),
        "remark": given.remark.strip(),
    }


def put_letter(series_id: int, application_id: UUID, upload: Upload) -> None:
    """Keep the letter of assignment in place of an earlier one. Raises `BadFile`."""
    _put_file(series_id, application_id, upload, "letter", LETTER, _letter_of)


def put_customs(series_id: int, application_id: UUID, upload: Upload) -> None:
    """Keep the customs list in place of an earlier one. Raises `BadFile`."""
    _put_file(series_id, application_id, upload, "customs", LETTER, _customs_of)


def put_photo(series_id: int, application_id: UUID, person_id: UUID, upload: Upload) -> None:
    """Keep somebody's photo in place of an earlier one: cut to 35×49 mm, at least 413×579 pixels.

    Raises `BadFile`.
    """

    def place(application: Application, file_id: UUID) -> UUID | None:
        person = queries.person_or_404(series_id, application.id, person_id)
        before, person.photo_id = person.photo_id, file_id
        return before

    queries.person_or_404(series_id, application_id, person_id)
    _put_file(series_id, application_id, upload, "photo", PHOTO, place)


def _letter_of(application: Application, file_id: UUID) -> UUID | None:
    before, application.letter_id = application.letter_id, file_id
    return before


def _customs_of(application: Application, file_id: UUID) -> UUID | None:
    before, application.customs_id = application.customs_id, file_id
    return before


def _put_file(
    series_id: int,
    application_id: UUID,
    upload: Upload,
    purpose: str,
    limits: Limits,
    place: Callable[[Application, UUID], UUID | None],
) -> None:
    """Looked into before the lock is taken; a picture takes its time."""
    with transaction():
        owner = open_application(series_id, application_id).owner
    stored = files.store(upload, owner=owner, purpose=purpose, limits=limits)
    with transaction():
        try:
            before = place(open_application(series_id, application_id), stored.id)
        except (NotFound, NotOpenForChanges):
            files.remove(owner, [stored.id])
            raise
        if before is not None:
            files.remove(owner, [before])


def save_person(
    series_id: int, application_id: UUID, given: PersonInput, person_id: UUID | None = None
) -> PressPerson:
    """Add somebody, or change who is there.

    Raises `NotOpenForChanges`, `TooManyPeople`, `BadInput`, `BadIdNumber`.
    """
    name = clean_name(given.name)
    if not name:
        sentence = Text("请填写姓名，与证件一致。", "Enter the name as on the ID.")
        raise BadInput(sentence, {"name": [sentence]})
    with transaction():
        application = open_application(series_id, application_id)
        if person_id is None:
            person = _new_person(application)
        else:
            person = queries.person_or_404(series_id, application_id, person_id)
        forms = search_forms(name)
        person.name, person.name_key = name, name_key(name)
        person.pinyin, person.initials = forms.pinyin, forms.initials
        person.role, person.coverage, person.visa = given.role, given.coverage, given.visa
        person.press_card = card_number(given.press_card)
        person.mobile = parse_mobile(given.mobile) if given.mobile else ""
        person.email = parse_email(given.email) if given.email else ""
        person.nationality, person.pool = clean(given.nationality), given.pool
        person.plate = clean(given.plate).replace(" ", "").upper()
        if given.id_number:
            kept = identity.columns_of(series_id, person.id, given.id_type, given.id_number)
            for column, value in kept.items():
                setattr(person, column, value)
        _put_lists(series_id, person, given)
        db.session.flush()
        audit.record("press_application.save_person", application.owner, series_id=series_id,
                     after={"person": str(person.id)})  # fmt: skip
    return person


def _new_person(application: Application) -> PressPerson:
    count, last = db.session.execute(
        select(func.count(), func.max(PressPerson.place)).where(
            PressPerson.application_id == application.id
        )
    ).one()
    if application.state is not State.DRAFT:
        raise NotOpenForChanges  # whom the letter names has been read
    if count >= MOST_PEOPLE:
        raise TooManyPeople(MOST_PEOPLE)
    person = PressPerson(
        id=new_id(),
        series_id=application.series_id,
        application_id=application.id,
        place=(last or 0) + 1,
        id_index="",
    )
    db.session.add(person)
    return person


def _put_lists(series_id: int, person: PressPerson, given: PersonInput) -> None:
    known = dict(
        db.session.execute(
            select(Event.slug, Event.id).where(
                Event.series_id == series_id, Event.slug.in_(given.events)
            )
        ).all()
    )
    person.events = [
        PressPersonEvent(event_id=known[slug]) for slug in given.events if slug in known
    ]
    brought = [one for one in given.equipment if clean(one.name)][:MOST_EQUIPMENT]
    person.equipment = [
        Equipment(place=at, name=clean(one.name), quantity=one.quantity, serial=clean(one.serial))
        for at, one in enumerate(brought)
    ]
    asked = [one for one in given.interviews if clean(one.with_whom)][:MOST_INTERVIEWS]
    if inspect(person).persistent:
        db.session.execute(delete(Interview).where(Interview.person_id == person.id))
        db.session.expire(person, ["interviews"])
    person.interviews = [
        Interview(place=at, with_whom=clean(one.with_whom), topics=one.topics.strip())
        for at, one in enumerate(asked)
    ]


def card_number(typed: str) -> str:
    """A press card's number as it is kept."""
    return clean(typed).replace(" ", "").upper()[:_LONGEST_CARD]


def remove_person(series_id: int, application_id: UUID, person_id: UUID) -> None:
    """Take somebody off a draft, with his photo. Raises `NotOpenForChanges`."""
    with transaction():
        application = open_application(series_id, application_id)
        if application.state is not State.DRAFT:
            raise NotOpenForChanges
        person = queries.person_or_404(series_id, application_id, person_id)
        if person.photo_id is not None:
            files.remove(application.owner, [person.photo_id])
        db.session.delete(person)
        audit.record("press_application.remove_person", application.owner, series_id=series_id)


def submit(series_id: int, application_id: UUID, agreed: Sequence[str]) -> Application:
    """Send it in: it gets its number, and the outlet is known or proposed.

    agreed: codes of consents. Raises `Incomplete`, `PressClosed`, `TooManyPeople`, `BadInput`.
    """
    with transaction():
        application = queries.locked_application(series_id, application_id)
        people = queries.people_of(application.id)
        window = queries.windows_of(series_id)[application.media_group]
        check_window(window, clock.now())
        lacks = lacking(queries.facts_of(application, people), window.required)
        if lacks and application.state is State.DRAFT:
            raise Incomplete(lacks)
        most = application.series.press_per_outlet
        if most is not None and len(people) > most:
            raise TooManyPeople(most)
        needed = (PRIVACY, ID) if Field.ID_NUMBER in window.required else (PRIVACY,)
        if missing := [code for code in needed if code not in agreed]:
            sentence = Text(
                "请确认已告知并取得每位采访人员的同意。",
                "Confirm that everybody was informed and agrees.",
            )
            raise BadInput(sentence, {f"agree_{code}": [sentence] for code in missing})
        application.outlet = outlets.of(application)
        application.number = application.number or new_staff_code()
        application.submitted_at = clock.now()
        application.consents = list(needed)
        consents.note(series_id, application.owner, needed)
        move(application, Action.SUBMIT, Actor.APPLICANT)
    return application


def withdraw(series_id: int, application_id: UUID) -> Application:
    """Take the whole application back; passes of its people end. A draft is forgotten at once."""
    with transaction():
        application = queries.locked_application(series_id, application_id)
        was_draft = application.state is State.DRAFT
        move(application, Action.WITHDRAW, Actor.APPLICANT, letter=not was_draft)
        for person in queries.people_of(application.id):
            if person.state in _WITHDRAWABLE:
                person.resume = ""
                move_pass(person, PassAction.WITHDRAW, Actor.APPLICANT)
        if was_draft:
            _forget(application)
    return application


def forget_old() -> int:
    """Forget drafts that nobody touched for two months; how many."""
    gone = queries.old_drafts(clock.now() - _DRAFTS_LIVE, _CHUNK)
    for series_id, application_id in gone:
        with audit.acting_as("system"), transaction():
            application = queries.locked_application(series_id, application_id)
            if application.state is State.DRAFT:
                _forget(application)
    return len(gone)


def _forget(application: Application) -> None:
    files.remove(application.owner)
    db.session.execute(delete(PressPerson).where(PressPerson.application_id == application.id))
    db.session.delete(application)
    audit.record("press_application.forget", application.owner, series_id=application.series_id)


def open_application(series_id: int, application_id: UUID) -> Application:
    """The application, locked, if the outlet may change it now. Raises `NotOpenForChanges`."""
    application = queries.locked_application(series_id, application_id)
    if application.state not in OPEN_TO_APPLICANT:
        raise NotOpenForChanges
    application.updated_at = clock.now()
    return application
