"""What a month costs is summed by when orders were sent, without reading those of other months."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("jobs_by_sending", "jobs", ["submitted_at"])
