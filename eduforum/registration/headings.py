"""The columns of lists of people that are read from spreadsheets: imports, delegations, guests.

Whoever reads such a list takes the headings that it wants from here, so that a column is called
the same things everywhere.
"""

from collections.abc import Mapping

from eduforum.core.i18n import Text
from eduforum.files.tables.headings import Heading

NAME = Heading(
    "name",
    Text("姓名", "Name"),
    ("名字", "姓 名", "参会人", "参会人员", "参会人姓名", "代表姓名", "人员姓名", "嘉宾姓名",
     "学员姓名", "真实姓名", "Full name", "Participant", "Attendee"),
    required=True,
)  # fmt: skip
ORGANISATION = Heading(
    "organisation",
    Text("单位", "Organisation"),
    ("工作单位", "所在单位", "单位名称", "参会单位", "单位全称", "学校", "学校名称", "所在学校",
     "机构", "机构名称", "公司", "企业", "企业名称", "部门单位", "Organization", "Unit",
     "Institution", "School", "Company", "Affiliation", "Employer"),
)  # fmt: skip
POSITION = Heading(
    "position",
    Text("职务", "Position"),
    ("职位", "职称", "职务职称", "职务/职称", "岗位", "身份", "行政职务", "Title", "Job title",
     "Role"),
)  # fmt: skip
MOBILE = Heading(
    "mobile",
    Text("手机", "Mobile"),
    ("手机号", "手机号码", "电话", "电话号码", "联系电话", "联系方式", "联系手机", "移动电话",
     "手机电话", "Phone", "Mobile phone", "Mobile number", "Phone number", "Telephone", "Tel",
     "Cell", "Cell phone"),
)  # fmt: skip
EMAIL = Heading(
    "email",
    Text("邮箱", "E-mail"),
    ("电子邮箱", "电子邮件", "邮件", "邮箱地址", "邮件地址", "电子信箱", "E-mail address", "Email",
     "Email address", "Mail"),
)  # fmt: skip
CATEGORY = Heading(
    "category",
    Text("参会类别", "Category"),
    ("类别", "人员类别", "参会人员类别", "参会身份", "代表类别", "Category code", "Type"),
)
EVENTS = Heading(
    "events",
    Text("参加活动", "Events"),
    ("活动", "参会活动", "报名活动", "参加的活动", "参加论坛", "论坛", "Event", "Attending"),
)
MODE = Heading(
    "mode",
    Text("参加方式", "Way of joining"),
    ("参会方式", "线上线下", "线上/线下", "Mode", "Attendance mode"),
)
LANGUAGE = Heading(
    "language",
    Text("语言", "Language"),
    ("通知语言", "使用语言", "Language of letters", "Preferred language"),
)
REGION = Heading(
    "region",
    Text("地区", "Region"),
    ("省市", "所在地区", "所属地区", "省份", "Province"),
)
ID_TYPE = Heading(
    "id_type",
    Text("证件类型", "ID type"),
    ("证件种类", "证件名称", "Type of ID", "Document type"),
)
ID_NUMBER = Heading(
    "id_number",
    Text("证件号码", "ID number"),
    ("身份证", "身份证号", "身份证号码", "居民身份证号", "公民身份号码", "证件号", "护照号",
     "护照号码", "ID", "ID card", "ID No", "ID card number", "Passport", "Passport number",
     "Document number"),
)  # fmt: skip

PEOPLE = (
    NAME, ORGANISATION, POSITION, MOBILE, EMAIL, CATEGORY, EVENTS, MODE, LANGUAGE, REGION, ID_TYPE,
    ID_NUMBER,
)  # fmt: skip
BY_KEY: Mapping[str, Heading] = {heading.key: heading for heading in PEOPLE}
