"""What outlets published, who was thanked, and which correction was told

Revision ID: 0028_press_coverage
Revises: 0027_press_interviews
"""

import sqlalchemy as sa
from alembic import op

revision = "0028_press_coverage"
down_revision = "0027_press_interviews"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "press_coverage",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column(
            "medium",
            sa.Enum(
                "print",
                "online",
                "app",
                "tv",
                "radio",
                "social",
                name="medium",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "url LIKE 'http://%' OR url LIKE 'https://%'",
            name=op.f("ck_press_coverage_is_a_web_address"),
        ),
        sa.CheckConstraint("title <> ''", name=op.f("ck_press_coverage_has_title")),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["press_applications.id"],
            name=op.f("fk_press_coverage_application_id_press_applications"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_press_coverage_event_id_events")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_press_coverage")),
        sa.UniqueConstraint(
            "application_id", "url", name=op.f("uq_press_coverage_application_id_url")
        ),
    )
    op.create_index(
        op.f("ix_press_coverage_event_id"), "press_coverage", ["event_id"], unique=False
    )
    op.add_column(
        "press_applications", sa.Column("thanked_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "press_materials", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("press_materials", "told_at")
    op.drop_column("press_applications", "thanked_at")
    op.drop_index(op.f("ix_press_coverage_event_id"), table_name="press_coverage")
    op.drop_table("press_coverage")
