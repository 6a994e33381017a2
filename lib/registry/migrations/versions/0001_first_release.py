"""The first release: voices, jobs, evidence, takes, accounts, events, leases, notes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "voices",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(255), nullable=False, server_default=""),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("service", sa.String(32), nullable=False, server_default=""),
        sa.Column("account", sa.String(64), nullable=False, server_default=""),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("provider_voice_id", sa.String(255), nullable=False, server_default=""),
        sa.Column("id_made_here", sa.Boolean(), nullable=False),
        sa.Column("embedding_url", sa.Text(), nullable=False, server_default=""),
        sa.Column("embedding_model", sa.String(255), nullable=False, server_default=""),
        sa.Column("description", sa.Text(), nullable=False, server_default=""),
        sa.Column("transcript", sa.Text(), nullable=False, server_default=""),
        sa.Column("language", sa.String(64), nullable=False, server_default=""),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("owner", sa.String(255), nullable=False, server_default=""),
        sa.Column("consent", sa.JSON(), nullable=True),
        sa.Column("keep_policy", sa.String(32), nullable=False),
        sa.Column("refresh_days", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("clock_start", sa.DateTime(timezone=True), nullable=True),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_by", sa.String(64), nullable=False, server_default=""),
        sa.Column("revision", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("saved_revision", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("copy_tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("copy_next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("copy_error", sa.Text(), nullable=False, server_default=""),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("voice_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("order_key", sa.String(64), nullable=False, server_default=""),
        sa.Column("service", sa.String(32), nullable=False, server_default=""),
        sa.Column("account", sa.String(64), nullable=False, server_default=""),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person", sa.String(255), nullable=False, server_default=""),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("estimate", sa.BigInteger(), nullable=False),
        sa.Column("send_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(64), nullable=False, server_default=""),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("ticket", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("last_answer", sa.Text(), nullable=False, server_default=""),
        sa.Column("error", sa.Text(), nullable=False, server_default=""),
        sa.Column("error_kind", sa.String(32), nullable=False, server_default=""),
        sa.Column("request_id", sa.String(255), nullable=False, server_default=""),
        sa.Column("charged", sa.BigInteger(), nullable=True),
        sa.Column("refunded", sa.BigInteger(), nullable=True),
        sa.Column("balance_before", sa.BigInteger(), nullable=True),
        sa.Column("balance_after", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("saved_revision", sa.Integer(), nullable=False, server_default="0"),
    )
    op.create_index("ix_jobs_voice_id", "jobs", ["voice_id"])
    op.create_index("jobs_by_time", "jobs", ["created_at"])
    op.create_index("jobs_due", "jobs", ["state", "next_check_at"])
    op.create_index(
        "one_activation_a_number",
        "jobs",
        ["order_key"],
        unique=True,
        sqlite_where=sa.text("kind = 'activation'"),
        postgresql_where=sa.text("kind = 'activation'"),
    )
    op.create_index(
        "one_open_activation",
        "jobs",
        ["voice_id"],
        unique=True,
        sqlite_where=sa.text(
            "kind = 'activation' AND state IN ('confirmed', 'submitting', 'waiting')"
        ),
        postgresql_where=sa.text(
            "kind = 'activation' AND state IN ('confirmed', 'submitting', 'waiting')"
        ),
    )
    op.create_index(
        "one_open_order",
        "jobs",
        ["order_key"],
        unique=True,
        sqlite_where=sa.text("state IN ('confirmed', 'submitting', 'waiting', 'unknown')"),
        postgresql_where=sa.text("state IN ('confirmed', 'submitting', 'waiting', 'unknown')"),
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("voice_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("role", sa.String(32), nullable=False, server_default=""),
        sa.Column("job_id", sa.String(64), nullable=False, server_default=""),
        sa.Column("vault", sa.Text(), nullable=False, server_default=""),
        sa.Column("key", sa.Text(), nullable=False, server_default=""),
        sa.Column("sha256", sa.String(64), nullable=False, server_default=""),
        sa.Column("size", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("summary", sa.Text(), nullable=False, server_default=""),
        sa.Column("read_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("model", sa.String(255), nullable=False, server_default=""),
        sa.Column("run_id", sa.String(255), nullable=False, server_default=""),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_why", sa.Text(), nullable=False, server_default=""),
    )
    op.create_index("ix_evidence_voice_id", "evidence", ["voice_id"])
    op.create_table(
        "takes",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("voice_id", sa.String(64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False, server_default=""),
        sa.Column("model", sa.String(255), nullable=False, server_default=""),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("vault", sa.Text(), nullable=False, server_default=""),
        sa.Column("key", sa.Text(), nullable=False, server_default=""),
        sa.Column("sha256", sa.String(64), nullable=False, server_default=""),
        sa.Column("size", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("mime", sa.String(64), nullable=False, server_default=""),
    )
    op.create_index("ix_takes_created_at", "takes", ["created_at"])
    op.create_index("ix_takes_voice_id", "takes", ["voice_id"])
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("service", sa.String(32), nullable=False, server_default=""),
        sa.Column("label", sa.String(255), nullable=False, server_default=""),
        sa.Column("fingerprints", sa.JSON(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=True),
        sa.Column("balance_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person", sa.String(255), nullable=False, server_default=""),
        sa.Column("what", sa.Text(), nullable=False, server_default=""),
        sa.Column("voice_id", sa.String(64), nullable=False, server_default=""),
        sa.Column("job_id", sa.String(64), nullable=False, server_default=""),
    )
    op.create_index("ix_events_at", "events", ["at"])
    op.create_table(
        "leases",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("owner", sa.String(64), nullable=False, server_default=""),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "notes",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.JSON(), nullable=False),
    )
