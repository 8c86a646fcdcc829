"""Every setting the application reads, in one place, checked at start."""

import os
import re
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from dotenv import dotenv_values

PREFIX = "EDUFORUM_"
_REDIS = ("redis://", "rediss://", "unix://")
_DATABASE = re.compile(
    r"(?P<driver>[\w+]+)://(?:[^/@][^@]*@)?(?P<host>[^/:?]*|\[[^]]*\])(?::\d+)?"
    r"(?:/(?P<name>[^?]*))?(?:\?.*)?"
)
_YES = {"1", "true", "yes", "on"}
_NO = {"0", "false", "no", "off", ""}
_RANGES = {
    "workers": (0, 64),
    "threads": (1, 256),
    "trusted_proxies": (0, 16),
    "mail_port": (1, 65535),
    "mail_timeout": (1, 600),
    "backup_keep": (1, 10_000),
}


class BadSetting(Exception):
    """A setting is missing or has an impossible value. The message is one sentence that names it."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings for one running application.

    Field names are Flask's own names in lower case, so nothing is spelt twice. Each is read from
    the environment, or from `.env`, as `EDUFORUM_<NAME>`.
    """

    data_dir: str = "data"
    """Where the SQLite file, keys and uploads live."""
    sqlalchemy_database_uri: str = field(default="", repr=False)
    """Empty: `eduforum.sqlite3` in `data_dir`. PostgreSQL: `postgresql+psycopg://…`."""
    files_dir: str = ""
    """Where uploads lie. Empty: `files` in `data_dir`. Several hosts need one shared directory."""
    secret_key: str = field(default="", repr=False)
    """Signs links and sessions. Empty: made at first start and kept in `data_dir`, mode 600."""
    base_url: str = "http://127.0.0.1:8000"
    """How people reach the site; letters and calendars link to it."""
    site_name: str = "EduForum"
    mail_server: str = ""
    """Empty: letters stay in the outbox, readable at the desk."""
    mail_port: int = 587
    mail_use_tls: bool = True
    mail_use_ssl: bool = False
    mail_username: str = ""
    mail_password: str = field(default="", repr=False)
    mail_default_sender: str = "EduForum <noreply@localhost>"
    mail_timeout: int = 20
    """Seconds to wait for the mail server at each step."""
    mail_ca_file: str = ""
    """Certificates to trust besides the system's, for a mail server with a private authority."""
    backup_at: str = "03:30"
    """When the worker makes the daily backup, HH:MM by the machine's clock. Empty: never."""
    backup_dir: str = ""
    """Where backups are kept, best on another disk. Empty: `backups` in `data_dir`."""
    backup_keep: int = 7
    """How many backups are kept; older ones go when a new one is made."""
    webhook_hosts: str = ""
    """Hosts that webhooks may call, separated by commas. Empty: none."""
    redis_url: str = field(default="", repr=False)
    """`redis://host:6379/0` or `rediss://…`: counts limits for all hosts. Empty: the database does."""
    trusted_proxies: int = 0
    """How many reverse proxies stand in front and set X-Forwarded-For and -Proto."""
    metrics: bool = False
    """Answer GET /metrics for Prometheus."""
    bind: str = "127.0.0.1"
    """The address that the server listens on; 0.0.0.0 for every network of the machine."""
    workers: int = 0
    """Server processes. 0: one on SQLite, two on PostgreSQL."""
    threads: int = 8
    """Requests answered at the same time by one server process."""
    public_cache: bool = True
    """Keep what is the same for everybody in memory, for less than a second."""
    testing: bool = False
    wtf_csrf_enabled: bool = True
    test_faults: str = ""
    """Faults for reliability tests, honoured only with `testing`."""

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Self:
        """Read the settings. Raises `BadSetting` with one sentence that names what is wrong."""
        given = {**_dotenv(), **os.environ} if env is None else dict(env)
        known = {f"{PREFIX}{f.name.upper()}": f for f in fields(cls)}
        for name in given:
            if name.startswith(PREFIX) and name not in known and name not in _ELSEWHERE:
                raise BadSetting(f"{name} is not a setting. Remove it, or check its spelling.")
        values: dict[str, Any] = {
            f.name: _read(name, given[name], type(f.default))
            for name, f in known.items()
            if name in given
        }
        return cls(**values).checked()

    def checked(self) -> Self:
        """These settings with defaults filled in. Raises `BadSetting`."""
        _check_address(self.base_url)
        if self.mail_use_ssl and self.mail_use_tls and self.mail_server:
            raise BadSetting("Set only one of EDUFORUM_MAIL_USE_TLS and EDUFORUM_MAIL_USE_SSL.")
        if self.test_faults and not self.testing:
            raise BadSetting("EDUFORUM_TEST_FAULTS is for tests only; remove it.")
        if self.redis_url and not self.redis_url.startswith(_REDIS):
            raise BadSetting("EDUFORUM_REDIS_URL must start with redis://, rediss:// or unix://.")
        for name, (least, most) in _RANGES.items():
            if not least <= getattr(self, name) <= most:
                raise BadSetting(f"{PREFIX}{name.upper()} must be from {least} to {most}.")
        _check_time(self.backup_at)
        backups = self.backup_dir or str(Path(self.data_dir).absolute() / "backups")
        files_dir = self.files_dir or str(Path(self.data_dir).absolute() / "files")
        filled = replace(
            self, base_url=self.base_url.rstrip("/"), files_dir=files_dir, backup_dir=backups
        )
        if not self.sqlalchemy_database_uri:
            path = Path(self.data_dir).absolute() / "eduforum.sqlite3"
            filled = replace(filled, sqlalchemy_database_uri=f"sqlite:///{path}")
        _check_database(filled.sqlalchemy_database_uri)
        if filled.on_sqlite and self.workers > 1:
            raise BadSetting("EDUFORUM_WORKERS must be 0 or 1 on SQLite; several need PostgreSQL.")
        return filled

    def prepared(self) -> Self:
        """Make the data directory and the keys that are missing. Raises `BadSetting`."""
        folder = Path(self.data_dir)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            secret = self.secret_key or kept_secret(folder / "secret_key")
        except OSError as error:
            raise BadSetting(
                f"EDUFORUM_DATA_DIR {str(folder.absolute())!r} cannot be used: {error.strerror}."
            ) from None
        _make_writable(Path(self.files_dir))
        if len(secret) < 16:
            raise BadSetting("EDUFORUM_SECRET_KEY is too short; use at least 16 characters.")
        return replace(self, secret_key=secret)

    @property
    def on_sqlite(self) -> bool:
        return self.sqlalchemy_database_uri.startswith("sqlite")

    @property
    def sqlite_file(self) -> Path | None:
        """The database file; None on PostgreSQL."""
        return Path(_parts(self.sqlalchemy_database_uri)["name"]) if self.on_sqlite else None

    def as_flask(self) -> dict[str, Any]:
        """The settings under Flask's names, with what follows from them."""
        secure = self.base_url.startswith("https://")
        return {name.upper(): value for name, value in asdict(self).items()} | {
            "SESSION_COOKIE_NAME": "__Host-session" if secure else "session",
            "SESSION_COOKIE_SECURE": secure,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "WTF_CSRF_TIME_LIMIT": None,
            # Personal pages send no referrer at all; the token alone decides.
            "WTF_CSRF_SSL_STRICT": False,
            "MAX_CONTENT_LENGTH": 12 * 1024 * 1024,
            "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
            "MAIL_DEFAULT_SENDER": self.mail_default_sender,
        }


def _make_writable(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(
            f"EDUFORUM_FILES_DIR {str(folder)!r} cannot be used: {error.strerror}."
        ) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise BadSetting(f"EDUFORUM_FILES_DIR {str(folder)!r} cannot be written to.")


_ELSEWHERE = {"EDUFORUM_REQUIRE"}  # read by the tests


def kept_secret(path: Path) -> str:
    """The secret in `path`, made on first use. Only the owner may read the file.

    Whole at once, for another process may start in this moment.
    """
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()


def _dotenv() -> dict[str, str]:
    return {name: value for name, value in dotenv_values(".env").items() if value is not None}


def _read(name: str, text: str, kind: type) -> str | int | bool:
    if kind is bool:
        if text.lower() not in _YES | _NO:
            raise BadSetting(f"{name} is {text!r}; it must be true or false.")
        return text.lower() in _YES
    if kind is int:
        try:
            return int(text)
        except ValueError:
            raise BadSetting(f"{name} is {text!r}; it must be a whole number.") from None
    return text


def _check_time(text: str) -> None:
    try:
        is_sound = not text or time.strptime(text, "%H:%M") is not None
    except ValueError:
        is_sound = False
    if not is_sound:
        raise BadSetting(f"EDUFORUM_BACKUP_AT is {text!r}; it must be like 03:30, or empty.")


def _check_address(text: str) -> None:
    try:
        address = urlsplit(text)
        is_sound = address.scheme in {"http", "https"} and bool(address.hostname)
        is_sound = is_sound and address.port != 0  # reading it checks it
    except ValueError:
        is_sound = False
    if not is_sound:
        raise BadSetting(
            f"EDUFORUM_BASE_URL is {text!r}; it must be like https://forum.example.org."
        )


def _check_database(uri: str) -> None:
    parts = _parts(uri)
    if parts["driver"] not in {"sqlite", "postgresql+psycopg"}:
        raise BadSetting(
            "EDUFORUM_SQLALCHEMY_DATABASE_URI must start with sqlite:/// or postgresql+psycopg://."
        )
    if parts["driver"] == "sqlite" and (parts["host"] or parts["name"] in ("", ":memory:")):
        raise BadSetting("EDUFORUM_SQLALCHEMY_DATABASE_URI names no SQLite file.")


def _parts(uri: str) -> dict[str, str]:
    """`driver`, `host` and `name` of a database address. Raises `BadSetting`.

    As SQLAlchemy reads it, which is not loaded by who only wants to know where the file is.
    """
    found = _DATABASE.fullmatch(uri)
    if not found:
        raise BadSetting("EDUFORUM_SQLALCHEMY_DATABASE_URI is not a database address.")
    return {name: part or "" for name, part in found.groupdict().items()}
