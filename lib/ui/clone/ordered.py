"""Voices that were ordered a moment ago: how far they are, and then their first sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

import streamlit as st

from lib.models import JobState
from lib.roles import Permission
from lib.services import DEMO
from lib.studio.core import catalogue
from lib.studio.core.context import Context
from lib.studio.jobs import overview
from lib.studio.jobs.overview import Followed
from lib.studio.orders import speaking
from lib.studio.orders.speaking import SpeechRequest
from lib.ui import words
from lib.ui.access.front import may, person
from lib.ui.shared import confirming, voices
from lib.ui.shared.live import draw_progress, is_in_progress, watch
from lib.ui.shared.made import JUST_ORDERED

LONGEST = 160
"""Characters of a first sentence: of a transcript that never ends one, its beginning."""
GREETING = "Hello, this is my voice. I am glad to meet you."
"""What a voice says first whose recording nobody has written down."""
_END = re.compile(r"(?<=[.!?…])\s|(?<=[。！？])|\n")


def draw(context: Context, job_ids: Sequence[str], *, is_alone: bool = False) -> None:
    """How far these orders of voices are, with one timer for all of them; see `watch`.

    `is_alone`: the page is about the one that there is, and has said which.
    """
    watch(
        lambda: _load(context, job_ids),
        lambda found: _draw_all(context, found, is_alone=is_alone),
        is_in_progress=lambda found: any(
            is_in_progress(context, one) for pair in found for one in pair
        ),
        key="progress_of_all",
    )


Pair = tuple[Followed | None, Followed | None]
"""The order of a voice, and that of its first sentence."""


def _load(context: Context, job_ids: Sequence[str]) -> list[Pair]:
    spoken = st.session_state.get(JUST_ORDERED, {})
    pairs: list[Pair] = []
    for one in overview.find_all(context, job_ids):
        speech = spoken.get(one.voice.id) if one and one.voice else None
        pairs.append((one, overview.find(context, speech) if speech else None))
    return pairs


def _draw_all(context: Context, found: Sequence[Pair], *, is_alone: bool) -> None:
    if is_alone:
        _draw(context, *found[0], primary=True)
        return
    for one, speech in found:
        with st.container(border=True):
            if one and one.voice:
                voices.name_link(one.voice)
            _draw(context, one, speech, primary=False)


def _draw(
    context: Context, one: Followed | None, speech: Followed | None, *, primary: bool
) -> None:
    say = partial(_first_sentence, context, one, speech, primary=primary)
    draw_progress(context, one, if_silent=say)


def _first_sentence(
    context: Context, one: Followed | None, speech: Followed | None, *, primary: bool
) -> None:
    """Of a voice without a sound of its own: how far it is, or the button that pays for it."""
    if speech:
        draw_progress(context, speech)
    is_over = speech is None or (speech.job and speech.job.state is JobState.FAILED)
    dossier = one.dossier if one else None
    if dossier is None or not is_over or not may(context, Permission.SPEAK):
        return
    voice = dossier.voice
    models = catalogue.speech_models(context, voice.service, voice.kind)
    if not models:
        return
    text = first_sentence(voice.transcript)
    price = speaking.plan(models[0], text).price
    st.markdown(f"“{words.plain(text)}”")
    if confirming.paid_button(
        f"Hear it say {'its first' if primary else 'this'} sentence "
        f"({words.price(price, demo=voice.service == DEMO)})",
        key=f"first_sentence_{voice.id}",
        price=price,
        icon=":material/graphic_eq:",
        primary=primary,
    ):
        with confirming.show_refusals():
            request = SpeechRequest(voice.id, text, models[0].id, person(context))
            order = speaking.order(context, request)
            ordered = st.session_state.get(JUST_ORDERED, {})
            st.session_state[JUST_ORDERED] = ordered | {voice.id: order.id}
            st.rerun()


def first_sentence(transcript: str) -> str:
    """What a new voice says first: how its recording begins, so that the two can be compared."""
    sentence = _END.split(transcript.strip(), maxsplit=1)[0].strip()
    if len(sentence) <= LONGEST:
        return sentence or GREETING
    return sentence[:LONGEST].rpartition(" ")[0] or sentence[:LONGEST]
