"""Every letter we send, as its reader gets it. The approved ones are in `letters/`."""

from pathlib import Path
from typing import Any

import html5lib
import pytest
from flask import Flask

from eduforum.core.i18n import Language
from eduforum.notices.letters import (
    COMPOSERS,
    PERSONAL_LINK,
    Attachment,
    Extras,
    InlineImage,
    write,
)
from eduforum.notices.models import Notice
from eduforum.notices.rules import KIND_NAMES
from tests.golden import assert_golden

LETTERS = Path(__file__).parent / "letters"
LINK = "https://forum.example.org/r/AZGqRcR6cf2RcvVAJzAmWQAA.u1"
SERIES = {
    "zh": "京津冀教育协同发展系列主场活动",
    "en": "Beijing–Tianjin–Hebei Coordinated Education Development",
}
RELEASE = {
    "name": {"zh": "专项规划研究课题发布", "en": "Release of the planning research topics"},
    "starts_at": "2027-03-15T03:50:00+00:00",
    "ends_at": "2027-03-15T04:20:00+00:00",
    "room": {"zh": "主会场", "en": "Main hall"},
}
FORUM = {
    "name": {"zh": "职业教育工作交流论坛", "en": "Forum on vocational education"},
    "starts_at": "2027-03-15T06:00:00+00:00",
    "ends_at": "2027-03-15T08:30:00+00:00",
    "room": {"zh": "第二分会场", "en": "Forum room 2"},
}
MOVED = FORUM | {
    "starts_at": "2027-03-16T06:00:00+00:00",
    "ends_at": "2027-03-16T08:30:00+00:00",
    "room": {"zh": "图书馆报告厅", "en": "Library lecture hall"},
}
VISIT = {
    "name": {"zh": "雄安新区学校考察", "en": "Visit to schools in Xiong’an"},
    "starts_at": "2027-03-16T01:00:00+00:00",
    "ends_at": "2027-03-16T04:00:00+00:00",
    "room": {"zh": "", "en": ""},
}
COMMON: dict[str, Any] = {
    "name": "林知夏",
    "series": SERIES,
    "series_slug": "jjj-2027",
    "category": {"zh": "专家", "en": "Expert"},
    "time_zone": "Asia/Shanghai",
    "sample": True,
    "events": [RELEASE, FORUM],
    "staff_code": "",
    "place_in_line": None,
    "expires_at": None,
    "answer_by": None,
    "fields": [],
    "reason": "",
    "reason_name": None,
    "edit_until": "2027-03-10T10:00:00+00:00",
}
SPECIAL: dict[str, dict[str, Any]] = {
    "registration-confirmed": {"staff_code": "7K3MQ9TX", "events": [RELEASE, FORUM, VISIT]},
    "registration-link": {"staff_code": "7K3MQ9TX"},
    "registration-waitlisted": {"place_in_line": 3},
    "registration-offered": {"expires_at": "2027-03-02T04:00:00+00:00"},
    "registration-returned": {
        "fields": ["name", "mobile", "organisation"],
        "wrong": [
            {"field": "name", "label": None, "note": "请与身份证件一致。"},
            {"field": "mobile", "label": None, "note": "号码缺一位。"},
            {"field": "organisation", "label": None, "note": ""},
        ],
        "reason": "其他信息无误，更正后即可确认。",
        "answer_by": "2027-03-05T10:00:00+00:00",
    },
    "registration-return-ending": {
        "fields": ["answers.topic"],
        "wrong": [
            {
                "field": "answers.topic",
                "label": {"zh": "发言题目", "en": "Title of your talk"},
                "note": "请写明题目。",
            },
        ],
        "answer_by": "2027-03-05T10:00:00+00:00",
    },
    "registration-line-moved": {"place_in_line": 12, "reason": "已另行安排同一单位的代表参加。"},
    "registration-declined": {
        "reason_name": {"zh": "名额有限", "en": "Places are limited"},
        "reason": "“专家”类别面向高校与研究机构。",
    },
    "registration-cancelled": {"reason": "同一单位的名额已调整。"},
    "event-changed": {
        "events": [RELEASE, MOVED],
        "staff_code": "7K3MQ9TX",
        "changes": [
            {
                "event": FORUM["name"],
                "what": "day",
                "before": {"zh": "3 月 15 日，星期一", "en": "Monday, 15 March"},
                "after": {"zh": "3 月 16 日，星期二", "en": "Tuesday, 16 March"},
            },
            {
                "event": FORUM["name"],
                "what": "room",
                "before": {"zh": "第二分会场", "en": "Forum room 2"},
                "after": {"zh": "图书馆报告厅", "en": "Library lecture hall"},
            },
        ],
        "reason": "原会场设备检修。",
    },
    "event-cancelled": {
        "changes": [
            {
                "event": FORUM["name"],
                "what": "cancelled",
                "before": {"zh": "照常举行", "en": "As planned"},
                "after": {"zh": "已取消", "en": "Cancelled"},
            }
        ],
        "reason": "与全国会议时间冲突。",
    },
    "announcement": {
        "events": [FORUM],
        "said_subject": "论坛地点和入场须知 / How to get in",
        "said_body": "请于 13:30 前到达图书馆。\n请携带身份证件。 / Bring your ID.",
        "for_person": "",
    },
    "password-reset": {"invitation": False},
    "delegation-invited": {"seats": 12},
    "delegation-submitted": {
        "people": [
            {"name": "陈砚秋", "state": {"zh": "待审核", "en": "Under review"}, "told": True},
            {"name": "周望舒", "state": {"zh": "待审核", "en": "Under review"}, "told": False},
        ]
    },
    "delegation-code": {"code": "042917"},
    "invitation": {"events": [RELEASE]},
    "invitation-answered": {"answer": "no"},
}
LIAISON = {
    "name": "江屿白",
    "unit": "天津大学",
    "series": SERIES,
    "series_slug": "jjj-2027",
    "time_zone": "Asia/Shanghai",
    "sample": True,
    "edit_until": "2027-03-10T10:00:00+00:00",
}
PRESS: dict[str, Any] = {
    "name": "江晚照",
    "outlet": {"zh": "海河观察", "en": "Haihe Observer"},
    "series": SERIES,
    "series_slug": "jjj-2027",
    "time_zone": "Asia/Shanghai",
    "sample": True,
    "number": "7K3M Q9TX",
    "state": {"zh": "审查中", "en": "Under review"},
    "answer_days": 2,
}
REPORTER: dict[str, Any] = {
    "name": "苏沐辰",
    "role": {"zh": "摄影记者", "en": "Photographer"},
    "standing": "approved",
    "zones": [{"zh": "A 公共区", "en": "A Public area"}, {"zh": "B 媒体席", "en": "B Press stand"}],
    "second": [{"zh": "C 舞台限时拍摄区", "en": "C Stage pool"}],
    "valid_until": "2027-03-16T15:59:00+00:00",
    "reason": "",
}
WAITING = REPORTER | {"name": "白予安", "standing": "held", "zones": [], "second": []}
REFUSED = WAITING | {"name": "顾清和", "standing": "rejected", "reason": "照片与证件不符。"}
ASKED: dict[str, Any] = {
    "answer_by": "2027-03-05T10:00:00+00:00",
    "asked": [
        {
            "person": "",
            "what": {
                "zh": "请在派遣函中列出全部采访人员",
                "en": "Name everybody who comes in the letter of assignment",
            },
            "note": "白予安未列入。",
        },
        {"person": "苏沐辰", "what": {"zh": "请更换照片", "en": "Send another photo"}, "note": ""},
    ],
}
SLOT = {
    "person": "苏沐辰",
    "event": {"zh": "开幕式", "en": "Opening"},
    "starts_at": "2027-03-15T01:00:00+00:00",
    "ends_at": "2027-03-15T01:10:00+00:00",
    "meeting": {"zh": "主会场东门", "en": "East door of the main hall"},
    "escort": "顾清和 010-12345678",
}
TALK = {
    "person": "苏沐辰",
    "with_whom": "示例区教育局局长",
    "topics": "三地职业学校共同招生",
    "starts_at": "2027-03-15T06:30:00+00:00",
    "ends_at": "2027-03-15T06:50:00+00:00",
    "place": "采访间 2",
    "told": "",
}
OFF = TALK | {"told": "局长临时另有公务。"}
TO_GUEST = {
    "press-interview-guest",
    "press-interview-guest-moved",
    "press-interview-guest-cancelled",
}
CARD = {"person": "苏沐辰", "proxy": "", "told": ""}
SPECIAL |= {
    "press-received": {"people": [REPORTER | {"standing": "undecided", "zones": [], "second": []}]},
    "press-needs-info": ASKED,
    "press-info-ending": ASKED,
    "press-approved": {"people": [REPORTER, WAITING, REFUSED]},
    "press-zones": {"people": [REPORTER | {"second": []}]},
    "press-held": {"people": [WAITING]},
    "press-rejected": {
        "reason_name": {
            "zh": "派遣函不符合要求",
            "en": "The letter of assignment does not meet the rules",
        },
        "reason": "派遣函未盖公章。",
    },
    "press-upheld": {"appeal_answer": "补交的函件仍未盖公章。"},
    "press-overturned": {"appeal_answer": "公章在附件第二页，原审查有误。"},
    "press-code": {"code": "042917"},
    "press-card-collected": CARD | {"proxy": "白予安"},
    "press-card-lost": CARD,
    "press-card-reissued": CARD,
    "press-card-suspended": CARD | {"told": "在 C 区超时停留。"},
    "press-card-reinstated": CARD,
    "press-card-revoked": CARD | {"told": "证件转借他人使用。"},
    "press-last-call": {"names": ["苏沐辰", "白予安"], "collect_by": "2027-03-14T10:00:00+00:00"},
    "press-interview-accepted": TALK,
    "press-interview-moved": TALK | {"told": "应受访方要求改到下午。"},
    "press-interview-declined": {
        key: OFF[key] for key in ("person", "with_whom", "topics", "told")
    },
    "press-interview-cancelled": OFF,
    "press-interview-guest": TALK | {"name": "白予安"},
    "press-interview-guest-moved": TALK | {"name": "白予安"},
    "press-interview-guest-cancelled": OFF | {"name": "白予安"},
    "press-correction": {
        "title": {"zh": "开幕新闻稿", "en": "Opening release"},
        "correction": {"zh": "签约项目应为 18 个。", "en": "18 agreements were signed."},
        "corrected_at": "2027-03-15T03:20:00+00:00",
        "address": "https://forum.example.org/s/jjj-2027/press/room#m-1",
    },
    "press-pool": SLOT,
    "press-pool-cancelled": SLOT,
    "press-uncollected": {"names": ["苏沐辰", "白予安"]},
}
GUEST = {
    "name": "江屿白",
    "series": SERIES,
    "series_slug": "jjj-2027",
    "category": {"zh": "嘉宾", "en": "Guest"},
    "time_zone": "Asia/Shanghai",
    "sample": True,
    "events": [FORUM],
    "answer_by": "2027-03-05T10:00:00+00:00",
    "in_place_of": "",
    "answer": "",
}
CARRY_TICKET = {"registration-confirmed", "registration-link", "event-changed"}
# The smallest PNG: the pictures in the letters come from elsewhere.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010100000000376ef9240000000a49444154789c6360"
    "00000002000148afa4710000000049454e44ae426082"
)


def letter_values(kind: str) -> dict[str, Any]:
    if kind == "password-reset":
        return {"name": "林知夏", **SPECIAL[kind]}
    if kind.startswith("delegation-"):
        return LIAISON | SPECIAL.get(kind, {})
    if kind.startswith("press-"):
        return PRESS | SPECIAL.get(kind, {})
    if kind.startswith("invitation"):
        return GUEST | SPECIAL.get(kind, {})
    return COMMON | SPECIAL.get(kind, {})


def letter_extras(kind: str) -> Extras:
    if (
        kind
        in {"delegation-code", "press-code", "press-correction", "invitation-withdrawn"} | TO_GUEST
    ):
        return Extras()
    if kind not in CARRY_TICKET:
        return Extras(link=LINK)
    calendar = Attachment("schedule.ics", "text/calendar", b"BEGIN:VCALENDAR\r\nMETHOD:PUBLISH\r\n")
    return Extras(link=LINK, inline=[InlineImage("ticket", PNG)], attachments=[calendar])


def make_letter(kind: str, language: Language, **values: Any) -> Notice:
    return Notice(kind=kind, language=language.value, values=letter_values(kind) | values)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("kind", KIND_NAMES)
@pytest.mark.usefixtures("app")
def test_letter(kind: str, language: Language) -> None:
    extras = letter_extras(kind)

    letter = write(make_letter(kind, language), extras).with_link(extras.link)

    assert_golden(
        f"Subject: {letter.subject}\n\n{letter.text}", LETTERS / f"{kind}.{language.value}.txt"
    )
    assert_golden(letter.html, LETTERS / f"{kind}.{language.value}.html")


@pytest.mark.usefixtures("app")
def test_invitation_is_a_letter_of_its_own() -> None:
    notice = make_letter("password-reset", Language.EN, invitation=True)

    letter = write(notice, Extras(link=LINK)).with_link(LINK)

    assert letter.subject == "Your desk account is ready: EduForum"
    assert "An account for the desk has been made for you." in letter.text
    assert LINK in letter.text


@pytest.mark.usefixtures("app")
def test_what_goes_through_a_liaison_says_for_whom_it_is() -> None:
    notice = make_letter("registration-confirmed", Language.ZH, liaison="江屿白")

    text = write(notice, Extras(link=LINK)).with_link(LINK).text

    assert "江屿白您好：" in text
    assert "以下通知请转告林知夏（样本）。" in text
    assert "您是林知夏（样本）所在代表团的联络员" in text


@pytest.mark.usefixtures("app")
def test_who_comes_instead_reads_who_asked() -> None:
    invited = make_letter("invitation", Language.ZH, in_place_of="沈知远")
    spared = make_letter("invitation-withdrawn", Language.EN, in_place_of="Shen Zhiyuan")
    passed_on = make_letter("invitation-answered", Language.EN, answer="delegated")

    text = write(invited, Extras(link=LINK)).with_link(LINK).text

    assert "沈知远不能到会，请您代为参加。" in text
    assert "也可请他人代为参加" not in text
    assert "因为沈知远请您代为参加" in text
    assert "Shen Zhiyuan will come after all" in write(spared, Extras()).text
    assert "we have invited that person" in write(passed_on, Extras(link=LINK)).text


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_approved_letters_are_sound_html(kind: str) -> None:
    for language in Language:
        html = (LETTERS / f"{kind}.{language.value}.html").read_text()
        parser = html5lib.HTMLParser(strict=False)
        parser.parse(html)
        assert parser.errors == [], (language, parser.errors[:3])
        assert "<style" not in html
        assert "<script" not in html
        assert len(html.encode()) < 100_000, "Gmail cuts off longer ones"


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize(
    "payload",
    [
        "<img src=x onerror=alert(1)>",
        "{{ 7 * 7 }}{% raw %}",
        "{name}{series}",
        "=HYPERLINK(1)",
        "a\r\nBcc: eve@example.org\r\n\r\nbody",
        "\u202egnp.exe",
        "BEGIN:VEVENT",
        '’"><script>alert(1)</script>',
    ],
)
@pytest.mark.usefixtures("app")
def test_what_people_typed_has_no_effect(payload: str, language: Language) -> None:
    both = {"zh": payload, "en": payload}
    for kind in KIND_NAMES:
        plain = write(make_letter(kind, language), letter_extras(kind))
        values = {"name": payload, "category": both, "reason": payload, "fields": [payload]}
        letter = write(make_letter(kind, language, **values), letter_extras(kind))
        assert _tags(letter.html) >= _tags(plain.html)
        assert _tags(letter.html) - _tags(plain.html) <= {"br", "td", "tr"}
        assert letter.subject == plain.subject
        assert "49" not in letter.text
        assert "\r" not in letter.text
        assert "\u202e" not in letter.text + letter.html


def _tags(html: str) -> set[str]:
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    return {element.tag for element in tree.iter() if isinstance(element.tag, str)}


@pytest.mark.usefixtures("app")
def test_a_placeholder_in_a_name_is_not_filled() -> None:
    letter = write(make_letter("registration-received", Language.EN, name="{series}"), Extras())

    assert "Dear {series} (sample)," in letter.text


@pytest.mark.usefixtures("app")
def test_stored_letter_does_not_hold_the_link(app: Flask) -> None:
    kind = "registration-offered"
    letter = write(make_letter(kind, Language.ZH), Extras(link=f"{LINK}?a=1&b=2"))

    assert LINK not in letter.text + letter.html
    assert letter.text.count(PERSONAL_LINK) == 1
    shown = letter.with_link(f"{LINK}?a=1&b=2")
    assert f"{LINK}?a=1&b=2" in shown.text
    assert shown.html.count(f"{LINK}?a=1&amp;b=2") == 3
    assert PERSONAL_LINK not in shown.text + shown.html


@pytest.mark.usefixtures("app")
def test_a_letter_needs_no_values_but_says_something() -> None:
    for kind in KIND_NAMES:
        for language in Language:
            letter = write(Notice(kind=kind, language=language.value, values={}), Extras())
            assert letter.subject
            assert "None" not in letter.text
            assert "Undefined" not in letter.text


@pytest.mark.usefixtures("app")
def test_composers_are_only_for_kinds_that_exist() -> None:
    assert set(COMPOSERS) <= set(KIND_NAMES)
