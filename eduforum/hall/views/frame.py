"""The blueprint that the pages of the hall share."""

from flask import Blueprint

pages = Blueprint("hall", __name__)
