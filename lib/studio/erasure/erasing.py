"""Erasing a voice, as due work: each step may be done twice, and the process may end after any.

The note that keeps the voice out is written first. The records go last: as long as something may
be left, they tell where.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from lib import manifest
from lib.event_kinds import EventKind
from lib.models import JobKind, JobState, new_id
from lib.registry.erasures import Erasure
from lib.roles import KEEPER
from lib.services import DEMO
from lib.studio.core.context import Context
from lib.studio.core.people import recorded_as
from lib.studio.erasure import asking
from lib.studio.erasure.wording import Deed, Reason, deed, not_erased_yet, sentence
from lib.studio.library import sharing, takes
from lib.studio.orders import confirming
from lib.studio.orders.confirming import OrderRefused
from lib.studio.storage import manifests, migration, tombstones
from lib.studio.transfer import delivery
from lib.vault.base import Vault, VaultError

log = logging.getLogger("voicekeep.erasing")

LEASE = timedelta(minutes=30)
NOT_YET = (JobState.CONFIRMED, JobState.UNKNOWN)


class _Waits(Exception):
    """It cannot be finished now; `str()` says why."""


def erase_due(context: Context) -> list[str]:
    """Erase what is due, and what came back; returns a sentence for each that is not finished."""
    erasures = context.registry.erasures
    erasures.resume()
    told = []
    for erasure in erasures.open(context.settings.visible):
        if not erasure.is_due(context.now(erasure.service)):
            continue
        with context.registry.leases.hold(f"erase {erasure.voice_id}", new_id(), LEASE) as mine:
            if mine and (why := _erase(context, erasure)):
                told.append(not_erased_yet(why))
    return told


def _erase(context: Context, erasure: Erasure) -> str:
    """One voice, as far as that goes now; why it is not finished, or ""."""
    voice_id, erasures = erasure.voice_id, context.registry.erasures
    now = context.now(erasure.service)
    if erasure.can_be_cancelled:
        dossier = context.registry.voices.dossier(voice_id)
        receipt = asking.plan(context, dossier).receipt() if dossier else {}
        if not erasures.begin(voice_id, now, receipt):
            return ""  # somebody cancelled it meanwhile, or another keeper has begun
        erasure = replace(erasure, started_at=now, receipt=receipt)
    vault = context.vault(erasure.service)
    try:
        tombstones.write(vault, erasure)
        _end_orders(context, voice_id)
        _delete_takes(context, voice_id)
        _delete_files(context, vault, voice_id)
        for script_id in context.registry.scripts.take_voice_away(voice_id, now):
            manifests.save_now(context, "scripts", script_id)
        if erasure.service != DEMO:
            delivery.drop_all(context)
        if not erasures.remove(voice_id):
            raise _Waits(sentence(Reason.UNDER_WAY))
        context.registry.unreadable.drop([manifest.story_key("voices", voice_id)])
        tombstones.write(vault, replace(erasure, finished_at=now))
    except (_Waits, OrderRefused, VaultError) as problem:
        log.warning("The voice %s is not erased yet: %s", voice_id, problem)
        erasures.note(voice_id, str(problem))
        return str(problem)
    erasures.finish(voice_id, now)
    what = deed(Deed.ERASED)
    context.registry.events.add(recorded_as(KEEPER), what, voice_id, now, kind=EventKind.ERASED)
    return ""


def _end_orders(context: Context, voice_id: str) -> None:
    """What was not sent is not sent any more, keeps included. Raises `_Waits`."""
    for kind in JobKind:
        for job in context.registry.jobs.of_voice(voice_id, kind):
            if job.state in NOT_YET and not job.long_text_id:
                with suppress(OrderRefused):  # it moved on: it is under way now
                    confirming.withdraw(context, job, KEEPER)
            context.spool.drop_recording(job.id)
    voice = context.registry.voices.dossier(voice_id)
    if voice and any(job.is_open for job in voice.jobs):
        raise _Waits(sentence(Reason.UNDER_WAY))


def _delete_takes(context: Context, voice_id: str) -> None:
    """All that was spoken with it: sounds and texts. What it cost stays on record.

    Raises `OrderRefused` while something is being spoken, and `VaultError`.
    """
    registry = context.registry
    ids = registry.takes.orders_of(voice_id)
    for take_id in ids:
        takes.delete(context, take_id, KEEPER)
    registry.takes.strip(voice_id)
    for take_id in registry.takes.forgotten_of(voice_id):
        story = registry.takes.story(take_id)
        if story and story.order.revision > story.order.saved_revision:
            manifests.save(context, story)
        context.spool.drop(take_id)
        context.spool.drop_answer(take_id)


def _delete_files(context: Context, vault: Vault, voice_id: str) -> None:
    """Every file of the voice in every storage that this library knows, shared copies of its takes
    as well, and then a look whether it is gone. Raises `VaultError`.
    """
    forgotten = context.registry.takes.forgotten_of(voice_id)
    for each in _vaults(context, vault):
        own = {tombstones.key_of(voice_id)} if each.name == vault.name else set()
        prefixes = [f"voices/{voice_id}/"]
        for take_id in forgotten:
            prefixes.append(f"takes/{take_id}/")
            if each.name == vault.name:
                own.add(manifest.story_key("takes", take_id))
        for prefix in prefixes:
            for key in [key for key in each.keys(prefix) if key not in own]:
                each.delete(key)
            if any(key not in own for key in each.keys(prefix)):
                raise _Waits(sentence(Reason.STILL_THERE))
        for key in sharing.copies(each, forgotten):
            each.delete(key)
        if sharing.copies(each, forgotten):
            raise _Waits(sentence(Reason.STILL_THERE))


def _vaults(context: Context, vault: Vault) -> Iterator[Vault]:
    """The storage in use, and those of before that can be opened with the settings of now."""
    yield vault
    if vault.name != context.live_vault.name:
        return  # the demo has always had one
    for name in sorted(migration.names(context) - {vault.name}):
        if before := migration.known_vault(context, name):
            yield before
