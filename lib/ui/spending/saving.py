"""The money of a period as a table to take along, by all that it can be summed by."""

from __future__ import annotations

from functools import partial

from lib.roles import Person
from lib.studio.core import spreadsheet
from lib.studio.core.context import Context
from lib.studio.core.records import By, Spent
from lib.studio.core.spreadsheet import Cell
from lib.studio.library import spending
from lib.studio.library.spending import Period
from lib.ui.shared.player import save_button
from lib.ui.spending import sums

COLUMNS = (
    "Month (UTC)", "Person", "Voice", "Service", "Kind", "Total", "Charged", "Refunded", "Reserved",
    "Unconfirmed", "Currency", "Voice ID",
)  # fmt: skip


def draw(context: Context, person: Person, period: Period) -> None:
    """The button."""
    save_button(
        "Save as CSV",
        partial(_file, context, person, period),
        file_name="voicekeep-spending.csv",
        mime=spreadsheet.MEDIA_TYPE,
        key="spending_save",
        help="What is shown, by month, person, voice, service and kind, for a spreadsheet.",
    )


def _file(context: Context, person: Person, period: Period) -> bytes:
    found = spending.lines(context, person, period)
    return spreadsheet.table(COLUMNS, (_cells(row, play=period.play) for row in found))


def _cells(row: Spent, *, play: bool) -> list[Cell]:
    money = row.amounts
    amounts = (money.total, money.charged, money.refunded, money.reserved, money.unclear)
    named = (sums.name_of(row, by) for by in (By.PERSON, By.VOICE, By.SERVICE, By.KIND))
    return [
        row.by[By.MONTH],
        *named,
        *(amount.dollars for amount in amounts),
        "Play money" if play else "USD",
        row.by[By.VOICE],
    ]
