"""The main road: series, registrations, tickets, notices, scans

Revision ID: 0001_main_road
Revises: nothing
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001_main_road"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column(
            "scopes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_tokens_token_hash")),
    )
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=True),
        sa.Column(
            "before", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column(
            "after", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_audit_entries_series_id_id"), ["series_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_audit_entries_subject_id"), ["subject", "id"], unique=False
        )

    op.create_table(
        "channel_pauses",
        sa.Column(
            "channel",
            sa.Enum("mail", "webhook", name="channel", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_channel_pauses")),
    )
    op.create_table(
        "idempotent_answers",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("body_hash", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("sealed_body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_idempotent_answers")),
    )
    with op.batch_alter_table("idempotent_answers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_idempotent_answers_created_at"), ["created_at"], unique=False
        )

    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=True),
        sa.Column(
            "channel",
            sa.Enum("mail", "webhook", name="channel", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("recipient_name", sa.String(), nullable=False),
        sa.Column(
            "values", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "sending",
                "sent",
                "failed",
                "expired",
                "withheld",
                "no_address",
                name="noticestate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("html", sa.String(), nullable=True),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("useful_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(state = 'sending') = (leased_until IS NOT NULL)",
            name=op.f("ck_notices_sending_is_leased"),
        ),
        sa.CheckConstraint(
            "(state IN ('queued', 'sending')) = (next_attempt_at IS NOT NULL)",
            name=op.f("ck_notices_open_has_next_attempt"),
        ),
        sa.CheckConstraint(
            "state <> 'sent' OR sent_at IS NOT NULL", name=op.f("ck_notices_sent_has_time")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notices_about"), ["about"], unique=False)
        batch_op.create_index(
            "ix_notices_due",
            ["next_attempt_at"],
            unique=False,
            sqlite_where=sa.text("next_attempt_at IS NOT NULL"),
            postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_notices_series_id_created_at"), ["series_id", "created_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_notices_series_id_state"), ["series_id", "state"], unique=False
        )

    op.create_table(
        "regions",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_regions")),
    )
    op.create_table(
        "tallies",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_tallies")),
    )
    with op.batch_alter_table("tallies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tallies_ends_at"), ["ends_at"], unique=False)

    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("reset_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_signed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column(
            "types", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    with op.batch_alter_table("webhooks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_webhooks_series_id"), ["series_id"], unique=False)

    op.create_table(
        "organisations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("pinyin", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("region_code", sa.String(), nullable=True),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["region_code"], ["regions.code"], name=op.f("fk_organisations_region_code_regions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("name_zh", name=op.f("uq_organisations_name_zh")),
    )
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=True),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("host_en", sa.String(), nullable=False),
        sa.Column("host_region_code", sa.String(), nullable=True),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column(
            "aliases", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("copied_from_id", sa.Integer(), nullable=True),
        sa.Column("press_places", sa.Integer(), nullable=True),
        sa.Column("press_per_outlet", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.CheckConstraint("number BETWEEN 1 AND 16777215", name=op.f("ck_series_number_fits_u24")),
        sa.ForeignKeyConstraint(
            ["copied_from_id"], ["series.id"], name=op.f("fk_series_copied_from_id_series")
        ),
        sa.ForeignKeyConstraint(
            ["host_region_code"], ["regions.code"], name=op.f("fk_series_host_region_code_regions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("number", name=op.f("uq_series_number")),
        sa.UniqueConstraint("slug", name=op.f("uq_series_slug")),
    )
    op.create_table(
        "sign_ins",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_sign_ins_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_ins")),
    )
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_ins_user_id"), ["user_id"], unique=False)

    op.create_table(
        "categories",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column(
            "admission",
            sa.Enum(
                "open",
                "by_approval",
                "by_invitation",
                "by_delegation",
                name="admission",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edit_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offer_hours", sa.Integer(), nullable=False),
        sa.Column("pending_holds", sa.Boolean(), nullable=False),
        sa.Column("guardian_consent", sa.Boolean(), nullable=False),
        sa.Column("ticket_class", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_categories_closes_after_opening")),
        sa.CheckConstraint("offer_hours > 0", name=op.f("ck_categories_offers_last")),
        sa.CheckConstraint(
            "ticket_class BETWEEN 1 AND 254", name=op.f("ck_categories_class_is_issuable")
        ),
        sa.ForeignKeyConstraint(
            ["series_id"],
            ["series.id"],
            name=op.f("fk_categories_series_id_series"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categories")),
        sa.UniqueConstraint("series_id", "code", name=op.f("uq_categories_series_id_code")),
        sa.UniqueConstraint(
            "series_id", "ticket_class", name=op.f("uq_categories_series_id_ticket_class")
        ),
    )
    op.create_table(
        "devices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["series_id"],
            ["series.id"],
            name=op.f("fk_devices_series_id_series"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_devices_token_hash")),
    )
    with op.batch_alter_table("devices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_devices_series_id"), ["series_id"], unique=False)

    op.create_table(
        "enrol_codes",
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["series_id"],
            ["series.id"],
            name=op.f("fk_enrol_codes_series_id_series"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_enrol_codes")),
    )
    op.create_table(
        "epochs",
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["series_id"],
            ["series.id"],
            name=op.f("fk_epochs_series_id_series"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("series_id", name=op.f("pk_epochs")),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "working_meeting",
                "signing_ceremony",
                "unveiling_ceremony",
                "release",
                "forum",
                "training",
                "job_fair",
                "contest",
                name="kind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "mode",
            sa.Enum("onsite", "online", "hybrid", name="mode", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "field",
            sa.Enum("higher", "vocational", "basic", name="field", native_enum=False, length=40),
            nullable=True,
        ),
        sa.Column(
            "state",
            sa.Enum("scheduled", "cancelled", name="eventstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("room_en", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("description_zh", sa.String(), nullable=False),
        sa.Column("description_en", sa.String(), nullable=False),
        sa.Column(
            "topics", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_events_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_events_series_id_series")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("series_id", "slug", name=op.f("uq_events_series_id_slug")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_events_series_id_starts_at"), ["series_id", "starts_at"], unique=False
        )

    op.create_table(
        "grants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=True),
        sa.Column(
            "role",
            sa.Enum(
                "admin",
                "organiser",
                "registrar",
                "press_officer",
                "door",
                "viewer",
                name="role",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(role = 'admin') = (series_id IS NULL)", name=op.f("ck_grants_admin_everywhere")
        ),
        sa.ForeignKeyConstraint(
            ["series_id"],
            ["series.id"],
            name=op.f("fk_grants_series_id_series"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_grants_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
        sa.UniqueConstraint(
            "user_id", "series_id", "role", name=op.f("uq_grants_user_id_series_id_role")
        ),
    )
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.create_index(
            "uq_grants_admin",
            ["user_id"],
            unique=True,
            sqlite_where=sa.text("series_id IS NULL"),
            postgresql_where=sa.text("series_id IS NULL"),
        )

    op.create_table(
        "known_outlets",
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_known_outlets_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["series_id"],
            ["series.id"],
            name=op.f("fk_known_outlets_series_id_series"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("series_id", "organisation_id", name=op.f("pk_known_outlets")),
    )
    op.create_table(
        "organisation_aliases",
        sa.Column("alias", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_organisation_aliases_organisation_id_organisations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("alias", name=op.f("pk_organisation_aliases")),
    )
    with op.batch_alter_table("organisation_aliases", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_organisation_aliases_organisation_id"), ["organisation_id"], unique=False
        )

    op.create_table(
        "points",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "arrival",
                "session",
                "zone",
                "exit",
                "meal",
                name="pointkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "repeat",
            sa.Enum("once", "daily", "reentry", name="repeat", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "event_ids", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column(
            "session_ids", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column(
            "category_classes",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=False,
        ),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("loaded_as", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["series_id"],
            ["series.id"],
            name=op.f("fk_points_series_id_series"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_points")),
    )
    with op.batch_alter_table("points", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_points_series_id"), ["series_id"], unique=False)

    op.create_table(
        "rooms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_rooms_series_id_series"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rooms")),
        sa.UniqueConstraint("series_id", "name_zh", name=op.f("uq_rooms_series_id_name_zh")),
    )
    op.create_table(
        "series_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_private_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("key_id BETWEEN 0 AND 255", name=op.f("ck_series_keys_key_id_fits_u8")),
        sa.ForeignKeyConstraint(
            ["series_id"],
            ["series.id"],
            name=op.f("fk_series_keys_series_id_series"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series_keys")),
        sa.UniqueConstraint("series_id", "key_id", name=op.f("uq_series_keys_series_id_key_id")),
    )
    op.create_table(
        "tickets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("class_code", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("staff_code", sa.String(), nullable=False),
        sa.Column(
            "standing",
            sa.Enum(
                "valid",
                "suspended",
                "cancelled",
                "revoked",
                name="standing",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("holder_key", sa.String(), nullable=False),
        sa.Column("pinyin", sa.String(), nullable=False),
        sa.Column("initials", sa.String(), nullable=False),
        sa.Column("mobile_last4", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("category_zh", sa.String(), nullable=False),
        sa.Column("category_en", sa.String(), nullable=False),
        sa.Column(
            "event_ids", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column(
            "session_ids", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column(
            "door_notes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "class_code BETWEEN 0 AND 254", name=op.f("ck_tickets_class_is_issuable")
        ),
        sa.CheckConstraint(
            "serial > 0 AND serial < 72057594037927936", name=op.f("ck_tickets_serial_fits_7_bytes")
        ),
        sa.ForeignKeyConstraint(
            ["replaced_by_id"], ["tickets.id"], name=op.f("fk_tickets_replaced_by_id_tickets")
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_tickets_series_id_series")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sa.UniqueConstraint("series_id", "serial", name=op.f("uq_tickets_series_id_serial")),
        sa.UniqueConstraint(
            "series_id", "staff_code", name=op.f("uq_tickets_series_id_staff_code")
        ),
    )
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_tickets_series_id_holder"), ["series_id", "holder"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_tickets_series_id_initials"), ["series_id", "initials"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_tickets_series_id_mobile_last4"),
            ["series_id", "mobile_last4"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_tickets_series_id_pinyin"), ["series_id", "pinyin"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_tickets_series_id_updated_at"), ["series_id", "updated_at"], unique=False
        )
        batch_op.create_index(
            "uq_tickets_one_live_per_person",
            ["series_id", "holder_key"],
            unique=True,
            sqlite_where=sa.text("standing IN ('valid', 'suspended')"),
            postgresql_where=sa.text("standing IN ('valid', 'suspended')"),
        )

    op.create_table(
        "token_grants",
        sa.Column("token_id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["series_id"],
            ["series.id"],
            name=op.f("fk_token_grants_series_id_series"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["token_id"],
            ["api_tokens.id"],
            name=op.f("fk_token_grants_token_id_api_tokens"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_id", "series_id", name=op.f("pk_token_grants")),
    )
    op.create_table(
        "agreements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.id"],
            name=op.f("fk_agreements_event_id_events"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreements")),
    )
    with op.batch_alter_table("agreements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreements_event_id"), ["event_id"], unique=False)

    op.create_table(
        "category_events",
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["categories.id"],
            name=op.f("fk_category_events_category_id_categories"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.id"],
            name=op.f("fk_category_events_event_id_events"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("category_id", "event_id", name=op.f("pk_category_events")),
    )
    with op.batch_alter_table("category_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_category_events_event_id"), ["event_id"], unique=False)

    op.create_table(
        "plaques",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_plaques_event_id_events"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plaques")),
    )
    with op.batch_alter_table("plaques", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plaques_event_id"), ["event_id"], unique=False)

    op.create_table(
        "registrations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "submitted",
                "returned",
                "waitlisted",
                "offered",
                "confirmed",
                "on_leave",
                "replaced",
                "declined",
                "withdrawn",
                "cancelled",
                "expired",
                name="state",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "mode",
            sa.Enum("onsite", "online", "hybrid", name="mode", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("pinyin_key", sa.String(), nullable=False),
        sa.Column("pinyin", sa.String(), nullable=False),
        sa.Column("initials", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("organisation_pinyin", sa.String(), nullable=False),
        sa.Column("position", sa.String(), nullable=False),
        sa.Column("mobile", sa.String(), nullable=False),
        sa.Column("mobile_last4", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column(
            "answers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column(
            "consents", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("submit_id", sa.String(), nullable=False),
        sa.Column("link_version", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offer_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "returned_fields",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=False,
        ),
        sa.Column("reason_code", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'offered') = (offer_expires_at IS NOT NULL)",
            name=op.f("ck_registrations_offer_expires"),
        ),
        sa.CheckConstraint(
            "state <> 'confirmed' OR ticket_id IS NOT NULL",
            name=op.f("ck_registrations_confirmed_has_ticket"),
        ),
        sa.CheckConstraint(
            "state <> 'waitlisted' OR waiting_since IS NOT NULL",
            name=op.f("ck_registrations_line_has_time"),
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["categories.id"], name=op.f("fk_registrations_category_id_categories")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_registrations_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_registrations_series_id_series")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_registrations_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrations")),
        sa.UniqueConstraint("submit_id", name=op.f("uq_registrations_submit_id")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_registrations_ticket_id")),
    )
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_registrations_category_id"), ["category_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_registrations_email"), ["email"], unique=False)
        batch_op.create_index(batch_op.f("ix_registrations_mobile"), ["mobile"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_registrations_organisation_id"), ["organisation_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_registrations_series_id_applied_at_id"),
            ["series_id", "applied_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_registrations_series_id_initials"),
            ["series_id", "initials"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_registrations_series_id_mobile_last4"),
            ["series_id", "mobile_last4"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_registrations_series_id_name"), ["series_id", "name"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_registrations_series_id_organisation"),
            ["series_id", "organisation"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_registrations_series_id_pinyin"), ["series_id", "pinyin"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_registrations_series_id_pinyin_key"),
            ["series_id", "pinyin_key"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_registrations_series_id_state_applied_at_id"),
            ["series_id", "state", "applied_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_registrations_series_id_updated_at"),
            ["series_id", "updated_at"],
            unique=False,
        )
        batch_op.create_index(
            "uq_registrations_one_per_name_and_email",
            ["series_id", "name_key", "email"],
            unique=True,
            sqlite_where=sa.text(
                "email <> '' AND state IN ('submitted', 'returned', 'waitlisted', 'offered', 'confirmed', 'on_leave', 'declined')"
            ),
            postgresql_where=sa.text(
                "email <> '' AND state IN ('submitted', 'returned', 'waitlisted', 'offered', 'confirmed', 'on_leave', 'declined')"
            ),
        )
        batch_op.create_index(
            "uq_registrations_one_per_name_and_mobile",
            ["series_id", "name_key", "mobile"],
            unique=True,
            sqlite_where=sa.text(
                "mobile <> '' AND state IN ('submitted', 'returned', 'waitlisted', 'offered', 'confirmed', 'on_leave', 'declined')"
            ),
            postgresql_where=sa.text(
                "mobile <> '' AND state IN ('submitted', 'returned', 'waitlisted', 'offered', 'confirmed', 'on_leave', 'declined')"
            ),
        )

    op.create_table(
        "scans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("point_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column(
            "direction",
            sa.Enum("in", "out", "undo", name="direction", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "verdict",
            sa.Enum(
                "admitted",
                "checked_out",
                "undone",
                "room_full",
                "already_admitted",
                "not_entitled",
                "not_confirmed",
                "cancelled",
                "revoked",
                "too_early",
                "too_late",
                "wrong_series",
                "forged",
                "unknown",
                "needs_answer",
                name="verdict",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("local_verdict", sa.String(), nullable=False),
        sa.Column("quarantined", sa.String(), nullable=False),
        sa.Column("override", sa.String(), nullable=False),
        sa.Column("first", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column(
            "flags", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column(
            "answers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("undoes_id", sa.Uuid(), nullable=True),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id <> undoes_id", name=op.f("ck_scans_undoes_another")),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name=op.f("fk_scans_device_id_devices")
        ),
        sa.ForeignKeyConstraint(["point_id"], ["points.id"], name=op.f("fk_scans_point_id_points")),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_scans_series_id_series")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_scans_ticket_id_tickets")
        ),
        sa.ForeignKeyConstraint(["undoes_id"], ["scans.id"], name=op.f("fk_scans_undoes_id_scans")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scans")),
        sa.UniqueConstraint("undoes_id", name=op.f("uq_scans_undoes_id")),
    )
    with op.batch_alter_table("scans", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scans_device_id"), ["device_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_scans_point_id_effective_at"), ["point_id", "effective_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_scans_series_id_effective_at"),
            ["series_id", "effective_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_scans_series_id_received_at_id"),
            ["series_id", "received_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_scans_ticket_id_point_id"), ["ticket_id", "point_id"], unique=False
        )

    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("track", sa.String(), nullable=False),
        sa.Column("abstract_zh", sa.String(), nullable=False),
        sa.Column("abstract_en", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_sessions_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.id"],
            name=op.f("fk_sessions_event_id_events"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_sessions_room_id_rooms")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("event_id", "slug", name=op.f("uq_sessions_event_id_slug")),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sessions_event_id_starts_at"), ["event_id", "starts_at"], unique=False
        )

    op.create_table(
        "agreement_parties",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("signatory", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["agreements.id"],
            name=op.f("fk_agreement_parties_agreement_id_agreements"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_agreement_parties_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_parties")),
        sa.UniqueConstraint(
            "agreement_id",
            "organisation_id",
            name=op.f("uq_agreement_parties_agreement_id_organisation_id"),
        ),
    )
    op.create_table(
        "pools",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column(
            "mode",
            sa.Enum("onsite", "online", "hybrid", name="mode", native_enum=False, length=40),
            nullable=True,
        ),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("grandfathered", sa.Integer(), nullable=False),
        sa.Column("waiting_limit", sa.Integer(), nullable=True),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.CheckConstraint("mode IS NULL OR mode <> 'hybrid'", name=op.f("ck_pools_one_mode")),
        sa.CheckConstraint("held <= size + grandfathered", name=op.f("ck_pools_never_over")),
        sa.CheckConstraint(
            "size >= 0 AND held >= 0 AND waiting >= 0 AND grandfathered >= 0",
            name=op.f("ck_pools_no_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["categories.id"],
            name=op.f("fk_pools_category_id_categories"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_pools_event_id_events"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_pools_series_id_series"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
            name=op.f("fk_pools_session_id_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pools")),
    )
    with op.batch_alter_table("pools", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_pools_series_id_category_id_event_id"),
            ["series_id", "category_id", "event_id"],
            unique=False,
        )

    op.create_table(
        "registration_events",
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_registration_events_event_id_events")
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_registration_events_registration_id_registrations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", "event_id", name=op.f("pk_registration_events")),
    )
    with op.batch_alter_table("registration_events", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_registration_events_event_id"), ["event_id"], unique=False
        )

    op.create_table(
        "registration_sessions",
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_registration_sessions_registration_id_registrations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
            name=op.f("fk_registration_sessions_session_id_sessions"),
        ),
        sa.PrimaryKeyConstraint(
            "registration_id", "session_id", name=op.f("pk_registration_sessions")
        ),
    )
    with op.batch_alter_table("registration_sessions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_registration_sessions_session_id"), ["session_id"], unique=False
        )

    op.create_table(
        "session_people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column(
            "part",
            sa.Enum(
                "chair", "speaker", "panellist", "host", name="part", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
            name=op.f("fk_session_people_session_id_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_people")),
    )
    with op.batch_alter_table("session_people", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_session_people_session_id"), ["session_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("session_people", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_people_session_id"))

    op.drop_table("session_people")
    with op.batch_alter_table("registration_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_registration_sessions_session_id"))

    op.drop_table("registration_sessions")
    with op.batch_alter_table("registration_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_registration_events_event_id"))

    op.drop_table("registration_events")
    with op.batch_alter_table("pools", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pools_series_id_category_id_event_id"))

    op.drop_table("pools")
    op.drop_table("agreement_parties")
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sessions_event_id_starts_at"))

    op.drop_table("sessions")
    with op.batch_alter_table("scans", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scans_ticket_id_point_id"))
        batch_op.drop_index(batch_op.f("ix_scans_series_id_received_at_id"))
        batch_op.drop_index(batch_op.f("ix_scans_series_id_effective_at"))
        batch_op.drop_index(batch_op.f("ix_scans_point_id_effective_at"))
        batch_op.drop_index(batch_op.f("ix_scans_device_id"))

    op.drop_table("scans")
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_registrations_one_per_name_and_mobile",
            sqlite_where=sa.text(
                "mobile <> '' AND state IN ('submitted', 'returned', 'waitlisted', 'offered', 'confirmed', 'on_leave', 'declined')"
            ),
            postgresql_where=sa.text(
                "mobile <> '' AND state IN ('submitted', 'returned', 'waitlisted', 'offered', 'confirmed', 'on_leave', 'declined')"
            ),
        )
        batch_op.drop_index(
            "uq_registrations_one_per_name_and_email",
            sqlite_where=sa.text(
                "email <> '' AND state IN ('submitted', 'returned', 'waitlisted', 'offered', 'confirmed', 'on_leave', 'declined')"
            ),
            postgresql_where=sa.text(
                "email <> '' AND state IN ('submitted', 'returned', 'waitlisted', 'offered', 'confirmed', 'on_leave', 'declined')"
            ),
        )
        batch_op.drop_index(batch_op.f("ix_registrations_series_id_updated_at"))
        batch_op.drop_index(batch_op.f("ix_registrations_series_id_state_applied_at_id"))
        batch_op.drop_index(batch_op.f("ix_registrations_series_id_pinyin_key"))
        batch_op.drop_index(batch_op.f("ix_registrations_series_id_pinyin"))
        batch_op.drop_index(batch_op.f("ix_registrations_series_id_organisation"))
        batch_op.drop_index(batch_op.f("ix_registrations_series_id_name"))
        batch_op.drop_index(batch_op.f("ix_registrations_series_id_mobile_last4"))
        batch_op.drop_index(batch_op.f("ix_registrations_series_id_initials"))
        batch_op.drop_index(batch_op.f("ix_registrations_series_id_applied_at_id"))
        batch_op.drop_index(batch_op.f("ix_registrations_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_registrations_mobile"))
        batch_op.drop_index(batch_op.f("ix_registrations_email"))
        batch_op.drop_index(batch_op.f("ix_registrations_category_id"))

    op.drop_table("registrations")
    with op.batch_alter_table("plaques", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plaques_event_id"))

    op.drop_table("plaques")
    with op.batch_alter_table("category_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_category_events_event_id"))

    op.drop_table("category_events")
    with op.batch_alter_table("agreements", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agreements_event_id"))

    op.drop_table("agreements")
    op.drop_table("token_grants")
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_tickets_one_live_per_person",
            sqlite_where=sa.text("standing IN ('valid', 'suspended')"),
            postgresql_where=sa.text("standing IN ('valid', 'suspended')"),
        )
        batch_op.drop_index(batch_op.f("ix_tickets_series_id_updated_at"))
        batch_op.drop_index(batch_op.f("ix_tickets_series_id_pinyin"))
        batch_op.drop_index(batch_op.f("ix_tickets_series_id_mobile_last4"))
        batch_op.drop_index(batch_op.f("ix_tickets_series_id_initials"))
        batch_op.drop_index(batch_op.f("ix_tickets_series_id_holder"))

    op.drop_table("tickets")
    op.drop_table("series_keys")
    op.drop_table("rooms")
    with op.batch_alter_table("points", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_points_series_id"))

    op.drop_table("points")
    with op.batch_alter_table("organisation_aliases", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organisation_aliases_organisation_id"))

    op.drop_table("organisation_aliases")
    op.drop_table("known_outlets")
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_grants_admin",
            sqlite_where=sa.text("series_id IS NULL"),
            postgresql_where=sa.text("series_id IS NULL"),
        )

    op.drop_table("grants")
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_events_series_id_starts_at"))

    op.drop_table("events")
    op.drop_table("epochs")
    op.drop_table("enrol_codes")
    with op.batch_alter_table("devices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_devices_series_id"))

    op.drop_table("devices")
    op.drop_table("categories")
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_ins_user_id"))

    op.drop_table("sign_ins")
    op.drop_table("series")
    op.drop_table("organisations")
    with op.batch_alter_table("webhooks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhooks_series_id"))

    op.drop_table("webhooks")
    op.drop_table("users")
    with op.batch_alter_table("tallies", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tallies_ends_at"))

    op.drop_table("tallies")
    op.drop_table("regions")
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notices_series_id_state"))
        batch_op.drop_index(batch_op.f("ix_notices_series_id_created_at"))
        batch_op.drop_index(
            "ix_notices_due",
            sqlite_where=sa.text("next_attempt_at IS NOT NULL"),
            postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_notices_about"))

    op.drop_table("notices")
    with op.batch_alter_table("idempotent_answers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotent_answers_created_at"))

    op.drop_table("idempotent_answers")
    op.drop_table("channel_pauses")
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_entries_subject_id"))
        batch_op.drop_index(batch_op.f("ix_audit_entries_series_id_id"))

    op.drop_table("audit_entries")
    op.drop_table("api_tokens")
