"""Press cards on paper, who collected them, and the stage pool

Revision ID: 0024_press_cards
Revises: 0023_invitations
"""

import sqlalchemy as sa
from alembic import op

revision = "0024_press_cards"
down_revision = "0023_invitations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "press_print_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["series_id"],
            ["series.id"],
            name=op.f("fk_press_print_runs_series_id_series"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_press_print_runs")),
        sa.UniqueConstraint(
            "series_id", "number", name=op.f("uq_press_print_runs_series_id_number")
        ),
    )
    op.create_table(
        "press_pool_slots",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("meeting_zh", sa.String(), nullable=False),
        sa.Column("meeting_en", sa.String(), nullable=False),
        sa.Column("escort", sa.String(), nullable=False),
        sa.Column("escort_phone", sa.String(), nullable=False),
        sa.CheckConstraint(
            "ends_at > starts_at", name=op.f("ck_press_pool_slots_lasts_for_a_time")
        ),
        sa.CheckConstraint(
            "places BETWEEN 1 AND 500", name=op.f("ck_press_pool_slots_some_places")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.id"],
            name=op.f("fk_press_pool_slots_event_id_events"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["series_id"],
            ["series.id"],
            name=op.f("fk_press_pool_slots_series_id_series"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_press_pool_slots")),
    )
    op.create_index(
        op.f("ix_press_pool_slots_event_id"), "press_pool_slots", ["event_id"], unique=False
    )
    op.create_index(
        op.f("ix_press_pool_slots_series_id_starts_at"),
        "press_pool_slots",
        ["series_id", "starts_at"],
        unique=False,
    )

    op.create_table(
        "press_cards",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("collected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_by", sa.String(), nullable=False),
        sa.Column("taken_by", sa.String(), nullable=False),
        sa.Column("letter", sa.Boolean(), nullable=False),
        sa.Column("id_type", sa.String(), nullable=False),
        sa.Column("id_last4", sa.String(), nullable=False),
        sa.CheckConstraint(
            "collected_at IS NULL OR (handed_by <> '' AND id_type <> '' AND length(id_last4) = 4)",
            name=op.f("ck_press_cards_collected_with_document"),
        ),
        sa.CheckConstraint("taken_by = '' OR letter", name=op.f("ck_press_cards_proxy_has_letter")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["press_people.id"],
            name=op.f("fk_press_cards_person_id_press_people"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["press_print_runs.id"],
            name=op.f("fk_press_cards_run_id_press_print_runs"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_press_cards_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_press_cards")),
    )
    op.create_index(op.f("ix_press_cards_person_id"), "press_cards", ["person_id"], unique=False)
    op.create_index(op.f("ix_press_cards_run_id"), "press_cards", ["run_id"], unique=False)
    op.create_index(
        "uq_press_cards_one_valid",
        "press_cards",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("voided_at IS NULL"),
        postgresql_where=sa.text("voided_at IS NULL"),
    )

    op.create_table(
        "press_pool_places",
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["press_people.id"],
            name=op.f("fk_press_pool_places_person_id_press_people"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"],
            ["press_pool_slots.id"],
            name=op.f("fk_press_pool_places_slot_id_press_pool_slots"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("slot_id", "person_id", name=op.f("pk_press_pool_places")),
    )
    op.create_index(
        op.f("ix_press_pool_places_person_id"), "press_pool_places", ["person_id"], unique=False
    )

    op.add_column(
        "press_applications", sa.Column("last_called_at", sa.DateTime(timezone=True), nullable=True)
    )

    op.add_column(
        "press_settings", sa.Column("collect_by", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("press_settings", "collect_by")

    op.drop_column("press_applications", "last_called_at")

    op.drop_table("press_pool_places")

    op.drop_table("press_cards")

    op.drop_table("press_pool_slots")
    op.drop_table("press_print_runs")
