"""Imports carry ID numbers, sealed

Revision ID: 0015_import_ids
Revises: 0014_quarantined_scans
"""

import sqlalchemy as sa
from alembic import op

revision = "0015_import_ids"
down_revision = "0014_quarantined_scans"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("import_rows") as batch:
        batch.add_column(sa.Column("id_type", sa.String(), nullable=False, server_default=""))
        batch.add_column(sa.Column("id_number", sa.LargeBinary(), nullable=True))
        batch.add_column(sa.Column("id_index", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("import_rows") as batch:
        batch.alter_column("id_type", server_default=None)
        batch.alter_column("id_index", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("import_rows") as batch:
        for name in ("id_index", "id_number", "id_type"):
            batch.drop_column(name)
