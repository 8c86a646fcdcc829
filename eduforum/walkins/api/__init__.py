"""The door's API for walk-ins: with a network one more person at once, without one what was taken down."""

from eduforum.walkins.api import offline, online

BLUEPRINTS = (online.endpoints, offline.endpoints)
"""`endpoints` of each module, for `factory`."""
