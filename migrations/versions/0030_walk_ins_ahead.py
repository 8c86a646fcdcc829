"""Tickets are signed ahead for devices, and walk-ins taken down without a network are reconciled

Revision ID: 0030_walk_ins_ahead
Revises: 0029_supervisors_gates
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030_walk_ins_ahead"
down_revision = "0029_supervisors_gates"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def _words(*words: str) -> sa.Enum:
    return sa.Enum(*words, native_enum=False, length=40)


def upgrade() -> None:
    op.create_table(
        "tickets_signed_ahead",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], "fk_tickets_signed_ahead_ticket_id_tickets"
        ),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], "fk_tickets_signed_ahead_device_id_devices"
        ),
        sa.PrimaryKeyConstraint("ticket_id", name="pk_tickets_signed_ahead"),
    )
    op.create_index("ix_tickets_signed_ahead_device_id", "tickets_signed_ahead", ["device_id"])
    op.create_table(
        "offline_walk_ins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("point_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("registration_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("mobile", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("consents", _JSON, nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("another", sa.Boolean(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled", _words("waiting", "registered", "merged", "rejected"), nullable=False),
        sa.Column(
            "reason",
            _words("full", "known", "same_name", "closed", "invalid", "ticket"),
            nullable=True,
        ),
        sa.Column("told", _JSON, nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("settled_by", sa.String(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(settled IN ('registered', 'merged')) = (registration_id IS NOT NULL)",
            name="ck_offline_walk_ins_settled_names_registration",
        ),
        sa.CheckConstraint(
            "settled <> 'waiting' OR reason IS NOT NULL",
            name="ck_offline_walk_ins_waiting_has_reason",
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], "fk_offline_walk_ins_series_id_series"
        ),
        sa.ForeignKeyConstraint(["point_id"], ["points.id"], "fk_offline_walk_ins_point_id_points"),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], "fk_offline_walk_ins_device_id_devices"
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], "fk_offline_walk_ins_ticket_id_tickets"
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            "fk_offline_walk_ins_registration_id_registrations",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_offline_walk_ins"),
    )
    for column in ("device_id", "ticket_id", "registration_id"):
        op.create_index(f"ix_offline_walk_ins_{column}", "offline_walk_ins", [column])
    op.create_index(
        "ix_offline_walk_ins_series_id_settled_taken_at",
        "offline_walk_ins",
        ["series_id", "settled", "taken_at"],
    )


def downgrade() -> None:
    op.drop_table("offline_walk_ins")
    op.drop_table("tickets_signed_ahead")
