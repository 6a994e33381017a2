"""Scripts, and which line of one each order speaks."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scripts",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(255), nullable=False, server_default=""),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person", sa.String(255), nullable=False, server_default=""),
        sa.Column("pause", sa.Float(), nullable=False),
        sa.Column("speakers", sa.JSON(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("service", sa.String(32), nullable=False, server_default=""),
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
        sa.Column("revision", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("saved_revision", sa.Integer(), nullable=False, server_default="0"),
    )
    op.create_index("ix_scripts_changed_at", "scripts", ["changed_at"])
    op.create_table(
        "script_orders",
        sa.Column("order_id", sa.String(64), primary_key=True),
        sa.Column("script_id", sa.String(64), nullable=False),
        sa.Column("line_id", sa.String(64), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, server_default="0"),
    )
    op.create_index("script_orders_by_line", "script_orders", ["script_id", "line_id", "number"])
