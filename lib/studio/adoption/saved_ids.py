"""NanoGPT's list of saved voice IDs: the keeper reads it and adds to it, when a person requests
that."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from lib.event_kinds import EventKind
from lib.json_reading import JsonObject, list_of, object_of, text_of
from lib.models import Health, Voice
from lib.providers.base import ProviderError
from lib.providers.nanogpt_saved_ids import SavedIds
from lib.registry import Note
from lib.roles import Permission, Person
from lib.services import MINIMAX, NANOGPT, SERVICES
from lib.studio.adoption.lists import format_list
from lib.studio.adoption.wording import (
    Deed,
    Reason,
    deed,
    ids_saved,
    none_saved,
    sentence,
    some_saved,
)
from lib.studio.core import record
from lib.studio.core.context import Context
from lib.studio.library import listing

COOKIE = SERVICES[NANOGPT].cookie_setting
READ = "saved-ids:list"
SAVE = "saved-ids:save"
LEASE = "saved-ids"
LEASE_FOR = timedelta(minutes=5)
MAX_SAVED = 200
"""How many IDs are added at a time; a second click adds the rest."""
GONE = frozenset({Health.LOST, Health.PROBABLY_LOST, Health.BEING_MADE})


@dataclass(frozen=True)
class SavedIdsStatus:
    """What is known of NanoGPT's list, compared with the library.

    `last_read` and `last_save` are the notes of how these went.
    """

    last_read: Note
    last_save: Note
    missing_here: tuple[str, ...] = ()
    missing_there: tuple[Voice, ...] = field(default=(), repr=False)

    @property
    def is_read(self) -> bool:
        return self.last_read.body.get("ok") is True

    @property
    def is_awaited(self) -> bool:
        return self.last_read.asked_at is not None or self.last_save.asked_at is not None


def is_connected(context: Context) -> bool:
    """Whether the session cookie is set that reading the list needs."""
    return bool(context.settings.get(COOKIE))


def request(context: Context, what: str, person: Person) -> None:
    """Request that the keeper reads the list (`READ`), or saves our IDs there (`SAVE`).

    Raises `NotPermitted`.
    """
    person.require(Permission.ADOPT)
    if is_connected(context) and what in (READ, SAVE):
        context.registry.notes.ask(what, context.clock.now())
        if what == SAVE:
            record.note(context, person, EventKind.EXPORTED, deed(Deed.IDS_SAVED))
        else:
            record.note(context, person, EventKind.CHECKED, deed(Deed.IDS_READ))
        context.wake()


def status(context: Context) -> SavedIdsStatus:
    """What the keeper last read, compared with the voices here."""
    notes = context.registry.notes.all()
    last_read, last_save = notes.get(READ, Note(READ)), notes.get(SAVE, Note(SAVE))
    if last_read.body.get("ok") is not True:
        return SavedIdsStatus(last_read, last_save)
    there = [text_of(row["id"]) for row in map(object_of, list_of(last_read.body.get("ids")))]
    here = {dossier.voice.provider_voice_id for dossier in context.registry.library.of([NANOGPT])}
    return SavedIdsStatus(
        last_read,
        last_save,
        tuple(voice_id for voice_id in there if voice_id not in here),
        tuple(voice for voice in _ours(context) if voice.provider_voice_id not in there),
    )


def as_list(missing: tuple[str, ...]) -> str:
    """These IDs as a list that `lists.read` accepts, the first 500."""
    return format_list((voice_id, "", MINIMAX) for voice_id in missing)


def process_requests(context: Context) -> int:
    """Do what was requested; returns the number of requests that were done."""
    if not is_connected(context):
        return 0
    notes = context.registry.notes.all()
    due = [name for name in (SAVE, READ) if notes.get(name, Note(name)).asked_at]
    if not due:
        return 0
    with context.registry.leases.hold(LEASE, context.owner, LEASE_FOR) as mine:
        if not mine:
            return 0
        client = SavedIds(context.settings.base_url(NANOGPT), context.settings.get(COOKIE))
        if SAVE in due:
            context.registry.notes.write(SAVE, _save(context, client), context.clock.now())
        # Also after saving: the list that is shown has to be the one that is there now.
        context.registry.notes.write(READ, _read(client), context.clock.now())
    return len(due)


def _read(client: SavedIds) -> JsonObject:
    try:
        found = client.all()
    except ProviderError as problem:
        return {"ok": False, "sentence": problem.sentence}
    rows = [{"id": voice_id} for voice_id in found]
    return {"ok": True, "sentence": ids_saved(len(rows)), "ids": rows}


def _save(context: Context, client: SavedIds) -> JsonObject:
    """Add what is missing there, then read the list again: only what it then shows counts
    as saved.
    """
    try:
        known = client.all()
        ours = [voice for voice in _ours(context) if voice.provider_voice_id not in known]
        sent, trouble = _send(client, ours[:MAX_SAVED])
        after = client.all() if sent else known
    except ProviderError as problem:
        return {"ok": False, "sentence": none_saved(problem.sentence)}
    saved = sum(voice.provider_voice_id in after for voice in sent)
    left = len(ours) - saved
    if not ours:
        return {"ok": True, "sentence": sentence(Reason.ALL_SAVED)}
    if saved < len(sent):
        trouble = trouble or sentence(Reason.NOT_LISTED)
    return {"ok": left == 0, "sentence": some_saved(saved, len(ours), trouble)}


def _send(client: SavedIds, voices: list[Voice]) -> tuple[list[Voice], str]:
    """Save one ID after the other until one is refused; returns those sent, and the refusal."""
    sent: list[Voice] = []
    for voice in voices:
        try:
            client.save(voice.provider_voice_id)
        except ProviderError as problem:
            return sent, problem.sentence
        sent.append(voice)
    return sent, ""


def _ours(context: Context) -> list[Voice]:
    """Voices with an ID at NanoGPT that are worth saving there."""
    return [
        item.voice
        for item in listing.entries(context)
        if item.voice.service == NANOGPT
        and item.voice.provider_voice_id
        and not item.is_archived
        and item.standing.health not in GONE
    ]
