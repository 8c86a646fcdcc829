"""What may be uploaded: kinds told by their bytes, limits, and the refusals in words. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text

MEBIBYTE = 1024 * 1024
_LONGEST_NAME = 80
_PDF_HEAD = re.compile(rb"%PDF-[12]\.\d")
_MARKUP = re.compile(rb"<\s*(?:!doctype|html|head|body|script|svg|iframe|\?xml|\?php)", re.I)
_ZIP_END = b"PK\x05\x06"


class Kind(StrEnum):
    """A kind of file that can be taken, by what it is and not by what it calls itself."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    PDF = "pdf"


IMAGES = frozenset({Kind.JPEG, Kind.PNG, Kind.WEBP})
DOCUMENTS = IMAGES | {Kind.PDF}
MEDIA_TYPES: Mapping[Kind, str] = {
    Kind.JPEG: "image/jpeg",
    Kind.PNG: "image/png",
    Kind.WEBP: "image/webp",
    Kind.PDF: "application/pdf",
}
_KIND_WORDS = {
    IMAGES: Text("JPG、PNG 或 WebP 图片", "a JPG, PNG or WebP picture"),
    DOCUMENTS: Text("JPG、PNG、WebP 图片或 PDF 文件", "a JPG, PNG or WebP picture, or a PDF"),
    frozenset({Kind.PDF}): Text("PDF 文件", "a PDF file"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is taken for one purpose.

    size: most bytes of one file. pixels: most pixels, read from the header before anything is
    decoded. longest_side: pictures are scaled down to it. shortest_side: smaller ones are refused.
    ratio: width to height; a picture is cut to it around its middle. least: width and height that
    it must still have then. files, volume: how many files and bytes one owner may keep.
    """

    kinds: frozenset[Kind] = DOCUMENTS
    size: int = 8 * MEBIBYTE
    pixels: int = 50_000_000
    longest_side: int = 2400
    shortest_side: int = 0
    ratio: tuple[int, int] | None = None
    least: tuple[int, int] | None = None
    files: int = 20
    volume: int = 40 * MEBIBYTE

    @property
    def wanted(self) -> Text:
        """The kinds that are taken, in words."""
        return _KIND_WORDS[self.kinds]

    @property
    def accept(self) -> str:
        """What a file field offers to choose. A phone then turns its own format into a JPEG."""
        return ",".join(MEDIA_TYPES[kind] for kind in Kind if kind in self.kinds)


class BadFile(BadInput):
    """An upload that is not taken. The sentence says what to do instead."""

    code = "file-refused"

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence, {"file": [sentence]})


def check_size(size: int, limits: Limits) -> None:
    """Raises `BadFile` for nothing at all, and for more than is taken."""
    if size == 0:
        raise BadFile(Text("文件是空的，请重新选择。", "The file is empty. Choose it again."))
    if size > limits.size:
        raise BadFile(
            Text(
                "文件超过 {most} MB，请压缩后重新选择。",
                "The file is larger than {most} MB. Make it smaller and choose it again.",
            ).fill(most=limits.size // MEBIBYTE)
        )


def check_kind(kind: Kind | None, limits: Limits) -> Kind:
    """The kind, if it is taken. Raises `BadFile`, naming what would be."""
    if kind is None or kind not in limits.kinds:
        raise BadFile(Text("请选择{kinds}。", "Choose {kinds}.").fill(kinds=limits.wanted))
    return kind


def check_pdf(data: bytes) -> None:
    """Raises `BadFile` for a PDF that is cut off, or that is something else at the same time.

    ISO 32000-1, 7.5: a header at the very start, `%%EOF` within the last 1024 bytes.
    """
    if b"%%EOF" not in data[-1024:]:
        raise BadFile(
            Text("PDF 文件不完整，请重新导出后选择。", "The PDF is cut off. Export it again.")
        )
    if not _PDF_HEAD.match(data) or _MARKUP.search(data[:1024]) or _ends_as_zip(data):
        raise BadFile(
            Text(
                "文件内含有其他格式的内容，请另存为普通 PDF 后选择。",
                "The file holds something else as well. Save it as a plain PDF.",
            )
        )


def _ends_as_zip(data: bytes) -> bool:
    """Whether a ZIP's end record, whose comment fills the rest exactly, stands at the end."""
    at = data.rfind(_ZIP_END, max(0, len(data) - 65_557))
    if at < 0 or at + 22 > len(data):
        return False
    return at + 22 + int.from_bytes(data[at + 20 : at + 22], "little") == len(data)


def check_pixels(width: int, height: int, limits: Limits) -> None:
    """Raises `BadFile` for more pixels than are decoded, and for too few to be of use."""
    if width * height > limits.pixels:
        raise BadFile(
            Text(
                "图片超过 {most} 万像素，请缩小后重新选择。",
                "The picture has more than {mega} megapixels. Make it smaller.",
            ).fill(most=limits.pixels // 10_000, mega=limits.pixels // 1_000_000)
        )
    if min(width, height) < limits.shortest_side:
        raise BadFile(
            Text(
                "图片太小（{width}×{height}），短边须不少于 {least} 像素。",
                "The picture is too small ({width}×{height}); its shorter side needs {least} pixels.",
            ).fill(width=width, height=height, least=limits.shortest_side)
        )


def check_least(width: int, height: int, limits: Limits) -> None:
    """Raises `BadFile` for a picture that is too small once it is cut."""
    if limits.least and (width < limits.least[0] or height < limits.least[1]):
        raise BadFile(
            Text(
                "照片裁剪后为 {width}×{height} 像素，请上传不小于 {least} 像素的照片。",
                "Once cut, the photo is {width}×{height} pixels. Send one of at least {least}.",
            ).fill(width=width, height=height, least="{}×{}".format(*limits.least))
        )


def check_volume(files: int, size: int, limits: Limits) -> None:
    """Raises `BadFile` when one owner would keep too much."""
    if files > limits.files or size > limits.volume:
        raise BadFile(
            Text(
                "已上传的文件太多，请先删除不需要的文件。最多 {files} 个、共 {most} MB。",
                "Too much has been uploaded; remove what is not needed. At most {files} files, "
                "{most} MB together.",
            ).fill(files=limits.files, most=limits.volume // MEBIBYTE)
        )


def download_name(given: str, kind: Kind) -> str:
    """A harmless file name: no path, no control or direction characters, the true ending."""
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    stem = re.sub(r"\.[^.]{1,10}$", "", base)
    plain = "".join(
        sign for sign in stem if unicodedata.category(sign)[0] not in "CZ" or sign == " "
    )
    plain = " ".join(re.sub(r'[<>:"|?*;%]', " ", plain).split()).strip(" .")[:_LONGEST_NAME]
    ending = "jpg" if kind is Kind.JPEG else kind.value
    return f"{plain or 'file'}.{ending}"
