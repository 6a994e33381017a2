"""Transcript of the recording: typed, or written down by a service for its price.

The text belongs to the part of the recording that it was typed or written down for. Where another
part is used since, it is out of date, and says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st

from lib.models import Job, JobState
from lib.pricing import transcription_price
from lib.services import DEMO, CloneOffer, TranscriptOffer
from lib.studio.core.context import Context
from lib.studio.jobs.overview import Followed
from lib.studio.orders import transcribing
from lib.studio.orders.transcribing import TranscriptRequest
from lib.ui import words
from lib.ui.access.front import person
from lib.ui.shared import budget, confirming, fields
from lib.ui.shared.live import is_in_progress, show_waiting, trouble, watch

TEXT = "clone_transcript"
_OF = "clone_transcript_of"
"""The part that the text in the box belongs to."""
_RUN = "clone_transcript_run"
"""The order that is under way or stands still, and for which part."""
_SILENT = "clone_transcript_silent"
"""The part in which no words were heard."""
TYPED = (TEXT, _OF, _RUN, _SILENT)
"""All that belongs to one order, and not to the next."""
HELP = "Optional. A word-for-word transcript makes the voice closer to the original."


@dataclass(frozen=True)
class Part:
    """The part of a recording that is used.

    `identity` tells it from every other part of every recording; `seconds` is its length. `data`
    makes its bytes, as a service takes them: called when they are ordered, and not before.
    """

    identity: str
    seconds: float
    data: Callable[[], bytes] = field(repr=False)


@dataclass(frozen=True)
class _Run:
    job_id: str
    part: str


def draw(context: Context, offer: CloneOffer, part: Part | None) -> str:
    """The text box, whether its text is out of date, and the button that has it written down.

    `part`: None while there is no recording that could be. Returns the text.
    """
    job = _take_over(context)
    text = fields.lines(
        "Transcript of the recording",
        key=TEXT,
        help=HELP,
        on_change=_typed,
        args=(part.identity if part else "",),
    )
    is_stale = part is not None and _is_stale(text, part)
    if is_stale:
        st.warning("Out of date: the part you use has changed.", icon=":material/update:")
    if part and st.session_state.get(_SILENT) == part.identity:
        st.info("No words were heard in this recording.", icon=":material/hearing:")
    if job and job.is_in_progress(context.now(job.service)):
        _follow(context, job)
        return text
    if job:
        trouble(context, job, None)
    service = transcribing.offer_of(context, offer.service)
    if service and part and (job is None or job.state is JobState.FAILED):
        _button(context, service, part, has_text=bool(text), is_stale=is_stale)
    return text


def _take_over(context: Context) -> Job | None:
    """Put the words that have come into the box, before it is drawn. Returns the order while it is
    under way or stands still.
    """
    run = st.session_state.get(_RUN)
    if run is None:
        return None
    job = transcribing.find(context, run.job_id)
    if job is None or job.state is JobState.DONE:
        del st.session_state[_RUN]
        if job and job.transcript:
            st.session_state[TEXT], st.session_state[_OF] = job.transcript, run.part
        elif job:
            st.session_state[_SILENT] = run.part
        return None
    return job


def _typed(part: str) -> None:
    """Whoever changes the text has the part in mind that is used now."""
    st.session_state[_OF] = part
    st.session_state.pop(_SILENT, None)


def _is_stale(text: str, part: Part) -> bool:
    """Whether the text is that of another part. A text that was there first is of what is brought
    first.
    """
    if not text:
        return False
    if not st.session_state.get(_OF):
        st.session_state[_OF] = part.identity
    return bool(st.session_state[_OF] != part.identity)


def _follow(context: Context, job: Job) -> None:
    """How far the order is, renewed by itself until it has ended."""

    def draw_waiting(found: Followed) -> None:
        now = context.now(job.service)
        if found.job and found.job.is_in_progress(now):
            show_waiting(found.job, now)
        else:
            st.rerun()  # its words are to stand in the box above

    watch(
        lambda: Followed(transcribing.find(context, job.id) or job),
        draw_waiting,
        is_in_progress=lambda found: is_in_progress(context, found),
        key=f"transcript_{job.id}",
    )


def _button(
    context: Context, service: TranscriptOffer, part: Part, *, has_text: bool, is_stale: bool
) -> None:
    demo = service.service == DEMO
    price = transcription_price(service, part.seconds)
    what = "this part" if is_stale else "the recording"
    pressed = confirming.paid_button(
        f"Transcribe {what} ({words.price(price, demo=demo)})",
        key="clone_transcribe",
        price=price,
        icon=":material/notes:",
        what=part.identity,
        primary=False,
    )
    facts = [f"By {service.title}, ${service.per_minute} a minute"]
    facts += budget.facts(context, service.service)
    sentences = [" · ".join(facts) + "."]
    if has_text:
        sentences.append("It replaces the text above.")
    if demo:
        sentences.append("The demo does not listen: its transcript is made up.")
    st.caption(words.plain(" ".join(sentences)))
    if pressed:
        _order(context, service, part)


def _order(context: Context, service: TranscriptOffer, part: Part) -> None:
    with confirming.show_refusals(), st.spinner("Preparing the recording…"):
        request = TranscriptRequest(service.service, part.data(), part.seconds, person(context))
        job = transcribing.transcribe(context, request)
        st.session_state[_RUN] = _Run(job.id, part.identity)
        st.session_state.pop(_SILENT, None)
        st.rerun()
