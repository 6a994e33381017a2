"""The sums of a period, what is left of budgets, and the money by person, voice and so on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce

import streamlit as st

from lib.models import Money
from lib.services import SERVICES
from lib.studio.core.records import Amounts, By, Spent
from lib.studio.library.spending import Bound, Period, Whose
from lib.ui import words
from lib.ui.shared import fields
from lib.ui.spending import choosing

BY = "spending_by"
TITLES: Mapping[By, str] = {
    By.PERSON: "Person",
    By.VOICE: "Voice",
    By.SERVICE: "Service",
    By.KIND: "Kind",
}
BOUNDS = {
    Whose.TEAM: "The team's budget",
    Whose.OWN: "Your own budget",
    Whose.KEEPING: "Limit for keeping",
}
CHARGED, REFUNDED, RESERVED, UNCLEAR = "Charged", "Refunded", "Reserved", "Unconfirmed"
NOTE = (
    "Months begin at 00:00 UTC, and an order counts in the month it was sent in. Reserved: "
    "ordered, but not charged yet. Unconfirmed: possibly charged, as no answer came. Budgets count "
    "both. Totals are after refunds. Fractions of a cent are rounded up here; the CSV has them."
)
MOST_ROWS = 500
NOBODY = "An unknown person"


def draw_total(total: Amounts, period: Period) -> None:
    """All the money of a period, told apart by how sure it is."""
    st.subheader(words.plain(f"{total.total} {choosing.within(period)}"), anchor=False)
    amounts = _amounts(total).items()
    told = [f"{amount} {title.lower()}" for title, amount in amounts if amount.micros]
    if told:
        st.caption(words.plain(" · ".join(told)), help=NOTE)


def draw_bounds(bounds: Sequence[Bound]) -> None:
    """What this month may cost, how much of that is used, and when it begins anew."""
    if not bounds:
        return
    with st.container(border=True, key="spending_bounds"):
        with st.grid(len(bounds), min_column_width=250) as grid:
            for bound in bounds:
                with grid.cell():
                    st.progress(_share(bound), text=words.plain(left_words(bound)))
                    st.caption(words.plain(used_words(bound)))
        resets = bounds[0].resets
        st.caption(f"Resets on {resets.day} {resets:%B} (UTC).")


def left_words(bound: Bound) -> str:
    """What is left of a budget. Pure."""
    return f"{BOUNDS[bound.whose]}: {bound.left} of {bound.limit} left"


def used_words(bound: Bound) -> str:
    """What of it is used. Pure."""
    used = bound.used
    reserved = f", {used.reserved} reserved" if used.reserved.micros else ""
    return f"{used.charged} spent{reserved}"


def choose_by(*, everybody: bool) -> By:
    """What the money is summed by; only whoever sees what everybody spent may choose people."""
    choices = [by for by in TITLES if everybody or by is not By.PERSON]
    chosen = st.segmented_control(
        "By",
        choices,
        key=BY,
        default=choices[0],
        required=True,
        format_func=TITLES.__getitem__,
        label_visibility="collapsed",
        bind="query-params",
    )
    return chosen or choices[0]


def draw_rows(found: Sequence[Spent], by: By) -> None:
    """A row for each, the most first."""
    rows = _rows(found, by)
    money = st.column_config.NumberColumn(format="$%.2f", width=80)
    columns = ("Total", CHARGED, REFUNDED, RESERVED, UNCLEAR)
    st.dataframe(
        [_cells(name, amounts, by) for name, amounts in rows[:MOST_ROWS]],
        key="spending_table",
        hide_index=True,
        alt=f"Money by {TITLES[by].lower()}, the most first",
        placeholder="",
        column_config={
            TITLES[by]: st.column_config.TextColumn(width=150),
            **dict.fromkeys(columns, money),
        },
    )
    if len(rows) > MOST_ROWS:
        st.caption(f"The first {MOST_ROWS:,} of {len(rows):,}. The CSV has all.")


def name_of(row: Spent, by: By) -> str:
    """What people call what a row is summed by. Pure."""
    key = row.by[by]
    if by is By.SERVICE:
        return SERVICES[key].title if key in SERVICES else key
    if by is By.KIND:
        return words.SPENT_ON.get(key, key)
    if by is By.VOICE:
        return row.voice or ("A voice that is gone" if key else "No voice")
    return key or NOBODY


def _rows(found: Sequence[Spent], by: By) -> list[tuple[str, Amounts]]:
    """What each row says: voices that are gone are one, those of the same name are told apart."""
    if by is not By.VOICE:
        return [(name_of(row, by), row.amounts) for row in found]
    here = [row for row in found if row.voice or not row.by[by]]
    names = fields.tell_apart({row.by[by]: name_of(row, by) for row in here}, {})
    rows = [(names[row.by[by]], row.amounts) for row in here]
    gone = [row.amounts for row in found if row.by[by] and not row.voice]
    if gone:
        rows.append(("Voices that are gone", reduce(Amounts.__add__, gone)))
    return sorted(rows, key=lambda row: -row[1].total.micros)


def _cells(name: str, amounts: Amounts, by: By) -> dict[str, object]:
    told = {"Total": amounts.total, **_amounts(amounts)}
    return {TITLES[by]: name, **{title: float(amount.shown) for title, amount in told.items()}}


def _amounts(amounts: Amounts) -> dict[str, Money]:
    return {
        CHARGED: amounts.charged,
        REFUNDED: amounts.refunded,
        RESERVED: amounts.reserved,
        UNCLEAR: amounts.unclear,
    }


def _share(bound: Bound) -> float:
    """How much of it is used, between 0 and 1."""
    if not bound.limit.micros:
        return 1.0
    return min(1.0, bound.used.total.micros / bound.limit.micros)
