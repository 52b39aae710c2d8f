"""The CRM's token, for all processes."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "crm_tokens",
        sa.Column("app_id", sa.Text, primary_key=True),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("renew_at", sa.Double, nullable=False),
        sa.Column("expires_at", sa.Double, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("until", sa.Double, nullable=False),
    )
