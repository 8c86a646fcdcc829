"""Reports that outlets enter after the event. Pure."""

from datetime import date
from enum import StrEnum
from urllib.parse import urlsplit

from eduforum.core.errors import BadInput, Refusal
from eduforum.core.i18n import Text

MOST_LINKS, LONGEST_URL = 50, 1000


class Medium(StrEnum):
    """Where a report appeared."""

    PRINT = "print"
    ONLINE = "online"
    APP = "app"
    TV = "tv"
    RADIO = "radio"
    SOCIAL = "social"


MEDIUM_NAMES = {
    Medium.PRINT: Text("报纸、期刊", "Newspaper or magazine"),
    Medium.ONLINE: Text("网站", "Website"),
    Medium.APP: Text("客户端", "App"),
    Medium.TV: Text("电视", "Television"),
    Medium.RADIO: Text("广播", "Radio"),
    Medium.SOCIAL: Text("新媒体账号", "Social media"),
}


class NotReporting(Refusal):
    """Reports are collected from outlets that were approved."""

    code = "not-accredited"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            Text(
                "采访申请通过后可以填写报道链接。",
                "Reports are entered once the application is approved.",
            )
        )


class NotOverYet(Refusal):
    code = "not-over-yet"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            Text(
                "活动尚未结束，结束后再发感谢信。", "The series is not over: thank them afterwards."
            )
        )


class NumberChanged(Refusal):
    """Another number of outlets than was shown."""

    code = "number-changed"
    status = 409

    def __init__(self, seen: int, count: int) -> None:
        super().__init__(
            Text(
                "收件单位已由 {seen} 家变为 {count} 家，没有发送。请核对后再确认。",
                "{seen} outlets were to get it and now {count} are, so nothing was sent. Check and "
                "confirm again.",
            ).fill(seen=seen, count=count)
        )


def check_url(typed: str) -> str:
    """A web address as it will be shown and linked. Raises `BadInput` beside `url`."""
    url = typed.strip()
    sentence = Text(
        "请填写以 http:// 或 https:// 开头的完整网址。",
        "Enter the whole address, beginning with http:// or https://.",
    )
    refused = BadInput(sentence, {"url": [sentence]})
    if len(url) > LONGEST_URL or any(c.isspace() or not c.isprintable() for c in url):
        raise refused
    try:
        parts = urlsplit(url)
        host, named = parts.hostname, parts.username is not None or parts.password is not None
        parts.port  # noqa: B018  (raises for what is no port)
    except ValueError:
        raise refused from None
    if parts.scheme not in ("http", "https") or not host or "." not in host or named:
        raise refused
    return f"{parts.scheme}{url[len(parts.scheme) :]}"


def check_day(day: date | None, today: date) -> date:
    """Raises `BadInput` beside `published_on` for none, and for one to come."""
    if day is None:
        sentence = Text("请填写发布日期。", "Enter when it was published.")
    elif day > today:
        sentence = Text("发布日期不能晚于今天。", "It cannot have been published after today.")
    else:
        return day
    raise BadInput(sentence, {"published_on": [sentence]})
