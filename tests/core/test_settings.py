"""Settings are checked before anything starts, and a mistake is named in one sentence."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from eduforum.core.settings import BadSetting, Settings


def test_settings_are_read_by_name_and_kind(tmp_path: Path) -> None:
    settings = Settings.from_env(
        {
            "EDUFORUM_DATA_DIR": str(tmp_path),
            "EDUFORUM_BASE_URL": "https://forum.example.org/",
            "EDUFORUM_MAIL_PORT": "2525",
            "EDUFORUM_METRICS": "Yes",
            "EDUFORUM_MAIL_USE_TLS": "0",
            "PATH": "/bin",
        }
    )
    assert settings.base_url == "https://forum.example.org"
    assert settings.mail_port == 2525
    assert settings.metrics is True
    assert settings.mail_use_tls is False
    assert settings.sqlalchemy_database_uri == f"sqlite:///{tmp_path}/eduforum.sqlite3"
    assert settings.on_sqlite


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAIL_PROT", "25"),
        ("MAIL_PORT", "many"),
        ("MAIL_PORT", "70000"),
        ("MAIL_TIMEOUT", "0"),
        ("METRICS", "perhaps"),
        ("WORKERS", "65"),
        ("THREADS", "0"),
        ("BACKUP_AT", "25:00"),
        ("BACKUP_KEEP", "0"),
        ("TRUSTED_PROXIES", "-1"),
        ("BASE_URL", "forum.example.org"),
        ("BASE_URL", "ftp://forum.example.org"),
        ("BASE_URL", "http://[forum"),
        ("BASE_URL", "https://forum.example.org:port"),
        ("BASE_URL", "https://:8000"),
        ("TEST_FAULTS", "skip_lock"),
        ("SQLALCHEMY_DATABASE_URI", "somewhere"),
        ("SQLALCHEMY_DATABASE_URI", "mysql://root@localhost/forum"),
        ("SQLALCHEMY_DATABASE_URI", "postgresql+psycopg://user@host:port/forum"),
        ("SQLALCHEMY_DATABASE_URI", "sqlite://"),
        ("SQLALCHEMY_DATABASE_URI", "sqlite:///:memory:"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_the_setting(name: str, value: str) -> None:
    with pytest.raises(BadSetting) as refused:
        Settings.from_env({f"EDUFORUM_{name}": value})
    sentence = str(refused.value)
    assert f"EDUFORUM_{name}" in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_two_ways_to_encrypt_mail_exclude_each_other() -> None:
    with pytest.raises(BadSetting, match="only one of"):
        Settings(mail_server="mail.example.org", mail_use_ssl=True).checked()


def test_the_secret_is_made_once_and_only_the_owner_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    settings = Settings(data_dir=str(folder)).checked()
    first, second = settings.prepared(), settings.prepared()
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) > 40
    assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600
    assert sorted(path.name for path in folder.iterdir()) == ["files", "secret_key"]


def test_uploads_lie_in_the_data_directory_or_where_a_setting_says(tmp_path: Path) -> None:
    usual = Settings(data_dir=str(tmp_path / "data")).checked().prepared()
    assert Path(usual.files_dir) == tmp_path / "data" / "files"
    shared = replace(usual, files_dir=str(tmp_path / "shared" / "files")).checked().prepared()
    assert stat.S_IMODE(Path(shared.files_dir).stat().st_mode) == 0o700
    (tmp_path / "a-file").touch()
    with pytest.raises(BadSetting, match="EDUFORUM_FILES_DIR"):
        replace(usual, files_dir=str(tmp_path / "a-file")).prepared()


def test_a_short_secret_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="EDUFORUM_SECRET_KEY"):
        Settings(data_dir=str(tmp_path), secret_key="short").checked().prepared()


@pytest.mark.parametrize("below", ["", "data"])
def test_a_file_in_the_way_is_named(tmp_path: Path, below: str) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(BadSetting, match=f"EDUFORUM_DATA_DIR '{file}"):
        Settings(data_dir=str(file / below)).checked().prepared()


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    secret = "5f0c2d"
    shown = repr(
        Settings(
            secret_key=secret,
            mail_password=secret,
            sqlalchemy_database_uri=f"postgresql+psycopg://u:{secret}@h/d",
        )
    )
    assert secret not in shown


@pytest.mark.parametrize(
    ("base_url", "secure", "name"),
    [
        ("https://forum.example.org", True, "__Host-session"),
        ("http://127.0.0.1:8000", False, "session"),
    ],
)
def test_cookies_follow_the_address(base_url: str, secure: bool, name: str) -> None:
    flask = replace(Settings(), base_url=base_url).checked().as_flask()
    assert (flask["SESSION_COOKIE_SECURE"], flask["SESSION_COOKIE_NAME"]) == (secure, name)
    assert flask["SESSION_COOKIE_HTTPONLY"]
    assert flask["SESSION_COOKIE_SAMESITE"] == "Lax"
