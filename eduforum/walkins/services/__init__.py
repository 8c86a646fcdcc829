"""Let somebody in who has not registered, with a network and without one."""

from eduforum.walkins.services.ahead import Held, renew_block, void_block
from eduforum.walkins.services.offline import Form, forget_old, take_in
from eduforum.walkins.services.online import SOURCE, Newcomer, admit, set_categories
from eduforum.walkins.services.reconcile import Mended, accept, merge, reject

__all__ = [
    "SOURCE",
    "Form",
    "Held",
    "Mended",
    "Newcomer",
    "accept",
    "admit",
    "forget_old",
    "merge",
    "reject",
    "renew_block",
    "set_categories",
    "take_in",
    "void_block",
]
