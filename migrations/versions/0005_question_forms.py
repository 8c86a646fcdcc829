"""Forms of questions, and answers that keep the version they answered

A published version never changes: the database itself refuses it.

Revision ID: 0005_question_forms
Revises: 0004_worker_beats
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005_question_forms"
down_revision = "0004_worker_beats"
branch_labels = None
depends_on = None

SQLITE = """CREATE TRIGGER form_versions_stay
BEFORE UPDATE OF form_id, number, questions, published_at ON form_versions
WHEN OLD.published_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a published version is never changed'); END"""
POSTGRES = (
    """CREATE FUNCTION form_versions_stay() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE 'a published version is never changed';
    END $$""",
    """CREATE TRIGGER form_versions_stay
    BEFORE UPDATE OF form_id, number, questions, published_at ON form_versions
    FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION form_versions_stay()""",
)


def upgrade() -> None:
    op.create_table(
        "forms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("later_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_forms_series_id_series"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forms")),
    )
    with op.batch_alter_table("forms") as batch:
        batch.create_index(batch.f("ix_forms_series_id"), ["series_id"])
    op.create_table(
        "form_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "questions", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["form_id"],
            ["forms.id"],
            name=op.f("fk_form_versions_form_id_forms"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_versions")),
        sa.UniqueConstraint("form_id", "number", name=op.f("uq_form_versions_form_id_number")),
    )
    with op.batch_alter_table("form_versions") as batch:
        batch.create_index(
            "uq_form_versions_one_draft",
            ["form_id"],
            unique=True,
            sqlite_where=sa.text("published_at IS NULL"),
            postgresql_where=sa.text("published_at IS NULL"),
        )
    with op.batch_alter_table("categories") as batch:
        batch.add_column(sa.Column("form_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            batch.f("fk_categories_form_id_forms"), "forms", ["form_id"], ["id"]
        )
        batch.create_index(batch.f("ix_categories_form_id"), ["form_id"])
    with op.batch_alter_table("registrations") as batch:
        for name in ("form_version_id", "later_version_id"):
            batch.add_column(sa.Column(name, sa.Uuid(), nullable=True))
            batch.create_foreign_key(
                batch.f(f"fk_registrations_{name}_form_versions"), "form_versions", [name], ["id"]
            )
            batch.create_index(batch.f(f"ix_registrations_{name}"), [name])
    if op.get_bind().dialect.name == "sqlite":
        op.execute(SQLITE)
    else:
        for statement in POSTGRES:
            op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER form_versions_stay")
    else:
        op.execute("DROP TRIGGER form_versions_stay ON form_versions")
        op.execute("DROP FUNCTION form_versions_stay()")
    with op.batch_alter_table("registrations") as batch:
        for name in ("later_version_id", "form_version_id"):
            batch.drop_index(batch.f(f"ix_registrations_{name}"))
            batch.drop_constraint(
                batch.f(f"fk_registrations_{name}_form_versions"), type_="foreignkey"
            )
            batch.drop_column(name)
    with op.batch_alter_table("categories") as batch:
        batch.drop_index(batch.f("ix_categories_form_id"))
        batch.drop_constraint(batch.f("fk_categories_form_id_forms"), type_="foreignkey")
        batch.drop_column("form_id")
    op.drop_table("form_versions")
    op.drop_table("forms")
