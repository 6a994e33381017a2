"""Parts of a page that renew themselves while something is under way; they read, nothing more."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from lib.models import (
    ErrorKind,
    Job,
    JobKind,
    JobState,
    KeepPolicy,
    Voice,
)
from lib.studio.core.context import Context
from lib.studio.core.typed_text import one_line
from lib.studio.jobs import overview, recovery
from lib.studio.jobs.overview import Followed
from lib.studio.library import first_sound
from lib.studio.orders import cloning
from lib.studio.orders.cloning import OrderRefused
from lib.ui import words
from lib.ui.access.front import is_still_in
from lib.ui.shared.player import play_copy, play_take

_T = TypeVar("_T")

REFRESH_SECONDS = 2
STEPS = {
    JobState.CONFIRMED: 0.1,
    JobState.SUBMITTING: 0.25,
    JobState.WAITING: 0.55,
    JobState.DONE: 1.0,
}


def watch(
    load: Callable[[], _T],
    draw: Callable[[_T], None],
    *,
    is_in_progress: Callable[[_T], bool],
    key: str,
) -> None:
    """Draw what is loaded, and load and draw it anew by itself while something in it moves.

    A run of the page loads once: what tells whether there is a timer is drawn as well.
    """
    first = load()
    in_progress = is_in_progress(first)
    loaded = [first]

    def part() -> None:
        if not is_still_in():
            st.rerun()
        found = loaded.pop() if loaded else load()
        draw(found)
        if is_in_progress(found) != in_progress:
            st.rerun()

    st.fragment(run_every=REFRESH_SECONDS if in_progress else None, key=key)(part)()


def reading_the_vault(context: Context) -> bool:
    """True, with a progress bar, while the first reading of the vault goes on."""
    reading = context.runtime.reading
    if reading.finished:
        return False

    def draw() -> None:
        if not is_still_in():
            st.rerun()
        state = context.runtime.reading
        if state.trouble:
            st.error(
                f"Your vault cannot be read: {words.plain(state.trouble)} "
                "It is tried again by itself."
            )
        else:
            share = state.done / state.total if state.total else 0.0
            if state.total:
                st.progress(share, f"Reading your vault: {state.done:,} of {state.total:,}")
            elif context.settings.has_only_demo:
                st.progress(share, "Preparing the demo's voices…")
            else:
                st.progress(share, "Reading your vault…")

        if state.finished:
            st.rerun()

    st.fragment(run_every=REFRESH_SECONDS, key="reading")(draw)()
    return True


def job_progress(context: Context, job_id: str) -> None:
    """One job from its order to its sound, without a click."""
    watch(
        lambda: overview.find(context, job_id),
        lambda found: _draw_progress(context, found),
        is_in_progress=lambda found: _is_in_progress(context, found),
        key=f"progress_{job_id}",
    )


def _is_in_progress(context: Context, found: Followed | None) -> bool:
    if found is None or words.needs_a_word(found.job, context.now(found.job.service)):
        return False
    return found.job.is_open or _sound_is_coming(context, found)


def _sound_is_coming(context: Context, found: Followed) -> bool:
    if found.dossier is None:
        return False
    return first_sound.is_coming(context, found.job, found.dossier)


def _draw_progress(context: Context, found: Followed | None) -> None:
    if found is None:
        st.info("This order is not here any more.")
        return
    job = found.job
    now = context.now(job.service)
    if job.is_open and not words.needs_a_word(job, now):
        asked = job.submitted_at or job.created_at
        st.progress(STEPS[job.state], f"{words.STATE[job.state].word} · {words.span(now - asked)}")
        st.caption(words.plain(words.waits_for(job)))
    elif job.state is JobState.DONE:
        _draw_done(context, found)
    else:
        trouble(context, job, found.voice)


def _draw_done(context: Context, found: Followed) -> None:
    job = found.job
    if job.kind is JobKind.SPEECH:
        if found.take:
            play_take(context, found.take, job.service, autoplay=True)
        return
    sound = first_sound.find(context, found.dossier) if found.dossier else None
    st.success("The voice is there.", icon=":material/check_circle:")
    if sound:
        st.write("Its first sound:")
        play_copy(context, job.service, sound, alt="The first sound of the new voice")
    elif _sound_is_coming(context, found):
        st.caption("Fetching its first sound…")
    else:
        st.caption("It has not said anything yet. Speak with it to hear it.")


def _afterwards(job: Job, voice: Voice | None) -> str:
    """What becomes of an order whose outcome nobody knows."""
    if job.kind is JobKind.ACTIVATION:
        by_itself = voice and voice.clock_start and voice.keep_policy is not KeepPolicy.ASK
        return "Voicekeep tries again while there is time." if by_itself else ""
    asked = "Asking about it goes on, for free. " if job.is_asked_after else ""
    return f"{asked}It is not sent again by itself."


def trouble(context: Context, job: Job, voice: Voice | None) -> None:
    """What happened to an order that stands still, what it cost, and the ways on."""
    now = context.now(job.service)
    if job.state is JobState.FAILED:
        st.error(words.plain(job.error) or "This did not work.", icon=":material/error:")
        if not job.error_tells_cost:
            st.caption(words.plain(money_of(job)))
        _recovery_options(context, job, voice)
    elif job.state is JobState.UNKNOWN:
        doubt = "" if job.is_used else "Nobody knows whether this was done. "
        st.warning(
            f"{doubt}{words.plain(job.error)} {_afterwards(job, voice)}", icon=":material/help:"
        )
        st.caption(words.plain(balances_of(job)))
        _recovery_options(context, job, voice)
    elif words.needs_a_word(job, now):
        st.warning(
            "This order was not sent in time, and nothing was spent. "
            f"{words.plain(job.last_answer)}",
            icon=":material/pause_circle:",
        )
        _recovery_options(context, job, voice)


def money_of(job: Job) -> str:
    """What an order that is over has cost, in a sentence."""
    if job.is_whole:
        return "Each of its parts is an order of its own, and says what it cost."
    if job.error_kind == ErrorKind.UNKNOWN_OUTCOME and job.cost.micros:
        return f"It counts as {job.cost} in your books, as it may have been charged."
    if job.error_kind == ErrorKind.UNKNOWN_OUTCOME:
        return "The balance did not change, so it counts as free."
    if job.refunded is not None:
        return f"Charged {job.charged or job.estimate}, refunded {job.refunded}."
    if job.charged is not None and job.charged.micros:
        return f"Charged {job.charged}. Services give failed runs back by themselves, later."
    return "Nothing was spent."


def balances_of(job: Job) -> str:
    """What the balances before and after tell of an order whose outcome nobody knows."""
    before, after = job.balance_before, job.balance_after
    if before is None:
        return ""
    told = f"The balance before was {before.exact}, the price is {job.estimate.exact}."
    if after is None:
        return told
    if after == before:
        return f"{told} Afterwards the balance was the same."
    return f"{told} Afterwards: {after.exact}."


def _recovery_options(context: Context, job: Job, voice: Voice | None) -> None:
    with st.container(horizontal=True):
        for option in recovery.options_for(context, job, voice):
            if st.button(option.label, key=f"{option.name}_{job.id}", help=option.help):
                try:
                    option.run(context, job, person(context))
                except OrderRefused as refusal:
                    st.error(words.plain(str(refusal)))
                else:
                    st.rerun()


def person(context: Context) -> str:
    """Who acts, as far as the app knows: the name given in this session."""
    name = one_line(str(st.session_state.get("person_name", "")))
    unnamed = "A visitor" if context.settings.is_pure_demo else "Somebody of the team"
    return name[: cloning.MAX_NAME] or unnamed
