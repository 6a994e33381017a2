"""Keeping voices: makes the keeper's orders and does the steps that are due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from lib.event_kinds import EventKind
from lib.models import Dossier, Job, JobKind, Money, Voice, new_id
from lib.pricing import keeping_price, speech_price
from lib.registry import UNLIMITED
from lib.retention import (
    Step,
    StepKind,
    Terms,
    counted_attempts,
    doubt_of,
    number_of,
    proof_of,
    purpose_of_use,
    steps,
    unheard_use,
)
from lib.roles import KEEPER, Permission, Person
from lib.services import ACTIVATION_TEXTS, SpeechModel
from lib.studio.core import accounts, catalogue, money, record
from lib.studio.core.context import Context
from lib.studio.core.standpoint import standpoint_of
from lib.studio.orders.confirming import OrderRefused, commit, confirmed
from lib.studio.orders.wording import Deed, Reason, deed, sentence
from lib.studio.storage import files
from lib.vault.base import sha256_hex


def activation_model(context: Context, voice: Voice) -> SpeechModel:
    """The model a voice is used with to be kept. Raises `OrderRefused`."""
    model = catalogue.activation_model(context, voice.service, voice.kind)
    if model is None:
        raise OrderRefused(sentence(Reason.NO_MODEL))
    return model


def order_activation(context: Context, dossier: Dossier, *, person: Person) -> Job:
    """Order one use of the voice, so that it is kept. The open one, if there is one.

    Raises `NotPermitted` and `OrderRefused`. No budget and no ceiling stops what a voice may depend
    on. A refresh by the keeper is ordered in any case, and held up for as long as it does not fit.
    """
    person.require(Permission.KEEP)
    voice = dossier.voice
    now = context.now(voice.service)
    standpoint = standpoint_of(context)
    terms = standpoint.terms(voice)
    again = proof_of(dossier, terms) is not None
    if again and not _wanted_again(dossier, terms, now):
        raise OrderRefused(sentence(Reason.KEPT))
    if unheard_use(dossier, terms, now):
        raise OrderRefused(sentence(Reason.UNHEARD))
    if fault := accounts.why_not_keep(standpoint, dossier, now):
        raise OrderRefused(fault)
    model = activation_model(context, voice)
    tried = number_of(counted_attempts(dossier))
    text = ACTIVATION_TEXTS[tried % len(ACTIVATION_TEXTS)]
    key = sha256_hex(f"keep {voice.id} {number_of(dossier.activations)}".encode())
    asked = {
        "model": model.id,
        "text": text,
        "voice_id": voice.provider_voice_id,
        "again": again,
        "purpose": purpose_of_use(dossier, terms, now),
    }
    price = speech_price(model, text)
    job = confirmed(context, standpoint, JobKind.ACTIVATION, voice, person, key, asked, price)
    job = replace(job, send_before=None)  # keeping is wanted until it is done
    budget = UNLIMITED if person is KEEPER else money.budget_for(context, job.purpose)
    return commit(context, job, budget=budget, if_over=Reason.NOT_ORDERED)


def _wanted_again(dossier: Dossier, terms: Terms, now: datetime) -> bool:
    """Whether a voice that was kept is to be used once more: it was agreed to, or it is doubted."""
    step = steps(dossier, terms, now)[0]
    due = step.kind is StepKind.REFRESH and step.at is not None and step.at <= now
    return due or doubt_of(dossier, terms) is not None


def price_of_keeping(context: Context, voice: Voice) -> Money:
    """What one use of this voice costs. Raises `OrderRefused`."""
    return keeping_price(activation_model(context, voice))


def do_step(context: Context, dossier: Dossier, step: Step) -> str:
    """Do one due step of a voice; returns what was done ("" for nothing)."""
    if step.kind in (StepKind.ACTIVATE, StepKind.REFRESH):
        order_activation(context, dossier, person=KEEPER)
        return "ordered"
    if step.kind in (StepKind.MIRROR, StepKind.MOVE):
        return "mirrored" if _alone(context, dossier, files.bring) else ""
    if step.kind is StepKind.VERIFY:
        return "verified" if _alone(context, dossier, files.read_again) else ""
    return ""


def ask_for_files(context: Context, voice_id: str, person: Person) -> None:
    """A person wants a voice's files brought or read again now; the keeper does it.

    Raises `NotPermitted`.
    """
    person.require(Permission.KEEP)
    voice = context.registry.voices.get(voice_id)
    if voice:
        context.registry.voices.files_later(
            voice.id, tries=voice.copy_tries, next_at=context.now(voice.service)
        )
        record.note(context, person, EventKind.CHECKED, deed(Deed.BACKUP_ASKED), voice)
        context.wake()


def _alone(context: Context, dossier: Dossier, work: Callable[[Context, Dossier], bool]) -> bool:
    """One worker at a time handles a voice's files, and looks again after it got the lease."""
    voice_id = dossier.voice.id
    name = f"files:{voice_id}"
    with context.registry.leases.hold(name, new_id(), files.FILE_LEASE) as mine:
        fresh = context.registry.voices.dossier(voice_id) if mine else None
        if fresh is None or fresh.voice.copy_next_at != dossier.voice.copy_next_at:
            return False
        return work(context, fresh)
