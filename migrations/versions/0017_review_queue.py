"""Who reviews what, what is wrong with a returned field, an index for the waiting list

Revision ID: 0017_review_queue
Revises: 0016_press_materials
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017_review_queue"
down_revision = "0016_press_materials"
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
    # Plain columns: SQLite need not write the whole table anew for them, and its older columns keep
    # their own checks. Rows that exist get the empty value.
    op.add_column(
        "registrations",
        sa.Column(
            "returned_notes",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=False,
            server_default="{}",
        ),
    )
    op.add_column("registrations", sa.Column("reminded_at", sa.DateTime(timezone=True)))
    op.create_index(
        "ix_registrations_line",
        "registrations",
        ["series_id", "priority", "waiting_since", "id"],
        sqlite_where=sa.text("state = 'waitlisted'"),
        postgresql_where=sa.text("state = 'waitlisted'"),
    )
    op.create_index(
        "ix_registrations_to_answer",
        "registrations",
        ["answer_by"],
        sqlite_where=sa.text("state = 'returned'"),
        postgresql_where=sa.text("state = 'returned'"),
    )


def downgrade() -> None:
    op.drop_index("ix_registrations_to_answer", "registrations")
    op.drop_index("ix_registrations_line", "registrations")
    op.drop_column("registrations", "reminded_at")
    op.drop_column("registrations", "returned_notes")
    op.drop_table("reviews")
