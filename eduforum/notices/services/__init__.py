"""The outbox: queue, deliver, look after, and tell programs. Each function is one whole change."""

from collections.abc import Callable

from eduforum.notices.letters import (
    COMPOSERS,
    PERSONAL_LINK,
    Attachment,
    Extras,
    InlineImage,
    Letter,
    extras_of,
)
from eduforum.notices.services.beat import beat
from eduforum.notices.services.deliver import deliver_due, expire_overdue
from eduforum.notices.services.hooks import SEALED, add_webhook, allowed_hosts, end_webhook
from eduforum.notices.services.outbox import (
    announce,
    bell,
    frozen,
    queue,
    resend,
    resend_failed,
    wake,
    withhold,
    withhold_failed,
)

CHORES: list[Callable[[], object]] = [expire_overdue]
"""What the worker does besides, every few seconds: short, and safe to do twice or from several
workers at once. Rooms above are entered by `factory`."""

__all__ = [
    "CHORES",
    "COMPOSERS",
    "PERSONAL_LINK",
    "SEALED",
    "Attachment",
    "Extras",
    "InlineImage",
    "Letter",
    "add_webhook",
    "allowed_hosts",
    "announce",
    "beat",
    "bell",
    "deliver_due",
    "end_webhook",
    "expire_overdue",
    "extras_of",
    "frozen",
    "queue",
    "resend",
    "resend_failed",
    "wake",
    "withhold",
    "withhold_failed",
]
