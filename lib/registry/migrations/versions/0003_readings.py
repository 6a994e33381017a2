"""Long texts: the orders of their parts belong to one reading."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("reading", sa.String(64), nullable=False, server_default=""))
    op.create_index("ix_jobs_reading", "jobs", ["reading"])
