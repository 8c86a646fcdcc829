"""Put the rooms together. The only module that may import every room."""

from pathlib import Path

from click import Command
from flask import Blueprint, Flask
from jinja2 import FileSystemBytecodeCache
from werkzeug.middleware.proxy_fix import ProxyFix

from eduforum.accounts import services as accounts
from eduforum.accounts import views as accounts_views
from eduforum.announcements import desk as announcements_desk
from eduforum.announcements import services as announcements
from eduforum.backup import cli as backup_cli
from eduforum.backup import services as backup
from eduforum.checkin import api as checkin_api
from eduforum.checkin import cli as checkin_cli
from eduforum.checkin import desk as checkin_desk
from eduforum.checkin import personal as checkin_personal
from eduforum.checkin import services as checkin
from eduforum.checkin import views as checkin_views
from eduforum.consents import personal as consents_personal
from eduforum.consents.queries import wordings
from eduforum.core import dates, db, encryption, rotation, signing
from eduforum.core.settings import Settings
from eduforum.delegations import cli as delegations_cli
from eduforum.delegations import desk as delegations_desk
from eduforum.delegations import personal as delegations_personal
from eduforum.delegations import services as delegations
from eduforum.delegations import views as delegations_views
from eduforum.events import access, api_webhooks, desk_people, grants
from eduforum.events import api as events_api
from eduforum.events import cli as events_cli
from eduforum.events import desk as events_desk
from eduforum.events import services as events
from eduforum.files import personal as files_personal
from eduforum.files import services as files
from eduforum.hall import desk as hall_desk
from eduforum.hall import views as hall_views
from eduforum.hall.queries.rooms import ways_of
from eduforum.health import desk as health_desk
from eduforum.health import views as health_views
from eduforum.hub import cli as hub_cli
from eduforum.hub import services as hub
from eduforum.imports import api as imports_api
from eduforum.imports import desk as imports_desk
from eduforum.imports import personal as imports_personal
from eduforum.imports import services as imports
from eduforum.imports import worker as imports_worker
from eduforum.imports.services import source as imports_source
from eduforum.invitations import cli as invitations_cli
from eduforum.invitations import desk as invitations_desk
from eduforum.invitations import personal as invitations_personal
from eduforum.invitations import services as invitations
from eduforum.invitations import views as invitations_views
from eduforum.kiosk import views as kiosk_views
from eduforum.notices import cli as notices_cli
from eduforum.notices import desk as notices_desk
from eduforum.notices import personal as notices_personal
from eduforum.notices import services as notices
from eduforum.press import api as press_api
from eduforum.press import desk as press_desk
from eduforum.press import guests as press_guests
from eduforum.press import personal as press_personal
from eduforum.press import views as press_views
from eduforum.press.desk import passes as press_passes
from eduforum.press.services import coverage as press_coverage
from eduforum.press.services import drafts as press_drafts
from eduforum.press.services import identity as press_identity
from eduforum.press.services import interviews as press_interviews
from eduforum.press.services import letters as press_letters
from eduforum.press.services import passes as press_pass_services
from eduforum.press.services import places as press_places
from eduforum.press.services import review as press_review
from eduforum.pressroom import desk as pressroom_desk
from eduforum.pressroom import views as pressroom_views
from eduforum.privacy import cli as privacy_cli
from eduforum.privacy import desk as privacy_desk
from eduforum.privacy import services as privacy
from eduforum.privacy import views as privacy_views
from eduforum.questions import desk as questions_desk
from eduforum.questions import services as questions
from eduforum.registration import api as registration_api
from eduforum.registration import desk as registration_desk
from eduforum.registration import later_views as registration_views
from eduforum.registration import personal as registration_personal
from eduforum.registration import services as registration
from eduforum.registration import settings_desk as registration_settings
from eduforum.registration.services import identity
from eduforum.registration.services.settings import BEFORE_CATEGORY_REMOVED
from eduforum.reports import api as reports_api
from eduforum.reports import cli as reports_cli
from eduforum.reports import desk as reports_desk
from eduforum.reports.queries import attendance
from eduforum.schedule import api as schedule_api
from eduforum.schedule import desk as schedule_pages
from eduforum.schedule import desk_parts as schedule_desk
from eduforum.schedule import feeds_api
from eduforum.schedule import views as schedule_views
from eduforum.site import api as site_api
from eduforum.site import cli as site_cli
from eduforum.site import desk as site_desk
from eduforum.site import points
from eduforum.site import sample_cli as site_sample_cli
from eduforum.site import views as site_views
from eduforum.tickets import cli as tickets_cli
from eduforum.tickets import personal as tickets_personal
from eduforum.tickets import services as tickets
from eduforum.walkins import api as walkins_api
from eduforum.walkins import desk as walkins_desk
from eduforum.walkins import personal as walkins_personal
from eduforum.walkins import services as walkins
from eduforum.web import (
    assets,
    errors,
    forms,
    headers,
    idempotency,
    language,
    metrics,
    rail,
    shared,
)
from eduforum.web.access import refuse_silent_views
from eduforum.web.caching import SharedAnswers
from eduforum.web.routing import QuickRule

PAGES: tuple[Blueprint, ...] = (
    accounts_views.pages,
    announcements_desk.pages,
    checkin_views.pages,
    checkin_desk.pages,
    delegations_views.pages,
    delegations_desk.pages,
    events_desk.pages,
    hall_desk.pages,
    hall_views.pages,
    health_desk.pages,
    health_views.pages,
    imports_desk.pages,
    invitations_views.pages,
    invitations_desk.pages,
    desk_people.pages,
    kiosk_views.pages,
    notices_desk.pages,
    press_desk.pages,
    press_views.pages,
    press_passes.pages,
    pressroom_desk.pages,
    pressroom_views.pages,
    privacy_desk.pages,
    privacy_views.pages,
    questions_desk.pages,
    registration_views.pages,
    registration_desk.pages,
    registration_settings.pages,
    reports_desk.pages,
    schedule_desk.pages,
    schedule_views.pages,
    site_desk.pages,
    site_views.pages,
    *walkins_desk.BLUEPRINTS,
)
API_V1: tuple[Blueprint, ...] = (
    events_api.endpoints,
    schedule_api.endpoints,
    feeds_api.endpoints,
    *registration_api.BLUEPRINTS,
    *press_api.BLUEPRINTS,
    imports_api.endpoints,
    checkin_api.endpoints,
    *walkins_api.BLUEPRINTS,
    reports_api.endpoints,
    api_webhooks.endpoints,
    site_api.endpoints,
)
COMMANDS: tuple[Command, ...] = (
    backup_cli.backup,
    checkin_cli.devices,
    tickets_cli.keys,
    events_cli.users,
    events_cli.tokens,
    hub_cli.hub,
    notices_cli.commands,
    notices_cli.worker,
    privacy_cli.privacy,
    site_cli.series,
    delegations_cli.sample,
    invitations_cli.sample,
    site_sample_cli.sample,
    reports_cli.audit,
)

RAIL: tuple[rail.RailItem, ...] = (
    reports_desk.OVERVIEW,
    schedule_pages.RAIL_ITEM,
    registration_desk.RAIL_ITEM,
    delegations_desk.RAIL_ITEM,
    invitations_desk.RAIL_ITEM,
    checkin_desk.RAIL_ITEM,
    press_desk.RAIL_ITEM,
    press_passes.RAIL_ITEM,
    pressroom_desk.RAIL_ITEM,
    notices_desk.RAIL_ITEM,
    reports_desk.REPORTS,
    reports_desk.AUDIT,
    events_desk.RAIL_ITEM,
)

SEALED = (
    identity.SEALED,
    press_identity.SEALED,
    tickets.SEALED,
    notices.SEALED,
    idempotency.SEALED,
    imports_source.SEALED,
    hub.SEALED,
)
BEARERS = (grants.bearer_of_token, checkin.find_device)
COMPOSERS = {
    accounts.RESET_KIND: accounts.compose_letter,
    announcements.KIND: announcements.compose,
    **registration.composers(),
    **delegations.letters.composers(),
    **press_letters.composers(),
    **press_interviews.composers(),
    **press_coverage.composers(),
    **invitations.letters.composers(),
}
CHORES = (
    notices.expire_overdue,
    registration.expire_offers,
    delegations.drafts.forget_old,
    press_drafts.forget_old,
    press_review.remind,
    press_pass_services.release_uncollected,
    registration.release_due,
    registration.remind_returned,
    registration.serve_lines,
    idempotency.forget_old,
    files.sweep,
    backup.make_due,
    imports_worker.take_up,
    imports.forget_abandoned,
    privacy.run_daily,
    announcements.send_due,
    walkins.forget_old,
)

AFTER_RESTORE = (accounts.end_all_sign_ins, checkin.renew_epochs, privacy.replay)
PEOPLE = (
    registration_personal.SOURCE,
    delegations_personal.SOURCE,
    invitations_personal.SOURCE,
    press_personal.PEOPLE,
    press_personal.APPLICANTS,
    press_guests.SOURCE,
)
# What is erased first is what others are found by last: the registration itself comes at the end.
HOLDINGS = (
    checkin_personal.HOLDING,
    tickets_personal.HOLDING,
    notices_personal.HOLDING,
    files_personal.HOLDING,
    delegations_personal.HOLDING,
    invitations_personal.HOLDING,
    imports_personal.HOLDING,
    consents_personal.HOLDING,
    press_personal.HOLDING,
    press_guests.HOLDING,
    walkins_personal.HOLDING,
    registration_personal.HOLDING,
)


def create_app(settings: Settings | None = None) -> Flask:
    """Build an application. Without `settings`, read them from the environment.

    Raises `core.settings.BadSetting` with one sentence when a setting is wrong.
    """
    settings = (settings or Settings.from_env()).prepared()
    app = Flask("eduforum", template_folder="../templates", static_folder=None)
    app.url_rule_class = QuickRule
    app.config.from_mapping(settings.as_flask())
    app.session_interface = signing.Sessions()
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.json.sort_keys = False  # type: ignore[attr-defined]
    if settings.public_cache:
        app.wsgi_app = SharedAnswers(app)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)  # type: ignore[method-assign]
    db.init_app(app)
    forms.csrf.init_app(app)
    for part in (metrics, shared, encryption, language, access, assets, errors, headers, rail):
        part.init_app(app)
    for blueprint in PAGES:
        app.register_blueprint(blueprint)
    for blueprint in API_V1:
        forms.csrf.exempt(blueprint)
        app.register_blueprint(blueprint, url_prefix=f"/api/v1{blueprint.url_prefix or ''}")
    for command in COMMANDS:
        app.cli.add_command(command)
    _introduce_rooms()
    _teach_templates(app)
    refuse_silent_views(app)
    return app


def _introduce_rooms() -> None:
    """Tell lower rooms whom to ask in upper ones."""
    access.BEARERS[:] = BEARERS
    notices.COMPOSERS.update(COMPOSERS)
    rail.RAIL[:] = RAIL
    delegations_desk.ATTENDANCE[:] = (attendance.of_delegations,)
    checkin.DEVICE_REVOKED[:] = (walkins.void_block,)
    events.EVENT_ADDED[:] = (points.add_session_point,)
    events.BEFORE_EVENT_REMOVED[:] = (announcements.keep_event, press_places.free_event)
    events.EVENT_REMOVED[:] = (points.forget_event,)
    events.EVENT_CHANGED[:] = (registration.tell_of_event_change,)
    events.PEOPLE_OF_EVENT[:] = (registration.people_of_event,)
    BEFORE_CATEGORY_REMOVED[:] = (announcements.keep_category,)
    questions.USES[:] = (registration.uses_of_form,)
    notices.CHORES[:] = CHORES
    backup.AFTER_RESTORE[:] = AFTER_RESTORE
    rotation.SEALED[:] = SEALED
    privacy.SOURCES[:] = PEOPLE
    privacy.HOLDINGS[:] = HOLDINGS


def _teach_templates(app: Flask) -> None:
    compiled = Path(app.config["DATA_DIR"]) / "cache" / "templates"
    compiled.mkdir(mode=0o700, parents=True, exist_ok=True)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(compiled))
    app.jinja_env.globals.update(
        dates=dates,
        site_name=app.config["SITE_NAME"],
        consent_texts=wordings,
        online_ways=ways_of,
    )
