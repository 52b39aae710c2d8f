"""Claims, mutes, pins, recents, customer numbers, what became of the last message."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "claims",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("expires_at", sa.Double, nullable=False),
    )
    op.create_table(
        "mutes",
        sa.Column("team", sa.Text, primary_key=True),
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("person", sa.Text, primary_key=True),
        sa.Column("set_by", sa.Text, nullable=False),
        sa.Column("set_at", sa.Double, nullable=False),
        sa.Column("until", sa.Double),
    )
    for shelf in ("pins", "recents"):
        op.create_table(
            shelf,
            sa.Column("team", sa.Text, primary_key=True),
            sa.Column("person", sa.Text, primary_key=True),
            sa.Column("customer_id", sa.Text, primary_key=True),
            sa.Column("name", sa.Text, nullable=False),
            sa.Column("at", sa.Double, nullable=False),
        )
    op.create_table(
        "numbers",
        sa.Column("network_id", sa.Text, primary_key=True),
        sa.Column("network_type", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("customer_id", sa.Text, nullable=False),
    )
    op.create_table(
        "silences",
        sa.Column("team", sa.Text, primary_key=True),
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("silence", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
    )
