"""Applications of the press, for programs."""

from eduforum.press.api import actions, applications, passes

BLUEPRINTS = (applications.endpoints, actions.endpoints, passes.endpoints)

__all__ = ["BLUEPRINTS"]
