"""Who listened to an adopted voice, and which accounts somebody told apart."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("evidence", sa.Column("heard", sa.String(32), nullable=False, server_default=""))
    op.add_column(
        "evidence", sa.Column("heard_by", sa.String(255), nullable=False, server_default="")
    )
    op.add_column("evidence", sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "accounts", sa.Column("settled", sa.Boolean(), nullable=False, server_default=sa.false())
    )
