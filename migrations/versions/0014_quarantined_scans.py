"""Scans that were quarantined are found without looking through all of them

Revision ID: 0014_quarantined_scans
Revises: 0013_announcements
"""

import sqlalchemy as sa
from alembic import op

revision = "0014_quarantined_scans"
down_revision = "0013_announcements"
branch_labels = None
depends_on = None


def upgrade() -> None:
    where = sa.text("quarantined <> ''")
    op.create_index(
        "ix_scans_quarantined",
        "scans",
        ["series_id", "effective_at"],
        sqlite_where=where,
        postgresql_where=where,
    )


def downgrade() -> None:
    op.drop_index("ix_scans_quarantined", "scans")
