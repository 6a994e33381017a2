"""What was decided by the words of a sentence is stored beside it: once more read from the words.

The sentences are those that the versions before this one wrote.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OTHER_DISK = "The sound is on the disk of another keeper, which brings it home."
OTHER_ACCOUNT = "It was used by another account's key."


def upgrade() -> None:
    op.add_column(
        "jobs",
        sa.Column("error_tells_cost", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column(
        "evidence", sa.Column("withdrawn_kind", sa.String(32), nullable=False, server_default="")
    )
    jobs = sa.table(
        "jobs",
        *map(sa.column, ("state", "last_answer", "answer_kind", "error")),
        sa.column("error_tells_cost", sa.Boolean()),
    )
    answer, nameless = jobs.c.last_answer, jobs.c.answer_kind == ""
    in_queue = jobs.update().where(nameless, answer.startswith("In line:"))
    op.execute(in_queue.values(answer_kind="queue"))
    op.execute(jobs.update().where(answer == OTHER_DISK).values(answer_kind="other_disk"))
    # What waits for anything else has no kind only if it was told before kinds were stored.
    waits = jobs.update().where(nameless, answer != "", jobs.c.state == "confirmed")
    op.execute(waits.values(answer_kind="trouble"))
    tells = jobs.update().where(jobs.c.error.contains("othing was"))
    op.execute(tells.values(error_tells_cost=True))
    evidence = sa.table("evidence", sa.column("withdrawn_why"), sa.column("withdrawn_kind"))
    op.execute(
        evidence.update()
        .where(evidence.c.withdrawn_why == OTHER_ACCOUNT)
        .values(withdrawn_kind="other_account")
    )
