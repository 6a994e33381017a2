"""A voice that is made, as whoever ordered it meets it: how it is kept, what it cost, its sound."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lib.models import Dossier, Health, Job, JobKind, JobState, KeepPolicy, Role, Take
from lib.roles import Permission
from lib.services import COPY
from lib.studio.core.context import Context
from lib.studio.library import listing, samples
from lib.studio.library.listing import Entry
from lib.ui import words
from lib.ui.access.front import may
from lib.ui.shared import voices
from lib.ui.shared.player import play_copy, play_take

JUST_ORDERED = "made_just_ordered"
"""Ids of the speeches that this session ordered beside new voices, by voice: each plays itself."""
KEPT = (Health.SAFE, Health.PERSISTENT)


def draw(
    context: Context,
    job: Job,
    dossier: Dossier,
    *,
    is_coming: bool,
    if_silent: Callable[[], None] | None = None,
) -> None:
    """What came of an order that made a voice. `is_coming`: it will be heard in a moment.

    `if_silent` draws the way to a first sound of a voice that has none by itself.
    """
    item = listing.entry(context, dossier)
    cost = words.price(job.cost, demo=item.is_demo)
    made = f"{'Cloned' if job.kind is JobKind.CLONE else 'Made'} for {cost}."
    if item.standing.health in KEPT:
        told = f"**{words.plain(_kept(item))}** {words.plain(made)}"
        st.success(told, icon=":material/verified_user:")
    else:
        st.success(words.plain(f"The voice is ready. {made}"), icon=":material/check_circle:")
        label = words.HEALTH[item.standing.health]
        wording = f"{voices.deadline_words(item)} {voices.next_words(item)}".strip()
        st.markdown(f"{label.badge} {words.plain(wording)}")
        if item.voice.keep_policy is KeepPolicy.ASK and may(context, Permission.KEEP):
            voices.buttons(context, item)
    _draw_sounds(context, item, is_coming=is_coming, if_silent=if_silent)


def _kept(item: Entry) -> str:
    """That it is kept, and what was paid for that."""
    if item.rule.stopped_by == COPY:
        return "Safe, backed up in your storage."
    done = (job for job in reversed(item.dossier.activations) if job.state is JobState.DONE)
    use = next(done, None)
    if use is None:
        return "Safe."
    return f"Safe, kept for {words.each(use.cost, demo=item.is_demo)}."


def _draw_sounds(
    context: Context, item: Entry, *, is_coming: bool, if_silent: Callable[[], None] | None
) -> None:
    """The recording that was sent, for those who may hear it, and what came of it, side by side."""
    voice, dossier = item.voice, item.dossier
    recording = None
    if may(context, Permission.KEEP):
        recording = dossier.copy(Role.REFERENCE, item.terms.vault)
    sample = samples.sample(context, dossier)
    left, right = st.columns(2) if recording else (None, st.container())
    if left and recording:
        with left:
            st.caption("Your recording:")
            play_copy(context, voice.service, recording, alt="The recording that was cloned")
    with right:
        if sample:
            st.caption("Its first sound:")
        if isinstance(sample, Take):
            ordered = st.session_state.get(JUST_ORDERED, {})
            is_new = ordered.get(voice.id) == sample.id
            play_take(context, sample, voice.service, autoplay=is_new)
        elif sample:
            play_copy(context, voice.service, sample, alt="The first sound of the new voice")
        elif is_coming:
            st.caption("Fetching its first sound…")
        else:
            st.caption("It has not spoken yet.")
            if item.why_mute:
                st.caption(words.plain(item.why_mute))
            elif if_silent and item.can_speak:
                if_silent()
