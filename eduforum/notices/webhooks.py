"""One call of a webhook: signed as Standard Webhooks says, over verified TLS, without redirects."""

import http.client
import json
import ssl
from collections.abc import Collection
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from standardwebhooks import Webhook as Signer

from eduforum.notices.rules import (
    BadWebhook,
    Blame,
    DeliveryFailed,
    Trouble,
    check_webhook,
)

TIMEOUT = 10
"""Seconds to wait at each step."""
_GONE = 410
_MOST_READ = 1000


def call(
    url: str,
    secret: str,
    message_id: str,
    body: dict[str, Any],
    at: datetime,
    hosts: Collection[str],
) -> None:
    """POST `body` as JSON. Raises `DeliveryFailed`; its trouble is GONE when the webhook is to end.

    message_id: the same for all attempts, so that the receiver can tell repeated ones. hosts: as
    in `rules.check_webhook`.
    """
    try:
        check_webhook(url, (), hosts)
    except BadWebhook:
        raise DeliveryFailed(Blame.FINAL, Trouble.WEBHOOK, "host not allowed") from None
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "EduForum",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Signer(secret).sign(message_id, at, text),
    }
    status = _post(url, text.encode(), headers)
    if status == _GONE:
        raise DeliveryFailed(Blame.FINAL, Trouble.GONE, "410")
    if not 200 <= status < 300:
        raise DeliveryFailed(Blame.MESSAGE, Trouble.WEBHOOK, str(status))


def _post(url: str, body: bytes, headers: dict[str, str]) -> int:
    parts = urlsplit(url)
    connection = http.client.HTTPSConnection(
        parts.hostname or "", parts.port, timeout=TIMEOUT, context=ssl.create_default_context()
    )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        answer.read(_MOST_READ)
        return answer.status
    except ssl.SSLError as error:
        raise DeliveryFailed(Blame.MESSAGE, Trouble.TLS, str(error)) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        words = str(error) or type(error).__name__
        raise DeliveryFailed(Blame.MESSAGE, Trouble.UNREACHABLE, words) from error
    finally:
        connection.close()
