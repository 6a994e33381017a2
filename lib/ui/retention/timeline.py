"""The deadlines of the next seven days as a picture, and the same in words.

Read without colour as well: each health has its row, its shape and its sign. Few voices get a row
each; many are counted by the day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from lib import units
from lib.models import Health
from lib.retention import TIME_RUNS
from lib.studio.library.listing import Entry
from lib.studio.library.together import once
from lib.ui import words
from lib.units import span

if TYPE_CHECKING:
    import altair as alt

    _Chart = alt.LayerChart | alt.FacetChart

AHEAD = timedelta(days=7)
NOON = timedelta(hours=12)
FEW = 10
"""So many voices get a row each."""
ROW_HEIGHT = 30
AXIS_HEIGHT = 40
LABEL_WIDTH = 90
"""Pixels, as the three above."""
LONGEST_NAME = 22
SHAPES = {Health.AT_RISK: "triangle-up", Health.DUE_SOON: "diamond", Health.WAITING: "circle"}


@dataclass(frozen=True)
class Point:
    """One voice whose deadline is ahead; `at` on the time line, `row` its name, told apart."""

    row: str
    at: datetime
    left: timedelta
    health: Health


@dataclass(frozen=True)
class Bin:
    """So many voices of one health whose deadlines lie in the day that begins at `at`."""

    at: datetime
    health: Health
    count: int


def points(entries: Sequence[Entry]) -> list[Point]:
    """The voices with a deadline in the next seven days, the soonest first. Pure.

    The demo's clock may run faster: what counts is the time left, from the same now for all.
    """
    found: list[Point] = []
    now: datetime | None = None
    names: Counter[str] = Counter()
    for item in entries:
        deadline = item.standing.deadline
        if deadline is None or item.is_archived or item.standing.health not in TIME_RUNS:
            continue
        left = deadline - item.now
        if timedelta(0) < left <= AHEAD:
            now = now or item.now
            name = words.short(item.voice.name, LONGEST_NAME)
            row = name + words.WORD_JOINER * names[name]  # told apart by what is not seen
            names[name] += 1
            found.append(Point(row, now + left, left, item.standing.health))
    return sorted(found, key=lambda point: point.left)


def bins(found: Sequence[Point], zone_name: str | None) -> list[Bin]:
    """The same, counted by the viewer's days. Pure."""
    zone = words.zone(zone_name)
    counts: Counter[tuple[datetime, Health]] = Counter()
    for point in found:
        there = point.at.astimezone(zone)
        start = there.replace(hour=0, minute=0, second=0, microsecond=0)
        counts[start.astimezone(UTC), point.health] += 1
    return [Bin(at, health, count) for (at, health), count in sorted(counts.items())]


def described(found: Sequence[Point], zone_name: str | None) -> str:
    """The picture in words. Pure."""
    if not found:
        return "No voice reaches its deadline in the next 7 days."
    first = found[0]
    reach = units.count(len(found), "voice reaches its", "voices reach their")
    wording = [f"{reach} deadline in the next 7 days."]
    when = f"in {span(first.left)} ({words.local(first.at, zone_name)})"
    wording.append(f"The first is {first.row.rstrip(words.WORD_JOINER)}, {when}.")
    counts = Counter(point.health for point in found)
    parts = [f"{counts[h]:,} {words.HEALTH[h].word.lower()}" for h in TIME_RUNS if counts[h]]
    wording.append(f"{', '.join(parts).capitalize()}.")
    if len(found) > FEW:
        zone = words.zone(zone_name)
        days = Counter(point.at.astimezone(zone).date() for point in found)
        day, most = days.most_common(1)[0]
        wording.append(f"The fullest day is {day:%a} {day.day} {day:%b}, with {most:,}.")
    return " ".join(wording)


def draw(entries: Sequence[Entry]) -> None:
    """The picture and its sentence, small enough to stand beside a table."""
    st.subheader("The next 7 days", anchor=False)
    found = once(entries, points)
    zone = st.context.timezone
    sentence = described(found, zone)
    if found:
        picture = chart(found, zone, dark=st.context.theme.type == "dark")
        st.altair_chart(picture, width="stretch", key="retention_picture", alt=sentence)
    st.caption(words.plain(sentence))


def chart(found: Sequence[Point], zone_name: str | None, *, dark: bool) -> _Chart:
    """The picture; there is at least one point."""
    # By whole minutes: a picture that is the same as a moment ago is not drawn again.
    start = (found[0].at - found[0].left).replace(second=0, microsecond=0)
    if len(found) <= FEW:
        return _few(found, start, dark=dark)
    return _many(bins(found, zone_name), start, dark=dark)


def _few(found: Sequence[Point], start: datetime, *, dark: bool) -> _Chart:
    """One row for each voice: a mark at its deadline, its sign and the time left beside it."""
    import altair as alt

    rows = [
        {
            "row": point.row,
            "at": point.at.isoformat(),
            "from": start.isoformat(),
            "health": words.HEALTH[point.health].word,
            "told": f"{words.HEALTH[point.health].sign} {span(point.left)}",
            "late": point.left > AHEAD / 2,
        }
        for point in found
    ]
    base = _base(rows, start).encode(
        tooltip=[
            alt.Tooltip("row:N", title="Voice"),
            alt.Tooltip("at:T", title="Deadline", format="%a %d %b, %H:%M"),
            alt.Tooltip("health:N", title="State"),
        ],
    )
    lines = base.mark_rule(opacity=0.45, strokeWidth=2).encode(
        x=alt.X("from:T"), x2="at:T", color=alt.Color(**_by_health(words.HEALTH_COLOURS))
    )
    marks = base.mark_point(filled=True, size=120, opacity=1).encode(
        color=alt.Color(**_by_health(words.HEALTH_COLOURS)), shape=alt.Shape(**_by_health(SHAPES))
    )
    text = base.encode(text="told:N")
    # A mark late in the week leaves no room at its right.
    right = text.transform_filter("!datum.late").mark_text(
        align="left", dx=11, dy=-1, fontSize=12, color=_ink(dark=dark)
    )
    left = text.transform_filter("datum.late").mark_text(
        align="right", dx=-11, dy=-10, fontSize=12, color=_ink(dark=dark)
    )
    height = len(rows) * ROW_HEIGHT + AXIS_HEIGHT
    return alt.layer(lines, marks, right, left).properties(height=height)


def _many(found: Sequence[Bin], start: datetime, *, dark: bool) -> _Chart:
    """One row for each state: how many deadlines lie in each day."""
    import altair as alt

    rows = [
        {
            "at": min(max(item.at + NOON, start), start + AHEAD).isoformat(),
            "row": words.HEALTH[item.health].signed,
            "health": words.HEALTH[item.health].word,
            "count": item.count,
        }
        for item in sorted(found, key=lambda item: TIME_RUNS.index(item.health))
    ]
    base = _base(rows, start).encode(
        tooltip=[
            alt.Tooltip("health:N", title="State"),
            alt.Tooltip("at:T", title="Day", format="%a %d %b"),
            alt.Tooltip("count:Q", title="Voices"),
        ],
    )
    marks = base.mark_point(filled=True, opacity=0.9).encode(
        color=alt.Color(**_by_health(words.HEALTH_COLOURS)),
        shape=alt.Shape(**_by_health(SHAPES)),
        size=alt.Size("count:Q", scale=alt.Scale(range=[60, 420]), legend=None),
    )
    text = base.mark_text(dy=-19, fontSize=11, color=_ink(dark=dark)).encode(text="count:Q")
    height = len({item.health for item in found}) * 2 * ROW_HEIGHT + AXIS_HEIGHT
    return alt.layer(marks, text).properties(height=height)


def _base(rows: list[dict[str, Any]], start: datetime) -> alt.Chart:
    """These rows, in this order, along the next seven days."""
    import altair as alt

    order = list(dict.fromkeys(row["row"] for row in rows))
    names = alt.Axis(labelLimit=LABEL_WIDTH, ticks=False, domain=False, labelPadding=14)
    days = alt.Axis(
        format="%a %d", tickCount={"interval": "day", "step": 1}, grid=True, labelOverlap=True
    )
    week = alt.Scale(domain=[start, start + AHEAD])  # told in the viewer's own zone, by the browser
    return alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X("at:T", title=None, scale=week, axis=days),
        y=alt.Y("row:N", sort=order, title=None, axis=names),
    )


def _by_health(look: Mapping[Health, str]) -> dict[str, Any]:
    """How each health looks: a colour, or a shape."""
    import altair as alt

    domain = [words.HEALTH[health].word for health in TIME_RUNS]
    scale = alt.Scale(domain=domain, range=[look[health] for health in TIME_RUNS])
    return {"shorthand": "health:N", "scale": scale, "legend": None}


def _ink(*, dark: bool) -> str:
    """Of words in the picture: the theme's own colour of text."""
    return "#ececf4" if dark else "#1d1d2b"
