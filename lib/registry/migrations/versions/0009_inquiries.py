"""What is done about an order of unknown outcome was told by other columns together.

Why a file was not brought had no kind before 0007, and whether there is a reason is told by that.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("inquiry", sa.String(32), nullable=False, server_default=""))
    jobs = sa.table(
        "jobs",
        *map(sa.column, ("state", "ticket", "result", "next_check_at", "balance_after", "inquiry")),
    )
    left_something = sa.or_(
        *(sa.cast(column, sa.Text) != "{}" for column in (jobs.c.ticket, jobs.c.result))
    )
    is_looked_at = jobs.c.next_check_at.is_not(None)
    inquiry = sa.case(
        (sa.and_(is_looked_at, left_something), "asking"),
        (is_looked_at, "comparing"),
        (sa.and_(jobs.c.balance_after.is_not(None), sa.not_(left_something)), "compared"),
        else_="given_up",
    )
    op.execute(jobs.update().where(jobs.c.state == "unknown").values(inquiry=inquiry))
    voices = sa.table("voices", sa.column("copy_error"), sa.column("copy_error_kind"))
    nameless = sa.and_(voices.c.copy_error != "", voices.c.copy_error_kind == "")
    op.execute(voices.update().where(nameless).values(copy_error_kind="trouble"))
