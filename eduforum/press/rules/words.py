"""What an application is made of, and what its parts are called. Pure."""

from enum import StrEnum

from eduforum.core.i18n import Text


class OutletType(StrEnum):
    CENTRAL = "central"
    LOCAL = "local"
    TRADE = "trade"
    NEW_MEDIA = "new_media"
    HK_MACAO_TAIWAN = "hk_macao_taiwan"
    FOREIGN = "foreign"


class MediaGroup(StrEnum):
    """Each has its own window and its own required fields."""

    MAINLAND = "mainland"
    HK_MACAO_TAIWAN = "hk_macao_taiwan"
    FOREIGN = "foreign"


class OutletState(StrEnum):
    PROPOSED = "proposed"
    VERIFIED = "verified"


class VerifyMethod(StrEnum):
    """How it was made sure that an outlet is what it says."""

    ANNOUNCED = "announced"
    LICENCE = "licence"
    CALL_BACK = "call_back"
    LETTER = "letter"
    DOMAIN = "domain"
    FOREIGN_OFFICE = "foreign_office"


class JobRole(StrEnum):
    """What somebody does for the outlet on the spot."""

    TEXT = "text"
    PHOTO = "photo"
    CAMERA = "camera"
    LIVE = "live"
    TECHNICIAN = "technician"
    DRIVER = "driver"


class Coverage(StrEnum):
    NONE = "none"
    RECORDED = "recorded"
    LIVE = "live"


class Visa(StrEnum):
    """J-1 and J-2 are the visas for journalists, resident and visiting."""

    NONE = ""
    J1 = "j1"
    J2 = "j2"
    APPLYING = "applying"
    NOT_NEEDED = "not_needed"


class Zone(StrEnum):
    """Where a card admits its holder, as it is printed large on it."""

    PUBLIC = "A"
    STAND = "B"
    STAGE = "C"
    CENTRE = "D"
    INTERVIEW = "E"
    VIP = "F"


class CheckResult(StrEnum):
    """All that is kept of the security check."""

    NONE = ""
    CLEAR = "clear"
    NOT_CLEAR = "not_clear"


class InterviewState(StrEnum):
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    MOVED = "moved"
    CANCELLED = "cancelled"


class Verdict(StrEnum):
    """What an officer saw of one item of the checklist."""

    OK = "ok"
    BAD = "bad"
    OPEN = "open"


class Item(StrEnum):
    """What is checked, of the application or of each person; also what more can be asked for."""

    LETTER_SEALED = "letter_sealed"
    LETTER_EVENT = "letter_event"
    LETTER_DATES = "letter_dates"
    LETTER_STAFF = "letter_staff"
    CONTACT = "contact"
    CUSTOMS = "customs"
    CARD = "card"
    PHOTO = "photo"
    IDENTITY = "identity"
    VISA = "visa"
    EQUIPMENT = "equipment"


class Reason(StrEnum):
    """Why an application is rejected, as the outlet is told."""

    NOT_MEDIA = "not_media"
    LETTER = "letter"
    INCOMPLETE = "incomplete"
    LATE = "late"
    PLACES = "places"
    DUPLICATE = "duplicate"
    SECURITY = "security"
    OTHER = "other"


OUTLET_TYPE_NAMES = {
    OutletType.CENTRAL: Text("中央媒体", "Central media"),
    OutletType.LOCAL: Text("地方媒体", "Local media"),
    OutletType.TRADE: Text("行业媒体", "Trade media"),
    OutletType.NEW_MEDIA: Text("新媒体", "New media"),
    OutletType.HK_MACAO_TAIWAN: Text("港澳台媒体", "Hong Kong, Macao and Taiwan media"),
    OutletType.FOREIGN: Text("外国媒体", "Foreign media"),
}
GROUP_OF = {
    OutletType.HK_MACAO_TAIWAN: MediaGroup.HK_MACAO_TAIWAN,
    OutletType.FOREIGN: MediaGroup.FOREIGN,
}
"""The group of a type; all others are mainland media."""
GROUP_NAMES = {
    MediaGroup.MAINLAND: Text("内地媒体", "Mainland media"),
    MediaGroup.HK_MACAO_TAIWAN: Text("港澳台媒体", "Hong Kong, Macao and Taiwan media"),
    MediaGroup.FOREIGN: Text("外国媒体", "Foreign media"),
}
OUTLET_STATE_NAMES = {
    OutletState.PROPOSED: Text("未核实", "Not verified"),
    OutletState.VERIFIED: Text("已核实", "Verified"),
}
METHOD_NAMES = {
    VerifyMethod.ANNOUNCED: Text("活动公布的媒体名单", "Named in the announcement"),
    VerifyMethod.LICENCE: Text(
        "核对出版或新闻信息服务许可", "Publishing or news licence looked up"
    ),
    VerifyMethod.CALL_BACK: Text("按公开电话回拨", "Called back on its published number"),
    VerifyMethod.LETTER: Text("核对公章和单位函件", "Seal and letter compared"),
    VerifyMethod.DOMAIN: Text("单位邮箱回复", "Answer from the outlet's own mail domain"),
    VerifyMethod.FOREIGN_OFFICE: Text("外事部门确认", "Confirmed by the foreign affairs office"),
}
ROLE_NAMES = {
    JobRole.TEXT: Text("文字记者", "Reporter"),
    JobRole.PHOTO: Text("摄影记者", "Photographer"),
    JobRole.CAMERA: Text("摄像记者", "Camera operator"),
    JobRole.LIVE: Text("出镜或直播", "Live presenter"),
    JobRole.TECHNICIAN: Text("技术人员", "Technician"),
    JobRole.DRIVER: Text("驾驶员", "Driver"),
}
COVERAGE_NAMES = {
    Coverage.NONE: Text("不需要", "Neither"),
    Coverage.RECORDED: Text("录制", "Recorded"),
    Coverage.LIVE: Text("直播", "Live"),
}
VISA_NAMES = {
    Visa.J1: Text("J-1 常驻记者签证", "J-1, resident journalist"),
    Visa.J2: Text("J-2 短期采访签证", "J-2, visiting journalist"),
    Visa.APPLYING: Text("正在申请", "Being applied for"),
    Visa.NOT_NEEDED: Text("无需签证", "Not needed"),
}
ZONE_NAMES = {
    Zone.PUBLIC: Text("公共区", "Public area"),
    Zone.STAND: Text("媒体席", "Press stand"),
    Zone.STAGE: Text("舞台限时拍摄区", "Stage pool"),
    Zone.CENTRE: Text("新闻中心", "Press centre"),
    Zone.INTERVIEW: Text("采访间", "Interview room"),
    Zone.VIP: Text("贵宾区", "VIP area"),
}
NEEDS_SECOND = frozenset({Zone.STAGE, Zone.VIP})
"""Zones that two officers grant together."""
CHECK_NAMES = {
    CheckResult.NONE: Text("未核查", "Not checked"),
    CheckResult.CLEAR: Text("通过", "Clear"),
    CheckResult.NOT_CLEAR: Text("不通过", "Not clear"),
}
INTERVIEW_NAMES = {
    InterviewState.REQUESTED: Text("待答复", "Requested"),
    InterviewState.ACCEPTED: Text("已接受", "Accepted"),
    InterviewState.DECLINED: Text("未接受", "Declined"),
    InterviewState.MOVED: Text("已改期", "Moved"),
    InterviewState.CANCELLED: Text("已取消", "Cancelled"),
}
VERDICT_NAMES = {
    Verdict.OK: Text("符合", "Fine"),
    Verdict.BAD: Text("不符合", "Not right"),
    Verdict.OPEN: Text("未查", "Not checked"),
}
ITEM_NAMES = {
    Item.LETTER_SEALED: Text("派遣函盖有公章", "The letter is sealed"),
    Item.LETTER_EVENT: Text("派遣函写明活动名称", "The letter names the event"),
    Item.LETTER_DATES: Text("派遣函写明日期", "The letter names the dates"),
    Item.LETTER_STAFF: Text("派遣函列出全部人员", "The letter names all staff"),
    Item.CONTACT: Text("联络人可以联系", "The focal person can be reached"),
    Item.CUSTOMS: Text("器材报关清单完整", "The customs list is complete"),
    Item.CARD: Text(
        "记者证有效，或派遣函写明岗位", "Press card valid, or role named in the letter"
    ),
    Item.PHOTO: Text("照片可以制证", "The photo can be printed"),
    Item.IDENTITY: Text("姓名与证件一致", "The name matches the identity document"),
    Item.VISA: Text("签证种类相符", "The visa fits"),
    Item.EQUIPMENT: Text("器材清单完整", "The equipment list is complete"),
}
ITEM_ASKS = {
    Item.LETTER_SEALED: Text(
        "请上传加盖公章的派遣函", "Send the letter of assignment with its seal"
    ),
    Item.LETTER_EVENT: Text(
        "请在派遣函中写明活动名称", "Name the event in the letter of assignment"
    ),
    Item.LETTER_DATES: Text(
        "请在派遣函中写明采访日期", "Name the dates in the letter of assignment"
    ),
    Item.LETTER_STAFF: Text(
        "请在派遣函中列出全部采访人员", "Name everybody who comes in the letter of assignment"
    ),
    Item.CONTACT: Text("请核对联络人的手机号和邮箱", "Check the focal person's mobile and e-mail"),
    Item.CUSTOMS: Text("请上传器材报关清单", "Send the customs list of the equipment"),
    Item.CARD: Text(
        "请填写有效的记者证号，或在派遣函中写明岗位",
        "Give a valid press card number, or have the role named in the letter",
    ),
    Item.PHOTO: Text("请更换照片", "Send another photo"),
    Item.IDENTITY: Text("请核对姓名和证件号码", "Check the name and the ID number"),
    Item.VISA: Text("请核对签证信息", "Check what was said of the visa"),
    Item.EQUIPMENT: Text("请补充器材清单", "Complete the equipment list"),
}
"""What the outlet is asked to do about each."""
OF_APPLICATION = (
    Item.LETTER_SEALED, Item.LETTER_EVENT, Item.LETTER_DATES, Item.LETTER_STAFF, Item.CONTACT,
)  # fmt: skip
OF_PERSON = (Item.CARD, Item.PHOTO, Item.IDENTITY, Item.EQUIPMENT)
REASON_NAMES = {
    Reason.NOT_MEDIA: Text("单位不属于新闻媒体", "Not a news outlet"),
    Reason.LETTER: Text("派遣函不符合要求", "The letter of assignment does not meet the rules"),
    Reason.INCOMPLETE: Text("材料不齐", "The application is incomplete"),
    Reason.LATE: Text("已过申请期限", "Too late"),
    Reason.PLACES: Text("名额有限", "Places are limited"),
    Reason.DUPLICATE: Text("重复申请", "Applied for twice"),
    Reason.SECURITY: Text("未通过安全核查", "Security check not passed"),
    Reason.OTHER: Text("其他", "Another reason"),
}


def group_of(type_: OutletType) -> MediaGroup:
    return GROUP_OF.get(type_, MediaGroup.MAINLAND)


def items_of(group: MediaGroup) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """What is checked of an application of this group: (of the whole, of each person)."""
    if group is MediaGroup.FOREIGN:
        return (*OF_APPLICATION, Item.CUSTOMS), (*OF_PERSON, Item.VISA)
    return OF_APPLICATION, OF_PERSON
