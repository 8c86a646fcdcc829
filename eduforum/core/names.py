"""Names of people: how they are cleaned, compared, sorted, found and shown in part."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

# Every plane for ideographs is counted whole: new characters appear there, and Python's own tables
# are older than some names. U+E815..E864 is where old systems keep characters of GB 18030.
_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\ue815-\ue864\uf900-\ufaff\U00020000-\U0003fffd"
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_HAN_CHAR = re.compile(f"[{_HAN}][{_SELECTORS}]?")
_HAN_RUN = re.compile(f"(?:[{_HAN}][{_SELECTORS}]?)+")
_STRAY_SELECTOR = re.compile(f"(?<![{_HAN}])[{_SELECTORS}]")
_AFTER_HAN = f"(?:(?<=[{_HAN}])|(?<=[{_HAN}][{_SELECTORS}]))"
_BEFORE_HAN = f"(?=[{_HAN}])"

# The middle dot of minority names and what people type for it (the full stop only between Han).
_DOTS = "\u00b7\u2022\u2027\u2219\u22c5\u2e31\u30fb\uff65\ua78f"
_NAME_DOT = re.compile(rf"{_AFTER_HAN}[\s{_DOTS}.]*[{_DOTS}.][\s{_DOTS}.]*{_BEFORE_HAN}")
_NAME_SPACE = re.compile(rf"{_AFTER_HAN}\s+{_BEFORE_HAN}")
_NOT_IN_KEY = re.compile(rf"[\s{_DOTS}]+")

# Letters that show nothing although Unicode does not call them format characters.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u2800\u3164\uffa0")
_CHINESE_MARKS = frozenset("！（），：；？［］～")  # noqa: RUF001  (as typed, they are meant)
_HALF_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_HALF_WIDTH_IN_TEXT = {
    code: half for code, half in _HALF_WIDTH.items() if chr(code) not in _CHINESE_MARKS
}
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc`", "'"))

# What most people type; it stays as it is.
_CLEAN = re.compile("[!-~\u4e00-\u9fff]+(?: [!-~\u4e00-\u9fff]+)*")

# Surnames that are read otherwise than their characters alone (Xiandai Hanyu Cidian).
_SURNAME_TABLE = """
仇 qiu2  单 shan4  單 shan4  曾 zeng1  解 xie4  查 zha1  区 ou1  區 ou1  朴 piao2  翟 zhai2
盖 ge3  蓋 ge3  乐 yue4  樂 yue4  缪 miao4  繆 miao4  召 shao4  华 hua4  華 hua4  任 ren2
宁 ning4  甯 ning4  葛 ge3  冼 xian3  洗 xian3  秘 bi4  折 she2  过 guo1  過 guo1  员 yun4
員 yun4  黑 he4  那 na1  种 chong2  種 chong2  逄 pang2  繁 po2  幺 yao1  么 yao1  殷 yin1
覃 qin2  燕 yan1  应 ying1  應 ying1  訾 zi1  尉 wei4  卜 bu3  隗 wei3  都 du1  哈 ha3  句 gou1
粘 nian2  纪 ji3  紀 ji3  佴 nai4  於 yu1  祭 zhai4  阚 kan4  闞 kan4  乜 nie4  肖 xiao1  要 yao1
撒 sa3  郇 xun2  薄 bo2  干 gan1  炅 gui4  少 shao4  蔚 yu4  尉迟 yu4-chi2  尉遲 yu4-chi2
万俟 mo4-qi2  萬俟 mo4-qi2  令狐 ling2-hu2  长孙 zhang3-sun1  長孫 zhang3-sun1  澹台 tan2-tai2
澹臺 tan2-tai2  皇甫 huang2-fu3  诸葛 zhu1-ge3  諸葛 zhu1-ge3  欧阳 ou1-yang2  歐陽 ou1-yang2
司马 si1-ma3  司馬 si1-ma3  上官 shang4-guan1  夏侯 xia4-hou2  鲜于 xian1-yu2  鮮于 xian1-yu2
乐正 yue4-zheng4  樂正 yue4-zheng4  夹谷 jia2-gu3
"""
_SURNAMES: dict[str, tuple[str, ...]] = {
    surname: tuple(readings.split("-"))
    for surname, readings in re.findall(r"(\S+) (\S+)", _SURNAME_TABLE)
}
_RARE = {"\U00020bb7": "ji2"}  # what pypinyin cannot read: 𠮷


def clean(text: str) -> str:
    """One line of text as it is stored: NFC, single spaces, no invisible characters.

    Full-width letters, digits, spaces and signs become half-width; Chinese punctuation stays as
    typed. A variation selector stays only behind an ideograph (UTS #37). Never raises.
    """
    if _CLEAN.fullmatch(text):
        return text
    shown = "".join(char for char in text if _is_shown(char))
    composed = unicodedata.normalize("NFC", shown.translate(_HALF_WIDTH_IN_TEXT))
    return " ".join(_STRAY_SELECTOR.sub("", composed).split())


def clean_name(text: str) -> str:
    """A person's name as it is stored: `clean`, and all of it half-width.

    Between Han characters every kind of dot becomes `·` (GB 18030's interpunct of minority names)
    and spaces go: 张 三 -> 张三. Latin names keep their single spaces.
    """
    name = unicodedata.normalize("NFC", clean(text).translate(_HALF_WIDTH))
    return _NAME_SPACE.sub("", _NAME_DOT.sub("·", name))


def name_key(name: str) -> str:
    """What two spellings of one person's name share: no case, no spaces, no middle dots.

    Equal keys mean an equal name, never yet the same person.
    """
    bare = _NOT_IN_KEY.sub("", clean_name(name).translate(_APOSTROPHES))
    folded = unicodedata.normalize("NFD", bare).casefold()
    return unicodedata.normalize("NFC", folded)


def pinyin_key(name: str) -> str:
    """The key by which names are sorted, compared by code point (collation C).

    Han characters give syllables with tone digits (仇小红: `qiu2 xiao3 hong2`), the surname by the
    surname table; a Han character without a known reading sorts behind all others, by code point.
    Latin names give their letters without case and marks.
    """
    return " ".join(_syllables(name, keep_unknown=True))


@dataclass(frozen=True, slots=True)
class SearchForms:
    """What may be typed to find a name: `linzhixia` and `lzx` for 林之夏. Letters only."""

    pinyin: str
    initials: str


def search_forms(name: str) -> SearchForms:
    """The letters of a name and of its first letters; both empty if no character is readable."""
    words = [_letters(word) for word in _syllables(name, keep_unknown=False)]
    return SearchForms("".join(words), "".join(word[:1] for word in words))


class QueryKind(StrEnum):
    """What somebody typed into a search box."""

    HAN = "han"
    LETTERS = "letters"
    DIGITS = "digits"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Query:
    r"""A search, ready for `LIKE term || '%' ESCAPE '\'`.

    HAN: the cleaned name. LETTERS: lower-case letters to compare with `SearchForms`.
    DIGITS: digits alone. NOTHING: no term; nothing must be found.
    """

    kind: QueryKind
    term: str


def search_terms(query: str) -> Query:
    """Tell what was typed and bring it into the form in which it is stored. Never raises."""
    typed = clean_name(query)
    if _HAN_RUN.search(typed):
        return Query(QueryKind.HAN, re.sub(r"([\\%_])", r"\\\1", typed))
    if letters := _letters(_fold(re.sub("(?<=[ln])ü", "v", typed.lower()))):
        return Query(QueryKind.LETTERS, letters)
    if digits := re.sub("[^0-9]", "", typed):
        return Query(QueryKind.DIGITS, digits)
    return Query(QueryKind.NOTHING, "")


def mask_name(name: str) -> str:
    """林知夏 -> 林**; Mary Ann -> M*** A***: enough for whoever knows the person to tell who it is."""
    if first := _HAN_CHAR.match(name):
        return first[0] + "*" * (len(name) - len(first[0]))
    return " ".join(f"{part[:1]}***" for part in name.split())


def mask_mobile(mobile: str) -> str:
    """+8613900000123 -> 139****0123; foreign numbers keep two digits at the front."""
    national = mobile.removeprefix("+86") if len(mobile) == len("+8613900000123") else mobile
    if len(national) < len("+1234567"):
        return "****" if national else ""
    return f"{national[:3]}****{national[-4:]}"


def mask_email(email: str) -> str:
    """lin@example.org -> l***@example.org."""
    local, at, domain = email.rpartition("@")
    if not at:
        return "***" if email else ""
    return f"{local[:1]}***@{domain}"


def _is_shown(char: str) -> bool:
    if char.isspace():
        return True
    code = ord(char)
    if code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF:  # noncharacters, illegal in XML
        return False
    return char not in _INVISIBLE and unicodedata.category(char) not in {"Cc", "Cf", "Cs"}


def _syllables(name: str, *, keep_unknown: bool) -> list[str]:
    cleaned = clean_name(name)
    syllables: list[str] = []
    rest = 0
    for run in _HAN_RUN.finditer(cleaned):
        syllables += _fold(cleaned[rest : run.start()]).split()
        han = re.sub(f"[{_SELECTORS}]", "", run[0])
        # A transliterated name has no Han surname: 查干·巴特尔 is not of the family 查.
        surname = () if run.start() or "·" in cleaned else _surname(han)
        syllables += surname
        syllables += [
            reading
            for char in han[len(surname) :]
            if (reading := _reading(char) or (f"~{char}" if keep_unknown else ""))
        ]
        rest = run.end()
    return syllables + _fold(cleaned[rest:]).split()


def _surname(han: str) -> tuple[str, ...]:
    """The readings of the family name at the start; of nothing if they are the usual ones."""
    compound = _SURNAMES.get(han[:2], ()) if len(han) > 2 else ()
    return compound or _SURNAMES.get(han[0], ())


@lru_cache(maxsize=8192)
def _reading(char: str) -> str:
    """The usual reading with its tone digit (5: none), or "" if nobody knows one."""
    if char in _RARE:
        return _RARE[char]
    found = lazy_pinyin(char, style=Style.TONE3, errors="ignore", neutral_tone_with_five=True)
    return "".join(found)


def _fold(text: str) -> str:
    """Letters and digits without case or marks; an apostrophe joins, all else separates words."""
    plain = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold()
    kept = (char for char in plain if char != "'" and not unicodedata.combining(char))
    return "".join(char if char.isalnum() else " " for char in kept)


def _letters(text: str) -> str:
    return "".join(char for char in text if char.isalpha())
