"""Whole changes to invitations: made, sent, answered, passed on, withdrawn."""

from eduforum.invitations.services import answer, guests, letters, manage, remind
from eduforum.invitations.services.guests import Guest, Terms
from eduforum.invitations.services.manage import CodeInput

__all__ = ["CodeInput", "Guest", "Terms", "answer", "guests", "letters", "manage", "remind"]
