"""The QR code of a ticket: what a scanner reads, and how it looks."""

import re
from io import BytesIO

import pytest
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image

from eduforum.tickets.qr import QUIET_ZONE, SIDE, png, svg
from eduforum.tickets.rules import TicketBody, encode, new_serial

TEXT = encode(
    TicketBody(1, 2024, new_serial().to_bytes(7, "big"), 3),
    Ed25519PrivateKey.from_private_bytes(bytes(range(32))),
)


def _image(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


@pytest.mark.parametrize("scale", [2, 4, 8])
def test_a_scanner_reads_the_text(scale: int) -> None:
    (found,) = zxingcpp.read_barcodes(_image(png(TEXT, scale)))
    assert found.text == TEXT
    assert isinstance(found.extra, dict)
    # 125 letters fit version 7-Q in alphanumeric mode alone; in bytes it holds 86.
    assert (found.extra["Version"], found.ec_level, found.symbology_identifier) == ("7", "Q", "]Q1")


def test_the_picture_is_one_bit_deep_with_a_quiet_zone() -> None:
    image = _image(png(TEXT, 3))
    assert (image.format, image.mode, image.size) == ("PNG", "1", (SIDE * 3, SIDE * 3))
    dark = image.convert("L").point(lambda value: 255 - value).getbbox()
    edge = QUIET_ZONE * 3
    assert dark == (edge, edge, SIDE * 3 - edge, SIDE * 3 - edge)


def test_svg_and_png_show_the_same() -> None:
    image = _image(png(TEXT, 1))
    from_png = {(x, y) for x in range(SIDE) for y in range(SIDE) if image.getpixel((x, y)) == 0}
    from_svg = {
        (int(x) + step, int(y))
        for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", svg(TEXT))
        for step in range(int(length))
    }
    assert from_svg == from_png


def test_svg_goes_into_a_page_under_a_strict_policy() -> None:
    picture = svg(TEXT)
    assert picture.startswith('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 53 53"')
    assert 'shape-rendering="crispEdges"' in picture
    assert "style" not in picture
    assert TEXT not in picture


def test_the_same_text_gives_the_same_bytes() -> None:
    assert png(TEXT) == png(TEXT)
    assert svg(TEXT) == svg(TEXT)


@pytest.mark.parametrize("text", [TEXT + "A", TEXT.lower(), "参会证"])
def test_other_text_is_refused(text: str) -> None:
    for draw in (png, svg):
        with pytest.raises(ValueError, match=r"text is too long|can not be represented"):
            draw(text)
