"""What people call a take, and the takes that the team marked with a star."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("takes", sa.Column("name", sa.String(255), nullable=False, server_default=""))
    op.add_column(
        "takes", sa.Column("favourite", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    is_favourite = sa.text("favourite")
    op.create_index(
        "takes_favourites",
        "takes",
        ["created_at"],
        sqlite_where=is_favourite,
        postgresql_where=is_favourite,
    )
