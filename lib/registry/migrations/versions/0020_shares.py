"""Takes that are shared by a link."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shares",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("take_id", sa.String(64), nullable=False),
        sa.Column("vault", sa.Text(), nullable=False, server_default=""),
        sa.Column("key", sa.String(512), nullable=False),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shared_by", sa.String(255), nullable=False, server_default=""),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("copied_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("trouble", sa.Text(), nullable=False, server_default=""),
    )
