"""What is kept, in words: labels of the export, fields with their purposes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eduforum.core.i18n import Text
from eduforum.core.id_numbers import ID_TYPE_NAMES, IdType
from eduforum.core.personal import Group

LABELS = {
    "exported_at": Text("导出时间", "Exported"),
    "registration": Text("报名", "Registration"),
    "tickets": Text("参会证", "Tickets"),
    "scans": Text("签到记录", "Check-ins"),
    "letters": Text("通知", "Letters"),
    "files": Text("文件", "Files"),
    "liaison": Text("联络员", "Liaison"),
    "imported": Text("导入的名单", "Imported lists"),
    "sheet": Text("工作表", "Sheet"),
    "row": Text("行", "Row"),
    "consents": Text("同意记录", "Consents"),
    "id": Text("编号", "Number"),
    "series": Text("系列活动", "Series"),
    "category": Text("参会类别", "Category"),
    "state": Text("状态", "State"),
    "name": Text("姓名（文件名）", "Name"),
    "organisation": Text("单位", "Organisation"),
    "position": Text("职务", "Position"),
    "mobile": Text("手机号", "Mobile number"),
    "email": Text("电子邮箱", "E-mail"),
    "id_type": Text("证件类型", "Kind of ID"),
    "id_number": Text("证件号码", "ID number"),
    "events": Text("活动", "Events"),
    "sessions": Text("场次", "Sessions"),
    "mode": Text("参加方式", "Way of taking part"),
    "answers": Text("回答", "Answers"),
    "language": Text("语言", "Language"),
    "source": Text("来源", "Source"),
    "applied_at": Text("报名时间", "Registered"),
    "updated_at": Text("更新时间", "Changed"),
    "reason": Text("主办方说明", "What the organiser wrote"),
    "holder": Text("证上姓名", "Name on it"),
    "unit": Text("证上单位", "Unit on it"),
    "standing": Text("效力", "Standing"),
    "shown_at_the_door": Text("现场可见的信息", "Shown at the door"),
    "issued_at": Text("发出时间", "Issued"),
    "ended_at": Text("终止时间", "Ended"),
    "point": Text("签到点", "Point"),
    "at": Text("时间", "Time"),
    "direction": Text("方向", "Direction"),
    "verdict": Text("结果", "Verdict"),
    "kind": Text("种类", "Kind"),
    "to": Text("收件地址", "Sent to"),
    "subject": Text("主题", "Subject"),
    "text": Text("内容", "Text"),
    "written_at": Text("写成时间", "Written"),
    "sent_at": Text("发出时间", "Sent"),
    "code": Text("事项", "About"),
    "version": Text("版本", "Version"),
    "given_at": Text("同意时间", "Agreed"),
    "withdrawn_at": Text("撤回时间", "Taken back"),
    "purpose": Text("用途", "Purpose"),
    "stored_at": Text("上传时间", "Uploaded"),
}


@dataclass(frozen=True, slots=True)
class FieldPurpose:
    """A field that may be kept: what for, whether it has to be given, and how long it stays."""

    name: Text
    purpose: Text
    need: Text
    group: Group


FIELDS = (
    FieldPurpose(
        Text("姓名", "Name"),
        Text(
            "审核报名、制作参会证、现场核对", "To review, make the ticket and check it at the door"
        ),
        Text("必填", "Required"),
        Group.GENERAL,
    ),
    FieldPurpose(
        Text("手机号、电子邮箱", "Mobile number, e-mail"),
        Text(
            "发送报名结果、变更通知和本人链接，识别重复报名",
            "To send the result, changes and the personal link, and to notice a second registration",
        ),
        Text("至少填写一项", "One of the two"),
        Group.GENERAL,
    ),
    FieldPurpose(
        Text("单位、职务", "Organisation, position"),
        Text("审核参会资格、统计各单位出席情况", "To review who may attend, and to count by unit"),
        Text("按参会类别要求", "As the category asks"),
        Group.GENERAL,
    ),
    FieldPurpose(
        Text("类别、活动、签到时间和地点", "Category, events, time and place of check-in"),
        Text("分配席位、现场入场、统计出席情况", "To give out seats, admit people and count them"),
        Text("报名和到场时产生", "Made by registering and arriving"),
        Group.GENERAL,
    ),
    FieldPurpose(
        Text("证件类型和号码", "Kind and number of an ID document"),
        Text("会场安保核验", "Security check of the venue"),
        Text("仅部分类别，须单独同意", "Some categories only, with a separate consent"),
        Group.IDENTITY,
    ),
    FieldPurpose(
        Text("表单中的回答和文件", "Answers and files of a form"),
        Text("各栏目旁已说明", "Said beside each question"),
        Text("按参会类别要求", "As the category asks"),
        Group.GENERAL,
    ),
)


def shown(value: Any) -> str:
    """A value of the export as people read it."""
    match value:
        case {"zh": str(zh), "en": str(en)}:
            return str(Text(zh, en))
        case Mapping():
            return str(Text("；", "; ")).join(f"{k}: {shown(v)}" for k, v in value.items())
        case list() | tuple():
            return str(Text("、", ", ")).join(shown(item) for item in value)
        case str() if value in list(IdType):
            return str(ID_TYPE_NAMES[IdType(value)])
        case bool():
            return str(Text("是", "yes") if value else Text("否", "no"))
    return str(value)
