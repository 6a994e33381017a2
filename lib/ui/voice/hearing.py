"""Hearing a voice beside the recording it was made from, and speaking with it right there."""

from __future__ import annotations

import streamlit as st

from lib.consent import STOPS_SPEECH
from lib.models import Evidence, Role, Take
from lib.retention import held
from lib.roles import Permission
from lib.studio.core.context import Context
from lib.studio.library import samples, takes
from lib.studio.library.listing import Entry
from lib.studio.library.samples import Sample
from lib.ui import words
from lib.ui.access.front import may
from lib.ui.shared import now_playing, progress, speaking
from lib.ui.shared.player import play_copy, play_take
from lib.ui.voice import evidence

EXCERPT = 90
"""Characters of what a take says."""


def draw(context: Context, item: Entry) -> None:
    """The players, then the form with what it brought."""
    sample = samples.sample(context, item.dossier)
    _listen(context, item, sample)
    if item.can_speak and not item.is_archived and may(context, Permission.SPEAK):
        _speak(context, item, sample)
    elif item.why_mute:
        if item.consent_state in STOPS_SPEECH:
            again = "If they agree again, record that below, under “About”."
            wording = f"{item.why_mute} It is kept as before. {again}"
        else:
            wording = f"It cannot generate speech here. {item.why_mute} Everything stored stays."
        st.info(words.plain(wording), icon=":material/volume_off:")


def _listen(context: Context, item: Entry, sample: Sample | None) -> None:
    """The voice, and beside it the recording where that is stored and may be heard."""
    original = _original(context, item)
    if sample is None and original is None:
        st.caption("Nothing to hear yet.")
        return
    places = iter(st.columns(2))
    if sample is not None:
        with next(places):
            st.caption(words.plain(_what(item, sample)))
            now_playing.play(context, item.voice, sample)
    if original is not None:
        with next(places):
            st.caption("The recording it was made from")
            alt = f"The recording of {item.voice.name}"
            play_copy(context, item.voice.service, original, alt=alt)


def _what(item: Entry, sample: Sample) -> str:
    """Which of its sounds this is."""
    if isinstance(sample, Take):
        age = words.until(sample.created_at, item.now)
        return f"Newest take, {age}: {words.short(sample.text, EXCERPT)}"
    return now_playing.copy_words(sample)


def _original(context: Context, item: Entry) -> Evidence | None:
    """The recording to be heard beside it: what somebody brought, else what was sent."""
    if not may(context, Permission.KEEP):
        return None
    stored = {seen.role: seen for seen in held(item.dossier, item.terms.vault)}
    found = (stored.get(role) for role in (Role.ORIGINAL, Role.REFERENCE))
    return next((seen for seen in found if seen and seen.size <= evidence.PLAYED), None)


def _speak(context: Context, item: Entry, sample: Sample | None) -> None:
    """A text, its price, the button; beneath it the newest take."""
    # What was there before this visit does not begin to play by itself.
    is_here = "speak_go" in st.session_state
    said = st.session_state.get(speaking.draw_brief(context, item), [])
    if said:
        st.caption("Newest take")
        for order_id in said:
            progress.follow(context, order_id, named=False, autoplay=is_here)
        return
    newest = takes.newest(context, item.voice)
    if newest and newest != sample:
        st.caption(words.plain(_what(item, newest)))
        play_take(context, newest, item.voice.service)
