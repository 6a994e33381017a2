"""The orders that the filters let through as a table to take along."""

from __future__ import annotations

from functools import partial

from lib.models import Money
from lib.services import DEMO, SERVICES
from lib.studio.core import spreadsheet
from lib.studio.core.context import Context
from lib.studio.core.records import OrderRow, WantedOrders
from lib.studio.core.spreadsheet import Cell
from lib.studio.jobs import overview
from lib.ui import words
from lib.ui.jobs import table
from lib.ui.shared.player import save_button

COLUMNS = (
    "Ordered (UTC)", "Sent (UTC)", "Ended (UTC)", "What", "Voice", "Person", "State", "Cost",
    "Charged", "Refunded", "Not charged yet", "Currency", "Service", "Text", "Order ID",
    "Voice ID", "Run ID", "Request ID",
)  # fmt: skip


def draw(context: Context, wanted: WantedOrders, count: int) -> None:
    """The button. `count`: of all that the filters let through."""
    most = overview.MOST_IN_FILE
    cut = f" Only the newest {most:,} of {count:,} fit into it." if count > most else ""
    save_button(
        "Save as CSV",
        partial(_file, context, wanted),
        file_name="voicekeep-jobs.csv",
        mime=spreadsheet.MEDIA_TYPE,
        key="jobs_save",
        help=f"All orders that match the filters, for a spreadsheet.{cut}",
    )


def _file(context: Context, wanted: WantedOrders) -> bytes:
    rows = overview.each(context, wanted)
    return spreadsheet.table(COLUMNS, (_cells(context, row) for row in rows))


def _cells(context: Context, row: OrderRow) -> list[Cell]:
    now, is_demo = context.now(row.service), row.service == DEMO
    cost = table.cost(row, now)
    amounts: list[Money] = [cost, row.charged, row.refunded, cost - row.charged + row.refunded]
    return [
        row.created_at,
        row.submitted_at,
        row.finished_at,
        table.what(row),
        words.subject(row.kind, row.voice),
        row.person,
        words.stage(row, now).word,
        *(amount.dollars for amount in amounts),
        "Play money" if is_demo else "USD",
        SERVICES[row.service].title,
        row.text,
        row.id,
        row.voice_id,
        row.run_id,
        row.request_id,
    ]
