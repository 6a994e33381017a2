"""Builds what a client is asked to send for a job: the recording or its address, text and
options."""

from __future__ import annotations

from lib.json_reading import number_of
from lib.models import Dossier, ErrorKind, Job, JobKind, Role
from lib.providers.base import (
    CloneOrder,
    Designer,
    DesignOrder,
    Provider,
    SpeechOrder,
    Transcriber,
    TranscriptOrder,
)
from lib.services import SERVICES
from lib.studio.core.context import Context
from lib.studio.jobs.wording import Reason, sentence

PRESIGNED_CLONE = 6 * 3600
"""Seconds a service may take to fetch a recording (a queue at the service may be long)."""
PRESIGNED_SPEECH = 3600

Order = CloneOrder | DesignOrder | SpeechOrder | TranscriptOrder


class Refused(Exception):
    """An order cannot be sent, for a reason that does not pass by itself. Nothing was sent.

    `str()` is a sentence that says why. With `tells_cost` it says as well that nothing was spent.
    """

    def __init__(self, sentence: str, kind: ErrorKind, *, tells_cost: bool = True) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.tells_cost = tells_cost


class InvalidOrder(Refused):
    """An order lacks something that its request needs."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, ErrorKind.INPUT, tells_cost=False)


class NotReady(Exception):
    """An order could not be prepared, for a reason that may pass. Nothing was sent.

    `str()` is a sentence. `retry_after` is in seconds, if the service asked for a pause.
    """

    def __init__(self, sentence: str, kind: ErrorKind, retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.retry_after = retry_after


def build_order(context: Context, provider: Provider, job: Job, dossier: Dossier | None) -> Order:
    """The order for the client of its service, made from the job's request, its voice and the
    vault; that for a transcript, which has no voice, from the recording on this disk.

    Raises `Refused` if it can never be built, `NotReady` where another process has the recording,
    and `VaultError` while the vault cannot be read.
    """
    if job.kind is JobKind.TRANSCRIPT:
        return _transcript_order(context, provider, job)
    if dossier is None:
        raise InvalidOrder(sentence(Reason.ORDERED_VOICE_GONE))
    if job.kind is JobKind.CLONE:
        return _clone_order(context, dossier, job)
    if job.kind is JobKind.DESIGN:
        if not isinstance(provider, Designer):
            raise InvalidOrder(sentence(Reason.NO_DESIGN))
        return _design_order(dossier, job)
    return _speech_order(context, dossier, job)


def _clone_order(context: Context, dossier: Dossier, job: Job) -> CloneOrder:
    voice, asked = dossier.voice, job.request
    offer = SERVICES[voice.service].clone_offer(voice.kind)
    vault = context.vault(voice.service)
    copy = dossier.copy(Role.REFERENCE, vault.name)
    if copy is None or offer is None:
        raise InvalidOrder(sentence(Reason.NO_REFERENCE))
    audio: bytes | None = None
    url = ""
    if copy.size > offer.direct_bytes:
        url = vault.presign(copy.key, seconds=PRESIGNED_CLONE) or ""
        if not url:
            raise InvalidOrder(sentence(Reason.NEEDS_BUCKET))
    else:
        audio = vault.get(copy.key, max_bytes=offer.max_bytes)
    return CloneOrder(
        kind=voice.kind,
        name=voice.name,
        audio=audio,
        audio_url=url,
        file_name="recording." + copy.key.rsplit(".", 1)[-1],
        media_type=str(asked.get("media_type", "application/octet-stream")),
        voice_id=voice.provider_voice_id,
        model=str(asked.get("model", "")),
        noise_reduction=asked.get("noise_reduction") is True,
        volume_normalization=asked.get("volume_normalization") is True,
        accuracy=number_of(asked.get("accuracy"), 0.7),
        preview_text=str(asked.get("preview_text", "")),
        transcript=voice.transcript,
    )


def _design_order(dossier: Dossier, job: Job) -> DesignOrder:
    voice, asked = dossier.voice, job.request
    return DesignOrder(
        kind=voice.kind,
        description=str(asked.get("description", "")),
        model=str(asked.get("model", "")),
        name=voice.name,
        gender=str(asked.get("gender", "")),
        age_group=str(asked.get("age_group", "")),
        preview_text=str(asked.get("preview_text", "")),
    )


def _speech_order(context: Context, dossier: Dossier, job: Job) -> SpeechOrder:
    voice, asked = dossier.voice, job.request
    if not (asked.get("model") and asked.get("text")):
        raise InvalidOrder(sentence(Reason.INCOMPLETE))
    return SpeechOrder(
        kind=voice.kind,
        model=str(asked["model"]),
        text=str(asked["text"]),
        voice_id=voice.provider_voice_id,
        embedding_url=_embedding_address(context, dossier),
        transcript=voice.transcript,
        language=str(asked.get("language", "")),
        speed=number_of(asked.get("speed"), 1.0),
    )


def _transcript_order(context: Context, provider: Provider, job: Job) -> TranscriptOrder:
    asked = job.request
    if not isinstance(provider, Transcriber):
        raise InvalidOrder(sentence(Reason.NO_TRANSCRIPTS))
    recording = context.spool.recording(job.id)
    if recording is None:
        raise NotReady(sentence(Reason.RECORDING_ELSEWHERE), ErrorKind.OTHER_DISK)
    return TranscriptOrder(
        audio=recording,
        model=str(asked.get("model", "")),
        file_name=f"recording.{asked.get('extension', 'bin')}",
        media_type=str(asked.get("media_type", "application/octet-stream")),
        language=str(asked.get("language") or "auto"),
    )


def _embedding_address(context: Context, dossier: Dossier) -> str:
    """Where a service can fetch a voice's embedding: our own copy, else the hosted file."""
    voice = dossier.voice
    vault = context.vault(voice.service)
    copy = dossier.copy(Role.EMBEDDING, vault.name)
    own = vault.presign(copy.key, seconds=PRESIGNED_SPEECH) if copy else None
    return own or voice.embedding_url
