"""Consent is a record of its own, which the voices of one person share.

What was ticked before stays known: who speaks, who said so, and when. It counts as not recorded,
as nobody was asked for the rest.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

PORTION = 1_000
THE_APP = "Voicekeep"
"""Attested the computer voices of the demo: nobody else can bear this name."""


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    consents = op.create_table(
        "consents",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("speaker", sa.String(255), nullable=False, server_default=""),
        sa.Column("attested_by", sa.String(255), nullable=False, server_default=""),
        sa.Column("attested_at", moment, nullable=False),
        sa.Column("relation", sa.String(32), nullable=False),
        sa.Column("use", sa.Text(), nullable=False, server_default=""),
        sa.Column("until", moment, nullable=True),
        sa.Column("withdrawn_at", moment, nullable=True),
        sa.Column("withdrawn_by", sa.String(255), nullable=False, server_default=""),
    )
    op.add_column(
        "voices", sa.Column("consent_id", sa.String(64), nullable=False, server_default="")
    )
    _keep_what_was_ticked(op.get_bind(), consents)
    op.drop_column("voices", "consent")


def _keep_what_was_ticked(connection: sa.Connection, consents: sa.Table) -> None:
    """Each voice of before has a record of its own, which bears its id."""
    voices = sa.table(
        "voices", sa.column("id"), sa.column("consent", sa.JSON()), sa.column("consent_id")
    )
    rows = [
        {
            "id": voice_id,
            "speaker": ticked["speaker"][:255],
            "attested_by": ticked["attested_by"][:255],
            "attested_at": datetime.fromisoformat(ticked["attested_at"]).astimezone(UTC),
            "relation": "licensed" if ticked["attested_by"] == THE_APP else "",
        }
        for voice_id, ticked in connection.execute(sa.select(voices.c.id, voices.c.consent))
        if ticked
    ]
    for start in range(0, len(rows), PORTION):
        some = rows[start : start + PORTION]
        connection.execute(consents.insert(), some)
        ids = [row["id"] for row in some]
        has_one = sa.update(voices).where(voices.c.id.in_(ids))
        connection.execute(has_one.values(consent_id=voices.c.id))
