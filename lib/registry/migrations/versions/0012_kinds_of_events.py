"""Each line of who did what has a kind, and the page of all lines finds them by index.

A line of before gets one where its words leave no doubt: they are those of the versions before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KINDS = {
    "adopted": ("adopted it",),
    "listened": ("listened and said: this is the voice", "listened: another voice"),
    "storage": ("left files behind", "set aside %, which cannot be read"),
    "account": (
        "said that the new key is one of %",
        "asked again whose the key of “%” is",
        "calls the account “%” “%” from now on",
    ),
    "changed": (
        "archived it",
        "brought it back",
        "renamed it from “%”",
        "changed its tags to %",
        "removed its tags",
        "chose when it is kept: %",
        "chose a use every %",
        "chose no more uses after the first",
        "said that it was made on %",
        "took its date away",
        "cloned it again from its recording",
        "made it from the recording of “%”",
    ),
}
"""Of lines about no order: the patterns of their words, by kind."""


def upgrade() -> None:
    op.add_column("events", sa.Column("kind", sa.String(32), nullable=False, server_default=""))
    names = ("person", "what", "job_id", "kind")
    events = sa.table("events", *(sa.column(name, sa.String()) for name in names))
    of_no_order = [
        (sa.or_(*(events.c.what.like(pattern) for pattern in patterns)), kind)
        for kind, patterns in KINDS.items()
    ]
    of_an_order = [
        (events.c.what.like("ordered: %"), "ordered"),
        (events.c.what == "deleted a take", "deleted"),
        (events.c.what == "ordered again", "decided"),
        (events.c.what == "to be joined again", "decided"),
        (events.c.what.like("failed: %"), "decided"),
    ]
    for is_of_them, kinds in (
        (events.c.job_id == "", of_no_order),
        (events.c.job_id != "", of_an_order),
    ):
        somebodys = events.update().where(is_of_them, events.c.person != "")
        op.execute(somebodys.values(kind=sa.case(*kinds, else_="")))
    for column in ("person", "kind"):
        op.create_index(f"events_by_{column}", "events", [column, "at"])
    op.create_index("events_by_voice", "events", ["voice_id", "at"])
