"""Customers by number, name and contact; hashes of their phones and addresses of mail.

What older versions knew, the numbers, is copied. They may still run: their table stays.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "customers",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("network_id", sa.Text, primary_key=True),
        sa.Column("network_type", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("contact", sa.Text, nullable=False),
        sa.Column("search", sa.Text, nullable=False),
        sa.Column("key_id", sa.Text),
    )
    op.create_index("customers_by_number", "customers", ["number", "network_id", "network_type"])
    op.create_table(
        "contact_hashes",
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column("network_id", sa.Text, primary_key=True),
        sa.Column("network_type", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("key_id", sa.Text, nullable=False),
    )
    op.create_index("contact_hashes_by_customer", "contact_hashes", ["customer_id", "network_id", "network_type"])
    op.execute(
        "INSERT INTO customers (customer_id, network_id, network_type, number, name, contact, search)"
        " SELECT customer_id, network_id, network_type, max(number), '', '', '\n' || lower(max(number)) || '\n'"
        " FROM numbers GROUP BY customer_id, network_id, network_type"
    )
