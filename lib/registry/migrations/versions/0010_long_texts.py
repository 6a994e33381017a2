"""A long text is a record of its own: it was a job that was never sent, and was its own `reading`.

It keeps its id, which its take, its parts, its events and its folder in the vault carry.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
STATES = ("waiting", "done", "failed")
LONGEST_NAME = 255
LARGEST = 2**31 - 2
KEPT: dict[str, Any] = {
    "id": sa.String(64),
    "voice_id": sa.String(64),
    "order_key": sa.String(64),
    "service": sa.String(32),
    "created_at": MOMENT,
    "person": sa.String(255),
    "finished_at": MOMENT,
    "next_check_at": MOMENT,
    "lease_owner": sa.String(64),
    "lease_until": MOMENT,
    "attempts": sa.Integer(),
    "last_answer": sa.Text(),
    "error": sa.Text(),
    "revision": sa.Integer(),
    "saved_revision": sa.Integer(),
}
"""What a long text takes over from its job as it was."""


def upgrade() -> None:
    long_texts = _create()
    op.execute("ALTER TABLE jobs RENAME COLUMN reading TO long_text_id")
    op.drop_index("ix_jobs_reading", "jobs")
    op.create_index("ix_jobs_long_text_id", "jobs", ["long_text_id"])
    op.add_column("jobs", sa.Column("part", sa.Integer(), nullable=False, server_default="0"))
    jobs = sa.table(
        "jobs",
        *(sa.column(name, kind) for name, kind in KEPT.items()),
        *map(sa.column, ("kind", "state", "long_text_id", "part")),
        sa.column("request", sa.JSON()),
        sa.column("result", sa.JSON()),
    )
    connection = op.get_bind()
    speech = connection.execute(sa.select(jobs).where(jobs.c.kind == "speech")).all()
    texts = [row for row in speech if _is_long_text(row)]
    for row in texts:
        connection.execute(long_texts.insert().values(_long_text(row)))
        connection.execute(jobs.delete().where(jobs.c.id == row.id))
    known = {row.id for row in texts}
    for row in speech:
        if row.id not in known and "part" in row.request:
            connection.execute(jobs.update().where(jobs.c.id == row.id).values(_part(row, known)))


def _create() -> sa.Table:
    def line(name: str, length: int) -> sa.Column[str]:
        return sa.Column(name, sa.String(length), nullable=False, server_default="")

    def prose(name: str) -> sa.Column[str]:
        return sa.Column(name, sa.Text(), nullable=False, server_default="")

    def count(name: str) -> sa.Column[int]:
        return sa.Column(name, sa.Integer(), nullable=False, server_default="0")

    table = op.create_table(
        "long_texts",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("voice_id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        line("order_key", 64),
        line("service", 32),
        sa.Column("created_at", MOMENT, nullable=False),
        line("person", 255),
        prose("text"),
        line("model", LONGEST_NAME),
        sa.Column("settings", sa.JSON(), nullable=False),
        count("parts"),
        sa.Column("finished_at", MOMENT),
        sa.Column("next_check_at", MOMENT),
        line("lease_owner", 64),
        sa.Column("lease_until", MOMENT),
        count("attempts"),
        prose("last_answer"),
        prose("error"),
        sa.Column("deleted", sa.JSON(), nullable=False),
        count("revision"),
        count("saved_revision"),
    )
    is_open = sa.text("state = 'waiting'")
    op.create_index("ix_long_texts_voice_id", "long_texts", ["voice_id"])
    op.create_index("ix_long_texts_created_at", "long_texts", ["created_at"])
    op.create_index("long_texts_due", "long_texts", ["state", "next_check_at"])
    op.create_index(
        "one_open_text",
        "long_texts",
        ["order_key"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    return table


def _is_long_text(row: sa.Row[Any]) -> bool:
    """It is its own reading; where its take was deleted, that was cleared."""
    is_deleted = row.long_text_id == "" and "parts" in row.request and "part" not in row.request
    return row.long_text_id == row.id or is_deleted


def _long_text(row: sa.Row[Any]) -> dict[str, object]:
    """What was asked may have come from a stranger's manifest, and then be anything."""
    asked = row.request
    return {
        **{name: getattr(row, name) for name in KEPT},
        "state": row.state if row.state in STATES else "waiting",
        "text": _text(asked.get("text")),
        "model": _text(asked.get("model"))[:LONGEST_NAME],
        "settings": _object(asked.get("settings")),
        "parts": _number(asked.get("parts")),
        "deleted": _object(row.result.get("deleted")),
    }


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _number(value: object) -> int:
    return value if type(value) is int and 0 < value <= LARGEST else 0


def _part(row: sa.Row[Any], known: set[str]) -> dict[str, object]:
    """Its number has a column of its own now. The id of a part begins with that of its text: what
    was cleared where the take was deleted is put back.
    """
    text_id = row.id.partition("-")[0]
    return {
        "part": _number(row.request["part"]),
        "long_text_id": row.long_text_id or (text_id if text_id in known else ""),
        "request": {
            name: value for name, value in row.request.items() if name not in ("part", "parts")
        },
    }
