"""The desk's pages of walk-ins: register one, and decide on those that could not be registered."""

from eduforum.walkins.desk import main, reconcile

BLUEPRINTS = (main.pages, reconcile.pages)
"""`pages` of each module, for `factory`."""
