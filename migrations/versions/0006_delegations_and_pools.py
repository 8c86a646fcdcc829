"""Delegations, invitations, regions, and pools that keep seats free

Revision ID: 0006_delegations_and_pools
Revises: 0005_question_forms
"""

import sqlalchemy as sa
from alembic import op

revision = "0006_delegations_and_pools"
down_revision = "0005_question_forms"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delegations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("liaison_name", sa.String(), nullable=False),
        sa.Column("liaison_mobile", sa.String(), nullable=False),
        sa.Column("liaison_email", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("edit_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("link_version", sa.Integer(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("unit <> ''", name=op.f("ck_delegations_has_unit")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_delegations_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_delegations_series_id_series")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegations")),
    )
    with op.batch_alter_table("delegations", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_delegations_organisation_id"), ["organisation_id"], unique=False
        )
        batch_op.create_index(
            "uq_delegations_one_per_unit",
            ["series_id", "unit"],
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )

    op.create_table(
        "invitations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("code", "personal", name="invitationkind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("uses_allowed", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("mobile", sa.String(), nullable=False),
        sa.Column("lock_email", sa.Boolean(), nullable=False),
        sa.Column("skip_approval", sa.Boolean(), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "rsvp",
            sa.Enum("none", "yes", "no", "delegated", name="rsvp", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("link_version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'personal') = (code = '')", name=op.f("ck_invitations_code_or_person")
        ),
        sa.CheckConstraint(
            "(rsvp = 'none') = (answered_at IS NULL)", name=op.f("ck_invitations_answer_has_time")
        ),
        sa.CheckConstraint("code = upper(code)", name=op.f("ck_invitations_code_in_capitals")),
        sa.CheckConstraint(
            "uses_allowed >= 1 AND used >= 0 AND used <= uses_allowed",
            name=op.f("ck_invitations_uses"),
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["categories.id"], name=op.f("fk_invitations_category_id_categories")
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_invitations_series_id_series")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
    )
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_invitations_category_id"), ["category_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_invitations_series_id"), ["series_id"], unique=False)
        batch_op.create_index(
            "uq_invitations_one_per_code",
            ["series_id", "code"],
            unique=True,
            sqlite_where=sa.text("code <> ''"),
            postgresql_where=sa.text("code <> ''"),
        )

    # Existing rows get a value; the default does not stay.
    op.add_column(
        "pools", sa.Column("reserving", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("pools", sa.Column("blocked", sa.Integer(), nullable=False, server_default="0"))
    op.add_column(
        "registrations", sa.Column("region", sa.String(), nullable=False, server_default="")
    )
    with op.batch_alter_table("pools", schema=None) as batch_op:
        batch_op.add_column(sa.Column("delegation_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("invitation_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("region", sa.String(), nullable=True))
        batch_op.alter_column(
            "reserving", existing_type=sa.Boolean(), existing_nullable=False, server_default=None
        )
        batch_op.alter_column(
            "blocked", existing_type=sa.Integer(), existing_nullable=False, server_default=None
        )
        batch_op.add_column(sa.Column("release_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.drop_constraint(batch_op.f("ck_pools_no_negative"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_pools_never_over"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_pools_no_negative"),
            "size >= 0 AND held >= 0 AND waiting >= 0 AND grandfathered >= 0 AND blocked >= 0",
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_pools_never_over"), "held + blocked <= size + grandfathered"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_pools_reserves_for_somebody"),
            "NOT reserving OR delegation_id IS NOT NULL OR invitation_id IS NOT NULL OR region IS NOT NULL",
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_pools_region_is_named"), "region IS NULL OR region <> ''"
        )
        batch_op.create_index(batch_op.f("ix_pools_delegation_id"), ["delegation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pools_invitation_id"), ["invitation_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_pools_invitation_id_invitations"),
            "invitations",
            ["invitation_id"],
            ["id"],
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_pools_delegation_id_delegations"),
            "delegations",
            ["delegation_id"],
            ["id"],
        )

    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("delegation_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("invitation_id", sa.Uuid(), nullable=True))
        batch_op.alter_column(
            "region", existing_type=sa.String(), existing_nullable=False, server_default=None
        )
        batch_op.create_index(
            batch_op.f("ix_registrations_delegation_id"), ["delegation_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_registrations_invitation_id"), ["invitation_id"], unique=False
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_registrations_delegation_id_delegations"),
            "delegations",
            ["delegation_id"],
            ["id"],
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_registrations_invitation_id_invitations"),
            "invitations",
            ["invitation_id"],
            ["id"],
        )


def downgrade() -> None:
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_registrations_invitation_id_invitations"), type_="foreignkey"
        )
        batch_op.drop_constraint(
            batch_op.f("fk_registrations_delegation_id_delegations"), type_="foreignkey"
        )
        batch_op.drop_index(batch_op.f("ix_registrations_invitation_id"))
        batch_op.drop_index(batch_op.f("ix_registrations_delegation_id"))
        batch_op.drop_column("region")
        batch_op.drop_column("invitation_id")
        batch_op.drop_column("delegation_id")

    # Without what they name, these pools would count everybody.
    op.execute(
        "DELETE FROM pools WHERE delegation_id IS NOT NULL OR invitation_id IS NOT NULL OR region IS NOT NULL"
    )
    with op.batch_alter_table("pools", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_pools_no_negative"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_pools_never_over"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_pools_reserves_for_somebody"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_pools_region_is_named"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_pools_no_negative"),
            "size >= 0 AND held >= 0 AND waiting >= 0 AND grandfathered >= 0",
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_pools_never_over"), "held <= size + grandfathered"
        )
        batch_op.drop_constraint(
            batch_op.f("fk_pools_delegation_id_delegations"), type_="foreignkey"
        )
        batch_op.drop_constraint(
            batch_op.f("fk_pools_invitation_id_invitations"), type_="foreignkey"
        )
        batch_op.drop_index(batch_op.f("ix_pools_invitation_id"))
        batch_op.drop_index(batch_op.f("ix_pools_delegation_id"))
        batch_op.drop_column("blocked")
        batch_op.drop_column("release_at")
        batch_op.drop_column("reserving")
        batch_op.drop_column("region")
        batch_op.drop_column("invitation_id")
        batch_op.drop_column("delegation_id")

    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_invitations_one_per_code",
            sqlite_where=sa.text("code <> ''"),
            postgresql_where=sa.text("code <> ''"),
        )
        batch_op.drop_index(batch_op.f("ix_invitations_series_id"))
        batch_op.drop_index(batch_op.f("ix_invitations_category_id"))

    op.drop_table("invitations")
    with op.batch_alter_table("delegations", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_delegations_one_per_unit",
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_delegations_organisation_id"))

    op.drop_table("delegations")
