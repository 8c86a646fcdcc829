"""What goes wrong is told in one sentence: a page for people, a problem document for programs."""

import json

import pytest
from flask import Flask, abort, request
from flask.testing import FlaskClient

from eduforum.core.errors import BadInput, NotFound
from eduforum.core.i18n import Text
from eduforum.core.turnstile import StorageFailed
from eduforum.web.access import public
from tests.pages import BASE, Browser

SECRET = "13800138000"


def refuse_input() -> str:
    sentence = Text("手机号码有误。", "This is no mobile number.")
    raise BadInput(sentence, {"mobile": [sentence]})


def refuse_storage() -> str:
    raise StorageFailed


def crash() -> str:
    raise LookupError(SECRET)


def hide() -> str:
    raise NotFound


def stop() -> str:
    abort(int(request.args["code"]))


@pytest.fixture
def views(app: Flask) -> None:
    for view in (refuse_input, refuse_storage, crash, hide, stop):
        name = view.__name__
        app.add_url_rule(f"/{name}", name, public(view))
        app.add_url_rule(f"/api/{name}", f"api_{name}", public(view))


@pytest.mark.parametrize(
    ("path", "status", "zh", "en"),
    [
        ("/refuse_input", 422, "手机号码有误。", "This is no mobile number."),
        ("/refuse_storage", 503, "刚才的操作没有生效", "Nothing was changed"),
        ("/hide", 404, "没有找到您要的内容。", "There is nothing here."),
        ("/nowhere", 404, "请检查网址是否完整", "check the address"),
        ("/stop?code=413", 413, "提交的内容太大。", "What you sent is too large."),
        ("/stop?code=418", 418, "无法读取这次请求", "could not be read"),
        ("/stop?code=502", 502, "系统出错", "Something went wrong here"),
    ],
)
@pytest.mark.usefixtures("views")
def test_people_read_a_sentence_in_their_language(
    browser: Browser, path: str, status: int, zh: str, en: str
) -> None:
    assert zh in browser.get(path, status=status).text
    joint = "&" if "?" in path else "?"
    assert en in browser.get(f"{path}{joint}lang=en", status=status).text


@pytest.mark.usefixtures("views")
def test_programs_get_a_problem_document(client: FlaskClient) -> None:
    answer = client.get("/api/refuse_input", base_url=BASE)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.get_json() == {
        "type": "about:blank",
        "title": "This is no mobile number.",
        "status": 422,
        "code": "invalid",
        "detail": "手机号码有误。",
        "errors": {"mobile": ["手机号码有误。"]},
    }


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/nowhere", 404, "not-found"),
        ("/api/hide", 404, "not-found"),
        ("/api/refuse_storage", 503, "storage-failed"),
        ("/api/stop?code=401", 401, "token-missing"),
        ("/api/stop?code=415", 415, "unsupported-media-type"),
        ("/api/stop?code=418", 418, "bad-request"),
    ],
)
@pytest.mark.usefixtures("views")
def test_every_problem_has_its_code(client: FlaskClient, path: str, status: int, code: str) -> None:
    answer = client.get(path, base_url=BASE)
    assert answer.mimetype == "application/problem+json"
    body = answer.get_json()
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)


@pytest.mark.parametrize("path", ["/hide", "/api/hide"])
@pytest.mark.usefixtures("views")
def test_a_wrong_method_is_told_the_right_ones(client: FlaskClient, path: str) -> None:
    answer = client.delete(path, base_url=BASE)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("path", ["/crash", "/api/crash"])
@pytest.mark.usefixtures("views")
def test_a_mistake_of_ours_is_logged_without_what_it_says(
    app: Flask, client: FlaskClient, capfd: pytest.CaptureFixture[str], path: str
) -> None:
    app.testing = False
    answer = client.get(f"{path}?key=in-the-address", base_url=BASE)
    assert answer.status_code == 500
    assert SECRET not in answer.text
    (line,) = capfd.readouterr().err.splitlines()
    logged = json.loads(line)
    assert (logged["event"], logged["error"]) == ("request failed", "LookupError")
    assert "test_errors.py" in logged["at"]
    assert SECRET not in line
    assert "in-the-address" not in line


@pytest.mark.usefixtures("views")
def test_a_failing_disk_is_logged(client: FlaskClient, capfd: pytest.CaptureFixture[str]) -> None:
    client.get("/refuse_storage", base_url=BASE)
    assert json.loads(capfd.readouterr().err)["error"] == "StorageFailed"


@pytest.mark.usefixtures("views")
def test_a_form_without_its_token_is_refused_with_what_to_do(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = app.test_client().post("/desk/sign-in", data={"email": "a@example.org"}, base_url=BASE)
    assert answer.status_code == 400
    assert "刷新后重新提交" in answer.text


def test_too_much_is_refused(app: Flask, browser: Browser) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1000
    browser.post("/desk/sign-in", {"email": "a" * 2000}, status=413)
