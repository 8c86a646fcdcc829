"""What people who sign in do with their account. Signing in itself is in `sessions`."""

from datetime import timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from eduforum.accounts import passwords, rules
from eduforum.accounts.models import SignIn, User
from eduforum.accounts.queries import folded, user_by_email
from eduforum.core import audit, clock
from eduforum.core.db import db, transaction
from eduforum.core.i18n import current_language
from eduforum.core.names import clean_name
from eduforum.core.signing import Purpose, timed
from eduforum.notices import services as notices
from eduforum.notices.models import Notice
from eduforum.web import limits

RESET_KIND = "password-reset"
FIRST_ADMIN = "admin@localhost"
FIRST_PASSWORD_FILE = "admin_password"

WINDOW = timedelta(minutes=15)
MOST_TRIES = 10
MOST_TRIES_OF_NETWORK = 100
MOST_LETTERS = 3
MOST_LETTERS_OF_NETWORK = 30


def verify(email: str, password: str, *, network: str, device: str | None) -> User:
    """The person whose e-mail and password these are.

    network: where the request comes from. device: this browser's name if the person has signed in
    with it before; its tries are counted apart, so nobody elsewhere can lock them out.
    Raises `WrongSignIn`, alike for every reason, `TooManyTries` or `TooBusy`.
    """
    counters = _counters(folded(email), network, device)
    _spend(counters)
    user = user_by_email(email)
    kept = user.password_hash if user and user.active else ""
    if not passwords.matches(kept, password) or user is None:
        raise rules.WrongSignIn
    _forgive(counters)
    if passwords.is_outdated(user.password_hash):
        anew = passwords.hashed(password)
        with transaction():
            user.password_hash = anew
    return user


def check_own_password(user: User, password: str) -> None:
    """Raise `WrongSignIn` unless `password` is the user's; `TooManyTries` against guessing."""
    counters = [("own-password", str(user.id), MOST_TRIES)]
    _spend(counters)
    if not passwords.matches(user.password_hash, password):
        raise rules.WrongSignIn
    _forgive(counters)


def set_password(user: User, password: str) -> None:
    """Give `user` a new password: every browser is signed out, every reset letter is void.

    Raises `UnfitPassword` or `TooBusy`.
    """
    rules.check_password(password, user.email)
    kept = passwords.hashed(password)
    with transaction():
        _keep(user, kept)
    _forget_first_password(user)


def first_password_file() -> Path:
    """Where the first administrator's password stands until it is changed."""
    return Path(current_app.config["DATA_DIR"]) / FIRST_PASSWORD_FILE


def end_sign_ins(user_id: int) -> None:
    """Sign `user_id` out everywhere: after a new password, a new role, or when asked."""
    with transaction():
        db.session.execute(delete(SignIn).where(SignIn.user_id == user_id))


def end_all_sign_ins() -> None:
    """Sign everybody out: what a restored database holds was perhaps ended since."""
    with transaction():
        db.session.execute(delete(SignIn))


def sign_out_everywhere(user_id: int) -> None:
    """Sign `user_id` out everywhere because they asked for it."""
    with transaction():
        end_sign_ins(user_id)
        audit.record("user.sign_out_everywhere", f"user:{user_id}")


def edit_profile(user: User, *, name: str, language: str) -> None:
    """Change how `user` is named at the desk and the language of their letters."""
    with transaction():
        before = {"name": user.name, "language": user.language}
        user.name, user.language = clean_name(name), language
        after = {"name": user.name, "language": user.language}
        if before != after:
            audit.record("user.edit", f"user:{user.id}", before=before, after=after)


def added(email: str, *, name: str = "", password: str | None = None) -> tuple[User, bool]:
    """The user with this address, made if there is none, and whether it was made now.

    email: as `parse_email` gives it, or `FIRST_ADMIN`. Without a password nobody can sign in until
    they set one through a letter. Raises `UnfitPassword` or `TooBusy`.
    """
    kept = ""
    if password is not None:
        rules.check_password(password, email)
        kept = passwords.hashed(password)
    made = User(
        email=email,
        name=clean_name(name),
        password_hash=kept,
        language=current_language().value,
    )
    with transaction():
        if user := user_by_email(email):
            return user, False
        try:
            with transaction():
                db.session.add(made)
        except IntegrityError:  # somebody else has just added them
            return db.session.scalars(select(User).where(User.email == email)).one(), False
        audit.record("user.add", f"user:{made.id}")
    return made, True


def is_anybody_there() -> bool:
    return bool(db.session.scalar(select(func.count()).select_from(User)))


def ask_reset(email: str, *, network: str) -> None:
    """Send a letter with a link to set a new password, if the address is known.

    Tells nobody whether it is. Raises `TooManyTries` for a network that asks too often.
    """
    try:
        limits.spend("reset-network", network, most=MOST_LETTERS_OF_NETWORK, per=timedelta(hours=1))
    except limits.TooOften:
        raise rules.TooManyTries from None
    try:
        limits.spend("reset", folded(email), most=MOST_LETTERS, per=timedelta(hours=1))
        enough = False
    except limits.TooOften:
        enough = True
    user = user_by_email(email)
    with transaction():
        known = user is not None and user.active and not enough
        audit.record("user.reset_request", f"user:{user.id}" if user and known else "user:unknown")
        if user and known:
            send_letter(user)


def send_letter(user: User, *, invitation: bool = False) -> None:
    """Queue the letter with the link to set a password, in the caller's transaction.

    It belongs to no series, so that nobody reads it at a series' desk.
    """
    life = rules.INVITATION_LIFE if invitation else rules.RESET_LIFE
    notices.queue(
        RESET_KIND,
        series_id=None,
        about=f"user:{user.id}",
        language=user.language,
        recipient=user.email,
        recipient_name=user.name,
        values={
            "name": user.name,
            "user_id": user.id,
            "version": user.reset_version,
            "invitation": invitation,
        },
        useful_until=clock.now() + life,
    )


def reset_token(user_id: int, version: int) -> str:
    """What proves in a link that its bearer reads the user's mail; good for `RESET_LIFE`."""
    token: str = timed(Purpose.RESET).dumps([user_id, version])
    return token


def reset_link(user_id: int, version: int) -> str:
    """The absolute address at which the password can be set once."""
    return f"{current_app.config['BASE_URL']}/desk/reset/{reset_token(user_id, version)}"


def compose_letter(notice: Notice) -> notices.Extras:
    """What the letter needs beyond its values: the link, made when it is sent."""
    values = notice.values
    return notices.Extras(link=reset_link(values["user_id"], values["version"]))


def user_of_reset(token: str) -> User:
    """Whose password `token` may set. Raises `DeadLink`."""
    ok, value = timed(Purpose.RESET).loads_unsafe(
        token, max_age=int(rules.RESET_LIFE.total_seconds())
    )
    user = db.session.get(User, value[0]) if ok else None
    if user is None or not user.active or user.reset_version != value[1]:
        raise rules.DeadLink
    return user


def reset_password(token: str, password: str, *, network: str) -> None:
    """Set the password through a letter's link; the link works once.

    Raises `DeadLink`, `UnfitPassword` or `TooBusy`.
    """
    user = user_of_reset(token)
    rules.check_password(password, user.email)
    kept = passwords.hashed(password)
    with transaction():
        locked = db.session.get(User, user.id, with_for_update=True, populate_existing=True)
        if locked is None or locked != user_of_reset(token):
            raise rules.DeadLink
        _keep(locked, kept)
    _forget_first_password(user)
    limits.forgive("sign-in", f"{user.email} {network}")


def _keep(user: User, kept: str) -> None:
    user.password_hash = kept
    user.reset_version += 1
    end_sign_ins(user.id)
    audit.record("user.password", f"user:{user.id}")


def _forget_first_password(user: User) -> None:
    if user.email == FIRST_ADMIN:
        first_password_file().unlink(missing_ok=True)


def _counters(email: str, network: str, device: str | None) -> list[tuple[str, str, int]]:
    """What a try of signing in counts against: purpose, subject, most. The account's own is last."""
    if device:
        return [("sign-in-device", f"{email} {device}", MOST_TRIES)]
    return [
        ("sign-in-network", network, MOST_TRIES_OF_NETWORK),
        ("sign-in", f"{email} {network}", MOST_TRIES),
    ]


def _spend(counters: list[tuple[str, str, int]]) -> None:
    try:
        for purpose, subject, most in counters:
            limits.spend(purpose, subject, most=most, per=WINDOW)
    except limits.TooOften:
        raise rules.TooManyTries from None


def _forgive(counters: list[tuple[str, str, int]]) -> None:
    """After a success: the network gets its try back, no more; the account starts anew."""
    *shared, (purpose, subject, _) = counters
    for name, network, _ in shared:
        limits.give_back(name, network)
    limits.forgive(purpose, subject)
