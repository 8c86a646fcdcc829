"""Pictures are written anew from their pixels: nothing else of what was sent survives."""

import threading
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps

from eduforum.core.i18n import Text
from eduforum.files.rules import BadFile, Kind, Limits, check_least, check_pixels

# Every picture from outside is opened here, and refused by its header before Pillow would count.
Image.MAX_IMAGE_PIXELS = None

_ONE_AT_A_TIME = threading.Semaphore(1)
"""A picture takes up to 200 MB while it is decoded."""
_QUALITY = 88
_FORMATS = {Kind.JPEG: "JPEG", Kind.PNG: "PNG", Kind.WEBP: "WEBP"}
_BROKEN = Text("图片已损坏，请重新选择。", "The picture is damaged. Choose another.")


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG of our own making."""

    data: bytes
    width: int
    height: int


def rewritten(data: bytes, kind: Kind, limits: Limits) -> Picture:
    """The picture upright, cut and scaled as `limits` say, as a JPEG without metadata.

    Its size is read from the header first. Raises `BadFile`.
    """
    if kind is Kind.WEBP:  # its decoder takes memory for the whole canvas when it is opened
        check_pixels(*_webp_size(data), limits)
    try:
        with Image.open(BytesIO(data), formats=[_FORMATS[kind]]) as image:
            check_pixels(*image.size, limits)
            with _ONE_AT_A_TIME:
                return _encoded(_shaped(image, limits))
    except BadFile:
        raise
    except Exception:  # whatever a decoder says of bytes from outside means one thing here
        raise BadFile(_BROKEN) from None


def _shaped(image: Image.Image, limits: Limits) -> Image.Image:
    side = limits.longest_side
    image.draft("RGB", (side, side))  # a JPEG is decoded no larger than it needs to be
    upright = ImageOps.exif_transpose(image)
    if limits.ratio:
        upright = _cut(upright, limits.ratio)
    check_least(upright.width, upright.height, limits)
    upright.thumbnail((side, side), Image.Resampling.LANCZOS)
    return _on_white(upright)


def _cut(image: Image.Image, ratio: tuple[int, int]) -> Image.Image:
    wide, high = ratio
    width = min(image.width, image.height * wide // high)
    height = min(image.height, image.width * high // wide)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        seen = image.convert("RGBA")
        ground = Image.new("RGB", seen.size, "white")
        ground.paste(seen, mask=seen.getchannel("A"))
        return ground
    return image.convert("RGB")


def _encoded(image: Image.Image) -> Picture:
    # A fresh image carries no metadata; `exif` and `icc_profile` of the old one would.
    bare = Image.new("RGB", image.size)
    bare.paste(image)
    out = BytesIO()
    bare.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return Picture(out.getvalue(), *bare.size)


def _webp_size(data: bytes) -> tuple[int, int]:
    """Width and height from the first chunk (RFC 9649, 2.5 to 2.7). Raises `BadFile`."""
    if len(data) < 30:
        raise BadFile(_BROKEN)
    chunk = data[12:16]
    if chunk == b"VP8X":
        return _u24(data[24:27]) + 1, _u24(data[27:30]) + 1
    if chunk == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 ":
        return (int.from_bytes(data[26:28], "little") & 0x3FFF,
                int.from_bytes(data[28:30], "little") & 0x3FFF)  # fmt: skip
    raise BadFile(_BROKEN)


def _u24(data: bytes) -> int:
    return int.from_bytes(data, "little")
