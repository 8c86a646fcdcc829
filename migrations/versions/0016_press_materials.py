"""What the press is given, each from its time on

Revision ID: 0016_press_materials
Revises: 0015_import_ids
"""

import sqlalchemy as sa
from alembic import op

revision = "0016_press_materials"
down_revision = "0015_import_ids"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    kind = sa.Enum("notes", "text", "photo", name="materialkind", native_enum=False, length=40)
    op.create_table(
        "press_materials",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("kind", kind, nullable=False),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("title_zh", "title_en", "body_zh", "body_en", "credit")
        ),
        sa.Column("opens_at", MOMENT, nullable=False),
        sa.Column("correction_zh", sa.String(), nullable=False),
        sa.Column("correction_en", sa.String(), nullable=False),
        sa.Column("corrected_at", MOMENT, nullable=True),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["series_id"],
            ["series.id"],
            name=op.f("fk_press_materials_series_id_series"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_press_materials")),
    )
    op.create_index(
        op.f("ix_press_materials_series_id_opens_at"), "press_materials", ["series_id", "opens_at"]
    )


def downgrade() -> None:
    op.drop_table("press_materials")
