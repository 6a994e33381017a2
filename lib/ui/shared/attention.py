"""What needs somebody, on Home and Retention: one line for each voice, or for many equal ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import takewhile

import streamlit as st

from lib.models import Health
from lib.retention import StepKind, Urgency
from lib.roles import Permission
from lib.studio.alerts.attention import AttentionGroup
from lib.studio.core.context import Context
from lib.studio.library import bulk as library_bulk
from lib.studio.library.bulk import BulkAction, BulkPlan
from lib.studio.library.listing import Entry
from lib.ui import words
from lib.ui.access.front import may
from lib.ui.shared import bulk, unreadable, voices

NAMED = 3
"""So many voices of a line are named; the others are counted."""


def is_in_progress(entries: Sequence[Entry]) -> bool:
    """Whether these lines will read otherwise in a moment."""
    shown = any(item.needs_somebody and item.is_in_progress for item in entries)
    return shown or bulk.is_under_way(entries)


def draw(
    context: Context,
    groups: Sequence[AttentionGroup],
    *,
    most: int,
    place: str,
    show: Callable[[str, str, list[Health]], None],
) -> None:
    """The first few lines, and the stories that cannot be read at their place among them.

    `show` draws the way to the voices behind a line, or behind the rest.
    """
    shown = groups[:most]
    savable = list(takewhile(lambda line: line.urgency < Urgency.UNREADABLE, shown))
    for line in savable:
        _draw_line(context, line, place, show)
    unreadable.draw(context)
    for line in shown[len(savable) :]:
        _draw_line(context, line, place, show)
    if more := sum(len(line.entries) for line in groups[most:]):
        show(f"And {more:,} more", f"{place}_more", [])
    # A question that nobody sees any more must not be answered by whoever sees its line next.
    bulk.forget_unless({line.key for line in groups[:most]})


def _draw_line(
    context: Context,
    line: AttentionGroup,
    place: str,
    show: Callable[[str, str, list[Health]], None],
) -> None:
    """One voice by its card; many equal ones with one button for all of them."""
    if not line.is_folded:
        for item in line.entries:
            voices.card(context, item, place=place)
        return
    with st.container(border=True, key=f"{place}_{line.key}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(_title(line), width="stretch")
            healths = list(dict.fromkeys(item.standing.health for item in line.entries))
            show("Show all", f"{place}_show_{line.key}", healths)
            what = _button(context, line)
        st.caption(words.plain(_about(line, what)))
        bulk.question(context, line.entries, line.key)


def _button(context: Context, line: AttentionGroup) -> BulkPlan | None:
    """The one button for all of them, with what it costs; it asks before anything is ordered."""
    if line.action is None or not may(context, Permission.KEEP):
        return None
    plan = library_bulk.plan(line.action, line.entries, services=context.settings.services)
    if plan.items:
        late = line.urgency is Urgency.PROBABLY_LOST
        pressed = st.button(
            _label(line, plan),
            key=f"all_{line.key}",
            icon=":material/favorite:" if line.action is BulkAction.KEEP else ":material/backup:",
            type="secondary" if late else "primary",
            help=_help(plan),
        )
        if pressed:
            bulk.ask(context, line.action, line.entries, line.key)
    return plan


def _label(line: AttentionGroup, plan: BulkPlan) -> str:
    """ "Keep all 15 ($0.05)", or "Keep 12 of 15 ($0.04)" where not all can take part."""
    part, whole = len(plan.items), len(line.entries)
    who = f"all {whole:,}" if part == whole else f"{part:,} of {whole:,}"
    if line.action is BulkAction.BACK_UP:
        return f"Back up {who}"
    action = "Try" if line.urgency is Urgency.PROBABLY_LOST else "Keep"
    price = words.total(plan.price)
    return f"{action} {who} ({price})"


def _help(plan: BulkPlan) -> str:
    if plan.action is BulkAction.BACK_UP:
        return "Copies their files to your storage. This costs nothing."
    most = words.total(plan.at_most)
    wording = f"Speaks one short sentence with each. With all retries it costs {most} at most."
    return f"{wording} You confirm first."


def _title(line: AttentionGroup) -> str:
    count = len(line.entries)
    demo = words.demo_badge(demo=line.first.is_demo)
    if line.urgency is Urgency.UNHEARD:
        return f"**{count:,} test calls to listen to**{demo}"
    badge = words.HEALTH[line.first.standing.health].badge
    return f"**{words.count(count, 'voice')}** {badge}{demo}"


def _about(line: AttentionGroup, plan: BulkPlan | None) -> str:
    """Who they are, when the first is lost, and why nothing saves them by itself."""
    names = [words.short(item.voice.name) for item in line.entries]
    more = len(names) - NAMED
    who = f"{', '.join(names[:NAMED])} and {more:,} more" if more > 1 else ", ".join(names)
    wording = [who if who.endswith("…") else f"{who}.", _when(line.first)]
    if any(job.is_open for job in line.first.dossier.activations) and not line.blocked_by:
        wording.append("They are being used right now.")
    elif line.blocked_by:
        wording.append(f"Held up: {line.first.step.why}")
    elif plan and not plan.items:
        wording.append(plan.skipped[0].why)
    elif line.action is None and line.urgency is not Urgency.UNHEARD:
        wording.append(line.first.step.why)
    elif line.action is BulkAction.KEEP and line.first.step.kind is StepKind.ASK:
        late = line.urgency is Urgency.PROBABLY_LOST
        wording.append(
            "They may still work. One test call each shows it."
            if late
            else "Nothing happens unless you keep them."
        )
    return " ".join(filter(None, wording))


def _when(item: Entry) -> str:
    deadline = item.standing.deadline
    if deadline is None:
        return item.standing.why
    verb = "The first expires" if deadline > item.now else "The last expired"
    return f"{verb} {voices.moment_words(deadline, item.now)}."
