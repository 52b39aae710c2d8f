"""Which people and channels have changed in Slack."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "changes",
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("slack_id", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sqlite_autoincrement=True,
    )
