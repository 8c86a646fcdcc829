"""Uploads: what is known of each file; the bytes lie outside the database

Revision ID: 0002_uploads
Revises: 0001_main_road
"""

import sqlalchemy as sa
from alembic import op

revision = "0002_uploads"
down_revision = "0001_main_road"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stored_files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("jpeg", "png", "webp", "pdf", name="kind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("size > 0", name=op.f("ck_stored_files_not_empty")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_files")),
        sa.UniqueConstraint("place", name=op.f("uq_stored_files_place")),
    )
    with op.batch_alter_table("stored_files") as batch:
        batch.create_index(batch.f("ix_stored_files_owner"), ["owner"])
        batch.create_index(batch.f("ix_stored_files_kept_at_stored_at"), ["kept_at", "stored_at"])
        batch.create_index(batch.f("ix_stored_files_removed_at"), ["removed_at"])


def downgrade() -> None:
    op.drop_table("stored_files")
