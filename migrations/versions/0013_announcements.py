"""Reminders and announcements, and one row for each of their recipients

Revision ID: 0013_announcements
Revises: 0012_delegation_drafts
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013_announcements"
down_revision = "0012_delegation_drafts"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=40)


def upgrade() -> None:
    op.create_table(
        "announcements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("kind", _enum("announcementkind", "reminder", "announcement"), nullable=False),
        sa.Column(
            "state",
            _enum("announcementstate", "draft", "scheduled", "sending", "stopped", "sent", "cancelled"),
            nullable=False,
        ),
        sa.Column("subject_zh", sa.String(), nullable=False),
        sa.Column("subject_en", sa.String(), nullable=False),
        sa.Column("body_zh", sa.String(), nullable=False),
        sa.Column("body_en", sa.String(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("days_before", sa.Integer(), nullable=True),
        sa.Column("at_clock", sa.String(), nullable=False),
        sa.Column("send_at", MOMENT, nullable=True),
        sa.Column("event_ids", JSON, nullable=False),
        sa.Column("category_ids", JSON, nullable=False),
        sa.Column("delegation_ids", JSON, nullable=False),
        sa.Column("states", JSON, nullable=False),
        sa.Column("arrived", _enum("arrived", "any", "yes", "no"), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("per_day", sa.Integer(), nullable=False),
        sa.Column("quiet_from", sa.String(), nullable=False),
        sa.Column("quiet_until", sa.String(), nullable=False),
        sa.Column("drawn", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "per_minute > 0 AND per_day > 0", name=op.f("ck_announcements_sends_something")
        ),
        sa.CheckConstraint(
            "kind <> 'reminder' OR (event_id IS NOT NULL AND days_before IS NOT NULL)",
            name=op.f("ck_announcements_reminds_of_event"),
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_announcements_series_id_series"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_announcements_event_id_events")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
    )  # fmt: skip
    op.create_index(op.f("ix_announcements_event_id"), "announcements", ["event_id"])
    op.create_index(
        op.f("ix_announcements_series_id_created_at"), "announcements", ["series_id", "created_at"]
    )
    op.create_index(op.f("ix_announcements_state"), "announcements", ["state"])
    op.create_table(
        "announcement_recipients",
        sa.Column("announcement_id", sa.Uuid(), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state", _enum("recipientstate", "waiting", "queued", "skipped"), nullable=False
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=True),
        sa.Column("queued_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "(state = 'queued') = (queued_at IS NOT NULL)",
            name=op.f("ck_announcement_recipients_queued_has_time"),
        ),
        sa.ForeignKeyConstraint(
            ["announcement_id"], ["announcements.id"],
            name=op.f("fk_announcement_recipients_announcement_id_announcements"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registrations.id"],
            name=op.f("fk_announcement_recipients_registration_id_registrations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"],
            name=op.f("fk_announcement_recipients_notice_id_notices"), ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint(
            "announcement_id", "registration_id", name=op.f("pk_announcement_recipients")
        ),
    )  # fmt: skip
    for columns in (
        ["registration_id"], ["notice_id"], ["queued_at"],
        ["announcement_id", "state", "registration_id"],
    ):  # fmt: skip
        op.create_index(
            op.f(f"ix_announcement_recipients_{'_'.join(columns)}"),
            "announcement_recipients",
            columns,
        )


def downgrade() -> None:
    op.drop_table("announcement_recipients")
    op.drop_table("announcements")
