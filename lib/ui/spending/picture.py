"""Twelve months as bars, and the same in words.

Read without colour: each bar bears its amount, and what is not charged yet is an outline.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import streamlit as st

from lib.studio.core.records import Amounts
from lib.ui import words

if TYPE_CHECKING:
    import altair as alt

    _Chart = alt.LayerChart | alt.FacetChart

HEIGHT = 190
"""Pixels."""
SPENT, OPEN = "Spent", "Reserved or unconfirmed"

Months = Sequence[tuple[date, Amounts]]


def described(months: Months) -> str:
    """The picture in words. Pure."""
    paid = [(month, amounts.total) for month, amounts in months if amounts.total.micros]
    if not paid:
        return "Nothing was spent in these twelve months."
    dearest, most = max(paid, key=lambda item: item[1].micros)
    if len(paid) == 1:
        return f"{most} in {words.month(dearest)}, and nothing in the other eleven months."
    last, amount = paid[-1]
    wording = f"{amount} in {words.month(last)}."
    if last != dearest:
        wording += f" The most was {most}, in {words.month(dearest)}."
    return wording


def draw(months: Months) -> None:
    """The picture and its sentence, small enough to stand beside a table."""
    st.subheader("Month by month, in dollars", anchor=False)
    sentence = described(months)
    if any(amounts.total.micros for _, amounts in months):
        picture = chart(months, dark=st.context.theme.type == "dark")
        st.altair_chart(picture, width="stretch", key="spending_picture", alt=sentence)
        if any(_open(amounts) for _, amounts in months):
            sentence += " Outlined bars are reserved or unconfirmed."
    st.caption(words.plain(sentence))


def chart(months: Months, *, dark: bool) -> _Chart:
    """A bar for each month."""
    import altair as alt

    rows = [
        {
            "month": f"{month:%Y-%m}",
            "part": part,
            "place": place,
            "amount": amount,
            "told": words.month(month),
        }
        for month, amounts in months
        for place, (part, amount) in enumerate(
            ((SPENT, float(amounts.spent.dollars)), (OPEN, _open(amounts)))
        )
    ]
    totals = [
        {
            "month": f"{month:%Y-%m}",
            "amount": float(amounts.total.dollars),
            "label": _label(amounts),
        }
        for month, amounts in months
    ]
    # A second line bears the year where one begins.
    names = alt.Axis(
        labelExpr="[monthAbbrevFormat(toNumber(slice(datum.value, 5)) - 1),"
        " slice(datum.value, 5) == '01' ? slice(datum.value, 0, 4) : '']",
        labelAngle=0,
        labelOverlap=True,
        ticks=False,
        domain=False,
    )
    scale = alt.Scale(domain=[f"{month:%Y-%m}" for month, _ in months])  # also without a bar
    x = alt.X("month:N", title=None, axis=names, scale=scale, sort=None)
    colour = words.COLOURS["violet"]
    domain = [SPENT, OPEN]
    bars = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar(color=colour, stroke=colour, strokeWidth=1.5)
        .encode(
            x=x,
            y=alt.Y("amount:Q", title=None, axis=None),
            order=alt.Order("place:Q"),
            fillOpacity=alt.FillOpacity(
                "part:N", scale=alt.Scale(domain=domain, range=[1, 0.05]), legend=None
            ),
            strokeDash=alt.StrokeDash(
                "part:N", scale=alt.Scale(domain=domain, range=[[1, 0], [3, 2]]), legend=None
            ),
            tooltip=[
                alt.Tooltip("told:N", title="Month"),
                alt.Tooltip("part:N", title="What"),
                alt.Tooltip("amount:Q", title="USD", format=",.2f"),
            ],
        )
        .transform_filter("datum.amount > 0")
    )
    text = (
        alt.Chart(alt.InlineData(values=totals))
        .mark_text(dy=-8, fontSize=11, color="#ececf4" if dark else "#1d1d2b")
        .encode(x=x, y=alt.Y("amount:Q", axis=None), text="label:N")
    )
    return alt.layer(bars, text).properties(height=HEIGHT)


def _open(amounts: Amounts) -> float:
    """Dollars that are reserved or not known."""
    return float((amounts.reserved + amounts.unclear).dollars)


def _label(amounts: Amounts) -> str:
    """A month's amount for the narrow room above its bar; "" for nothing."""
    total = amounts.total
    if not total.micros:
        return ""
    return f"{total.dollars:,.0f}" if total.dollars >= 10 else f"{total.shown}"
