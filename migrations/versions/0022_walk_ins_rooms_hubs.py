"""Which categories take walk-ins; online rooms of events; hubs and their main servers

Revision ID: 0022_walk_ins_rooms_hubs
Revises: 0021_press_ranking
"""

import sqlalchemy as sa
from alembic import op

revision = "0022_walk_ins_rooms_hubs"
down_revision = "0021_press_ranking"
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
    op.create_table(
        "upstreams",
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("base_url", sa.String(), nullable=False),
        sa.Column("sealed_token", sa.LargeBinary(), nullable=False),
        sa.Column("point_id", sa.Uuid(), nullable=False),
        sa.Column("cursor", sa.String(), nullable=False),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.Column("pulled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pushed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["series_id"],
            ["series.id"],
            name=op.f("fk_upstreams_series_id_series"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("series_id", name=op.f("pk_upstreams")),
    )
    op.create_table(
        "delivered_scans",
        sa.Column("scan_id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scan_id"],
            ["scans.id"],
            name=op.f("fk_delivered_scans_scan_id_scans"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["series_id"],
            ["series.id"],
            name=op.f("fk_delivered_scans_series_id_series"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("scan_id", name=op.f("pk_delivered_scans")),
    )
    op.create_index(op.f("ix_delivered_scans_series_id"), "delivered_scans", ["series_id"])


def downgrade() -> None:
    op.drop_table("delivered_scans")
    op.drop_table("upstreams")
    op.drop_table("online_rooms")
    op.drop_table("walk_in_categories")
