"""A ticket's text as a QR code: version 7 (45 x 45), level Q, quiet zone 4 (ISO/IEC 18004)."""

from base64 import b64encode
from io import BytesIO
from itertools import groupby

from PIL import Image
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.exceptions import DataOverflowError
from qrcode.util import MODE_ALPHA_NUM, QRData

QUIET_ZONE = 4
SIDE = 45 + 2 * QUIET_ZONE

_VERSION = 7
# Choosing the best of eight masks takes most of the time; over many tickets this one is the best.
_MASK = 6


def png(text: str, scale: int = 8) -> bytes:
    """Black on white, one bit a pixel, `SIDE * scale` pixels wide. Always the same bytes.

    Raises ValueError for more than 125 letters or one that alphanumeric mode has not.
    """
    image = Image.new("1", (SIDE, SIDE), 1)
    pixels = [not dark for row in _modules(text) for dark in row]
    core = Image.new("1", (SIDE - 2 * QUIET_ZONE,) * 2)
    core.putdata(pixels)
    image.paste(core, (QUIET_ZONE, QUIET_ZONE))
    out = BytesIO()
    image.resize((SIDE * scale,) * 2, Image.Resampling.NEAREST).save(out, "PNG")
    return out.getvalue()


def svg(text: str) -> str:
    """The same as an `<svg>` element to put into a page; its size and name come from the page.

    Raises ValueError as `png` does.
    """
    runs = "".join(_runs(text))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}"'
        f' shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{SIDE}v{SIDE}H0z"/>'
        f'<path d="{runs}"/></svg>'
    )


def modules(text: str) -> str:
    """The 45 × 45 modules row by row, a bit each (1 is dark), in base 64: for whoever draws it alone.

    Raises ValueError as `png` does.
    """
    bits = "".join("01"[dark] for row in _modules(text) for dark in row)
    return b64encode(int(bits, 2).to_bytes(-(-len(bits) // 8), "big")).decode()


def _runs(text: str) -> list[str]:
    """One flat rectangle for each run of dark modules."""
    runs = []
    for y, row in enumerate(_modules(text), QUIET_ZONE):
        x = QUIET_ZONE
        for dark, group in groupby(row):
            length = sum(1 for _ in group)
            if dark:
                runs.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length
    return runs


def _modules(text: str) -> list[list[bool]]:
    code = QRCode(version=_VERSION, error_correction=ERROR_CORRECT_Q, mask_pattern=_MASK)
    try:
        code.add_data(QRData(text, mode=MODE_ALPHA_NUM), optimize=0)
        code.make(fit=False)
    except DataOverflowError as problem:
        raise ValueError("The text is too long for a ticket's QR code.") from problem
    return [[bool(dark) for dark in row] for row in code.modules]
