"""Speech-to-text as NanoGPT documents it: the words are in the answer. The demo hears none."""

from __future__ import annotations

import re

from lib.demo.desk import PAYMENT_SOURCE, Desk
from lib.demo.recording import kind_of, seconds_of
from lib.demo.state import MICROS
from lib.demo.wire import Answer, Refusal, Request, Upload
from lib.services import DEMO, SERVICES, TranscriptOffer

TRANSCRIPT = "transcript"
WORDS = "This is a demo transcript. It does not say what your recording says."
MAX_LINKED = 20_000_000
"""Bytes behind a link; the real service takes 500 MB."""
_LANGUAGE = re.compile(r"auto|[a-z]{2,3}(-[A-Za-z]{2,4})?")


def transcribe(desk: Desk, request: Request) -> Answer:
    """`/api/transcribe`: 200 with the words and what they cost."""
    offer = _offer(request)
    language = request.text("language") or "auto"
    if not _LANGUAGE.fullmatch(language):
        raise Refusal(400, "language must be auto or a code such as en", "invalid_parameter")
    upload = _recording(desk, request, offer)
    length = seconds_of(upload.data)
    if length is None:
        raise Refusal(400, "The audio could not be read", "invalid_audio")
    price = offer.per_minute * round(length * 1000) / 60_000
    run = desk.accept(TRANSCRIPT, offer.model, price, "", waits=False)
    return Answer.of_json(
        {
            "transcription": WORDS,
            "metadata": {
                "fileName": upload.name,
                "fileSize": len(upload.data),
                "chargedDuration": round(length / 60, 5),
                "actualDuration": round(length / 60, 5),
                "language": "en" if language == "auto" else language,
                "cost": run.cost / MICROS,
                "currency": PAYMENT_SOURCE,
                "model": offer.model,
            },
        }
    )


def _offer(request: Request) -> TranscriptOffer:
    offer, name = SERVICES[DEMO].transcript, request.text("model")
    if offer is None or name != offer.model:
        raise Refusal(400, f"Unknown model: {name[:80] or 'none given'}", "invalid_model")
    return offer


def _recording(desk: Desk, request: Request, offer: TranscriptOffer) -> Upload:
    upload, link = request.uploads.get("audio"), request.text("audioUrl")
    if upload and len(upload.data) > offer.direct_bytes:
        raise Refusal(413, "File too large for direct upload", "payload_too_large")
    if upload is None:
        if not link:
            raise Refusal(400, "audio or audioUrl is required", "missing_parameter")
        upload = Upload("audio_file", desk.linked_file(link, MAX_LINKED, "The audioUrl"))
    if kind_of(upload.data) not in offer.formats:
        formats = ", ".join(item.upper() for item in offer.formats)
        raise Refusal(400, f"Unsupported audio format. Use one of {formats}", "unsupported_format")
    return upload
