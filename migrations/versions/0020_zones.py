"""Tickets admit to zones, points ask for them; a point can take everybody to have left

Revision ID: 0020_zones
Revises: 0019_screens
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020_zones"
down_revision = "0019_screens"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("tickets", sa.Column("zones", JSON, nullable=False, server_default="[]"))
    op.add_column("points", sa.Column("zones", JSON, nullable=False, server_default="[]"))
    op.add_column(
        "points", sa.Column("checkout_time", sa.String(), nullable=False, server_default="")
    )


def downgrade() -> None:
    op.drop_column("points", "checkout_time")
    op.drop_column("points", "zones")
    op.drop_column("tickets", "zones")
