"""Invitations are sent, answered, passed on and revoked; their uses are counted

Revision ID: 0023_invitations
Revises: 0022_walk_ins_rooms_hubs
"""

import sqlalchemy as sa
from alembic import op

revision = "0023_invitations"
down_revision = "0022_walk_ins_rooms_hubs"
branch_labels = None
depends_on = None

_MOMENTS = ("sent_at", "reminded_at", "revoked_at", "erased_at")
_KEEPS_A_USE = (
    "'submitted', 'returned', 'waitlisted', 'offered', 'confirmed', 'on_leave', 'declined'"
)


def upgrade() -> None:
    used = (
        "(SELECT count(*) FROM registrations WHERE registrations.invitation_id = invitations.id"
        f" AND registrations.state IN ({_KEEPS_A_USE}))"
    )
    op.execute(
        f"UPDATE invitations SET uses_allowed = {used}, used = 0 WHERE uses_allowed < {used}"
    )
    op.execute(f"UPDATE invitations SET used = {used}")
    op.execute("UPDATE invitations SET lock_email = (1 = 0) WHERE email = ''")
    with op.batch_alter_table("invitations") as batch:
        for name in ("organisation", "position"):
            batch.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
        for name in _MOMENTS:
            batch.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("passed_from_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key(
            batch.f("fk_invitations_passed_from_id_invitations"),
            "invitations",
            ["passed_from_id"],
            ["id"],
        )
        batch.create_unique_constraint(batch.f("uq_invitations_passed_from_id"), ["passed_from_id"])
        batch.create_check_constraint(
            batch.f("ck_invitations_lock_has_email"), "NOT lock_email OR email <> ''"
        )
    with op.batch_alter_table("invitations") as batch:
        for name in ("organisation", "position"):
            batch.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("invitations") as batch:
        batch.drop_constraint(batch.f("ck_invitations_lock_has_email"), type_="check")
        batch.drop_constraint(batch.f("uq_invitations_passed_from_id"), type_="unique")
        batch.drop_constraint(
            batch.f("fk_invitations_passed_from_id_invitations"), type_="foreignkey"
        )
        for name in ("passed_from_id", *reversed(_MOMENTS), "position", "organisation"):
            batch.drop_column(name)
