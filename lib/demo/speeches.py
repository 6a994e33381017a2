"""Speech in two documented forms: JSON with a link for MiniMax voices, a ticket for Qwen."""

from __future__ import annotations

import secrets
from decimal import Decimal

from lib.demo.clones import unused_window
from lib.demo.desk import PAYMENT_SOURCE, SPEECH, Desk
from lib.demo.embedding import MAX_BYTES, is_voice_file, speaker
from lib.demo.recording import wav_seconds
from lib.demo.speech import speak
from lib.demo.state import MICROS, StoredFile
from lib.demo.wire import Answer, Refusal, Request
from lib.services import DEMO, QWEN, SpeechModel, speech_model
from lib.services.qwen import LANGUAGES

WAV = "audio/wav"


def speak_tts(desk: Desk, request: Request) -> Answer:
    """`/api/tts`: 200 with a link for MiniMax, 202 with a ticket for Qwen."""
    model = _model(request)
    if QWEN in model.kinds:
        return _speak_qwen(desk, request, model)
    return _speak_minimax(desk, request, model)


def tts_status(desk: Desk, request: Request) -> Answer:
    """`/api/tts/status`: 200 with pending, completed with a link, or error."""
    run = desk.asked(SPEECH, request.query, unknown=404)
    if request.query.get("model") != run.model:
        raise Refusal(400, "model must be that of the ticket", "bad_echo")
    if not desk.is_ready(run):
        return desk.pending(run, queuePosition=0)
    if run.error:
        return Answer.of_json({"status": "error", "runId": run.id, "error": run.error})
    return Answer.of_json(
        {
            "status": "completed",
            "runId": run.id,
            "audioUrl": desk.file_url(run.file),
            "contentType": WAV,
            "model": run.model,
        }
    )


def _speak_minimax(desk: Desk, request: Request, model: SpeechModel) -> Answer:
    text = request.text("text", "input")
    _check_text(text, model)
    speed, language = _speed(request), _language(request)
    voice = request.text("voice")
    if not voice:
        raise Refusal(400, "voice is required", "missing_parameter")
    who = desk.state.speaker(voice, at=desk.now(), window=unused_window())
    if who is None:
        raise Refusal(400, f"Voice not found: {voice[:80]}", "invalid_voice")
    sound = speak(text, who, language=language, speed=speed)
    run = desk.accept(
        SPEECH, model.id, _price(text, model), voice, file=_new_sound(sound), waits=False
    )
    return Answer.of_json(
        {
            "audioUrl": desk.file_url(run.file),
            "contentType": WAV,
            "model": model.id,
            "text": text,
            "voice": voice,
            "speed": speed,
            "duration": round(wav_seconds(sound) or 0.0, 3),
            "cost": run.cost / MICROS,
            "currency": PAYMENT_SOURCE,
        }
    )


def _speak_qwen(desk: Desk, request: Request, model: SpeechModel) -> Answer:
    text = request.text("text", "input")
    _check_text(text, model)
    speed, language = _speed(request), _language(request)
    request.text("reference_text")
    link = request.text("speaker_voice_embedding_file_url")
    if not link:
        raise Refusal(400, "speaker_voice_embedding_file_url is required", "missing_parameter")
    voice_file = desk.linked_file(link, MAX_BYTES, "The voice file")
    error = "" if is_voice_file(voice_file) else "The voice file could not be read"
    sound = b"" if error else speak(text, speaker(voice_file), language=language, speed=speed)
    run = desk.accept(
        SPEECH, model.id, _price(text, model), "", file=_new_sound(sound), error=error
    )
    return desk.ticket(run, charged=True)


def _model(request: Request) -> SpeechModel:
    name = request.text("model")
    model = speech_model(DEMO, name)
    if model is None:
        raise Refusal(400, f"Unknown model: {name[:80] or 'none given'}", "invalid_model")
    return model


def _check_text(text: str, model: SpeechModel) -> None:
    if not text.strip():
        raise Refusal(400, "text is required", "missing_parameter")
    if len(text) > model.max_chars:
        raise Refusal(413, f"Text too long: at most {model.max_chars} characters", "input_too_long")


def _speed(request: Request) -> float:
    return request.number("speed", 1.0, 0.1, 5.0)


def _language(request: Request) -> str:
    """A label such as German; ISO codes were seen to be refused."""
    label = request.text("language")
    if label and label not in LANGUAGES:
        raise Refusal(400, f"language must be one of {', '.join(LANGUAGES)}")
    return label


def _price(text: str, model: SpeechModel) -> Decimal:
    return model.per_1000_chars * len(text) / 1000


def _new_sound(sound: bytes) -> StoredFile:
    return StoredFile(f"sound-{secrets.token_hex(12)}.wav", WAV, sound)
