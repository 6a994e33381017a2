"""Keeping voices: makes the keeper's orders, fetches and checks files, judges what was seen."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from lib.models import (
    Dossier,
    ErrorKind,
    Evidence,
    EvidenceKind,
    Job,
    JobKind,
    JobState,
    Money,
    Role,
    Voice,
    new_id,
)
from lib.pricing import keeping_price, speech_price
from lib.providers.base import ProviderError
from lib.recordings.embedding import BadEmbedding, inspect_embedding
from lib.recordings.inspect import UnreadableRecording, inspect
from lib.registry import AlreadyOrdered
from lib.retention import (
    LOST_APART,
    StepKind,
    copy_pause,
    counted_attempts,
    deadline_of,
    next_step,
)
from lib.services import ACTIVATION_TEXTS, SERVICES, SpeechModel, speech_model
from lib.studio.vaulting import copy_evidence
from lib.studio.workshop import NotConnected, Workshop
from lib.vault.base import VaultError, VaultTrouble, content_key, sha256_hex

log = logging.getLogger("voicekeep.keep")

FILE_LEASE = timedelta(minutes=5)
MAX_EMBEDDING_BYTES = 5_000_000
MAX_PREVIEW_BYTES = 20_000_000
PREVIEW_TRIES = 3


class CannotKeep(Exception):
    """A voice cannot be kept as asked; `str()` is a sentence that says why."""


def activation_model(voice: Voice) -> SpeechModel:
    """The model a voice is used with to be kept. Raises `CannotKeep`."""
    service = SERVICES.get(voice.service)
    offer = service.clone_offer(voice.kind) if service else None
    model = speech_model(voice.service, offer.activation_model) if offer else None
    if model is None:
        raise CannotKeep("No model is known that this voice could speak with.")
    return model


def order_activation(workshop: Workshop, dossier: Dossier, *, person: str) -> Job:
    """Order one use of the voice, so that it is kept. The open one, if there is one.

    Raises `CannotKeep`. The order is made whatever the budget says: keeping has its reserve.
    """
    voice = dossier.voice
    if dossier.standing_evidence(EvidenceKind.ACTIVATION):
        raise CannotKeep("This voice was used already, and is kept.")
    model = activation_model(voice)
    tried = len(counted_attempts(dossier))
    text = ACTIVATION_TEXTS[tried % len(ACTIVATION_TEXTS)]
    try:
        account = workshop.account(voice.service)
    except NotConnected as problem:
        raise CannotKeep(str(problem)) from None
    now = workshop.now(voice.service)
    job = Job(
        id=new_id(),
        voice_id=voice.id,
        kind=JobKind.ACTIVATION,
        state=JobState.CONFIRMED,
        order_key=sha256_hex(f"keep {voice.id} {len(dossier.activations)}".encode()),
        service=voice.service,
        account=account,
        created_at=now,
        person=person,
        request={"model": model.id, "text": text, "voice_id": voice.provider_voice_id},
        estimate=speech_price(model, text),
    )
    try:
        workshop.registry.jobs.order(job)
    except AlreadyOrdered as already:
        return already.job
    workshop.wake()
    return job


def price_of_keeping(voice: Voice) -> Money:
    """What one use of this voice costs. Raises `CannotKeep`."""
    return keeping_price(activation_model(voice))


def do_next(workshop: Workshop, dossier: Dossier) -> str:
    """Do what is due for a voice; returns what was done ("" for nothing)."""
    voice = dossier.voice
    now = workshop.now(voice.service)
    step = next_step(dossier, workshop.terms(voice), now)
    if step.at and step.at <= now:
        if step.kind is StepKind.ACTIVATE:
            order_activation(workshop, dossier, person="Voicekeep")
            return "ordered"
        if step.kind is StepKind.MIRROR:
            return "mirrored" if _alone(workshop, dossier, mirror) else ""
        if step.kind is StepKind.VERIFY:
            return "verified" if _alone(workshop, dossier, verify) else ""
    if preview_due(workshop, dossier):
        _alone(workshop, dossier, store_preview)
    return ""


def ask_for_files(workshop: Workshop, voice_id: str) -> None:
    """A person wants a voice's copy made or read again now; the keeper does it."""
    voice = workshop.registry.voices.get(voice_id)
    if voice:
        workshop.registry.voices.files_later(
            voice.id, tries=voice.copy_tries, next_at=workshop.now(voice.service), error=""
        )
        workshop.wake()


def _alone(workshop: Workshop, dossier: Dossier, work: Callable[[Workshop, Dossier], bool]) -> bool:
    """One worker at a time handles a voice's files, and looks again after it got the lease."""
    voice_id = dossier.voice.id
    name = f"files:{voice_id}"
    with workshop.registry.leases.hold(name, new_id(), FILE_LEASE) as mine:
        fresh = workshop.registry.voices.dossier(voice_id) if mine else None
        if fresh is None or fresh.voice.copy_next_at != dossier.voice.copy_next_at:
            return False
        return work(workshop, fresh)


def mirror(workshop: Workshop, dossier: Dossier) -> bool:
    """Fetch a voice's embedding, check it, and keep a copy that was read back."""
    voice = dossier.voice
    vault = workshop.vault(voice.service)
    if dossier.copy(Role.EMBEDDING, vault.name):
        return False
    try:
        data = _own_embedding(workshop, dossier) or workshop.provider(voice.service).fetch(
            voice.embedding_url, max_bytes=MAX_EMBEDDING_BYTES
        )
        facts = inspect_embedding(data)
        key = content_key(f"voices/{voice.id}/embedding", data, "safetensors")
        stored = vault.put_verified(key, data, "application/octet-stream")
    except ProviderError as problem:
        if problem.kind is ErrorKind.NOT_FOUND:
            _note_gone(workshop, dossier)
        _files_later(workshop, dossier, problem.sentence)
        return False
    except (BadEmbedding, VaultError, NotConnected) as problem:
        _files_later(workshop, dossier, str(problem))
        return False
    item = copy_evidence(
        voice.id, Role.EMBEDDING, stored, facts.summary, workshop.now(voice.service)
    )
    workshop.registry.voices.add_evidence(item)
    _files_done(workshop, dossier)
    return True


def _own_embedding(workshop: Workshop, dossier: Dossier) -> bytes | None:
    """The copy in this server's own folder, from the days before a vault was connected."""
    folder = workshop.demo_vault
    copy = dossier.copy(Role.EMBEDDING, folder.name)
    if copy is None:
        return None
    try:
        data = folder.get(copy.key, max_bytes=MAX_EMBEDDING_BYTES)
    except VaultError:
        return None
    return data if sha256_hex(data) == copy.sha256 else None


def verify(workshop: Workshop, dossier: Dossier) -> bool:
    """Read the copy of a voice's embedding again; a bad copy is no evidence any more."""
    voice = dossier.voice
    vault = workshop.vault(voice.service)
    copy = dossier.copy(Role.EMBEDDING, vault.name)
    if copy is None:
        return False
    now = workshop.now(voice.service)
    try:
        data = vault.get(copy.key, max_bytes=MAX_EMBEDDING_BYTES)
    except VaultError as problem:
        if problem.trouble not in (VaultTrouble.MISSING, VaultTrouble.TOO_LARGE):
            _files_later(workshop, dossier, str(problem))
            return False
        data = b""
    if sha256_hex(data) == copy.sha256:
        workshop.registry.voices.change_evidence(copy, read_back_at=now)
        _files_done(workshop, dossier)
        return True
    workshop.registry.voices.change_evidence(
        copy, withdrawn_at=now, withdrawn_why="The copy was missing or changed when read again."
    )
    _files_done(workshop, dossier)
    workshop.wake()
    return True


def preview_due(workshop: Workshop, dossier: Dossier) -> bool:
    """Whether the first sound that came with a clone is still to be fetched."""
    making, voice = dossier.making, dossier.voice
    if making is None or making.state is not JobState.DONE:
        return False
    now = workshop.now(voice.service)
    return (
        bool(making.result.get("preview_url"))
        and not dossier.copy(Role.PREVIEW, workshop.vault(voice.service).name)
        and voice.copy_tries < PREVIEW_TRIES
        and (voice.copy_next_at is None or voice.copy_next_at <= now)
    )


def store_preview(workshop: Workshop, dossier: Dossier) -> bool:
    """Fetch and keep the preview of a fresh clone."""
    voice, making = dossier.voice, dossier.making
    vault = workshop.vault(voice.service)
    if making is None or dossier.copy(Role.PREVIEW, vault.name):
        return False
    try:
        url = str(making.result["preview_url"])
        data = workshop.provider(voice.service).fetch(url, max_bytes=MAX_PREVIEW_BYTES)
        facts = inspect(data)
        key = content_key(f"voices/{voice.id}/preview", data, facts.extension)
        stored = vault.put_verified(key, data, facts.media_type)
    except (ProviderError, UnreadableRecording, VaultError, NotConnected) as problem:
        _files_later(workshop, dossier, str(problem))
        return False
    item = copy_evidence(
        voice.id, Role.PREVIEW, stored, facts.media_type, workshop.now(voice.service)
    )
    workshop.registry.voices.add_evidence(item)
    _files_done(workshop, dossier)
    return True


def _note_gone(workshop: Workshop, dossier: Dossier) -> None:
    """The host says that the embedding is gone: evidence against it, twice, an hour apart."""
    voice = dossier.voice
    seen = dossier.standing_evidence(EvidenceKind.NOT_FOUND)
    now = workshop.now(voice.service)
    if not seen or (len(seen) == 1 and now - seen[0].at >= LOST_APART):
        item = Evidence(new_id(), voice.id, EvidenceKind.NOT_FOUND, now, role=Role.EMBEDDING)
        workshop.registry.voices.add_evidence(item)


def _files_later(workshop: Workshop, dossier: Dossier, why: str) -> None:
    voice = dossier.voice
    now = workshop.now(voice.service)
    tries = voice.copy_tries + 1
    pause = copy_pause(tries, now, deadline_of(dossier, workshop.terms(voice).rule))
    workshop.registry.voices.files_later(voice.id, tries=tries, next_at=now + pause, error=why)


def _files_done(workshop: Workshop, dossier: Dossier) -> None:
    workshop.registry.voices.files_later(dossier.voice.id, tries=0, next_at=None, error="")
