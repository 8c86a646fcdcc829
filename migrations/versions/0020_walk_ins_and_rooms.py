"""Which categories take walk-ins; online rooms of events

Revision ID: 0020_walk_ins_and_rooms
Revises: 0019_screens
"""

import sqlalchemy as sa
from alembic import op

revision = "0020_walk_ins_and_rooms"
down_revision = "0019_screens"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "walk_in_categories",
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["categories.id"],
            name=op.f("fk_walk_in_categories_category_id_categories"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("category_id", name=op.f("pk_walk_in_categories")),
    )

    op.create_table(
        "online_rooms",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("point_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.id"],
            name=op.f("fk_online_rooms_event_id_events"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["series_id"],
            ["series.id"],
            name=op.f("fk_online_rooms_series_id_series"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["point_id"],
            ["points.id"],
            name=op.f("fk_online_rooms_point_id_points"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_online_rooms")),
    )
    op.create_index(op.f("ix_online_rooms_series_id"), "online_rooms", ["series_id"])


def downgrade() -> None:
    op.drop_table("online_rooms")
    op.drop_table("walk_in_categories")
