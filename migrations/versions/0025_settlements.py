"""Incidents and scans that do not fit are settled with a note

Revision ID: 0025_settlements
Revises: 0024_press_cards
"""

import sqlalchemy as sa
from alembic import op

revision = "0025_settlements"
down_revision = "0024_press_cards"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "settlements",
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("settled_by", sa.String(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], "fk_settlements_series_id_series", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], "fk_settlements_ticket_id_tickets"),
        sa.PrimaryKeyConstraint("series_id", "subject", name="pk_settlements"),
    )
    where = sa.text("local_verdict = 'admitted' AND verdict <> 'admitted'")
    op.create_index(
        "ix_scans_let_in_all_the_same",
        "scans",
        ["series_id", "ticket_id"],
        sqlite_where=where,
        postgresql_where=where,
    )


def downgrade() -> None:
    op.drop_index("ix_scans_let_in_all_the_same", "scans")
    op.drop_table("settlements")
