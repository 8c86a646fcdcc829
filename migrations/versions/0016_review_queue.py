"""Who reviews what, what is wrong with a returned field, an index for the waiting list

Revision ID: 0016_review_queue
Revises: 0015_import_ids
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016_review_queue"
down_revision = "0015_import_ids"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reviews",
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_reviews_registration_id_registrations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_reviews")),
    )
    # Existing rows get a value; the default does not stay.
    op.add_column(
        "registrations",
        sa.Column(
            "returned_notes",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=False,
            server_default="{}",
        ),
    )
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.alter_column(
            "returned_notes",
            existing_type=sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            existing_nullable=False,
            server_default=None,
        )
        batch_op.create_index(
            "ix_registrations_line",
            ["series_id", "priority", "waiting_since", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'waitlisted'"),
            postgresql_where=sa.text("state = 'waitlisted'"),
        )
        batch_op.add_column(sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_registrations_to_answer",
            ["answer_by"],
            unique=False,
            sqlite_where=sa.text("state = 'returned'"),
            postgresql_where=sa.text("state = 'returned'"),
        )


def downgrade() -> None:
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_registrations_line",
            sqlite_where=sa.text("state = 'waitlisted'"),
            postgresql_where=sa.text("state = 'waitlisted'"),
        )
        batch_op.drop_index(
            "ix_registrations_to_answer",
            sqlite_where=sa.text("state = 'returned'"),
            postgresql_where=sa.text("state = 'returned'"),
        )
        batch_op.drop_column("reminded_at")
        batch_op.drop_column("returned_notes")

    op.drop_table("reviews")
