"""Files as people send them, and as attackers do."""

import struct
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
SCRIPT = b"<script>alert(document.domain)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><title>x</title>" + SCRIPT


@dataclass
class Sent:
    """An upload with its name and a stream that remembers how much was read of it."""

    data: bytes
    filename: str | None = "照片.jpg"
    taken: int = 0

    def __post_init__(self) -> None:
        self._rest = BytesIO(self.data)

    @property
    def stream(self) -> "Sent":
        return self

    def read(self, size: int, /) -> bytes:
        piece = self._rest.read(size)
        self.taken += len(piece)
        return piece


def picture(
    width: int = 600, height: int = 800, *, form: str = "JPEG", mode: str = "RGB", **saved: object
) -> bytes:
    """A picture with a gradient, so that cutting and turning can be seen."""
    image = Image.linear_gradient("L").resize((width, height)).convert(mode)
    out = BytesIO()
    image.save(out, form, **saved)
    return out.getvalue()


def located_picture() -> bytes:
    """A picture as a phone takes it: lying on its side, with place and maker in EXIF."""
    exif = Image.Exif()
    exif[0x010F] = "SecretMaker"
    exif[0x0112] = 6  # turned by a quarter
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (39.0, 8.0, 30.0)
    return picture(800, 600, exif=exif, comment=b"SecretComment")


def zipped() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("index.html", HTML)
    return out.getvalue()


def png_header(width: int, height: int) -> bytes:
    """The beginning of a PNG of any size: nothing but what it says of itself."""
    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", size) + _chunk(b"IDAT", zlib.compress(b"\0" * 99))


def jpeg_header(width: int, height: int) -> bytes:
    """A JPEG whose frame header claims any size."""
    small = picture(8, 8)
    at = small.index(b"\xff\xc0") + 5
    return small[:at] + struct.pack(">HH", height, width) + small[at + 4 :]


def webp_header(width: int, height: int) -> bytes:
    body = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0"
    body += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body + b"\0" * 8


def _chunk(name: bytes, body: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + body))
    return struct.pack(">I", len(body)) + name + body + check
