"""Whoever gave the same number of an identity document is found by an index

Revision ID: 0026_id_number_found
Revises: 0025_settlements
"""

import sqlalchemy as sa
from alembic import op

revision = "0026_id_number_found"
down_revision = "0025_settlements"
branch_labels = None
depends_on = None

_HAS_ONE = sa.text("id_index <> ''")


def upgrade() -> None:
    op.create_index(
        "ix_registrations_id_number",
        "registrations",
        ["series_id", "id_index"],
        sqlite_where=_HAS_ONE,
        postgresql_where=_HAS_ONE,
    )


def downgrade() -> None:
    op.drop_index("ix_registrations_id_number", table_name="registrations")
