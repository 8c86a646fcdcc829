"""The order in which the press is ranked; an outlet may send in more than one application

Revision ID: 0021_press_ranking
Revises: 0020_zones
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021_press_ranking"
down_revision = "0020_zones"
branch_labels = None
depends_on = None

_OPEN = "outlet_id IS NOT NULL AND NOT freelance AND state NOT IN ('withdrawn', 'closed')"


def upgrade() -> None:
    # Two desks of one house may each apply; that a house has applied is told to nobody.
    op.drop_index("uq_press_applications_one_per_outlet", "press_applications")
    op.add_column(
        "press_settings",
        sa.Column(
            "ranking",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=False,
            server_default="[]",
        ),
    )


def downgrade() -> None:
    op.drop_column("press_settings", "ranking")
    op.create_index(
        "uq_press_applications_one_per_outlet",
        "press_applications",
        ["series_id", "outlet_id"],
        unique=True,
        sqlite_where=sa.text(_OPEN),
        postgresql_where=sa.text(_OPEN),
    )
