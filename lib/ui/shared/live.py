"""Parts of a page that renew themselves while something is under way; they read, nothing more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import streamlit as st

from lib.models import Dossier, ErrorKind, Job, JobKind, JobState, KeepPolicy, Purpose, Voice
from lib.studio.core.context import Context
from lib.studio.core.runtime import Reconciliation
from lib.studio.jobs import overview, recovery
from lib.studio.jobs.overview import Followed
from lib.studio.library import first_sound, listing
from lib.studio.orders.confirming import TO_ORDER
from lib.ui import words
from lib.ui.access.front import is_still_in, may, person, plain_failures, show_refused
from lib.ui.shared import made
from lib.ui.shared.confirming import show_refusals
from lib.ui.shared.player import play_copy, play_take
from lib.units import span

_T = TypeVar("_T")

REFRESH_SECONDS = 2
MAKING = (JobKind.CLONE, JobKind.DESIGN)
STEPS = {
    JobState.CONFIRMED: 0.1,
    JobState.SUBMITTING: 0.25,
    JobState.WAITING: 0.55,
    JobState.DONE: 1.0,
}
USED = {
    Purpose.ORDER: "Done.",
    Purpose.KEEPING: "Kept by speaking one sentence.",
    Purpose.REFRESH: "Used again. It still works.",
    Purpose.TEST_CALL: "It spoke. Listen on its page and say if it's the right voice.",
}
"""What came of one real use of a voice, by what it was for."""


def watch(
    load: Callable[[], _T],
    draw: Callable[[_T], None],
    *,
    is_in_progress: Callable[[_T], bool],
    key: str,
) -> _T:
    """Draw what is loaded, and load and draw it anew by itself while something in it moves.

    Returns what was loaded first, for the parts of the page that follow.

    `load` reads and changes nothing; `is_in_progress` tells whether what it read will read
    otherwise in a moment: while it does, this part of the page runs again every `REFRESH_SECONDS`.
    `key` is that of the part. A run of the page loads once: what tells whether there is a timer is
    drawn as well.

    Things that move together are one part, however many: each has a timer of its own, and each that
    comes to rest draws the whole page anew.
    """
    first = load()
    in_progress = is_in_progress(first)
    loaded = [first]

    def part() -> None:
        # The timer runs this part alone, without the door that stands at the beginning of the page.
        if not is_still_in():
            st.rerun()
        with plain_failures():
            show_refused()
            found = loaded.pop() if loaded else load()
            draw(found)
            # Whether there is a timer was settled below: only a run of the whole page changes that.
            if is_in_progress(found) != in_progress:
                st.rerun()

    st.fragment(run_every=REFRESH_SECONDS if in_progress else None, key=key)(part)()
    return first


def reading_the_vault(context: Context) -> bool:
    """True, with a progress bar that renews itself, while the first reading of the vault goes on.

    A page then stops: what it would show is not all there yet.
    """
    if context.runtime.reconciliation.finished:
        return False
    watch(
        lambda: context.runtime.reconciliation,
        lambda reading: _draw_reading(context, reading),
        is_in_progress=lambda reading: not reading.finished,
        key="reading",
    )
    return not context.runtime.reconciliation.finished


def _draw_reading(context: Context, reading: Reconciliation) -> None:
    if reading.trouble:
        wording = words.plain(reading.trouble)
        st.error(f"Your storage cannot be read: {wording} Voicekeep will try again.")
    elif reading.total:
        wording = f"Reading your storage: {reading.done:,} of {reading.total:,}"
        st.progress(reading.done / reading.total, wording)
    else:
        demo = context.settings.has_only_demo
        st.progress(0.0, "Preparing the demo's voices…" if demo else "Reading your storage…")


def job_progress(context: Context, job_id: str) -> None:
    """Draw the making of a voice from its order to its first sound, renewed by itself.

    Where it stands still there are the ways on; see `trouble`.
    """
    watch(
        lambda: overview.find(context, job_id),
        lambda found: draw_progress(context, found),
        is_in_progress=lambda found: is_in_progress(context, found),
        key=f"progress_{job_id}",
    )


def is_in_progress(context: Context, found: Followed | None) -> bool:
    """Whether what is drawn of this order will read otherwise in a moment."""
    if found and found.text:
        return found.text.is_in_progress
    if found is None or found.job is None:
        return False
    now = context.now(found.job.service)
    return found.job.is_in_progress(now) or _is_being_kept(context, found.job, found.dossier)


def _is_being_kept(context: Context, job: Job, dossier: Dossier | None) -> bool:
    """Whether the voice that this order made is kept or heard in a moment."""
    if dossier is None or job.state is not JobState.DONE or job.kind not in MAKING:
        return False
    if first_sound.is_coming(context, job, dossier):
        return True
    return listing.entry(context, dossier).is_in_progress


def draw_progress(
    context: Context, found: Followed | None, *, if_silent: Callable[[], None] | None = None
) -> None:
    """Draw how far an order is, or what became of it; by itself it does not renew.

    `if_silent` draws the way to a first sound of a voice that has none by itself.
    """
    job = found.job if found else None
    if found is None or job is None:
        st.info("This order no longer exists.")
        return
    now = context.now(job.service)
    if job.is_in_progress(now):
        show_waiting(job, now)
    elif job.state is JobState.DONE:
        _draw_done(context, job, found, if_silent)
    else:
        trouble(context, job, found.voice)


def show_waiting(job: Job, now: datetime) -> None:
    """How far an order under way is, and what it waits for: the service's words, if any."""
    ran = span(now - (job.submitted_at or job.created_at))
    st.progress(STEPS[job.state], f"{words.STATE[job.state].word} · {ran}")
    if job.state is JobState.SUBMITTING:
        st.caption("Sent. Waiting for the answer.")
    else:
        st.caption(words.plain(job.last_answer or "Waiting for its turn."))


def _draw_done(
    context: Context, job: Job, found: Followed, if_silent: Callable[[], None] | None
) -> None:
    if job.kind is JobKind.SPEECH:
        if found.take:
            play_take(context, found.take, job.service, autoplay=True)
        return
    if job.kind is JobKind.TRANSCRIPT:
        show_words(job)
        return
    if job.kind is JobKind.ACTIVATION:
        _draw_use(context, job, found.dossier)
    elif found.dossier:
        is_coming = first_sound.is_coming(context, job, found.dossier)
        made.draw(context, job, found.dossier, is_coming=is_coming, if_silent=if_silent)


def _draw_use(context: Context, job: Job, dossier: Dossier | None) -> None:
    """What one real use of a voice was for, and its sound."""
    st.success(USED[job.purpose], icon=":material/check_circle:")
    uses = dossier.evidence if dossier else ()
    sound = next((use for use in uses if use.job_id == job.id and use.key), None)
    if sound:
        play_copy(context, job.service, sound, alt="What it said")


def show_words(job: Job) -> None:
    """What a transcript brought."""
    if job.transcript:
        st.success("The transcript is ready.", icon=":material/check_circle:")
        st.text(job.transcript)
    else:
        st.info("No words were heard in this recording.", icon=":material/hearing:")


def _afterwards(job: Job, voice: Voice | None) -> str:
    """What becomes of an order whose outcome nobody knows."""
    if job.kind is JobKind.ACTIVATION:
        by_itself = voice and voice.clock_start and voice.keep_policy is not KeepPolicy.ASK
        return "Voicekeep tries again while there is time." if by_itself else ""
    asked = "Voicekeep keeps checking, at no cost. " if job.is_asked_after else ""
    return f"{asked}It won't be sent again automatically."


def trouble(context: Context, job: Job, voice: Voice | None) -> None:
    """Draw what happened to an order that stands still, what it cost, and a button for each way on.

    `voice`: the one that it is about, as far as that is here.
    """
    if job.state is JobState.FAILED:
        st.error(words.plain(job.error) or "This did not work.", icon=":material/error:")
        if not job.error_tells_cost:
            st.caption(words.plain(money_of(job)))
    elif job.state is JobState.UNKNOWN:
        doubt = "" if job.is_used else "We don't know if this went through. "
        st.warning(
            f"{doubt}{words.plain(job.error)} {_afterwards(job, voice)}", icon=":material/help:"
        )
        st.caption(words.plain(balances_of(job)))
    elif job.is_expired(context.now(job.service)):
        st.warning(
            "This order was not sent in time, and nothing was spent. "
            f"{words.plain(job.last_answer)}",
            icon=":material/pause_circle:",
        )
    _recovery_options(context, job, voice)


def money_of(job: Job) -> str:
    """What an order that is over has cost, in a sentence."""
    if job.error_kind is ErrorKind.UNKNOWN_OUTCOME and job.cost.micros:
        return f"It counts as {job.cost} in your spending, as you may have been charged."
    if job.error_kind is ErrorKind.UNKNOWN_OUTCOME:
        return "The balance did not change, so it counts as free."
    if job.refunded is not None:
        return f"Charged {job.charged or job.estimate}, refunded {job.refunded}."
    if job.charged is not None and job.charged.micros:
        return f"Charged {job.charged}. Services refund failed runs later."
    return "Nothing was spent."


def balances_of(job: Job) -> str:
    """What the balances before and after tell of an order whose outcome nobody knows."""
    before, after = job.balance_before, job.balance_after
    if before is None:
        return ""
    wording = f"The balance before was {before.exact}, the price is {job.estimate.exact}."
    if after is None:
        return wording
    if after == before:
        return f"{wording} Afterwards the balance was the same."
    return f"{wording} Afterwards: {after.exact}."


def _recovery_options(context: Context, job: Job, voice: Voice | None) -> None:
    if not may(context, TO_ORDER[job.kind]):
        return
    with st.container(horizontal=True):
        for option in recovery.options_for(context, job, voice):
            if st.button(option.label, key=f"{option.name}_{job.id}", help=option.help):
                with show_refusals():
                    option.run(context, job, person(context))
                    st.rerun()
