"""Names of people: cleaned, compared, sorted, searched and masked."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin.constants import PHRASES_DICT

from eduforum.core.names import (
    Query,
    QueryKind,
    SearchForms,
    clean,
    clean_name,
    mask_email,
    mask_mobile,
    mask_name,
    name_key,
    pinyin_key,
    search_forms,
    search_terms,
)

LONGEST = "阿" * 30
NAMES = ["李", LONGEST, "买买提·吐尔逊", "O'Neil", "李 Anna", "㛃𬱖䶮𠮷", "Zoë Müller", "欧阳小红"]

# Text in which rules meet: Han, rare Han, dots, spaces, selectors, full width, marks, controls.
tricky = st.text(
    st.one_of(
        st.sampled_from(
            "张三\U00020bb7\u3400\uf900·•‧.．・ \u3000\t\u00a0'’Aａ１（，＜ü\u0301\u0338"
        ),
        st.sampled_from("\ufe00\U000e0100\u200b\u200d\u202e\ufeff\x00\x1f\u3164ßİŉǰΐſK"),
        st.characters(),
    ),
    max_size=24,
)


@pytest.mark.parametrize("name", NAMES)
def test_proper_names_stay_as_they_are(name: str) -> None:
    assert clean(name) == name
    assert clean_name(name) == name


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  天津一中 \t\n 高一（３）班　", "天津一中 高一（3）班"),
        ("Ａｂ１２，ｌｉｎ＠ｅｘａｍｐｌｅ．ｏｒｇ。", "Ab12，lin@example.org。"),
        ("Cafe\u0301", "Café"),
        ("a\u200bb\u202ec\ufeffd\u00ade\x00f\x7fg", "abcdefg"),
        ("line\r\nbreak\u2028here", "line break here"),
        ("\u3164\u2800\u200d", ""),
        ("葛\U000e0100城 A\U000e0100\ufe0f", "葛\U000e0100城 A"),
        ("broken \ud800 half", "broken half"),
        ("", ""),
    ],
)
def test_clean(typed: str, stored: str) -> None:
    assert clean(typed) == stored


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("张 三", "张三"),
        ("张　　三", "张三"),
        ("王\u200b小 明 ", "王小明"),
        ("买买提 • 吐尔逊", "买买提·吐尔逊"),
        ("李  Anna   Maria", "李 Anna Maria"),
        ("J. R. Smith", "J. R. Smith"),
        ("Ｊｏｈｎ　Ｓｍｉｔｈ", "John Smith"),
        ("王明（小）", "王明(小)"),
        ("葛\U000e0100 三", "葛\U000e0100三"),
        ("O’Neil", "O’Neil"),
    ],
)
def test_clean_name(typed: str, stored: str) -> None:
    assert clean_name(typed) == stored


@pytest.mark.parametrize("dot", "·•‧∙⋅・･.．")
def test_every_dot_between_han_is_the_middle_dot(dot: str) -> None:
    assert clean_name(f"买买提{dot}吐尔逊") == "买买提·吐尔逊"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("买买提·吐尔逊", "买买提 吐尔逊"),
        ("张 三", "张三"),
        ("ANNA LI", "anna  li"),
        ("O'Neil", "O’NEIL"),
        ("Zoe\u0308", "ZOË"),
        ("Strasse", "Straße"),
    ],
)
def test_spellings_of_one_name_share_a_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


def test_other_names_have_other_keys() -> None:
    assert len({name_key(name) for name in NAMES}) == len(NAMES)


@given(tricky)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert clean_name(clean_name(text)) == clean_name(text)
    assert name_key(name_key(text)) == name_key(text)
    assert name_key(clean_name(text)) == name_key(text)


@given(tricky)
def test_nothing_raises_and_everything_can_be_stored(text: str) -> None:
    forms = search_forms(text)
    kept = [clean(text), clean_name(text), name_key(text), pinyin_key(text)]
    kept += [forms.pinyin, forms.initials, search_terms(text).term]
    kept += [mask_mobile(text), mask_email(clean(text))]
    for value in kept[:-2]:
        value.encode()
    assert forms.pinyin == "" or forms.pinyin.isalpha()
    assert len(forms.initials) <= len(forms.pinyin)


READINGS = re.findall(
    r"(\S+) (\S+)",
    """
仇 qiu2 单 shan4 曾 zeng1 解 xie4 查 zha1 区 ou1 朴 piao2 翟 zhai2 盖 ge3 乐 yue4 缪 miao4
召 shao4 华 hua4 任 ren2 宁 ning4 葛 ge3 冼 xian3 洗 xian3 秘 bi4 折 she2 过 guo1 员 yun4 黑 he4
那 na1 种 chong2 逄 pang2 繁 po2 幺 yao1 殷 yin1 覃 qin2 燕 yan1 应 ying1 訾 zi1 尉 wei4 邱 qiu1
张 zhang1 吕 lv3
""",
)


@pytest.mark.parametrize(("surname", "reading"), READINGS)
def test_surnames_have_their_own_reading(surname: str, reading: str) -> None:
    assert pinyin_key(f"{surname}小红") == f"{reading} xiao3 hong2"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("尉迟恭", "yu4 chi2 gong1"),
        ("万俟卨", "mo4 qi2 xie4"),
        ("令狐冲", "ling2 hu2 chong1"),
        ("长孙无忌", "zhang3 sun1 wu2 ji4"),
        ("澹台灭明", "tan2 tai2 mie4 ming2"),
        ("皇甫嵩", "huang2 fu3 song1"),
        ("诸葛亮", "zhu1 ge3 liang4"),
        ("欧阳修", "ou1 yang2 xiu1"),
        ("司马光", "si1 ma3 guang1"),
        ("上官婉儿", "shang4 guan1 wan3 er2"),
        ("夏侯惇", "xia4 hou2 dun1"),
        ("令狐", "ling4 hu2"),
        ("李", "li3"),
        ("查干·巴特尔", "cha2 gan4 ba1 te4 er3"),
        ("㛃𬱖䶮𠮷", "jie2 di2 yan3 ji2"),
        ("王\U0003fffd", "wang2 ~\U0003fffd"),
        ("葛\U000e0100三", "ge3 san1"),
        ("O'Neil, Séan", "oneil sean"),
        ("李 Anna", "li3 anna"),
        ("", ""),
    ],
)
def test_pinyin_key(name: str, key: str) -> None:
    assert pinyin_key(name) == key


def test_names_sort_by_sound_and_unreadable_ones_last() -> None:
    names = [
        "\U0003fffd三",
        "仇英",
        "邱兴",
        "安宁",
        "Bob",
        "单雄",
        "O'Neil",
        "齐白",
        "曾国",
        "西安",
        "仙女",
    ]
    order = [
        "安宁",
        "Bob",
        "O'Neil",
        "齐白",
        "邱兴",
        "仇英",
        "单雄",
        "西安",
        "仙女",
        "曾国",
        "\U0003fffd三",
    ]
    assert sorted(names, key=pinyin_key) == order


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("林之夏", SearchForms("linzhixia", "lzx")),
        ("仇小红", SearchForms("qiuxiaohong", "qxh")),
        ("吕布", SearchForms("lvbu", "lb")),
        ("买买提·吐尔逊", SearchForms("maimaitituerxun", "mmttex")),
        ("O'Neil", SearchForms("oneil", "o")),
        ("Anna Li", SearchForms("annali", "al")),
        ("李 Anna", SearchForms("lianna", "la")),
        ("\U0003fffd", SearchForms("", "")),
        (LONGEST, SearchForms("a" * 30, "a" * 30)),
    ],
)
def test_search_forms(name: str, forms: SearchForms) -> None:
    assert search_forms(name) == forms


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("林 之", Query(QueryKind.HAN, "林之")),
        ("买买提.吐", Query(QueryKind.HAN, "买买提·吐")),
        ("林%_\\", Query(QueryKind.HAN, "林\\%\\_\\\\")),
        ("林1", Query(QueryKind.HAN, "林1")),
        ("Lin Zhi", Query(QueryKind.LETTERS, "linzhi")),
        ("O’Neil", Query(QueryKind.LETTERS, "oneil")),
        ("lübu", Query(QueryKind.LETTERS, "lvbu")),
        ("LVBU%", Query(QueryKind.LETTERS, "lvbu")),
        ("０１２３", Query(QueryKind.DIGITS, "0123")),
        ("138 0013-", Query(QueryKind.DIGITS, "1380013")),
        ("%_", Query(QueryKind.NOTHING, "")),
        ("  ", Query(QueryKind.NOTHING, "")),
    ],
)
def test_search_terms(typed: str, query: Query) -> None:
    assert search_terms(typed) == query


@pytest.mark.parametrize("name", [name for name in NAMES if search_forms(name).pinyin])
def test_what_is_stored_is_found_by_typing_it(name: str) -> None:
    forms = search_forms(name)
    assert search_terms(forms.pinyin) == Query(QueryKind.LETTERS, forms.pinyin)
    assert search_terms(forms.initials) == Query(QueryKind.LETTERS, forms.initials)


@pytest.mark.parametrize(
    ("mobile", "shown"),
    [
        ("+8613900000123", "139****0123"),
        ("+85291234567", "+85****4567"),
        ("+12345", "****"),
        ("", ""),
    ],
)
def test_mask_mobile(mobile: str, shown: str) -> None:
    assert mask_mobile(mobile) == shown


@pytest.mark.parametrize(
    ("email", "shown"),
    [
        ("lin@example.org", "l***@example.org"),
        ("张三@例子.中国", "张***@例子.中国"),
        ("no address", "***"),
        ("", ""),
    ],
)
def test_mask_email(email: str, shown: str) -> None:
    assert mask_email(email) == shown


def test_pypinyin_runs_without_its_phrase_tables() -> None:
    assert PHRASES_DICT == {}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("林知夏", "林**"),
        ("𠮷田", "𠮷*"),
        ("买买提·吐尔逊", "买******"),
        ("Mary Ann Lin", "M*** A*** L***"),
        ("李", "李"),
        ("", ""),
    ],
)
def test_mask_name(name: str, shown: str) -> None:
    assert mask_name(name) == shown
