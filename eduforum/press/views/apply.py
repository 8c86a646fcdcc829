"""Begin an application, complete it behind its link, send it in."""

from collections.abc import Callable
from secrets import token_urlsafe
from urllib.parse import urlsplit
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from eduforum.consents.queries import wordings
from eduforum.consents.rules import ID, PRIVACY
from eduforum.core import clock
from eduforum.core.db import db
from eduforum.core.errors import BadInput, Refusal
from eduforum.core.i18n import Text, current_language
from eduforum.events.access import guarded_series
from eduforum.files import serving
from eduforum.files.queries import file_or_404, files_of
from eduforum.files.services import Upload
from eduforum.press import queries
from eduforum.press.forms.apply import ConfirmForm, OutletForm, outlet_data
from eduforum.press.models import Appeal, Application
from eduforum.press.rules import Action, Actor, State
from eduforum.press.rules.forms import LETTER, MOST_PEOPLE, Field, Incomplete, lacking
from eduforum.press.rules.ranking import CRITERION_NAMES
from eduforum.press.rules.states import APPLICATIONS, OPEN_TO_APPLICANT
from eduforum.press.services import drafts, letters, places
from eduforum.press.views.frame import back, blame, page, pages, spend_draft, spend_file, told
from eduforum.web.access import public
from eduforum.web.headers import private


@pages.route("/s/<series>/press", methods=["GET", "POST"])
@public
def apply(series: str) -> ResponseReturnValue:
    """What is asked of the press here; and the first step of an application."""
    here = guarded_series()
    form = OutletForm(data={"submit_id": token_urlsafe(16)})
    also: list[Text] = []
    if form.validate_on_submit():
        spend_draft()
        try:
            application = drafts.begin(
                here.id,
                form.outlet_input(),
                submit_id=f"web:{form.submit_id.data}",
                language=current_language(),
            )
        except BadInput as refusal:
            also = blame(form, refusal)
        else:
            told(
                Text(
                    "草稿已保存，链接已发送到联络人邮箱。",
                    "Saved as a draft; its link is on the way to the focal person’s e-mail.",
                )
            )
            return private(redirect(urlsplit(letters.my_url(application)).path, 303))
    settings = queries.settings_of(here.id)
    now = clock.now()
    return page(
        "apply",
        status=422 if request.method == "POST" else 200,
        series=here,
        here="press",
        form=form,
        also=also,
        windows=[(one, one.is_open(now), one.is_early(now)) for one in queries.windows_of(here.id).values()],
        names=queries.names_to_choose(here.id),
        settings=settings,
        criteria=[CRITERION_NAMES[one] for one in places.criteria_of(here.id)],
        events=list(queries.events_by_id(here.id).values()),
    )  # fmt: skip


@pages.get("/p/<secret>")
@public
def mine(secret: str) -> ResponseReturnValue:
    """The draft to go on with, or how the application stands."""
    application = queries.by_link(secret)
    if application.state is State.DRAFT:
        return _draft(secret, application, ConfirmForm())
    return _status(secret, application)


@pages.route("/p/<secret>/outlet", methods=["GET", "POST"])
@public
def outlet(secret: str) -> ResponseReturnValue:
    """Who applies and who answers for it."""
    application = _open_or_back(secret)
    if application is None:
        return back(secret)
    form = OutletForm(data=outlet_data(application))
    if application.state is not State.DRAFT:
        form.outlet.data, form.outlet_type.data = application.outlet_name, application.outlet_type
    also: list[Text] = []
    if form.validate_on_submit():
        try:
            drafts.edit_outlet(application.series_id, application.id, form.outlet_input())
        except Refusal as refusal:
            also = blame(form, refusal)
        else:
            told(Text("已保存。", "Saved."))
            return back(secret)
    return page(
        "outlet",
        status=422 if request.method == "POST" else 200,
        application=application,
        series=application.series,
        form=form,
        also=also,
        secret=secret,
        names=queries.names_to_choose(application.series_id),
    )


@pages.post("/p/<secret>/letter")
@public
def letter(secret: str) -> ResponseReturnValue:
    return _put(secret, "letter", drafts.put_letter)


@pages.post("/p/<secret>/customs")
@public
def customs(secret: str) -> ResponseReturnValue:
    return _put(secret, "customs", drafts.put_customs)


@pages.get("/p/<secret>/files/<uuid:file_id>")
@public
def file(secret: str, file_id: UUID) -> ResponseReturnValue:
    """A file that the outlet sent, to be saved."""
    return serving.attachment(file_or_404(queries.by_link(secret).owner, file_id))


@pages.post("/p/<secret>/submit")
@public
def submit(secret: str) -> ResponseReturnValue:
    """Send it in; what is missing is listed on top of the draft."""
    application = queries.by_link(secret)
    if application.state is not State.DRAFT:
        return back(secret)
    agreed = [code for code in (PRIVACY, ID) if request.form.get(f"agree_{code}")]
    try:
        drafts.submit(application.series_id, application.id, agreed)
    except Refusal as refusal:
        return _draft(secret, queries.by_link(secret), ConfirmForm(), refusal, agreed)
    return back(secret)


def _put(secret: str, what: str, put: Callable[[int, UUID, Upload], None]) -> ResponseReturnValue:
    application = queries.by_link(secret)
    upload = request.files.get("file")
    try:
        if upload is None or not upload.filename:
            sentence = Text("请选择文件。", "Choose a file.")
            raise BadInput(sentence, {"file": [sentence]})
        spend_file()
        put(application.series_id, application.id, upload)
    except Refusal as refusal:
        if application.state is not State.DRAFT:
            told(refusal.sentence, "bad")
            return back(secret)
        return _draft(secret, application, ConfirmForm(), bad={what: refusal.sentence})
    told(Text("文件已上传。", "The file is kept."))
    return back(secret, anchor=what)


def _draft(
    secret: str,
    application: Application,
    form: ConfirmForm,
    refusal: Refusal | None = None,
    agreed: list[str] | None = None,
    bad: dict[str, Text] | None = None,
) -> ResponseReturnValue:
    people = queries.people_of(application.id)
    window = queries.windows_of(application.series_id)[application.media_group]
    lacks = lacking(queries.facts_of(application, people), window.required)
    series = application.series
    missing_agreement = {
        name: sentences[0]
        for name, sentences in (refusal.errors if refusal else {}).items()
        if name.startswith("agree_")
    }
    asks_id = Field.ID_NUMBER in window.required
    now = clock.now()
    return page(
        "draft",
        status=422 if refusal or bad else 200,
        application=application,
        series=series,
        people=people,
        lacks=lacks,
        of_person={str(p.id): [one for one in lacks if one.person == str(p.id)] for p in people},
        files={stored.id: stored for stored in files_of(application.owner)},
        window=window,
        open=window.is_open(now),
        early=window.is_early(now),
        most=series.press_per_outlet or MOST_PEOPLE,
        accept=LETTER.accept,
        events=list(queries.events_by_id(series.id).values()),
        asks_customs=Field.CUSTOMS in window.required,
        agreements=[PRIVACY, ID] if asks_id else [PRIVACY],
        wordings=wordings(series.id),
        agreed=agreed or [],
        disagreed=missing_agreement,
        refusal=None if refusal is None or isinstance(refusal, Incomplete) or missing_agreement
        else refusal.sentence,
        incomplete=isinstance(refusal, Incomplete),
        bad=bad or {},
        form=form,
        secret=secret,
    )  # fmt: skip


def _status(secret: str, application: Application) -> ResponseReturnValue:
    people = queries.people_of(application.id)
    open_to = APPLICATIONS.open_to(application.state, Actor.APPLICANT)
    return page(
        "status",
        application=application,
        series=application.series,
        people=people,
        can={action.value for action in open_to} & {Action.ANSWER, Action.APPEAL, Action.WITHDRAW},
        request=queries.open_request(application.id),
        appeal=db.session.get(Appeal, application.id),
        settings=queries.settings_of(application.series_id),
        files={stored.id: stored for stored in files_of(application.owner)},
        events=queries.events_by_id(application.series_id),
        editable=application.state in OPEN_TO_APPLICANT,
        find_url=url_for("press.ask", series=application.series.slug),
        secret=secret,
    )


def _open_or_back(secret: str) -> Application | None:
    application = queries.by_link(secret)
    return application if application.state in OPEN_TO_APPLICANT else None
