"""Bring a series down to the hub, and what its gates scanned up again."""

from eduforum.hub.services.pull import Pulled, join, pull
from eduforum.hub.services.push import Pushed, push
from eduforum.hub.services.secrets import SEALED

__all__ = ["SEALED", "Pulled", "Pushed", "join", "pull", "push"]
