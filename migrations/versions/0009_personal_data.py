"""Numbers of identity documents, sealed; texts that people agree to; how long what is kept

Revision ID: 0009_personal_data
Revises: 0008_imports
"""

import sqlalchemy as sa
from alembic import op

revision = "0009_personal_data"
down_revision = "0008_imports"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


_OPEN = (
    "id_index <> '' AND state IN ('submitted', 'returned', 'waitlisted', 'offered', 'confirmed', "
    "'on_leave', 'declined')"
)


def upgrade() -> None:
    op.add_column(
        "categories",
        sa.Column("asks_id", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column(
        "registrations", sa.Column("id_type", sa.String(), nullable=False, server_default="")
    )
    op.add_column("registrations", sa.Column("id_number", sa.LargeBinary(), nullable=True))
    # With its condition: SQLite takes one along with a new column, and else only with a new table.
    op.execute(
        "ALTER TABLE registrations ADD COLUMN id_index VARCHAR DEFAULT '' NOT NULL "
        "CONSTRAINT ck_registrations_id_number_has_index "
        "CHECK ((id_number IS NULL) = (id_index = ''))"
    )
    op.create_index(
        "uq_registrations_one_per_id_number",
        "registrations",
        ["series_id", "id_index"],
        unique=True,
        sqlite_where=sa.text(_OPEN),
        postgresql_where=sa.text(_OPEN),
    )
    op.create_table(
        "consent_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text_zh", sa.String(), nullable=False),
        sa.Column("text_en", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_consent_texts_standard_is_not_stored")),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_consent_texts_series_id_series"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_texts")),
        sa.UniqueConstraint(
            "series_id", "code", "version", name=op.f("uq_consent_texts_series_id_code_version")
        ),
    )  # fmt: skip
    op.create_table(
        "consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "withdrawn_at IS NULL OR withdrawn_at >= given_at",
            name=op.f("ck_consents_given_first"),
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_consents_series_id_series"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )  # fmt: skip
    op.create_index(op.f("ix_consents_series_id"), "consents", ["series_id"])
    op.create_index(op.f("ix_consents_subject_code"), "consents", ["subject", "code"])
    op.create_table(
        "retention_settings",
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column(
            "group",
            sa.Enum("identity", "general", name="group", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "days BETWEEN 1 AND 3650", name=op.f("ck_retention_settings_days_make_sense")
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_retention_settings_series_id_series"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("series_id", "group", name=op.f("pk_retention_settings")),
    )  # fmt: skip
    op.create_table(
        "retention_runs",
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("finished_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_retention_runs")),
    )
    op.add_column("registrations", sa.Column("identity_erased_at", MOMENT, nullable=True))
    op.add_column("registrations", sa.Column("erased_at", MOMENT, nullable=True))


def downgrade() -> None:
    op.drop_column("registrations", "erased_at")
    op.drop_column("registrations", "identity_erased_at")
    for table in ("retention_runs", "retention_settings", "consents", "consent_texts"):
        op.drop_table(table)
    op.drop_index("uq_registrations_one_per_id_number", "registrations")
    for column in ("id_index", "id_number", "id_type"):
        op.drop_column("registrations", column)
    op.drop_column("categories", "asks_id")
