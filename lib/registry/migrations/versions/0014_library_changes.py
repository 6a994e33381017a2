"""Which voice changed, and when: noted by the database itself, so that no writer can forget it.
And which manifests are due is found by index.

Where SQLite rebuilds one of the three tables (`batch_alter_table`), its triggers have to be made
once more.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

WATCHED = {
    "voices": ("{row}.id", ""),
    "jobs": (
        "{row}.voice_id",
        "WHEN ({row}.voice_id <> '' AND {row}.kind NOT IN ('speech', 'transcript'))",
    ),
    "evidence": ("{row}.voice_id", ""),
}
"""By table, where a row has the id of its voice, and which rows are of the voice's story."""
ROWS = {"INSERT": "NEW", "UPDATE": "NEW", "DELETE": "OLD"}
NOTED_BY_SQLITE = """
BEGIN
    INSERT INTO library_changes (position, voice_id)
        SELECT coalesce(max(position), 0) + 1, {changed} FROM library_changes;
END
"""
"""One transaction writes at a time, so that positions count up."""
FUNCTION = """
CREATE FUNCTION note_library_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed text;
BEGIN
    IF TG_TABLE_NAME = 'voices' THEN
        IF TG_OP = 'DELETE' THEN changed := OLD.id; ELSE changed := NEW.id; END IF;
    ELSE
        IF TG_OP = 'DELETE' THEN changed := OLD.voice_id; ELSE changed := NEW.voice_id; END IF;
    END IF;
    INSERT INTO library_changes (position, voice_id) VALUES (txid_current(), changed)
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$
"""
"""For PostgreSQL, where the position is the number of the transaction: no writer waits."""


def upgrade() -> None:
    op.create_table(
        "library_changes",
        sa.Column("position", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("voice_id", sa.String(64), primary_key=True),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if not is_sqlite:
        op.execute(FUNCTION)
    for table, (voice_id, condition) in WATCHED.items():
        for what, row in ROWS.items():
            body = "EXECUTE FUNCTION note_library_change()"
            if is_sqlite:
                body = NOTED_BY_SQLITE.replace("{changed}", voice_id.format(row=row))
            op.execute(
                f"CREATE TRIGGER {table}_noted_by_{what.lower()} AFTER {what} ON {table} "
                f"FOR EACH ROW {condition.format(row=row)} {body}"
            )
    is_unsaved = sa.text("revision > saved_revision")
    for table in ("voices", "jobs"):
        op.create_index(
            f"{table}_unsaved",
            table,
            ["created_at"],
            sqlite_where=is_unsaved,
            postgresql_where=is_unsaved,
        )
