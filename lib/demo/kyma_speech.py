"""Kyma's speech: the sound itself, with its price in the headers.

The demo's choice, as the pages are silent: MiniMax voices come out as WAV whatever format is asked
for; what a maker does not know is trouble at the provider.
"""

from __future__ import annotations

from decimal import Decimal

from lib.demo.clones import unused_window
from lib.demo.desk import SPEECH, Desk
from lib.demo.kyma_prices import (
    ELEVENLABS,
    MAX_CHARS,
    Model,
    account_of,
    charge,
    money_headers,
    wanted_model,
)
from lib.demo.kyma_voices import LISTED
from lib.demo.speech import SpeechError, speak
from lib.demo.wire import Answer, Refusal, Request

DEFAULT_MODEL = "eleven-multilingual-v2"
FORMATS = (
    "mp3_44100_128", "mp3_44100_192", "mp3_22050_32", "pcm_16000", "pcm_22050", "pcm_24000",
    "pcm_44100", "ulaw_8000",
)  # fmt: skip


def speak_text(desk: Desk, request: Request) -> Answer:
    """`POST /v1/audio/speech`: 200 with the sound of one text."""
    model = wanted_model(request, SPEECH, DEFAULT_MODEL, "not_a_tts_model")
    text, voice = request.text("input", "text"), request.text("voice_id", "voice")
    if not voice:
        raise Refusal(400, "voice_id is required", "voice_required")
    if not text.strip():
        raise Refusal(400, "input is required")
    if len(text) > MAX_CHARS:
        raise Refusal(400, f"input can have at most {MAX_CHARS} characters", "input_too_long")
    _check_options(request)
    who = _speaker(desk, request, model, voice)
    if who is None:
        raise Refusal(502, "The provider did not answer with speech", "provider_error")
    try:
        sound = speak(text, who)
    except SpeechError:
        raise Refusal(502, "The provider did not speak", "provider_error") from None
    price = model.price * len(text) / Decimal(1000)
    run = charge(desk, model, price, voice, too_little="billing_error")
    billed = ("X-Kyma-Chars-Billed", str(len(text)))
    return Answer(200, sound, "audio/wav", (billed, *money_headers(desk, run)))


def _speaker(desk: Desk, request: Request, model: Model, voice: str) -> bytes | None:
    """Who speaks, None where the model's maker has no such voice (any more).

    A voice made through the other contract belongs to nobody: MiniMax stands behind both.
    """
    if model.maker == ELEVENLABS:
        return next((listed.speaker for listed in LISTED if listed.id == voice), None)
    if desk.state.owner(voice) not in ("", account_of(request)):
        raise Refusal(403, "This voice belongs to another account", "voice_not_owned")
    return desk.state.speaker(voice, at=desk.now(), window=unused_window())


def _check_options(request: Request) -> None:
    wanted = request.text("response_format")
    if wanted and wanted not in FORMATS:
        raise Refusal(400, f"response_format must be one of {', '.join(FORMATS)}")
    if not isinstance(request.fields.get("voice_settings") or {}, dict):
        raise Refusal(400, "voice_settings must be an object")
    request.check_flag("stream")
