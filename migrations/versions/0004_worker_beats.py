"""Workers say that they work

Revision ID: 0004_worker_beats
Revises: 0003_scans_are_facts
"""

import sqlalchemy as sa
from alembic import op

revision = "0004_worker_beats"
down_revision = "0003_scans_are_facts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "worker_beats",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker_beats")),
    )


def downgrade() -> None:
    op.drop_table("worker_beats")
