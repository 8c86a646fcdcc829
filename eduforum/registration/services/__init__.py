"""Everything that can happen to a registration. Each function is one whole change."""

from eduforum.registration.services.answers import uses_of_form
from eduforum.registration.services.apply import AtTheDoor, register
from eduforum.registration.services.bulk import BulkResult, bulk
from eduforum.registration.services.change import edit, resubmit
from eduforum.registration.services.choice import Application
from eduforum.registration.services.contact import reveal, send_link_to
from eduforum.registration.services.decide import (
    accept,
    approve,
    cancel,
    come_back,
    decline,
    expire_offers,
    leave,
    reissue_ticket,
    remind_returned,
    renew_link,
    reopen,
    return_,
    take_over_ticket,
    withdraw,
)
from eduforum.registration.services.filling import Filling, fill_in, fillable, lacking
from eduforum.registration.services.group import Group, Member, NotForAll, register_group
from eduforum.registration.services.identity import reveal_id
from eduforum.registration.services.later import Later, answer_later, later_of
from eduforum.registration.services.letters import (
    composers,
    my_url,
    people_of_event,
    send_link,
    tell_of_event_change,
)
from eduforum.registration.services.lines import enqueue, prioritise, serve_lines, skip
from eduforum.registration.services.pools import release_due, release_pool, resize_pool
from eduforum.registration.services.substitute import Newcomer, substitute

__all__ = [
    "Application",
    "AtTheDoor",
    "BulkResult",
    "Filling",
    "Group",
    "Later",
    "Member",
    "Newcomer",
    "NotForAll",
    "accept",
    "answer_later",
    "approve",
    "bulk",
    "cancel",
    "come_back",
    "composers",
    "decline",
    "edit",
    "enqueue",
    "expire_offers",
    "fill_in",
    "fillable",
    "lacking",
    "later_of",
    "leave",
    "my_url",
    "people_of_event",
    "prioritise",
    "register",
    "register_group",
    "reissue_ticket",
    "release_due",
    "release_pool",
    "remind_returned",
    "renew_link",
    "reopen",
    "resize_pool",
    "resubmit",
    "return_",
    "reveal",
    "reveal_id",
    "send_link",
    "send_link_to",
    "serve_lines",
    "skip",
    "substitute",
    "take_over_ticket",
    "tell_of_event_change",
    "uses_of_form",
    "withdraw",
]
