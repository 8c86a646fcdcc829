"""The desk page of a series' people and programs."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from eduforum.accounts import sessions
from eduforum.accounts.models import User
from eduforum.core.contacts import BadContact
from eduforum.core.errors import NotFound, Refusal
from eduforum.core.i18n import t
from eduforum.events import grants, queries
from eduforum.events.access import guarded_series, principal
from eduforum.events.models import Grant, Series
from eduforum.events.people_forms import InviteForm, TokenForm
from eduforum.events.roles import ROLE_NAMES, ROLE_NOTES, SCOPE_NAMES
from eduforum.web.access import Role, Scope, requires

pages = Blueprint("events_desk_people", __name__)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a role here, and the roles they hold."""

    user: User
    roles: Sequence[Role]


@pages.route("/desk/s/<series>/settings/people", methods=["GET", "POST"])
@requires(Role.ORGANISER)
def people(series: str) -> ResponseReturnValue:
    form = InviteForm(roles=_roles_to_give())
    if not form.validate_on_submit():
        return _page(invite=form)
    try:
        user = grants.invite(
            form.email.data,
            Role(form.role.data),
            series_id=guarded_series().id,
            name=form.name.data or "",
            by_admin=principal().is_admin,
        )
    except BadContact as refusal:
        form.refuse("email", refusal.sentence)
        return _page(invite=form)
    except Refusal as refusal:
        form.refuse("role", refusal.sentence)
        return _page(invite=form, status=refusal.status)
    _stay_signed_in(user.id)
    flash(t("已设置 {email} 的角色。", "{email} now has this role.", email=user.email), "ok")
    return _back()


@pages.post("/desk/s/<series>/settings/people/<int:user_id>/<role>/take")
@requires(Role.ORGANISER)
def take(series: str, user_id: int, role: str) -> ResponseReturnValue:
    if role not in list(Role):
        raise NotFound
    grants.take(user_id, Role(role), series_id=guarded_series().id, by_admin=principal().is_admin)
    _stay_signed_in(user_id)
    flash(
        t("已取消该角色，对方已退出登录。", "The role is taken away and the person signed out."),
        "ok",
    )
    return _back()


@pages.post("/desk/s/<series>/settings/tokens")
@requires(Role.ORGANISER)
def add_token(series: str) -> ResponseReturnValue:
    """The answer shows the secret, which nobody can see again."""
    form = TokenForm(prefix="token-")
    if not form.validate_on_submit():
        return _page(token=form)
    scopes = [Scope(scope) for scope in form.scopes.data]
    _, secret = grants.add_token(form.name.data, scopes, [guarded_series().id])
    return _page(secret=secret)


@pages.post("/desk/s/<series>/settings/tokens/<int:token_id>/revoke")
@requires(Role.ORGANISER)
def revoke_token(series: str, token_id: int) -> ResponseReturnValue:
    grants.revoke_token(token_id, series_id=guarded_series().id)
    flash(t("令牌已停用。", "The token no longer works."), "ok")
    return _back()


def _roles_to_give() -> list[Role]:
    return [role for role in Role if role is not Role.ADMIN or principal().is_admin]


def _stay_signed_in(user_id: int) -> None:
    """A new role signs its holder out everywhere; who changed their own keeps this browser."""
    me: User = g.user
    if me.id == user_id:
        sessions.start(me)


def _back() -> ResponseReturnValue:
    series = guarded_series()
    if not _may_still_come_back(series):
        return redirect(url_for("events_desk.home"))
    return redirect(url_for("events_desk_people.people", series=series.slug))


def _may_still_come_back(series: Series) -> bool:
    me: User = g.user
    kept = queries.grants_of(me.id)
    return any(
        grant.role is Role.ADMIN or (grant.role is Role.ORGANISER and grant.series_id == series.id)
        for grant in kept
    )


def _page(
    invite: InviteForm | None = None,
    token: TokenForm | None = None,
    secret: str = "",
    status: int = 422,
) -> tuple[str, int]:
    series = guarded_series()
    asked = invite or token
    page = render_template(
        "events/people.html",
        people=_people(queries.grants_in(series.id)),
        tokens=queries.tokens_of(series.id),
        invite=invite or InviteForm(formdata=None, roles=_roles_to_give()),
        token=token or TokenForm(formdata=None, prefix="token-"),
        secret=secret,
        by_admin=principal().is_admin,
        role_names=ROLE_NAMES,
        role_notes=ROLE_NOTES,
        scope_names=SCOPE_NAMES,
    )
    return page, status if asked and asked.errors else 200


def _people(held: Sequence[Grant]) -> list[Person]:
    """One entry for a person, however many roles they hold."""
    by_user: dict[int, list[Grant]] = {}
    for grant in held:
        by_user.setdefault(grant.user_id, []).append(grant)
    return [Person(own[0].user, [grant.role for grant in own]) for own in by_user.values()]
