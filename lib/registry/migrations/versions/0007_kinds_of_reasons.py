"""The kind of a reason beside its sentence: why a file was not brought, why an order waits."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, column in (("voices", "copy_error_kind"), ("jobs", "answer_kind")):
        op.add_column(table, sa.Column(column, sa.String(32), nullable=False, server_default=""))
