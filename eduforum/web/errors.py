"""Turn refusals and HTTP errors into answers: a page for people, problem+json for programs."""

from typing import Any

from flask import Flask, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed

from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text
from eduforum.core.logging import fault, log

_SENTENCES = {
    400: Text(
        "无法读取这次请求，请返回后重试。", "The request could not be read. Go back and try again."
    ),
    401: Text("请先登录。", "Please sign in first."),
    403: Text("您没有权限进行这项操作。", "You are not allowed to do this."),
    404: Text(
        "没有找到您要的页面。请检查网址是否完整。",
        "There is no such page. Please check the address.",
    ),
    405: Text("这个地址不支持这种请求。", "This address does not answer this kind of request."),
    408: Text("请求超时，请重试。", "The request took too long. Please try again."),
    413: Text("提交的内容太大。", "What you sent is too large."),
    415: Text("不支持这种内容格式。", "This kind of content is not supported."),
    429: Text("操作过于频繁，请稍后再试。", "Too many attempts. Please try again later."),
    500: Text(
        "系统出错，已记录。请稍后重试。", "Something went wrong here. Please try again later."
    ),
    503: Text("系统暂时不可用，请稍后重试。", "The system is busy. Please try again shortly."),
}
_EXPIRED = Text(
    "页面停留时间过长，为保护您的信息，请返回上一页、刷新后重新提交。",
    "This page was open for too long. Go back, reload it and submit again.",
)


def init_app(app: Flask) -> None:
    app.register_error_handler(Refusal, answer_refusal)
    app.register_error_handler(CSRFError, _answer_expired)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(Exception, _answer_fault)


def wants_problem() -> bool:
    """Whether a program is asking: it gets problem+json (RFC 9457) instead of a page."""
    return request.path.startswith("/api/")


def problem(
    status: int, code: str, sentence: Text, errors: dict[str, list[str]] | None = None, **more: Any
) -> ResponseReturnValue:
    """A problem document (RFC 9457) with our stable `code`, and `errors` by field."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": sentence.en,
        "status": status,
        "code": code,
        "detail": str(sentence),
        **more,
    }
    if errors:
        body["errors"] = errors
    response = jsonify(body)
    response.mimetype = "application/problem+json"
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"  # RFC 9110, 15.5.2
    return response, status


def answer_refusal(refusal: Refusal) -> ResponseReturnValue:
    """Answer with the sentence the refusal carries."""
    if refusal.status >= 500:
        log.error(
            "request failed", endpoint=request.endpoint, **fault(refusal.__cause__ or refusal)
        )
    if wants_problem():
        errors = {name: [str(s) for s in lines] for name, lines in refusal.errors.items()}
        return problem(refusal.status, refusal.code, refusal.sentence, errors, **refusal.members())
    return _page(refusal.status, refusal.sentence)


def _answer_expired(_error: CSRFError) -> ResponseReturnValue:
    return _page(400, _EXPIRED)


def _answer_http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if 300 <= status < 400:
        return error.get_response()
    sentence = _SENTENCES.get(status, _SENTENCES[400 if status < 500 else 500])
    answer = (
        problem(status, _code(status), sentence) if wants_problem() else _page(status, sentence)
    )
    if isinstance(error, MethodNotAllowed) and isinstance(answer, tuple):
        return (*answer, {"Allow": ", ".join(sorted(error.valid_methods or ()))})
    return answer


def _answer_fault(error: Exception) -> ResponseReturnValue:
    """Flask would log the address and the words of the error: secrets and personal data."""
    if current_app.testing or current_app.debug:
        raise error
    log.error("request failed", endpoint=request.endpoint, **fault(error))
    return _answer_http(InternalServerError(original_exception=error))


def _code(status: int) -> str:
    names = {
        400: "bad-request", 401: "token-missing", 403: "forbidden", 404: "not-found",
        405: "method-not-allowed", 413: "too-large", 415: "unsupported-media-type",
        429: "too-many-requests", 503: "unavailable",
    }  # fmt: skip
    return names.get(status, "server-error" if status >= 500 else "bad-request")


def _page(status: int, sentence: Text) -> tuple[str, int]:
    return render_template("components/refused.html", sentence=sentence, status=status), status
