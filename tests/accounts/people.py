"""People of these tests and how they sign in."""

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from eduforum.accounts import services
from eduforum.accounts.models import User
from eduforum.accounts.queries import user_by_email
from eduforum.core.db import db
from tests.pages import BASE

PASSWORD = "一句 long enough 的话"
HOME, ELSEWHERE, NEIGHBOUR = "198.51.100.7", "203.0.113.9", "198.51.100.200"


def make_person(email: str = "owner@example.org", password: str | None = PASSWORD) -> User:
    user, _ = services.added(email, name="样本用户", password=password)
    return user


def again(user: User) -> User:
    """The same person, read anew from the database."""
    db.session.rollback()
    found = user_by_email(user.email)
    assert found is not None
    return found


def try_to_sign_in(
    client: FlaskClient,
    email: str = "owner@example.org",
    password: str = PASSWORD,
    *,
    network: str = HOME,
    url: str = "/desk/sign-in",
) -> TestResponse:
    return client.post(
        url,
        data={"email": email, "password": password},
        base_url=BASE,
        environ_overrides={"REMOTE_ADDR": network},
    )


def is_signed_in(client: FlaskClient) -> bool:
    answer = client.get("/desk/account", base_url=BASE)
    assert answer.status_code in {200, 302}
    return answer.status_code == 200
