"""Rows that liaisons have not submitted, delegations without review, categories with transfer

Revision ID: 0012_delegation_drafts
Revises: 0011_lists_by_page
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012_delegation_drafts"
down_revision = "0011_lists_by_page"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delegation_drafts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("delegation_id", sa.Uuid(), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.String(), nullable=False),
        sa.Column("mobile", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("events", _json(), nullable=False),
        sa.Column("unread", _json(), nullable=False),
        sa.Column("faults", _json(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["delegation_id"],
            ["delegations.id"],
            name=op.f("fk_delegation_drafts_delegation_id_delegations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_delegation_drafts_registration_id_registrations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation_drafts")),
        sa.UniqueConstraint("registration_id", name=op.f("uq_delegation_drafts_registration_id")),
    )
    with op.batch_alter_table("delegation_drafts") as batch:
        batch.create_index(
            batch.f("ix_delegation_drafts_delegation_id_place"), ["delegation_id", "place"]
        )
    with op.batch_alter_table("delegations") as batch:
        batch.add_column(
            sa.Column("reviewed", sa.Boolean(), nullable=False, server_default=sa.true())
        )
    with op.batch_alter_table("categories") as batch:
        batch.add_column(
            sa.Column("transferable", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    for table, column in (("delegations", "reviewed"), ("categories", "transferable")):
        with op.batch_alter_table(table) as batch:
            batch.alter_column(column, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("categories") as batch:
        batch.drop_column("transferable")
    with op.batch_alter_table("delegations") as batch:
        batch.drop_column("reviewed")
    op.drop_table("delegation_drafts")


def _json() -> sa.types.TypeEngine[object]:
    return sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
