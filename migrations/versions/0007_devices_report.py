"""Devices say what they have not sent, and which version they run

Revision ID: 0007_devices_report
Revises: 0006_delegations_and_pools
"""

import sqlalchemy as sa
from alembic import op

revision = "0007_devices_report"
down_revision = "0006_delegations_and_pools"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("devices") as table:
        table.add_column(sa.Column("unsent", sa.Integer(), nullable=True))
        table.add_column(sa.Column("app_version", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("devices") as table:
        table.alter_column("app_version", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("devices") as table:
        table.drop_column("app_version")
        table.drop_column("unsent")
