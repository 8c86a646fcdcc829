"""Entry point for `flask`, granian, gunicorn and the command line."""

from eduforum.factory import create_app

app = create_app()
