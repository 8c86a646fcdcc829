"""Files for a liaison: the template to fill in, and the tickets on paper or as pictures."""

from functools import partial

from flask import request
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.core.i18n import Text
from eduforum.delegations.printing import PDF, cards_for, send_pdf, send_zip
from eduforum.delegations.queries import by_link, choices_for
from eduforum.delegations.template import write_template
from eduforum.delegations.views.frame import back, page, pages, told
from eduforum.files.xlsx import MIMETYPE, send_written
from eduforum.tickets import sheet
from eduforum.web.access import public
from eduforum.web.headers import private


@pages.get("/d/<secret>/template.xlsx")
@public
def template(secret: str) -> ResponseReturnValue:
    """A workbook with drop-downs and a filled example."""
    delegation = by_link(secret)
    choices = choices_for(delegation, clock.now())
    name = str(Text(f"{delegation.unit} 参会人员.xlsx", f"{delegation.unit} people.xlsx"))
    return private(send_written(name, MIMETYPE, partial(write_template, choices)))


@pages.get("/d/<secret>/tickets.<any(pdf, zip):kind>")
@public
def tickets(secret: str, kind: str) -> ResponseReturnValue:
    """The tickets that open doors, to print (PDF) or to pass on one by one (pictures in a ZIP)."""
    delegation = by_link(secret)
    cards = cards_for(delegation)
    if not cards:
        told(Text("还没有可以打印的参会证。", "There are no tickets to print yet."), "wait")
        return back(secret)
    missing = sheet.unprintable(cards)
    if missing and request.args.get("anyway") != "1":
        return page("glyphs", delegation=delegation, missing=missing, secret=secret, kind=kind)
    return private(send_pdf(delegation, cards) if kind == PDF else send_zip(delegation, cards))
