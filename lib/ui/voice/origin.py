"""Where a voice comes from: its account, and for an adopted one the day it was made."""

from __future__ import annotations

import streamlit as st

from lib.models import Health, KeepPolicy, Source
from lib.roles import Permission
from lib.services import ACTIVATION_ATTEMPTS, KIND_TITLES, SERVICES, USE
from lib.studio.adoption import listening
from lib.studio.adoption.listening import BadDate
from lib.studio.core import accounts
from lib.studio.core.context import Context
from lib.studio.core.standpoint import standpoint_of
from lib.studio.library.listing import Entry
from lib.ui import words
from lib.ui.access.front import from_inside, may, person


def facts(context: Context, item: Entry) -> list[str]:
    """Its kind and service, how it came here, its account and its ID."""
    voice = item.voice
    title = SERVICES[voice.service].title
    found = [f"{KIND_TITLES[voice.kind]} voice at {title}", words.SOURCE[voice.source]]
    if how := accounts.came_by(standpoint_of(context), voice):
        found.append(how)
    if voice.provider_voice_id:
        found.append(f"ID {voice.provider_voice_id}")
    return found


def clock(context: Context, item: Entry) -> None:
    """The day an adopted voice was made: its time counts from the beginning of that day."""
    voice = item.voice
    counts = voice.source is Source.ADOPTED and item.rule.stopped_by == USE
    if not counts or item.standing.health is Health.SAFE or not may(context, Permission.KEEP):
        return
    key = f"clock_{voice.id}"
    st.date_input(
        "Made on",
        value=listening.day_of(voice.clock_start) if voice.clock_start else None,
        max_value=item.now.date(),
        key=key,
        on_change=_set_clock,
        args=(context, item, key),
        width=240,
        help=f"As far as you know. Its {words.hours(item.rule.hours or 0)} count from the start of "
        "that day. Without a date, only a test call can tell if it still exists.",
    )
    if voice.keep_policy is not KeepPolicy.ASK and item.unheard is None:
        most = words.price(item.use_price * ACTIVATION_ATTEMPTS, demo=item.is_demo)
        st.caption(
            words.plain(
                f"Until it expires, it is used until it answers: {ACTIVATION_ATTEMPTS} "
                f"tries and {most} at most."
            )
        )
    if fault := st.session_state.pop(f"{key}_fault", ""):
        st.error(words.plain(fault))


@from_inside
def _set_clock(context: Context, item: Entry, key: str) -> None:
    try:
        made = st.session_state[key]  # a day, or None where the field was emptied
        listening.set_creation_date(context, item.voice, made, person(context))
    except BadDate as problem:
        st.session_state[f"{key}_fault"] = str(problem)
