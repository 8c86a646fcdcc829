"""Many guests from a spreadsheet: looked through first, then all of them or nobody."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from eduforum.core.errors import BadInput, Refusal
from eduforum.core.i18n import Text, plural
from eduforum.events.access import guarded_series
from eduforum.files import tables, template, xlsx
from eduforum.invitations.desk.frame import (
    ACTORS,
    ROOT,
    blame,
    events_to_come,
    invitable,
    pages,
    to_list,
)
from eduforum.invitations.desk.table import Outcome, Read, read_guests, template_columns
from eduforum.invitations.forms import ListForm
from eduforum.invitations.services import guests, manage, remind
from eduforum.web.access import requires


@pages.route(f"{ROOT}/import", methods=["GET", "POST"])
@requires(*ACTORS)
def import_guests(series: str) -> ResponseReturnValue:
    """Look through a list; invite everybody when that is asked for and nobody is wrong."""
    here = guarded_series()
    form = ListForm(zone=here.time_zone, categories=invitable(), choosable=events_to_come())
    read = None
    if form.validate_on_submit():
        try:
            guests.settle(here, form.terms)
            read = read_guests(_book(form), here, form.terms)
            if request.form.get("do") == "invite" and not read.count(Outcome.WRONG):
                return _invite(form, read)
            form.pasted.data = read.text
        except BadInput as refusal:
            blame(form, refusal)
        except Refusal as refusal:
            form.form_errors.append(refusal.sentence)
    status = 422 if form.errors or form.form_errors else 200
    return render_template(
        "invitations/desk_import.html", form=form, read=read, outcomes=Outcome
    ), status


@pages.get(f"{ROOT}/template.xlsx")
@requires(*ACTORS)
def import_template(series: str) -> ResponseReturnValue:
    """The workbook to fill in."""
    title = Text("受邀人名单", "Guests")
    return xlsx.send_written(
        f"{title}-{guarded_series().slug}.xlsx",
        xlsx.MIMETYPE,
        lambda file: template.write(file, title, template_columns()),
    )


def _book(form: ListForm) -> tables.Book:
    """A file that was chosen counts, else what was pasted. Raises `BadInput`."""
    file = request.files.get("file")
    if file is not None and file.filename:
        return tables.read_file(file.stream)
    return tables.read_text(request.form.get("pasted", ""))


def _invite(form: ListForm, read: Read) -> ResponseReturnValue:
    here = guarded_series()
    made = manage.invite_all(here, read.guests, form.terms)
    sent = remind.send_all(here.id, made) if form.send.data else 0
    told = plural(len(made), "已邀请 {n} 人。", "{n} person is invited.", "{n} people are invited.")
    letters = plural(
        sent, "发出邀请信 {n} 封。", "{n} letter is on its way.", "{n} letters are on their way."
    )
    return to_list(Text(f"{told.zh}{letters.zh}", f"{told.en} {letters.en}"))
