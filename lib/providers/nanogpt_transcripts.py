"""What goes to NanoGPT for the words of a recording, and what comes back: bodies only.

Facts are those of docs.nano-gpt.com (Speech-to-Text, Speech-to-Text Transcription) as of
2026-11-29. The model that is asked answers with the words at once; a ticket, as others give, is no
answer that could be read here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lib.json_reading import object_of, text_of
from lib.providers.base import Transcript, TranscriptOrder
from lib.providers.http import Answer, Content
from lib.providers.nanogpt_bodies import cost_in
from lib.providers.wording import Reason, sentence, too_large
from lib.services import SERVICES

MAX_CHARS = 50_000
"""Of a transcript: the words of more than half an hour."""
MAX_LANGUAGE = 40


def faults(order: TranscriptOrder, service: str) -> Iterator[str]:
    """Sentences on why the service would refuse this order, or worse, take it."""
    offer = SERVICES[service].transcript
    if offer is None:
        yield sentence(Reason.NO_TRANSCRIPTS)
        return
    if not order.audio:
        yield sentence(Reason.EMPTY_RECORDING)
    if len(order.audio) > offer.direct_bytes:
        yield too_large(offer.direct_bytes)
    if not order.model:
        yield sentence(Reason.NO_TRANSCRIPT_MODEL)


def content(order: TranscriptOrder) -> Content:
    """An order as httpx arguments: a form with the recording."""
    return {
        "data": {"model": order.model, "language": order.language},
        "files": {"audio": (order.file_name, order.audio, order.media_type)},
    }


def transcript_in(answer: Answer, body: Mapping[str, object]) -> Transcript | None:
    """The words in an answer; None where it has none: no words are a text, an empty one."""
    text = body.get("transcription")
    if not isinstance(text, str):
        return None
    about = object_of(body.get("metadata"))
    return Transcript(
        text=text[:MAX_CHARS],
        language=text_of(about.get("language"))[:MAX_LANGUAGE],
        cost=cost_in(about),
        request_id=answer.request_id,
        answered_at=answer.answered_at,
    )
