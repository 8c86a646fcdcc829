"""The list of a unit's people: filled in, pasted, uploaded, submitted."""

from collections.abc import Sequence

from flask import request, session
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from eduforum.core import clock
from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text, plural
from eduforum.delegations import services
from eduforum.delegations.forms import sent_lines
from eduforum.delegations.grid import grid_of
from eduforum.delegations.queries import by_link, choices_for
from eduforum.delegations.recognise import Recognised, recognise
from eduforum.delegations.views.frame import back, page, pages, refused, told
from eduforum.files import tables
from eduforum.registration.models import Delegation
from eduforum.web.access import public


@pages.get("/d/<secret>")
@public
def grid(secret: str) -> ResponseReturnValue:
    """Everybody of the unit, and the rows that wait to be submitted."""
    delegation = by_link(secret)
    told_something = "_flashes" in session
    shown = grid_of(delegation, clock.now())
    return page("grid", grid=shown, secret=secret, told=told_something)


@pages.post("/d/<secret>")
@public
def save(secret: str) -> ResponseReturnValue:
    """Keep what was typed; then do what the button says: submit, paste, remove a row."""
    delegation = by_link(secret)
    do, _, which = request.form.get("do", "save").partition(":")
    try:
        lines = sent_lines(request.form, choices_for(delegation, clock.now()))
        if do == "remove":
            lines = [_removed(line, which) for line in lines]
        services.drafts.save(delegation.series_id, delegation.id, lines)
        if do == "submit":
            _submit(delegation)
        elif do == "paste":
            rows = tables.read_text(request.form.get("pasted", ""))
            _keep(delegation, rows, request.form.get("paste_id", ""), pasted=True)
        elif do == "save":
            told(Text("已保存。", "Saved."))
    except Refusal as refusal:
        return refused(secret, refusal)
    return back(secret, anchor="rows" if do in ("remove", "paste") else None)


@pages.post("/d/<secret>/upload")
@public
def upload(secret: str) -> ResponseReturnValue:
    """Add the rows of a workbook or CSV file; wrong ones are kept and marked."""
    delegation = by_link(secret)
    file: FileStorage | None = request.files.get("file")
    try:
        if file is None or not file.filename:
            told(Text("请选择要上传的表格文件。", "Choose the file to upload."), "bad")
            return back(secret)
        book = tables.read_file(file.stream)
        _keep(delegation, book, request.form.get("paste_id", ""), pasted=False)
    except Refusal as refusal:
        return refused(secret, refusal)
    return back(secret, anchor="rows")


def _removed(line: services.Line, which: str) -> services.Line:
    here = which in (str(line.draft_id), line.key)
    return services.Line(line.entry, line.draft_id, line.registration_id, line.key, remove=here)


def _submit(delegation: Delegation) -> None:
    done = services.submit(
        delegation.series_id, delegation.id, guardians_agree="guardians" in request.form
    )
    people = len(done.people)
    if people or done.answered:
        told(_said(people, done.answered))
    if done.faulty:
        told(
            plural(
                done.faulty,
                "另有 {n} 行需要更正，未提交；请按标出的说明修改后再次提交。",
                "{n} row needs a correction and was not submitted; change it as marked and submit again.",
                "{n} rows need a correction and were not submitted; change them as marked and submit again.",
            ),
            "wait",
        )


def _said(people: int, answered: int) -> Text:
    new = plural(
        people, "已提交 {n} 人。", "{n} person was submitted.", "{n} people were submitted."
    )
    back = plural(
        answered, "已重新提交 {n} 人。", "{n} correction was sent.", "{n} corrections were sent."
    )
    parts = [text for text, n in ((new, people), (back, answered)) if n]
    return Text("".join(t.zh for t in parts), " ".join(t.en for t in parts))


def _keep(delegation: Delegation, book: tables.Book, key: str, *, pasted: bool) -> None:
    choices = choices_for(delegation, clock.now())
    read = recognise(rows_of(book), choices)
    if not read.entries:
        told(
            Text(
                "没有读到人员。请复制含姓名的整块单元格，或下载模板填写。",
                "No people were found. Copy whole cells with the names, or fill in the template.",
            ),
            "bad",
        )
        return
    added = services.drafts.add(delegation.series_id, delegation.id, read.entries, key=key)
    _say_added(delegation, read, added, pasted=pasted)


def _say_added(delegation: Delegation, read: Recognised, added: int, *, pasted: bool) -> None:
    wrong = len(grid_of(delegation, clock.now()).wrong)
    verb = Text("已粘贴", "Pasted") if pasted else Text("已读入", "Read")
    told(
        plural(
            added,
            "{verb} {n} 行，均已保存，尚未提交。",
            "{verb} {n} row. It is saved and not submitted yet.",
            "{verb} {n} rows. They are saved and not submitted yet.",
            verb=verb,
        )
    )
    if read.had_ids:
        told(
            Text(
                "证件号码一列未读入。提交后请用“补充信息”逐人填写，号码将加密保存。",
                "The column of ID numbers was left out. Once these people are submitted, give the "
                "numbers under “Fill in more”, where they are kept encrypted.",
            ),
            "wait",
        )
    if wrong:
        told(
            plural(
                wrong,
                "有 {n} 行需要更正，原因标在该行。",
                "{n} row needs a correction; the reason stands beside it.",
                "{n} rows need a correction; the reasons stand beside them.",
            ),
            "wait",
        )


def rows_of(book: tables.Book) -> Sequence[Sequence[str]]:
    """The rows of the first sheet that has any, as text; digits that a spreadsheet lost stay so."""
    sheet = next((sheet for sheet in book.sheets if sheet.rows), None)
    if sheet is None:
        return []
    return [[cell.clean for cell in row.cells] for row in sheet.rows]
