"""The voices that the team marked with a star."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "voices", sa.Column("favourite", sa.Boolean(), nullable=False, server_default=sa.false())
    )
