"""How a voice is kept from now on, and letting it go."""

from __future__ import annotations

import streamlit as st

from lib.models import Health, KeepPolicy
from lib.services import USE
from lib.studio.core.context import Context
from lib.studio.library import bulk, editing
from lib.studio.library.editing import PolicyChange
from lib.studio.library.listing import Entry
from lib.ui import words
from lib.ui.access.front import person
from lib.ui.shared import confirming, keeping, sleeping, voices


def show(item: Entry) -> None:
    """When it is used to be kept, for those who cannot change that."""
    if item.rule.stopped_by != USE:
        st.write("It is kept without being used.")
        return
    chosen = item.voice.keep_policy
    st.write(f"Keep it: {words.POLICY[chosen].lower()}.")
    st.caption(words.POLICY_HELP[chosen])


def draw(context: Context, item: Entry) -> None:
    """When it is used, with what that costs, where a use keeps it."""
    if item.rule.stopped_by == USE and item.standing.health is not Health.LOST:
        _choose(context, item)


def _choose(context: Context, item: Entry) -> None:
    voice = item.voice
    each = item.use_price
    left, right = st.columns(2)
    with left:
        policy = st.selectbox(
            "Keep it",
            list(KeepPolicy),
            index=list(KeepPolicy).index(voice.keep_policy),
            key=f"policy_{voice.id}",
            format_func=words.POLICY.__getitem__,
        )
        policy = policy or voice.keep_policy
        once = words.each(each, demo=item.is_demo)
        most = words.price(each * bulk.tries_left(item), demo=item.is_demo)
        cost = (
            ""
            if policy is KeepPolicy.ASK
            else f" One try costs {once}, all tries together {most} at most."
        )
        st.caption(words.plain(words.POLICY_HELP[policy] + cost))
    with right:
        days = keeping.choose_refresh(
            f"refresh_{voice.id}", voice.refresh_days, each, demo=item.is_demo
        )
    if policy is not KeepPolicy.AT_ONCE or days:
        sleeping.warn(context, voice.service)
    change = PolicyChange(policy, days)
    if change != PolicyChange(voice.keep_policy, voice.refresh_days) and st.button(
        "Save how it is kept", key=f"keeping_save_{voice.id}", type="primary"
    ):
        editing.change_policy(context, voice, change, person(context))
        st.rerun()


def archive(context: Context, item: Entry) -> None:
    """The button that stops the keeping, after a question, or begins it again."""
    voice = item.voice
    if item.is_archived:
        if st.button("Restore it", key=f"unarchive_{voice.id}", icon=":material/unarchive:"):
            editing.unarchive(context, voice, person(context))
            st.rerun()
        by_itself = item.rule.stopped_by == USE and item.voice.keep_policy is not KeepPolicy.ASK
        unkept = by_itself and item.standing.health is not Health.SAFE
        cost = f" {cost_of_keeping(item)}" if unkept or item.voice.refresh_days else ""
        st.caption(words.plain(f"Voicekeep keeps it again, if it still exists.{cost}"))
        return
    asking = f"asked_archive_{voice.id}"
    if st.button("Archive it", key=f"archive_{voice.id}", icon=":material/archive:"):
        st.session_state[asking] = True
    if asking not in st.session_state:
        return
    with st.container(border=True, key=f"archive_question_{voice.id}"):
        fate = voices.archive_words(item)
        st.write(words.plain(f"Voicekeep stops keeping it. {fate} You can restore it later."))
        keys = f"archive_sure_{voice.id}", f"archive_leave_{voice.id}"
        if confirming.answer(asking, "Archive it now", "Keep it here", keys=keys):
            editing.archive(context, voice, person(context))
            st.rerun()


def cost_of_keeping(item: Entry) -> str:
    """What keeping a voice by its own choice costs now, at most, and each month."""
    each = item.use_price
    once = words.each(each, demo=item.is_demo)
    most = words.price(each * bulk.tries_left(item), demo=item.is_demo)
    wording = f"Keeping it costs {once} more, {most} at most."
    days = item.voice.refresh_days
    return f"{wording} {keeping.refresh_words(each, days, demo=item.is_demo)}" if days else wording
