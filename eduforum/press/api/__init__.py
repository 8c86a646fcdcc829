"""Applications of the press, for programs."""

from eduforum.press.api import actions, applications

BLUEPRINTS = (applications.endpoints, actions.endpoints)

__all__ = ["BLUEPRINTS"]
