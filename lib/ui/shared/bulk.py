"""Many voices at once: the bar of deeds, what they would cost, the confirmation, the progress."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import streamlit as st

from lib import units
from lib.models import Health, KeepPolicy, Purpose
from lib.retention import Step, reason_words
from lib.roles import Permission
from lib.services import ACTIVATION_ATTEMPTS
from lib.studio.core.context import Context
from lib.studio.library import bulk
from lib.studio.library.bulk import Batch, BulkAction, BulkItem, BulkPlan
from lib.studio.library.editing import PolicyChange
from lib.studio.library.listing import Entry
from lib.studio.library.reasons import Skip
from lib.studio.library.wording import SKIPPED
from lib.ui import words
from lib.ui.access.front import may, person
from lib.ui.shared import budget, sleeping, table, voices
from lib.ui.shared.confirming import close, show_refusals

PENDING = "retention_pending"
"""What was pressed and waits for a yes: an `Asked`."""
BATCH = "retention_batch"
BATCH_PLACE = "retention_batch_place"
BAR_PLACE = "bar"
"""Where a question was asked that stands beneath the bar of the table; the other places are lines
of what needs somebody, by their keys.
"""
TOLD = "retention_told"
"""How the last deed ended, until it is read."""
NAMED = 6
"""So many voices are named in a question; the others are counted."""
BAR = (
    (BulkAction.KEEP, "bulk_keep", "Keep", ":material/favorite:"),
    (BulkAction.BACK_UP, "bulk_backup", "Back up", ":material/backup:"),
    (BulkAction.CHECK, "bulk_check", "Check backups", ":material/rule:"),
    (BulkAction.POLICY, "bulk_policy", "Auto-keep", ":material/tune:"),
    (BulkAction.ARCHIVE, "bulk_archive", "Archive", ":material/archive:"),
)
QUESTION = {
    BulkAction.KEEP: "Keep {}?",
    BulkAction.BACK_UP: "Back up {}?",
    BulkAction.CHECK: "Check the backups of {}?",
    BulkAction.POLICY: "How should {} be kept?",
    BulkAction.ARCHIVE: "Archive {}?",
}
YES = {
    BulkAction.KEEP: "Keep them",
    BulkAction.BACK_UP: "Back them up",
    BulkAction.CHECK: "Check them",
    BulkAction.POLICY: "Change it",
    BulkAction.ARCHIVE: "Archive them",
}
DOING = {
    BulkAction.KEEP: "Ordering",
    BulkAction.BACK_UP: "Requesting the backups",
    BulkAction.CHECK: "Requesting the checks",
    BulkAction.POLICY: "Changing",
    BulkAction.ARCHIVE: "Archiving",
}
REACHED = {
    BulkAction.KEEP: "safe",
    BulkAction.BACK_UP: "backed up",
    BulkAction.CHECK: "read again",
}
ENDED = {
    BulkAction.KEEP: "Ordered for {}.",
    BulkAction.BACK_UP: "Ordered for {}.",
    BulkAction.CHECK: "Ordered for {}.",
    BulkAction.POLICY: "Changed for {}.",
    BulkAction.ARCHIVE: "{} archived.",
}
UNCHANGED = "Leave it as it is"


@dataclass(frozen=True)
class Asked:
    """A deed that waits for a yes: the voices chosen, those that take part, and where it stands."""

    action: BulkAction
    ids: frozenset[str]
    taking_part: frozenset[str]
    place: str


def ask(context: Context, action: BulkAction, chosen: Sequence[Entry], place: str) -> None:
    """Ask before this is done for these voices: `question` draws it at this place.

    Those that can take part now are all that ever will: what was agreed to does not grow.
    """
    plan = bulk.plan(chosen, action, services=context.settings.services)
    ids = frozenset(item.voice.id for item in chosen)
    st.session_state[PENDING] = Asked(action, ids, frozenset(plan.ids), place)
    st.session_state.pop(TOLD, None)


def forget_unless(places: Collection[str]) -> None:
    """A question of a line is dropped where that line is not there any more."""
    asked: Asked | None = st.session_state.get(PENDING)
    if asked and asked.place != BAR_PLACE and asked.place not in places:
        close(PENDING)


def bar(context: Context, chosen: Sequence[Entry]) -> None:
    """The row of buttons for the chosen voices of a table; each asks first, see `question`.

    Nothing for somebody who may do none of it.
    """
    if not may(context, Permission.KEEP):
        return
    with st.container(horizontal=True, gap="xsmall"):
        for action, key, label, icon in BAR:
            if st.button(label, key=key, icon=icon, disabled=not chosen):
                ask(context, action, chosen, BAR_PLACE)
    # By itself: the toolbar of the table lies on the line above it, under a hand that moves up.
    st.caption(
        f"{units.count(len(chosen), 'voice')} chosen"
        if chosen
        else "Tick one voice to see more of it, or several to act on all of them."
    )


def question(context: Context, entries: Sequence[Entry], place: str = BAR_PLACE) -> None:
    """Draw what the deed pressed at this place would do and cost, and the button that does it.

    `entries`: all voices that it may be about. Draws nothing while nothing is asked here.
    """
    asked: Asked | None = st.session_state.get(PENDING)
    if asked is None or asked.place != place or not may(context, Permission.KEEP):
        return
    action, taking_part = asked.action, asked.taking_part
    mine = [item for item in entries if item.voice.id in asked.ids]
    services = context.settings.services
    with st.container(border=True, key="bulk_question"):
        # Who takes part is known before a choice is made; what it costs, only with the choice.
        first = bulk.plan(mine, action, services=services).limited_to(taking_part)
        if not first.items:
            st.markdown("**This works for none of these voices.**")
            _skipped(first)
            st.button("Close", key="bulk_cancel", on_click=close, args=(PENDING,))
            return
        only_calls = action is BulkAction.KEEP and all(_is_unknown(part) for part in first.items)
        count = units.count(len(first.items), "test call" if only_calls else "voice")
        st.markdown(f"**{('Make {}?' if only_calls else QUESTION[action]).format(count)}**")
        change = _policy_change() if action is BulkAction.POLICY else PolicyChange()
        if change.keep_policy not in (None, KeepPolicy.AT_ONCE) or change.refresh_days:
            sleeping.warn(context, *{part.item.voice.service for part in first.items})
        plan = bulk.plan(mine, action, services=services, change=change).limited_to(taking_part)
        _who(plan)
        _cost(context, plan)
        _skipped(plan)
        nothing = action is BulkAction.POLICY and change == PolicyChange()
        with st.container(horizontal=True):
            price = words.total(plan.price)
            yes = "Make them" if only_calls else YES[action]
            label = yes + (f" ({price})" if action is BulkAction.KEEP else "")
            sure = st.button(label, key="bulk_confirm", type="primary", disabled=nothing)
            st.button("Cancel", key="bulk_cancel", type="tertiary", on_click=close, args=(PENDING,))
        if sure:
            _execute(context, plan, place)


def is_under_way(entries: Sequence[Entry]) -> bool:
    """Whether something that was begun for many voices still moves."""
    batch: Batch | None = st.session_state.get(BATCH)
    return batch is not None and bool(bulk.progress(batch, entries).in_progress)


def progress(entries: Sequence[Entry], *, of_group: bool = False) -> None:
    """How far the last action is, read from the voices.

    `of_group`: one that was begun from a group that needs somebody, not from the bar.
    """
    if (st.session_state.get(BATCH_PLACE, BAR_PLACE) != BAR_PLACE) is not of_group:
        return
    if wording := st.session_state.get(TOLD):
        (st.warning if wording[1] else st.success)(words.plain(" ".join([wording[0], *wording[1]])))
    batch: Batch | None = st.session_state.get(BATCH)
    if batch is None:
        return
    found = bulk.progress(batch, entries)
    reached = f"{found.done:,} of {units.count(found.total, 'voice')} {REACHED[batch.action]}"
    if found.in_progress:
        st.progress(
            found.done / max(found.total, 1), f"{reached}, {found.in_progress:,} in progress"
        )
        held = _held_up(batch, entries)
        if held:
            st.caption(words.plain(f"On hold: {reason_words(held.why)}"))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if found.done == found.total:
            st.markdown(f":green-badge[:material/check_circle: {reached}]")
        else:
            st.markdown(f":orange-badge[:material/info: {reached}]")
            st.caption("The others failed. Their pages say why.")
        if st.button("Done", key="bulk_close", type="tertiary"):
            del st.session_state[BATCH]
            st.session_state.pop(TOLD, None)
            st.rerun(scope="fragment")


def _policy_change() -> PolicyChange:
    left, right = st.columns(2)
    with left:
        policy = st.selectbox(
            "Keep them",
            [UNCHANGED, *KeepPolicy],
            key="bulk_policy_keep",
            format_func=lambda item: words.POLICY.get(item, UNCHANGED),
        )
        if isinstance(policy, KeepPolicy):
            st.caption(words.POLICY_HELP[policy])
    with right:
        days = st.selectbox(
            "Use them again once they are kept",
            [UNCHANGED, *bulk.REFRESH_CHOICES],
            key="bulk_policy_refresh",
            format_func=lambda item: words.refresh(item) if isinstance(item, int) else item,
        )
        if isinstance(days, int):
            st.caption(words.REFRESH_HELP[days])
    return PolicyChange(
        policy if isinstance(policy, KeepPolicy) else None, days if isinstance(days, int) else None
    )


def _who(plan: BulkPlan) -> None:
    """The first few by name; of those to be archived, what becomes of each."""
    items = [part.item for part in plan.items[:NAMED]]
    names = [words.plain(words.short(item.voice.name)) for item in items]
    more = len(plan.items) - len(items)
    if plan.action is not BulkAction.ARCHIVE:
        st.markdown(", ".join(names) + (f" and {more:,} more" if more else ""))
        if plan.action is BulkAction.KEEP:
            _show_late(plan)
            _show_unknown(plan)
        return
    st.write("Voicekeep stops keeping them. You can restore them as long as they exist.")
    fates = [words.plain(voices.archive_words(item)) for item in items]
    lines = [f"- {name}: {fate}" for name, fate in zip(names, fates, strict=True)]
    st.markdown("\n".join([*lines, *([f"- and {more:,} more"] if more else [])]))


def _show_late(plan: BulkPlan) -> None:
    """Some may be gone: what a use of these is worth."""
    parts = plan.items
    late = sum(part.item.standing.health is Health.PROBABLY_LOST for part in parts)
    if late:
        who = "These voices have" if late == len(parts) else f"{late:,} of them have"
        if late == 1:
            who = "This voice has" if len(parts) == 1 else "One of them has"
        st.markdown(
            f"{who} expired. One short sentence shows whether a voice still works, and keeps it if "
            "it does. You pay only for what is generated."
        )


def _is_unknown(part: BulkItem) -> bool:
    """Whether nobody knows when it was made: its use is a test call."""
    return part.item.standing.health is Health.UNKNOWN


def _show_unknown(plan: BulkPlan) -> None:
    """A voice somebody brought is kept once a person has said that it is the voice."""
    calls = sum(map(_is_unknown, plan.items))
    if calls:
        which = "each" if calls == len(plan.items) else units.count(calls, "test call")
        st.markdown(f"You listen to {which} afterwards and confirm that it is the right voice.")


def _cost(context: Context, plan: BulkPlan) -> None:
    """The total before anything is ordered; nothing is hidden behind "from"."""
    now = words.total(plan.price)
    most = words.total(plan.at_most)
    month = words.total(plan.monthly)
    wording: list[str] = []
    if plan.action is BulkAction.KEEP or now != "nothing":
        wording.append(f"One use of each costs **{now}** in all.")
    if most != now:
        wording.append(
            f"Failed tries are repeated automatically, up to {ACTIVATION_ATTEMPTS} for each "
            f"voice: **{most} at most**."
        )
    if month != "nothing":
        wording.append(
            f"Using them again costs about **{month}** a month, as long as they are kept."
        )
    if not wording:
        wording.append("This costs nothing.")
    paid = {part.item.voice.service for part in plan.items if part.price.micros}
    facts = budget.facts(context, *sorted(paid), purpose=Purpose.KEEPING)
    if plan.monthly.live.micros and (left := budget.bound_left(context, Purpose.REFRESH)):
        facts.append(left)
    st.markdown(" ".join(wording).replace("$", r"\$"))
    if facts:
        line = " · ".join(facts)
        st.caption(words.plain(line[0].upper() + line[1:]))


def _skipped(plan: BulkPlan) -> None:
    """Who does not take part, by reason."""
    by_reason: dict[Skip, list[str]] = defaultdict(list)
    for item in plan.skipped:
        by_reason[item.reason].append(item.item.voice.name)
    for reason, names in by_reason.items():
        some = ", ".join(words.plain(words.short(name)) for name in names[:3])
        more = f" and {len(names) - 3:,} more" if len(names) > 3 else ""
        st.caption(f"Left out: {some}{more}. {words.plain(SKIPPED[reason])}")


def _execute(context: Context, plan: BulkPlan, place: str) -> None:
    """Do it; what was begun is followed from now on, and what ended at once is told."""
    action, total = plan.action, len(plan.items)
    line = st.progress(0.0, DOING[action] + "…")

    def report(number: int) -> None:
        line.progress(number / total, f"{DOING[action]}: {number:,} of {total:,}")

    with show_refusals("Nothing was ordered or changed."):
        result = bulk.execute(context, plan, person=person(context), report=report)
        close(PENDING)
        # The rows stay chosen otherwise, and the next press would be about the same voices.
        st.session_state[table.FORGET] = True
        st.session_state[BATCH_PLACE] = place
        if action in REACHED and result.done:
            started = {part.item.voice.service: part.item.now for part in plan.items}
            st.session_state[BATCH] = Batch(action, frozenset(result.done), started)
        if action not in REACHED or result.refused:
            sentence = ENDED[action].format(units.count(len(result.done), "voice"))
            st.session_state[TOLD] = (sentence, result.refused[:5])
        st.rerun()


def _held_up(batch: Batch, entries: Sequence[Entry]) -> Step | None:
    steps = (item.step for item in entries if item.voice.id in batch.ids)
    return next((step for step in steps if step.blocked and step.why), None)
