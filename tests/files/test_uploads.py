"""Uploads: every attack in words, what is kept, and what is swept away."""

import os
import stat
import time
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from PIL import Image
from sqlalchemy import select

from eduforum.core.audit import AuditEntry
from eduforum.core.db import db, transaction
from eduforum.core.errors import NotFound
from eduforum.files import disk, queries, services, serving
from eduforum.files.models import StoredFile
from eduforum.files.rules import IMAGES, MEBIBYTE, BadFile, Kind, Limits, download_name
from tests.files.uploads import (
    HTML,
    PDF,
    SCRIPT,
    SVG,
    Sent,
    jpeg_header,
    located_picture,
    picture,
    png_header,
    webp_header,
    zipped,
)

OWNER = "registration:1"


def store(data: bytes, limits: Limits | None = None, **kwargs: str) -> StoredFile:
    sent = Sent(data, kwargs.pop("filename", "照片.jpg"))
    return services.store(
        sent, owner=kwargs.get("owner", OWNER), purpose="test", limits=limits or Limits()
    )


def bytes_of(stored: StoredFile) -> bytes:
    return disk.path_of(stored.place).read_bytes()


def refusal(data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(BadFile) as refused:
        store(data, limits)
    assert db.session.scalar(select(StoredFile)) is None
    return refused.value.sentence.en


def test_a_picture_is_written_anew_upright_and_without_metadata(either_app: Flask) -> None:
    stored = store(located_picture())
    data = bytes_of(stored)
    assert b"SecretMaker" not in data
    assert b"SecretComment" not in data
    with Image.open(BytesIO(data)) as image:
        assert (image.format, image.size) == ("JPEG", (600, 800))
        assert not image.getexif()
        assert "icc_profile" not in image.info
    assert (stored.width, stored.height, stored.size) == (600, 800, len(data))


@pytest.mark.parametrize(("form", "mode"), [("PNG", "RGBA"), ("WEBP", "RGB"), ("JPEG", "CMYK")])
def test_every_kind_of_picture_becomes_a_jpeg(app: Flask, form: str, mode: str) -> None:
    stored = store(picture(form=form, mode=mode))
    with Image.open(BytesIO(bytes_of(stored))) as image:
        assert (image.format, image.mode) == ("JPEG", "RGB")
    assert stored.kind is Kind.JPEG


def test_what_hangs_on_a_picture_is_gone(app: Flask) -> None:
    """A picture that is an archive, or a page, as well: only the pixels are kept."""
    for tail in (zipped(), HTML, PDF):
        kept = bytes_of(store(picture() + tail))
        assert tail not in kept
        assert b"<script" not in kept
        assert b"PK\x05\x06" not in kept
    assert SCRIPT not in bytes_of(store(picture(form="PNG") + SCRIPT))


def test_pictures_are_scaled_and_cut_as_the_purpose_says(app: Flask) -> None:
    stored = store(picture(1600, 800), Limits(longest_side=400, ratio=(3, 4)))
    assert (stored.width, stored.height) == (300, 400)
    assert refusal_of_small(picture(100, 900)) == (
        "The picture is too small (100×900); its shorter side needs 300 pixels."
    )


def refusal_of_small(data: bytes) -> str:
    with pytest.raises(BadFile) as refused:
        store(data, Limits(shortest_side=300))
    return refused.value.sentence.en


@pytest.mark.parametrize("data", [SVG, HTML, b"MZ" + b"\0" * 99, zipped(), b"GIF89a" + b"\0" * 40])
def test_other_kinds_are_refused_whatever_they_are_called(app: Flask, data: bytes) -> None:
    assert refusal(data) == "Choose a JPG, PNG or WebP picture, or a PDF."
    assert refusal(data, Limits(kinds=IMAGES)) == "Choose a JPG, PNG or WebP picture."


def test_a_pdf_is_no_picture(app: Flask) -> None:
    assert refusal(PDF, Limits(kinds=IMAGES)) == "Choose a JPG, PNG or WebP picture."


@pytest.mark.parametrize(
    "bomb",
    [
        png_header(20_000, 20_000),
        jpeg_header(20_000, 20_000),
        webp_header(16_000, 16_000),
        png_header(2**31 - 1, 2**31 - 1),
    ],
)
def test_a_picture_with_too_many_pixels_is_refused_by_its_header(app: Flask, bomb: bytes) -> None:
    assert refusal(bomb) == "The picture has more than 50 megapixels. Make it smaller."


def test_the_pixels_of_a_refused_picture_are_never_decoded(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decoded(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(Image.Image, "load", decoded)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decoded)
    assert "megapixels" in refusal(png_header(20_000, 20_000))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_damaged_picture_is_refused_in_words(app: Flask, kind: str) -> None:
    whole = picture(form=kind)
    assert refusal(whole[: len(whole) // 2]) == "The picture is damaged. Choose another."
    assert refusal(whole[:20]) in {
        "The picture is damaged. Choose another.",
        "Choose a JPG, PNG or WebP picture, or a PDF.",
    }


def test_a_pdf_is_kept_as_it_is(app: Flask) -> None:
    stored = store(PDF, filename="证明.PDF")
    assert bytes_of(stored) == PDF
    assert (stored.kind, stored.name) == (Kind.PDF, "证明.pdf")


@pytest.mark.parametrize(
    "data",
    [
        PDF[:-1] + zipped(),
        PDF.replace(b"1.7\n", b"1.7\n" + SCRIPT),
        PDF.replace(b"1.7\n", b"1.7\n<HTML><body>"),
    ],
)
def test_a_pdf_that_is_something_else_as_well_is_refused(app: Flask, data: bytes) -> None:
    assert refusal(data) == "The file holds something else as well. Save it as a plain PDF."


def test_a_pdf_that_is_cut_off_is_refused(app: Flask) -> None:
    assert refusal(PDF[:40] + b"\0" * 2000) == "The PDF is cut off. Export it again."
    assert refusal(b"x" + PDF) == "Choose a JPG, PNG or WebP picture, or a PDF."


def test_no_more_is_read_than_may_be_sent(app: Flask) -> None:
    sent = Sent(b"\xff\xd8\xff" + b"\0" * (20 * MEBIBYTE))
    with pytest.raises(BadFile) as refused:
        services.store(sent, owner=OWNER, purpose="test", limits=Limits(size=MEBIBYTE))
    assert "larger than 1 MB" in refused.value.sentence.en
    assert sent.taken == MEBIBYTE + 1


def test_nothing_is_refused_too(app: Flask) -> None:
    assert refusal(b"") == "The file is empty. Choose it again."


def test_one_owner_keeps_only_so_much(either_app: Flask) -> None:
    limits = Limits(files=2)
    for _ in range(2):
        store(PDF, limits)
    with pytest.raises(BadFile) as refused:
        store(PDF, limits)
    assert "At most 2 files" in refused.value.sentence.en
    with pytest.raises(BadFile):
        store(PDF, Limits(volume=len(PDF) * 2))
    store(PDF, limits, owner="registration:2")


def test_names_are_harmless(app: Flask) -> None:
    assert download_name("../../etc/passwd", Kind.PDF) == "passwd.pdf"
    assert download_name("C:\\Users\\张三\\照片.JPEG", Kind.JPEG) == "照片.jpg"
    assert download_name("evil\u202egpj.exe", Kind.JPEG) == "evilgpj.jpg"
    assert download_name('a"; filename="b.html\r\nX: 1', Kind.PDF) == "a filename= b.pdf"
    assert download_name("", Kind.PDF) == "file.pdf"
    assert download_name("𬱖㛃.png", Kind.JPEG) == "𬱖㛃.jpg"
    assert len(download_name("长" * 500, Kind.PDF)) == 84


def test_bytes_lie_under_random_names_that_only_we_may_read(app: Flask) -> None:
    first, second = store(PDF), store(PDF)
    assert first.place != second.place
    path = disk.path_of(first.place)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.is_relative_to(app.config["FILES_DIR"])
    assert not path.is_relative_to(Path(__file__).parents[2] / "eduforum")
    for bad in ("../../etc/passwd", "a" * 47, "A" * 48, ""):
        with pytest.raises(ValueError, match="not a place"):
            disk.path_of(bad)


def test_it_is_given_out_as_an_attachment_that_runs_nothing(app: Flask) -> None:
    stored = store(PDF, filename="在读证明.pdf")
    with app.test_request_context():
        answer = serving.attachment(stored)
        answer.direct_passthrough = False
        assert answer.get_data() == PDF
        answer.close()
    headers = answer.headers
    assert headers["Content-Disposition"].startswith("attachment;")
    assert headers["Content-Type"] == "application/pdf"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_a_file_is_found_by_its_owner_only(app: Flask) -> None:
    stored = store(PDF)
    assert queries.file_or_404(OWNER, stored.id).id == stored.id
    with pytest.raises(NotFound):
        queries.file_or_404("registration:2", stored.id)
    with pytest.raises(NotFound):
        queries.file_or_404(OWNER, uuid4())


def test_a_draft_is_handed_over_with_what_was_stored(either_app: Flask) -> None:
    draft = services.draft_owner("web:abc")
    mine, other = store(PDF, owner=draft), store(PDF, owner=services.draft_owner("web:xyz"))
    with transaction():
        services.hand_over(draft, OWNER, [mine.id, other.id])
    assert [file.id for file in queries.files_of(OWNER)] == [mine.id]
    assert queries.files_of(draft) == []


def test_drafts_that_nobody_sent_are_swept_away(
    either_app: Flask, clock: time_machine.Traveller
) -> None:
    draft, kept = store(PDF, owner=services.draft_owner("abc")), store(PDF)
    services.sweep()
    assert disk.path_of(draft.place).exists()
    clock.shift(timedelta(days=1, minutes=1))
    services.sweep()
    assert not disk.path_of(draft.place).exists()
    assert disk.path_of(kept.place).exists()
    assert db.session.scalars(select(StoredFile.id)).all() == [kept.id]


def test_what_is_removed_is_gone_at_once_and_its_bytes_soon(either_app: Flask) -> None:
    stored = store(PDF, filename="张三的证明.pdf")
    with transaction():
        assert services.remove(OWNER) == 1
    with pytest.raises(NotFound):
        queries.file_or_404(OWNER, stored.id)
    assert db.session.scalar(select(StoredFile.name)) == ""
    services.sweep()
    assert not disk.path_of(stored.place).exists()
    assert db.session.scalar(select(StoredFile)) is None
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["file.store", "file.remove"]


def test_removing_that_is_taken_back_keeps_the_bytes(app: Flask) -> None:
    stored = store(PDF)
    with pytest.raises(ZeroDivisionError), transaction():
        _ = 1 // (services.remove(OWNER) - 1)
    services.sweep()
    assert bytes_of(queries.file_or_404(OWNER, stored.id)) == PDF


def test_bytes_that_no_row_knows_are_found(app: Flask, clock: time_machine.Traveller) -> None:
    known, stray = store(PDF), disk.keep(PDF)
    young = disk.keep(PDF)
    old = time.time() - 100_000
    for place in (known.place, stray):
        os.utime(disk.path_of(place), (old, old))
    os.utime(disk.path_of(young), (time.time(), time.time()))
    for _ in range(256):
        services.sweep()
        clock.shift(timedelta(minutes=1))
    assert disk.path_of(known.place).exists()
    assert not disk.path_of(stray).exists()
    assert disk.path_of(young).exists()


def test_the_audit_does_not_tell_the_number_of_a_draft(app: Flask) -> None:
    store(PDF, owner=services.draft_owner("web:geheim"))
    entry = db.session.scalars(select(AuditEntry)).one()
    assert "geheim" not in str(entry.after)


def test_what_a_file_field_offers() -> None:
    assert Limits().accept == "image/jpeg,image/png,image/webp,application/pdf"
    assert Limits(kinds=IMAGES).accept == "image/jpeg,image/png,image/webp"
