"""Lists by page: indexes for sorting by unit and category, and for tickets that were replaced

Revision ID: 0011_lists_by_page
Revises: 0010_options_of_questions
"""

import sqlalchemy as sa
from alembic import op

revision = "0011_lists_by_page"
down_revision = "0010_options_of_questions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        op.f("ix_registrations_series_id_organisation_pinyin"),
        "registrations",
        ["series_id", "organisation_pinyin"],
    )
    op.create_index(
        op.f("ix_registrations_series_id_category_id_pinyin_key"),
        "registrations",
        ["series_id", "category_id", "pinyin_key"],
    )
    replaced = sa.text("replaced_by_id IS NOT NULL")
    op.create_index(
        "ix_tickets_replaced",
        "tickets",
        ["series_id"],
        sqlite_where=replaced,
        postgresql_where=replaced,
    )


def downgrade() -> None:
    op.drop_index("ix_tickets_replaced", "tickets")
    op.drop_index(op.f("ix_registrations_series_id_category_id_pinyin_key"), "registrations")
    op.drop_index(op.f("ix_registrations_series_id_organisation_pinyin"), "registrations")
