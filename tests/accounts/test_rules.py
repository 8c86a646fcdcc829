"""Passwords, networks and addresses to return to, without any machinery."""

import pytest

from eduforum.accounts.rules import UnfitPassword, check_password, local_path, network_of


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("", "至少 10"),
        ("a" * 9, "现为 9 个"),
        ("十个汉字也可以当密码用啊" * 17, "最多 200"),
        ("lin@example.org", "邮箱"),
        ("LIN@example.org", "邮箱"),
        ("1234567890", "常见"),
        ("Password123", "常见"),
        ("\uff50assword\uff11\uff12\uff13", "常见"),
        ("aaaaaaaaaaaa", "常见"),
        ("121212121212", "常见"),
    ],
)
def test_what_is_no_password(password: str, word: str) -> None:
    with pytest.raises(UnfitPassword) as caught:
        check_password(password, "lin@example.org")
    assert word in caught.value.sentence.zh
    assert caught.value.sentence.en


def test_the_part_before_the_at_is_no_password_either() -> None:
    with pytest.raises(UnfitPassword):
        check_password("wang.xiaoming", "wang.xiaoming@example.org")


@pytest.mark.parametrize(
    "password", ["四海一家春风又绿江南岸", "correct horse", "x" * 7 + "yzw", "a1b2" * 50]
)
def test_what_is_a_password(password: str) -> None:
    check_password(password, "lin@example.org")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.168.1.77", "192.168.1.0/24"),
        ("::ffff:192.168.1.77", "192.168.1.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        (None, "unknown"),
        ("not an address", "unknown"),
    ],
)
def test_networks(address: str | None, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("/desk/s/x?tab=1", "/desk/s/x?tab=1"),
        ("/", "/"),
        ("", None),
        ("desk", None),
        ("//evil.example/", None),
        ("/\\evil.example/", None),
        ("https://evil.example/", None),
        ("/a\nb", None),
        ("/\u200b/evil.example", None),
    ],
)
def test_paths_on_this_site(url: str, path: str | None) -> None:
    assert local_path(url) == path
