"""What a password must be, which network somebody comes from, and the refusals at the gate."""

import unicodedata
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from eduforum.core.errors import BadInput, Refusal
from eduforum.core.i18n import Text

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
RESET_LIFE = timedelta(hours=1)
"""How long the link of a reset letter works."""
INVITATION_LIFE = timedelta(days=3)
"""How long we try to deliver the first letter to somebody new."""

# What people choose first when ten characters are asked for.
_COMMON_WORDS = """
0123456789 1234567890 0987654321 9876543210 1234554321 1357924680 1122334455 5201314520
12345678910 123456789a a123456789 aa123456789 qq123456789 abc123456789 abcd123456
abcd1234567 q1w2e3r4t5 1q2w3e4r5t 1qaz2wsx3edc qazwsxedcrfv qwertyuiop qwerty12345
qwerty123456 asdfghjkl123 password12 password123 password1234 password2024 p@ssw0rd123
passw0rd123 admin12345 admin123456 administrator adminadmin eduforum123 letmein1234
welcome1234 iloveyou123 woaini1314 woaini520520 woaini123456 zhongguo123 tianjin2024
tianjin123 beijing123 hebei123456 jingjinji123 changeme123
"""


WRONG_CURRENT = Text("当前密码不正确，请核对。", "This is not your current password.")


class WrongSignIn(BadInput):
    """The address, the password or both are wrong; which, we do not tell."""

    code = "wrong-sign-in"

    def __init__(self) -> None:
        super().__init__(
            Text(
                "邮箱或密码不正确，请核对后重试。",
                "The e-mail address or the password is not right. Check both and try again.",
            )
        )


class TooManyTries(Refusal):
    """Too many wrong passwords from this network or device."""

    code = "too-many-requests"
    status = 429

    def __init__(self) -> None:
        super().__init__(
            Text(
                "尝试次数过多，请在 15 分钟后再试，或通过“忘记密码”重设密码。",
                "Too many attempts. Wait 15 minutes and try again, or ask for a new password.",
            )
        )


class TooBusy(Refusal):
    """More people sign in at this moment than we can check at once."""

    code = "unavailable"
    status = 503

    def __init__(self) -> None:
        super().__init__(
            Text(
                "当前登录人数较多，请稍后重试。",
                "Many people are signing in right now. Please try again shortly.",
            )
        )


class UnfitPassword(BadInput):
    """The password is too easy to guess; the sentence says what to change."""

    code = "unfit-password"


class DeadLink(Refusal):
    """The link of a reset letter was used, has run out, or was never made here."""

    code = "dead-link"
    status = 410

    def __init__(self) -> None:
        super().__init__(
            Text(
                "此链接已使用或已过期，请重新获取。",
                "This link has been used or has run out. Please ask for a new one.",
            )
        )


def check_password(password: str, email: str) -> None:
    """Raise `UnfitPassword` unless `password` is hard enough to guess for the owner of `email`."""
    length = len(password)
    if length < SHORTEST_PASSWORD:
        raise UnfitPassword(
            Text(
                "密码至少 {least} 个字符，现为 {n} 个。",
                "Use at least {least} characters; there are {n}.",
            ).fill(least=SHORTEST_PASSWORD, n=length)
        )
    if length > LONGEST_PASSWORD:
        raise UnfitPassword(
            Text("密码最多 {most} 个字符。", "Use at most {most} characters.").fill(
                most=LONGEST_PASSWORD
            )
        )
    plain = unicodedata.normalize("NFKC", password).casefold()
    if plain in {email.casefold(), email.partition("@")[0].casefold()}:
        raise UnfitPassword(
            Text(
                "密码不能与邮箱相同，请另设一个。", "The password must not be your e-mail address."
            )
        )
    if plain in _COMMON_WORDS.split() or len(set(plain)) < 4:
        raise UnfitPassword(
            Text(
                "这个密码太常见，容易被猜到，请另设一个。",
                "This password is too common and easily guessed. Choose another one.",
            )
        )


def network_of(address: str | None) -> str:
    """The network that stands for its owner: /24 of an IPv4 address, /64 of an IPv6 one."""
    try:
        ip = ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(ip, IPv6Address):
        ip = ip.ipv4_mapped or ip
    return str(ip_network((ip, 24 if ip.version == 4 else 64), strict=False))


def local_path(url: str) -> str | None:
    """`url` if it is a path on this site, else None: nobody is sent elsewhere after signing in."""
    if not url.startswith("/") or url.startswith("//") or "\\" in url:
        return None
    if any(unicodedata.category(char)[0] == "C" for char in url):
        return None
    parts = urlsplit(url)
    return None if parts.scheme or parts.netloc else url
