"""Options of questions that pools count: rooms of one kind, meals

Revision ID: 0010_options_of_questions
Revises: 0009_personal_data
"""

import sqlalchemy as sa
from alembic import op

revision = "0010_options_of_questions"
down_revision = "0009_personal_data"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "registration_options",
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("option", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_registration_options_registration_id_registrations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", "option", name=op.f("pk_registration_options")),
    )
    with op.batch_alter_table("registration_options") as batch:
        batch.create_index(batch.f("ix_registration_options_option"), ["option"])
    op.add_column("pools", sa.Column("option", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_table("registration_options")
    op.execute("DELETE FROM pools WHERE option IS NOT NULL")
    op.drop_column("pools", "option")
