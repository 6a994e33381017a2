"""What needs somebody, on Home and Retention: one line for each voice, or for many equal ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import takewhile

import streamlit as st

from lib import units
from lib.models import Health
from lib.retention import Urgency, reason_words
from lib.roles import Permission
from lib.studio.alerts.attention import AttentionGroup
from lib.studio.core.context import Context
from lib.studio.library import bulk as library_bulk
from lib.studio.library.bulk import BulkAction, BulkPlan
from lib.studio.library.listing import Entry
from lib.studio.library.together import fact, once
from lib.studio.library.wording import SKIPPED
from lib.studio.storage import unreadable as stories
from lib.ui import words
from lib.ui.access.front import may
from lib.ui.shared import bulk, unreadable, voices


def is_in_progress(entries: Sequence[Entry]) -> bool:
    """Whether these lines will read otherwise in a moment."""
    return fact(entries, _is_moving) or bulk.is_under_way(entries)


def _is_moving(entries: Sequence[Entry]) -> bool:
    return any(item.needs_somebody and item.is_in_progress for item in entries)


def draw(
    context: Context,
    groups: Sequence[AttentionGroup],
    *,
    most: int,
    place: str,
    show: Callable[[str, str, Sequence[Entry]], None],
) -> None:
    """The first few lines, and the stories that cannot be read at their place among them.

    `show` draws the way to the voices behind a line, or behind the rest.
    """
    first, rest = list(groups[:most]), list[AttentionGroup]()
    if stories.waiting(context):
        savable = list(takewhile(lambda line: line.urgency < Urgency.UNREADABLE, first))
        first, rest = savable, first[len(savable) :]

    def draw_box(lines: Sequence[AttentionGroup]) -> None:
        if not lines:
            return
        with st.container(border=True):
            for line in lines:
                _draw_line(context, line, place, show, primary=line is groups[0])
            if more and lines[-1] is groups[most - 1]:
                show(f"And {len(more):,} more", f"{place}_more", more)

    more = [item for line in groups[most:] for item in line.entries]
    draw_box(first)
    unreadable.draw(context)
    draw_box(rest)
    # A question that nobody sees any more must not be answered by whoever sees its line next.
    bulk.forget_unless({line.key for line in groups[:most]})


def _draw_line(
    context: Context,
    line: AttentionGroup,
    place: str,
    show: Callable[[str, str, Sequence[Entry]], None],
    *,
    primary: bool,
) -> None:
    """One voice with its buttons; many equal ones with one button for all of them."""
    if not line.is_folded:
        for item in line.entries:
            voices.card(context, item, place=place, primary=primary)
        return
    plan = None
    if line.action and may(context, Permission.KEEP):
        here = context.settings.services
        plan = once(line.entries, library_bulk.plan, line.action, services=here)
    with st.container(key=f"{place}_{line.key}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container(gap=None, key=f"wide_{place}_{line.key}"):
                st.markdown(f"{_title(line)} {words.plain(_when(line))}")
                if why := _why(line, plan):
                    st.caption(words.plain(why))
            if plan and plan.items:
                _button(context, line, plan, primary=primary)
            show("Show", f"{place}_show_{line.key}", line.entries)
        bulk.question(context, line.entries, line.key)


def _button(context: Context, line: AttentionGroup, plan: BulkPlan, *, primary: bool) -> None:
    """The one button for all of them, with what it costs; it asks before anything is ordered."""
    late = line.urgency is Urgency.PROBABLY_LOST
    pressed = st.button(
        _label(line, plan),
        key=f"all_{line.key}",
        icon=":material/favorite:" if plan.action is BulkAction.KEEP else ":material/backup:",
        type="primary" if primary and not late else "secondary",
        help=_help(plan),
    )
    if pressed:
        bulk.ask(context, plan.action, line.entries, line.key)


def _label(line: AttentionGroup, plan: BulkPlan) -> str:
    """ "Keep all 15 ($0.05)", or "Keep 12 of 15 ($0.04)" where not all can take part."""
    part, whole = len(plan.items), len(line.entries)
    who = f"all {whole:,}" if part == whole else f"{part:,} of {whole:,}"
    if line.action is BulkAction.BACK_UP:
        return f"Back up {who}"
    price = words.total(plan.price)
    if _is_unknown(line):
        return f"Make {units.count(part, 'test call')} ({price})"
    action = "Try" if line.urgency is Urgency.PROBABLY_LOST else "Keep"
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
    return f"**{units.count(count, 'voice')}** {badge}{demo}"


def _why(line: AttentionGroup, plan: BulkPlan | None) -> str:
    """Why nothing saves them by itself, where the button does not say it."""
    if any(job.is_open for job in line.first.dossier.activations) and not line.blocked_by:
        return "They are being used right now."
    if line.blocked_by:
        return f"On hold: {reason_words(line.first.step.why)}"
    if plan and not plan.items:
        return SKIPPED[plan.skipped[0].reason]
    if line.action is None and line.urgency is not Urgency.UNHEARD:
        return reason_words(line.first.step.why)
    if line.action is BulkAction.KEEP and _is_unknown(line):
        known = "We don't know when they were made."
        if line.first.is_denied:
            known = reason_words(line.first.standing.why)
        return f"{known} One test call each confirms that they work, and keeps them."
    if line.action is BulkAction.KEEP and line.urgency is Urgency.PROBABLY_LOST:
        return "They may still work. One test call each will tell."
    return ""


def _is_unknown(line: AttentionGroup) -> bool:
    return line.first.standing.health is Health.UNKNOWN


def _when(line: AttentionGroup) -> str:
    item = line.first
    deadline = item.standing.deadline
    if deadline is None:
        return ""
    verb = "First expires" if deadline > item.now else "Last expired"
    return f"{verb} {words.until(deadline, item.now)}"
