"""What pages and the keeper look up among many orders and takes is found by index."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

INDEXES = (
    ("jobs_by_state", "jobs", ["state", "created_at"]),
    ("jobs_by_person", "jobs", ["person", "service"]),
    ("long_texts_by_person", "long_texts", ["person", "service"]),
    ("takes_by_vault", "takes", ["vault"]),
)


def upgrade() -> None:
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)
    is_unfinished = sa.text("state <> 'done' AND text <> ''")
    op.create_index(
        "long_texts_unfinished",
        "long_texts",
        ["created_at"],
        sqlite_where=is_unfinished,
        postgresql_where=is_unfinished,
    )
