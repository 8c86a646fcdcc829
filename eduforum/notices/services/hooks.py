"""Webhooks: who is told of state changes, and the secrets that prove it is us."""

import secrets
from base64 import b64encode
from collections.abc import Sequence
from uuid import UUID

from flask import current_app

from eduforum.core import audit, clock
from eduforum.core.db import db, new_id, transaction
from eduforum.core.encryption import seal
from eduforum.core.rotation import Sealed
from eduforum.notices.models import Webhook
from eduforum.notices.queries import webhook_or_404
from eduforum.notices.rules import check_webhook


def add_webhook(series_id: int, url: str, types: Sequence[str] = ()) -> tuple[Webhook, str]:
    """Tell `url` of the state changes `types` of a series (none: all of them).

    Returns the webhook and its secret (`whsec_…`), which cannot be read again. Raises `BadWebhook`.
    """
    check_webhook(url, types, allowed_hosts())
    secret = f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"
    hook_id = new_id()
    with transaction():
        hook = Webhook(
            id=hook_id,
            series_id=series_id,
            url=url,
            types=sorted(set(types)),
            sealed_secret=seal(secret.encode(), secret_place(hook_id)),
        )
        db.session.add(hook)
        audit.record(
            "webhook.add",
            f"webhook:{hook_id}",
            series_id=series_id,
            after={"url": url, "types": hook.types},
        )
    return hook, secret


def end_webhook(series_id: int, webhook_id: UUID) -> None:
    """Tell it nothing more; what still waits for it is not sent. Raises `NotFound`."""
    with transaction():
        hook = webhook_or_404(series_id, webhook_id)
        hook.ended_at = clock.now()
        audit.record("webhook.end", f"webhook:{hook.id}", series_id=series_id)


def allowed_hosts() -> frozenset[str]:
    """The hosts that webhooks may call: `name` or `name:port`, in lower case."""
    listed = current_app.config["WEBHOOK_HOSTS"].lower().split(",")
    return frozenset(host.strip() for host in listed if host.strip())


def secret_place(webhook_id: UUID) -> str:
    """What the sealed secret of a webhook is bound to."""
    return f"webhook:{webhook_id}:secret"


SEALED = Sealed(Webhook.sealed_secret, (Webhook.id,), lambda row: secret_place(row.id))
