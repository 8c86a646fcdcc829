"""Sign in and out, set a new password, keep one's account."""

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eduforum.accounts import devices, rules, services, sessions
from eduforum.accounts.forms import (
    AskResetForm,
    ChangePasswordForm,
    NewPasswordForm,
    ProfileForm,
    SignInForm,
)
from eduforum.accounts.models import User
from eduforum.accounts.queries import sign_ins_of, user_by_email
from eduforum.core.errors import Refusal
from eduforum.core.i18n import Language, t, use_language
from eduforum.web.access import current_principal, public, signed_in
from eduforum.web.forms import Form
from eduforum.web.headers import never_refer

pages = Blueprint("accounts", __name__)


@pages.route("/desk/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    target = rules.local_path(request.args.get("next", "")) or url_for("events_desk.home")
    if request.method == "GET" and current_principal():
        return redirect(target)
    form = SignInForm()
    if not form.validate_on_submit():
        return _form_page("sign_in", form)
    known = user_by_email(form.email.data)
    try:
        user = services.verify(
            form.email.data,
            form.password.data,
            network=_network(),
            device=devices.device_of(known.id if known else None),
        )
    except Refusal as refusal:
        return _form_page("sign_in", form, refusal)
    sessions.start(user)
    response = redirect(target)
    devices.remember(response, user.id)
    return response


@pages.post("/desk/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    sessions.end()
    flash(t("已退出登录。", "You have signed out."), "ok")
    return redirect(url_for("accounts.sign_in"))


@pages.post("/desk/sign-out-everywhere")
@signed_in
def sign_out_everywhere() -> ResponseReturnValue:
    services.sign_out_everywhere(_me().id)
    sessions.end()
    flash(t("已在所有设备上退出登录。", "You have signed out everywhere."), "ok")
    return redirect(url_for("accounts.sign_in"))


@pages.route("/desk/reset", methods=["GET", "POST"])
@public
def ask_reset() -> ResponseReturnValue:
    form = AskResetForm()
    if not form.validate_on_submit():
        return _form_page("ask_reset", form)
    try:
        services.ask_reset(form.email.data, network=_network())
    except Refusal as refusal:
        return _form_page("ask_reset", form, refusal)
    return redirect(url_for("accounts.reset_asked"))


@pages.get("/desk/reset/asked")
@public
def reset_asked() -> ResponseReturnValue:
    return render_template("accounts/reset_asked.html")


@pages.after_request
def _keep_link_secret(response: Response) -> Response:
    return never_refer(response) if request.endpoint == "accounts.reset" else response


@pages.route("/desk/reset/<token>", methods=["GET", "POST"])
@public
def reset(token: str) -> ResponseReturnValue:
    form = NewPasswordForm()
    try:
        user = services.user_of_reset(token)
        if not form.validate_on_submit():
            return _form_page("reset", form, user=user)
        services.reset_password(token, form.password.data, network=_network())
    except rules.DeadLink as refusal:
        return render_template("accounts/dead_link.html", sentence=refusal.sentence), refusal.status
    except rules.UnfitPassword as refusal:
        form.refuse("password", refusal.sentence)
        return _form_page("reset", form, user=user)
    sessions.end()
    flash(t("新密码已生效，请登录。", "Your new password is set. Please sign in."), "ok")
    return redirect(url_for("accounts.sign_in"))


@pages.route("/desk/account", methods=["GET", "POST"])
@signed_in
def account() -> ResponseReturnValue:
    me = _me()
    form = ProfileForm(obj=me)
    if not form.validate_on_submit():
        return _account_page(profile=form)
    services.edit_profile(me, name=form.name.data, language=form.language.data)
    with use_language(Language(me.language)):
        flash(t("已保存。", "Saved."), "ok")
    return redirect(url_for("accounts.account", lang=me.language))


@pages.post("/desk/account/password")
@signed_in
def change_password() -> ResponseReturnValue:
    me, form = _me(), ChangePasswordForm()
    if not form.validate_on_submit():
        return _account_page(password=form)
    try:
        services.check_own_password(me, form.current.data)
        services.set_password(me, form.password.data)
    except rules.WrongSignIn:
        form.refuse("current", rules.WRONG_CURRENT)
        return _account_page(password=form)
    except rules.UnfitPassword as refusal:
        form.refuse("password", refusal.sentence)
        return _account_page(password=form)
    sessions.start(me)
    flash(
        t(
            "密码已修改，其他设备均已退出登录。",
            "Your password is changed. Every other device has been signed out.",
        ),
        "ok",
    )
    return redirect(url_for("accounts.account"))


def _me() -> User:
    user: User = g.user
    return user


def _network() -> str:
    return rules.network_of(request.remote_addr)


def _form_page(
    name: str, form: Form, refusal: Refusal | None = None, user: User | None = None
) -> tuple[str, int]:
    """The page with what was typed; its status says whether something is wrong with it."""
    also = [refusal.sentence] if refusal else []
    wrong = 422 if form.errors else 200
    page = render_template(f"accounts/{name}.html", form=form, also=also, user=user)
    return page, refusal.status if refusal else wrong


def _account_page(
    profile: ProfileForm | None = None, password: ChangePasswordForm | None = None
) -> tuple[str, int]:
    me = _me()
    page = render_template(
        "accounts/account.html",
        me=me,
        profile=profile or ProfileForm(formdata=None, obj=me),
        password=password or ChangePasswordForm(formdata=None),
        browsers=sign_ins_of(me.id),
    )
    asked = profile or password
    return page, 422 if asked and asked.errors else 200
