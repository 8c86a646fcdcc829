"""The desk's pages where organisers build forms of questions."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from eduforum.core.errors import BadInput, NotFound, Refusal
from eduforum.core.i18n import Language, Text, use_language
from eduforum.events.access import guarded_series
from eduforum.questions import services
from eduforum.questions.builder import FormSettingsForm, NewFormForm, QuestionEditor
from eduforum.questions.forms import build
from eduforum.questions.models import QuestionForm
from eduforum.questions.queries import form_or_404, forms_of
from eduforum.questions.rules import (
    KIND_NAMES,
    OP_NAMES,
    STAGE_NAMES,
    Kind,
    Question,
    Stage,
    Term,
)
from eduforum.questions.rules.sets import SETS
from eduforum.web.access import Role, requires
from eduforum.web.forms import Form

pages = Blueprint("questions", __name__)

_ROOT = "/desk/s/<series>/settings/forms"
_ONE = f"{_ROOT}/<int:form_id>"
_YES_NO = {"true": Text("是", "yes"), "false": Text("否", "no")}


@pages.route(_ROOT, methods=["GET", "POST"])
@requires(Role.ORGANISER)
def forms(series: str) -> ResponseReturnValue:
    """Every form of the series, and a new one."""
    here, form = guarded_series(), NewFormForm()
    if form.validate_on_submit():
        made = services.create_form(here.id, Text(form.name_zh.data, form.name_en.data or ""))
        return _to(made.id, Text("已新建表单，请添加问题。", "The form is made. Add questions."))
    known = forms_of(here.id)
    page = render_template(
        "questions/desk_forms.html",
        form=form,
        forms=known,
        uses={one.id: services.uses_of(one.id) for one in known},
        counts={one.id: len(services.current_questions(here.id, one.id)[0]) for one in known},
    )
    return page, 422 if request.method == "POST" else 200


@pages.route(_ONE, methods=["GET", "POST"])
@requires(Role.ORGANISER)
def form(series: str, form_id: int) -> ResponseReturnValue:
    """The questions of one form, in order; its name and deadline by POST."""
    here = guarded_series()
    one = form_or_404(here.id, form_id)
    settings = FormSettingsForm(one, here.time_zone)
    if settings.validate_on_submit():
        name = Text(settings.name_zh.data, settings.name_en.data or "")
        services.edit_form(here.id, form_id, name, settings.later_until.moment)
        return _to(form_id, Text("表单设置已保存。", "The form's settings are saved."))
    return _form_page(one, settings), 422 if request.method == "POST" else 200


@pages.route(f"{_ONE}/questions/new", methods=["GET", "POST"])
@requires(Role.ORGANISER)
def new_question(series: str, form_id: int) -> ResponseReturnValue:
    here = guarded_series()
    one, earlier = form_or_404(here.id, form_id), _questions(form_id)
    kind = next((kind for kind in Kind if kind.value == request.args.get("kind")), Kind.TEXT)
    editor = QuestionEditor(kind, earlier)
    if editor.validate_on_submit():
        try:
            made = services.add_question(here.id, form_id, editor.question())
        except BadInput as refusal:
            return _editor(one, editor, _blame(editor, refusal))
        return _to(form_id, Text("已添加问题。", "The question is added."), made.key)
    return _editor(one, editor)


@pages.route(f"{_ONE}/questions/<key>", methods=["GET", "POST"])
@requires(Role.ORGANISER)
def question(series: str, form_id: int, key: str) -> ResponseReturnValue:
    """One question of the draft; a published version stays as it is."""
    here = guarded_series()
    one, every = form_or_404(here.id, form_id), _questions(form_id)
    at = next((n for n, held in enumerate(every) if held.key == key), None)
    if at is None:
        raise NotFound
    editor = QuestionEditor(every[at].kind, every[:at], every[at])
    if editor.validate_on_submit():
        try:
            services.edit_question(here.id, form_id, key, editor.question())
        except BadInput as refusal:
            return _editor(one, editor, _blame(editor, refusal))
        return _to(form_id, Text("问题已保存。", "The question is saved."), key)
    return _editor(one, editor)


@pages.post(f"{_ONE}/questions/<key>/move")
@requires(Role.ORGANISER)
def move_question(series: str, form_id: int, key: str) -> ResponseReturnValue:
    """To the place that is sent, 0 being the first: by a button, a key or a drag."""
    place = request.form.get("to", "")
    if not place.isascii() or not place.isdigit():
        raise NotFound
    return _change(
        form_id,
        lambda series_id: services.move_question(series_id, form_id, key, int(place[:3])),
        Text("顺序已保存。", "The order is saved."),
        key,
    )


@pages.post(f"{_ONE}/questions/<key>/remove")
@requires(Role.ORGANISER)
def remove_question(series: str, form_id: int, key: str) -> ResponseReturnValue:
    return _change(
        form_id,
        lambda series_id: services.remove_question(series_id, form_id, key),
        Text("已删除问题。发布后不再询问。", "The question is removed, once you publish."),
    )


@pages.post(f"{_ONE}/add-set")
@requires(Role.ORGANISER)
def add_set(series: str, form_id: int) -> ResponseReturnValue:
    """Add a ready-made set of questions."""
    return _change(
        form_id,
        lambda series_id: services.add_set(series_id, form_id, request.form.get("set", "")),
        Text("已添加整组问题，可逐题修改。", "The set is added; change each question as you like."),
    )


@pages.post(f"{_ONE}/publish")
@requires(Role.ORGANISER)
def publish(series: str, form_id: int) -> ResponseReturnValue:
    return _change(
        form_id,
        lambda series_id: services.publish(series_id, form_id),
        Text(
            "已发布。今后的报名按新版本填写。", "Published. From now on people answer this version."
        ),
    )


@pages.post(f"{_ONE}/discard")
@requires(Role.ORGANISER)
def discard(series: str, form_id: int) -> ResponseReturnValue:
    return _change(
        form_id,
        lambda series_id: services.discard_draft(series_id, form_id),
        Text("已放弃未发布的修改。", "The changes are given up."),
    )


@pages.post(f"{_ONE}/delete")
@requires(Role.ORGANISER)
def delete_form(series: str, form_id: int) -> ResponseReturnValue:
    try:
        services.delete_form(guarded_series().id, form_id)
    except NotFound:
        raise
    except Refusal as refusal:
        return _to(form_id, refusal.sentence, tone="bad")
    flash(str(Text("表单已删除。", "The form is deleted.")), "ok")
    return redirect(url_for(".forms", series=guarded_series().slug), 303)


@pages.get(f"{_ONE}/preview")
@requires(Role.ORGANISER)
def preview(series: str, form_id: int) -> ResponseReturnValue:
    """How the questions look on a phone or a desktop, in both languages; nothing is stored."""
    one = form_or_404(guarded_series().id, form_id)
    stage = Stage.AFTER if request.args.get("stage") == Stage.AFTER else Stage.REGISTER
    asked = [held for held in _questions(form_id) if held.stage is stage]
    return render_template(
        "questions/desk_preview.html",
        one=one,
        stage=stage,
        stages=STAGE_NAMES,
        size="desktop" if request.args.get("size") == "desktop" else "phone",
        shown=[(language, _drawn(asked, language)) for language in Language],
        count=len(asked),
    )


def _term_words(term: Term, questions: list[Question]) -> Text:
    """What one part of a condition asks, without the question's own words."""
    asked = next((one for one in questions if one.key == term.question), None)
    option = asked.option(term.value) if asked else None
    value = option.label if option else _YES_NO.get(term.value, Text(term.value, term.value))
    return Text("{op}{value}", "{op} {value}").fill(op=OP_NAMES[term.op], value=value)


def _drawn(asked: list[Question], language: Language) -> Markup:
    with use_language(language):
        drawn = render_template(
            "questions/_preview.html",
            form=build(asked)(formdata=None),
            prefix=f"{language}-",
            language=language,
        )
    return Markup(drawn)


def _form_page(one: QuestionForm, settings: FormSettingsForm) -> str:
    series_id = guarded_series().id
    questions, is_draft = services.current_questions(series_id, one.id)
    return render_template(
        "questions/desk_form.html",
        one=one,
        form=settings,
        questions=questions,
        labels={held.key: held.label for held in questions},
        is_draft=is_draft,
        changes=services.draft_changes(series_id, one.id),
        published=services.is_published(one.id),
        uses=services.uses_of(one.id),
        kinds=KIND_NAMES,
        stages=STAGE_NAMES,
        sets=SETS,
        term_words=_term_words,
    )


def _editor(
    one: QuestionForm, editor: QuestionEditor, also: list[Text] | None = None
) -> ResponseReturnValue:
    page = render_template(
        "questions/desk_question.html", one=one, form=editor, also=also or [], kinds=KIND_NAMES
    )
    return page, 422 if request.method == "POST" else 200


def _questions(form_id: int) -> list[Question]:
    return services.current_questions(guarded_series().id, form_id)[0]


def _blame(form: Form, refusal: BadInput) -> list[Text]:
    """Put the sentences beside their fields; those that have none are returned."""
    beside = {name: lines for name, lines in refusal.errors.items() if name in form}
    for name, lines in beside.items():
        for sentence in lines:
            form.refuse(name, sentence)
    return [
        line for name, lines in refusal.errors.items() if name not in beside for line in lines
    ] or ([] if beside else [refusal.sentence])


def _change(
    form_id: int, change: Callable[[int], object], told: Text, key: str = ""
) -> ResponseReturnValue:
    try:
        change(guarded_series().id)
    except NotFound:
        raise
    except Refusal as refusal:
        return _to(form_id, refusal.sentence, tone="bad")
    return _to(form_id, told, key)


def _to(form_id: int, told: Text, key: str = "", *, tone: str = "ok") -> ResponseReturnValue:
    flash(str(told), tone)
    anchor = f"q-{key}" if key else None
    page = url_for(".form", series=guarded_series().slug, form_id=form_id, _anchor=anchor)
    return redirect(page, 303)
