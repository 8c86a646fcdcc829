"""Whole changes to delegations, to what their liaisons wrote down, and to their people."""

from eduforum.delegations.services import codes, drafts, letters, manage, people
from eduforum.delegations.services.drafts import Line, Saved
from eduforum.delegations.services.manage import DelegationInput
from eduforum.delegations.services.submit import Submitted, submit

__all__ = [
    "DelegationInput",
    "Line",
    "Saved",
    "Submitted",
    "codes",
    "drafts",
    "letters",
    "manage",
    "people",
    "submit",
]
