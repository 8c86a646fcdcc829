"""Devices of supervisors; several gates at one point, kept with every scan

Revision ID: 0029_supervisors_gates
Revises: 0028_press_coverage
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029_supervisors_gates"
down_revision = "0028_press_coverage"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("points", sa.Column("gates", JSON, nullable=False, server_default="[]"))
    for table in ("devices", "enrol_codes"):
        op.add_column(
            table, sa.Column("supervisor", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.add_column("scans", sa.Column("gate", sa.String(), nullable=False, server_default=""))
    if op.get_bind().dialect.name == "sqlite":  # PostgreSQL's trigger looks at whole rows
        op.execute(
            """CREATE TRIGGER scans_keep_gate BEFORE UPDATE OF gate ON scans
            BEGIN SELECT RAISE(ABORT, 'a scan is a fact and is never changed'); END"""
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER scans_keep_gate")
    op.drop_column("scans", "gate")
    op.drop_column("enrol_codes", "supervisor")
    op.drop_column("devices", "supervisor")
    op.drop_column("points", "gates")
