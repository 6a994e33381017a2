"""Parts of a page that renew themselves while something is under way; they read, nothing more."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lib.models import Job, JobKind, JobState, Role, Voice
from lib.studio import orders, ways_on
from lib.studio.orders import OrderRefused
from lib.studio.workshop import Workshop
from lib.ui import words
from lib.ui.player import play_copy, play_take

REFRESH_SECONDS = 2
STEPS = {
    JobState.CONFIRMED: 0.1,
    JobState.SUBMITTING: 0.25,
    JobState.WAITING: 0.55,
    JobState.DONE: 1.0,
}


def live(draw: Callable[[], bool], *, moving: bool, key: str) -> None:
    """Draw a part that renews itself while `moving`; `draw` returns whether it still moves."""

    def part() -> None:
        if draw() != moving:
            st.rerun()

    st.fragment(run_every=REFRESH_SECONDS if moving else None, key=key)(part)()


def reading_the_vault(workshop: Workshop) -> bool:
    """True, with a progress bar, while the first reading of the vault goes on."""
    reading = workshop.reading
    if reading.finished:
        return False

    def draw() -> bool:
        state = workshop.reading
        if state.trouble:
            st.error(
                f"Your vault cannot be read: {words.plain(state.trouble)} "
                "It is tried again by itself."
            )
        else:
            share = state.done / state.total if state.total else 0.0
            if state.total:
                st.progress(share, f"Reading your vault: {state.done:,} of {state.total:,}")
            elif workshop.settings.is_pure_demo:
                st.progress(share, "Preparing the demo's voices…")
            else:
                st.progress(share, "Reading your vault…")
        return not state.finished

    live(draw, moving=True, key="reading")
    return True


def job_progress(workshop: Workshop, job_id: str) -> None:
    """One job from its order to its sound, without a click."""
    job = workshop.registry.jobs.get(job_id)
    if job is None:
        st.info("This order is not here any more.")
        return
    live(
        lambda: _draw_progress(workshop, job_id),
        moving=_moving(workshop, job),
        key=f"progress_{job_id}",
    )


def _moving(workshop: Workshop, job: Job) -> bool:
    if words.needs_a_word(job, workshop.now(job.service)):
        return False
    return job.is_open or (job.kind is JobKind.CLONE and _preview_is_coming(workshop, job))


def _preview_is_coming(workshop: Workshop, job: Job) -> bool:
    if job.state is not JobState.DONE or not job.result.get("preview_url"):
        return False
    dossier = workshop.registry.voices.dossier(job.voice_id)
    return (
        dossier is not None
        and dossier.copy(Role.PREVIEW, workshop.vault(job.service).name) is None
        and dossier.voice.copy_tries == 0
    )


def _draw_progress(workshop: Workshop, job_id: str) -> bool:
    job = workshop.registry.jobs.get(job_id)
    if job is None:
        return False
    now = workshop.now(job.service)
    if job.is_open and not words.needs_a_word(job, now):
        asked = job.submitted_at or job.created_at
        told = job.last_answer or "Waiting for its turn."
        st.progress(STEPS[job.state], f"{words.STATE[job.state].word} · {words.span(now - asked)}")
        st.caption(words.plain(told))
    elif job.state is JobState.DONE:
        _draw_done(workshop, job)
    else:
        trouble(workshop, job, workshop.registry.voices.get(job.voice_id))
    return _moving(workshop, job)


def _draw_done(workshop: Workshop, job: Job) -> None:
    if job.kind is JobKind.SPEECH:
        take = workshop.registry.takes.get(job.id)
        if take:
            play_take(workshop, take, job.service, autoplay=True)
        return
    dossier = workshop.registry.voices.dossier(job.voice_id)
    preview = dossier.copy(Role.PREVIEW, workshop.vault(job.service).name) if dossier else None
    st.success("The voice is there.", icon=":material/check_circle:")
    if preview:
        st.write("Its first sound:")
        play_copy(workshop, job.service, preview, alt="The first sound of the new voice")
    elif _moving(workshop, job):
        st.caption("Fetching its first sound…")


def trouble(workshop: Workshop, job: Job, voice: Voice | None) -> None:
    """What happened to an order that stands still, what it cost, and the ways on."""
    now = workshop.now(job.service)
    if job.state is JobState.FAILED:
        st.error(words.plain(job.error) or "This did not work.", icon=":material/error:")
        st.caption(words.plain(_money_of(job)))
    elif job.state is JobState.UNKNOWN:
        st.warning(
            f"Nobody knows whether this was done. {words.plain(job.error)} "
            "It is not sent again by itself.",
            icon=":material/help:",
        )
        st.caption(words.plain(_balances(job)))
        _ways_on(workshop, job, voice)
    elif words.needs_a_word(job, now):
        st.warning(
            "This order was not sent in time, and nothing was spent. "
            f"{words.plain(job.last_answer)}",
            icon=":material/pause_circle:",
        )
        _ways_on(workshop, job, voice)


def _money_of(job: Job) -> str:
    if job.refunded is not None:
        return f"Charged {job.charged or job.estimate}, refunded {job.refunded}."
    if job.charged is not None and job.charged.micros:
        return f"Charged {job.charged}. Services give failed runs back by themselves, later."
    return "Nothing was spent."


def _balances(job: Job) -> str:
    if job.balance_before is None:
        return ""
    after = f" Afterwards: {job.balance_after}." if job.balance_after is not None else ""
    return f"The balance before was {job.balance_before}, the price is {job.estimate}.{after}"


def _ways_on(workshop: Workshop, job: Job, voice: Voice | None) -> None:
    with st.container(horizontal=True):
        for way in ways_on.of(job, voice):
            if st.button(way.label, key=f"{way.name}_{job.id}", help=way.help):
                try:
                    way.go(workshop, job, person(workshop))
                except OrderRefused as refusal:
                    st.error(words.plain(str(refusal)))
                else:
                    st.rerun()


def person(workshop: Workshop) -> str:
    """Who acts, as far as the app knows: the name given in this session."""
    name = str(st.session_state.get("person_name", "")).strip()
    unnamed = "A visitor" if workshop.settings.is_pure_demo else "Somebody of the team"
    return name[: orders.MAX_NAME] or unnamed
