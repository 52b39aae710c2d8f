"""Who has looked up which customer, for ACCESS_LOG_DAYS."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "accesses",
        sa.Column("writer", sa.Text, primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("network_id", sa.Text),
        sa.Column("network_type", sa.Integer),
        sa.Column("team", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("surface", sa.Text, nullable=False),
        sa.Column("read_as", sa.Text),
        sa.Column("customer_id", sa.Text),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("cache", sa.Text),
        sa.Column("audience", sa.Text, nullable=False),
        sa.Column("ms", sa.Double, nullable=False),
        sa.Column("code", sa.Text),
    )
    op.create_index("accesses_by_time", "accesses", ["at"])
    op.create_index("accesses_by_customer", "accesses", ["customer_id", "at"])
