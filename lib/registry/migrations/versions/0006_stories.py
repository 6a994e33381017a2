"""Stories that cannot be read, and which events the vault knows."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

PORTION = 1_000


def upgrade() -> None:
    op.create_table(
        "unreadable",
        sa.Column("key", sa.String(512), primary_key=True),
        sa.Column("vault", sa.Text(), nullable=False, server_default=""),
        sa.Column("fault", sa.String(32), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False, server_default=""),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("aside_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("aside_by", sa.String(255), nullable=False, server_default=""),
    )
    op.add_column("events", sa.Column("uid", sa.String(32), nullable=True))
    op.add_column(
        "events", sa.Column("saved_in", sa.String(128), nullable=False, server_default="")
    )
    _name_all(op.get_bind())
    with op.batch_alter_table("events") as table:
        table.alter_column("uid", existing_type=sa.String(32), nullable=False)
        table.create_unique_constraint("events_uid_key", ["uid"])
    op.create_index("ix_events_saved_in", "events", ["saved_in"])


def _name_all(connection: sa.Connection) -> None:
    """Every event of before gets a name of its own."""
    events = sa.table("events", sa.column("id"), sa.column("uid"))
    named = (
        sa.update(events).where(events.c.id == sa.bindparam("row")).values(uid=sa.bindparam("name"))
    )
    ids = list(connection.scalars(sa.select(events.c.id)))
    for start in range(0, len(ids), PORTION):
        some = ids[start : start + PORTION]
        connection.execute(named, [{"row": row, "name": secrets.token_hex(16)} for row in some])
