"""An address as a QR code, for phones that enrol: the desk shows it once."""

from io import BytesIO

from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.pil import PilImage


def link_png(url: str, scale: int = 6) -> bytes:
    """Black on white with a quiet zone of 4, `scale` pixels a module. The version fits the text."""
    code = QRCode(error_correction=ERROR_CORRECT_M, box_size=scale, border=4)
    code.add_data(url)
    code.make(fit=True)
    out = BytesIO()
    code.make_image(image_factory=PilImage).save(out, "PNG")
    return out.getvalue()
