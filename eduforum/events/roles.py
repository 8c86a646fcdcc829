"""What roles and scopes are called, and who may give which."""

from eduforum.core.i18n import Text
from eduforum.events.rules import NotYoursToGive
from eduforum.web.access import Role, Scope

ROLE_NAMES = {
    Role.ADMIN: Text("管理员", "Administrator"),
    Role.ORGANISER: Text("组织者", "Organiser"),
    Role.REGISTRAR: Text("报名管理", "Registrar"),
    Role.PRESS_OFFICER: Text("媒体管理", "Press officer"),
    Role.DOOR: Text("现场签到", "Door"),
    Role.VIEWER: Text("只读", "Viewer"),
}
ROLE_NOTES = {
    Role.ADMIN: Text("可管理全部系列活动。", "Everything, in every series."),
    Role.ORGANISER: Text("可管理本系列活动的全部内容。", "Everything in this series."),
    Role.REGISTRAR: Text("审核和处理报名。", "Decides on and looks after registrations."),
    Role.PRESS_OFFICER: Text("处理媒体采访申请。", "Looks after applications of the press."),
    Role.DOOR: Text("在现场扫码签到。", "Scans tickets at the door."),
    Role.VIEWER: Text("可查看，个人信息已遮盖。", "Reads; personal data is masked."),
}
SCOPE_NAMES = {
    Scope.READ: Text("读取", "Read"),
    Scope.REGISTER: Text("提交报名", "Register"),
    Scope.DOOR: Text("签到", "Door"),
    Scope.PRESS: Text("媒体", "Press"),
    Scope.MANAGE: Text("管理", "Manage"),
}


def check_may_give(role: Role, *, by_admin: bool) -> None:
    """Raise `NotYoursToGive` for a role that only an administrator may give or take."""
    if role is Role.ADMIN and not by_admin:
        raise NotYoursToGive
