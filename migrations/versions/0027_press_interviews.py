"""Who gives an interview, and in which language that person is written to

Revision ID: 0027_press_interviews
Revises: 0026_id_number_found
"""

import sqlalchemy as sa
from alembic import op

revision = "0027_press_interviews"
down_revision = "0026_id_number_found"
branch_labels = None
depends_on = None

_COLUMNS = {"guest_name": "", "guest_email": "", "guest_language": "zh-Hans"}


def upgrade() -> None:
    for name, default in _COLUMNS.items():
        op.add_column(
            "press_interviews",
            sa.Column(name, sa.String(), nullable=False, server_default=default),
        )


def downgrade() -> None:
    for name in reversed(_COLUMNS):
        op.drop_column("press_interviews", name)
