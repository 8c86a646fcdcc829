"""The API of registrations: categories, applications, the list, and what is done to one."""

from eduforum.registration.api import actions, categories, files, registrations

BLUEPRINTS = (
    categories.endpoints,
    registrations.endpoints,
    actions.endpoints,
    files.endpoints,
)
