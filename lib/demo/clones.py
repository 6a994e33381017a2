"""The two ways to clone: a recording in, later a MiniMax voice ID or a Qwen voice file out."""

from __future__ import annotations

import secrets

from lib.demo.desk import CLONE, Desk
from lib.demo.embedding import embedding, speaker
from lib.demo.recording import kind_of, wav_seconds
from lib.demo.speech import speak
from lib.demo.state import Run, StoredFile
from lib.demo.wire import Answer, Refusal, Request, Upload
from lib.services import DEMO, MINIMAX, QWEN, SERVICES, CloneOffer

MODEL_NAMES = {MINIMAX: "MiniMax-Voice-Clone", QWEN: "qwen-voice-clone"}
DEFAULT_PREVIEW = "Hello, this is how your new voice sounds."
GRACE_HOURS = 24
"""How long a voice file stays after the promised time: it may go at any moment then."""
_OFFERS = {offer.kind: offer for offer in SERVICES[DEMO].clones}


def hosted_until(created_at: float) -> float:
    """When a voice file made then is gone."""
    return created_at + (float(_OFFERS[QWEN].retention.hours or 0) + GRACE_HOURS) * 3600


def unused_window() -> float:
    """How many seconds a MiniMax voice lives that nobody uses."""
    return float(_OFFERS[MINIMAX].retention.hours or 0) * 3600


def clone_minimax(desk: Desk, request: Request) -> Answer:
    """202 with a ticket. The voice is made under the ID that the customer chose."""
    offer = _OFFERS[MINIMAX]
    voice_id = _voice_id(request, offer)
    preview_text = request.text("text", "previewText") or DEFAULT_PREVIEW
    if len(preview_text) > offer.preview_text_max:
        raise Refusal(400, f"text can have at most {offer.preview_text_max} characters")
    request.number("accuracy", 0.7, 0, 1)
    for name in ("needNoiseReduction", "needVolumeNormalization"):
        request.check_flag(name)
    data = _recording(desk, request, offer)
    who = speaker(embedding(data))
    preview = StoredFile(
        f"preview-{secrets.token_hex(12)}.wav", "audio/wav", speak(preview_text, who)
    )
    return _accepted(desk, request, offer, data, voice_id, preview, new_speaker=who)


def clone_qwen(desk: Desk, request: Request) -> Answer:
    """202 with a ticket. The voice will be a file that the service hosts for a while."""
    offer = _OFFERS[QWEN]
    request.text("referenceText", "reference_text")
    data = _recording(desk, request, offer)
    name = f"{secrets.token_hex(12)}.safetensors"
    voice_file = StoredFile(
        name, "application/octet-stream", embedding(data), hosted_until(desk.now())
    )
    return _accepted(desk, request, offer, data, name, voice_file)


def minimax_status(desk: Desk, request: Request) -> Answer:
    """200: pending, completed with the preview, or failed. The voice ID is not given back."""
    run = desk.asked(f"{CLONE}:{MINIMAX}", request.fields)
    result: dict[str, object] = {
        "audioUrls": [desk.file_url(run.file)],
        "metadata": {"model": run.model},
    }
    return _status(desk, run, result)


def qwen_status(desk: Desk, request: Request) -> Answer:
    """200: pending, completed with the voice file's address, or failed."""
    run = desk.asked(f"{CLONE}:{QWEN}", request.fields)
    result: dict[str, object] = {
        "speakerEmbeddingUrl": desk.file_url(run.file),
        "metadata": {"model": run.model},
    }
    return _status(desk, run, result)


def _status(desk: Desk, run: Run, result: dict[str, object]) -> Answer:
    if not desk.is_ready(run):
        return desk.pending(run)
    if run.error:
        return Answer.of_json({"status": "failed", "runId": run.id, "error": run.error})
    return Answer.of_json({"status": "completed", "runId": run.id} | result)


def _voice_id(request: Request, offer: CloneOffer) -> str:
    voice_id = request.text("customVoiceId", "custom_voice_id")
    if not voice_id:
        raise Refusal(400, "customVoiceId is required", "missing_parameter")
    if offer.id_rule is None or not offer.id_rule.fullmatch(voice_id):
        raise Refusal(400, f"customVoiceId is not valid. {offer.id_rule_words}", "invalid_voice_id")
    return voice_id


def _accepted(
    desk: Desk,
    request: Request,
    offer: CloneOffer,
    data: bytes,
    voice_id: str,
    file: StoredFile,
    new_speaker: bytes | None = None,
) -> Answer:
    run = desk.accept(
        f"{CLONE}:{offer.kind}",
        MODEL_NAMES[offer.kind],
        offer.price,
        voice_id,
        file=file,
        error=_fault(data, offer),
        new_speaker=new_speaker,
    )
    # The service tells neither name nor size of what came by a link.
    upload = request.uploads.get("audio", Upload("audio_file", b""))
    return desk.ticket(run, fileName=upload.name, fileSize=len(upload.data))


def _recording(desk: Desk, request: Request, offer: CloneOffer) -> bytes:
    upload = request.uploads.get("audio")
    link = request.text("audioUrl", "audio_url")
    if upload is None and not link:
        raise Refusal(400, "audio or audioUrl is required", "missing_parameter")
    data = upload.data if upload else desk.linked_file(link, offer.max_bytes, "The audioUrl")
    if len(data) > offer.max_bytes:
        raise Refusal(413, "File too large for direct upload", "payload_too_large")
    if kind_of(data) not in offer.formats:
        formats = ", ".join(item.upper() for item in offer.formats)
        raise Refusal(400, f"Unsupported audio format. Use one of {formats}", "unsupported_format")
    return data


def _fault(data: bytes, offer: CloneOffer) -> str:
    """Why the run will fail, as it would be found while it runs; only a WAV's length is looked at.

    The service behind NanoGPT finds a wrong length after the order was taken.
    """
    length = wav_seconds(data)
    if length is None or offer.min_seconds <= length <= offer.max_seconds:
        return ""
    return (
        f"The recording lasts {length:.1f} seconds, but must last from {offer.min_seconds:g} to "
        f"{offer.max_seconds:g} seconds"
    )
