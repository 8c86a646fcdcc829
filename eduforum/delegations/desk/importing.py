"""Delegations from a table: all of them, or none and every cell that is wrong."""

from functools import partial

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue

from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text, plural
from eduforum.delegations import queries
from eduforum.delegations.desk.forms import FileForm
from eduforum.delegations.desk.frame import ACTORS, ROOT, pages, to_list
from eduforum.delegations.desk.table import read_delegations, table_headings, table_steps
from eduforum.delegations.services import manage
from eduforum.delegations.template import write_form
from eduforum.events.access import guarded_series
from eduforum.files import tables
from eduforum.files.xlsx import MIMETYPE, send_written
from eduforum.web.access import requires


@pages.route(f"{ROOT}/import", methods=["GET", "POST"])
@requires(*ACTORS)
def import_delegations(series: str) -> ResponseReturnValue:
    """Read a table and show what is wrong in it; make all delegations if nothing is."""
    here = guarded_series()
    form = FileForm()
    if request.method == "GET":
        return render_template("delegations/desk_import.html", form=form, problems=[])
    file = request.files.get("file")
    if file is None or not file.filename:
        form.refuse("file", Text("请选择要上传的表格文件。", "Choose the file to upload."))
        return render_template("delegations/desk_import.html", form=form, problems=[]), 422
    try:
        read = read_delegations(tables.read_file(file.stream), here)
        if read.problems:
            return render_template(
                "delegations/desk_import.html", form=form, problems=read.problems
            ), 422
        made = manage.create_many(here, read.delegations)
    except Refusal as refusal:
        form.refuse("file", refusal.sentence)
        return render_template("delegations/desk_import.html", form=form, problems=[]), 422
    sentence = plural(
        len(made),
        "已新建 {n} 个代表团。",
        "{n} delegation was made.",
        "{n} delegations were made.",
    )
    flash(str(sentence), "ok")
    return to_list()


@pages.get(f"{ROOT}/template.xlsx")
@requires(*ACTORS)
def import_template(series: str) -> ResponseReturnValue:
    """The table to fill in, with an example."""
    here = guarded_series()
    columns = table_headings(queries.reportable(here.id), here.time_zone)
    fill = partial(
        write_form, columns=columns, title=Text("代表团", "Delegations"), steps=table_steps()
    )
    return send_written(str(Text("代表团.xlsx", "Delegations.xlsx")), MIMETYPE, fill)
