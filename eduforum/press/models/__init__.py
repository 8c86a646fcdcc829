"""Outlets, what they apply for, their people, and what the press office noted."""

from eduforum.press.models.applications import Application
from eduforum.press.models.cards import Card, PoolPlace, PoolSlot, PrintRun
from eduforum.press.models.coverage import CoverageLink
from eduforum.press.models.outlets import Outlet, OutletAlias, OutletTie
from eduforum.press.models.people import Equipment, Interview, PressPerson, PressPersonEvent
from eduforum.press.models.settings import EventPlaces, PressSettings, PressWindow
from eduforum.press.models.work import Appeal, Check, InfoItem, InfoRequest, OfficeNote

__all__ = [
    "Appeal",
    "Application",
    "Card",
    "Check",
    "CoverageLink",
    "Equipment",
    "EventPlaces",
    "InfoItem",
    "InfoRequest",
    "Interview",
    "OfficeNote",
    "Outlet",
    "OutletAlias",
    "OutletTie",
    "PoolPlace",
    "PoolSlot",
    "PressPerson",
    "PressPersonEvent",
    "PressSettings",
    "PressWindow",
    "PrintRun",
]
