"""The voices that a service lists for its key: which were made by the account and are not here yet.

The keeper reads the list when a person requests it. That a voice is not listed proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from lib.event_kinds import EventKind
from lib.json_reading import list_of, object_of, text_of
from lib.providers.base import ListedVoice, Lister, ProviderError
from lib.registry import Note
from lib.roles import Permission, Person
from lib.services import SERVICES
from lib.studio.adoption.lists import format_list
from lib.studio.adoption.wording import had_list_read, listed
from lib.studio.core import record
from lib.studio.core.context import Context

PREFIX = "listed:"
MAX_NOTED = 500
"""How many voices of one list are noted at most."""


@dataclass(frozen=True)
class ServiceListStatus:
    """What is known of one service's list, compared with the library."""

    service: str
    last_read: Note
    missing_here: tuple[ListedVoice, ...] = ()


def services(context: Context) -> list[str]:
    """The services in use whose client can list voices."""
    providers = context.providers
    return [name for name in context.settings.services if isinstance(providers.get(name), Lister)]


def request(context: Context, service: str, person: Person) -> None:
    """Request that the keeper reads this service's list. Raises `NotPermitted`."""
    person.require(Permission.ADOPT)
    if service in services(context):
        context.registry.notes.ask(PREFIX + service, context.clock.now())
        what = had_list_read(SERVICES[service].title)
        record.note(context, person, EventKind.CHECKED, what)
        context.wake()


def status(context: Context) -> list[ServiceListStatus]:
    """What the keeper last read of each list, compared with the voices here."""
    found = services(context)
    if not found:
        return []
    notes = context.registry.notes.all()
    dossiers = context.registry.library.of(context.settings.visible)
    here = {(item.voice.service, item.voice.provider_voice_id) for item in dossiers}
    found_status = []
    for service in found:
        last_read = notes.get(PREFIX + service, Note(service))
        rows = map(object_of, list_of(last_read.body.get("ours")))
        ours = (ListedVoice(text_of(row["id"]), text_of(row["name"])) for row in rows)
        missing = tuple(voice for voice in ours if (service, voice.id) not in here)
        found_status.append(ServiceListStatus(service, last_read, missing))
    return found_status


def as_list(status: ServiceListStatus) -> str:
    """The missing voices as a list that `lists.read` accepts."""
    return format_list((voice.id, voice.name, status.service) for voice in status.missing_here)


def process_requests(context: Context) -> int:
    """Read each list that was requested; returns how many."""
    notes = context.registry.notes.all()
    due = [name for name in services(context) if notes.get(PREFIX + name, Note(name)).asked_at]
    for service in due:
        context.registry.notes.write(PREFIX + service, _read(context, service), context.clock.now())
    return len(due)


def _read(context: Context, service: str) -> dict[str, object]:
    provider = context.provider(service)
    assert isinstance(provider, Lister)  # noqa: S101 - looked at before
    try:
        found = {voice.id: voice for voice in provider.voices()}
    except ProviderError as problem:
        return {"ok": False, "sentence": problem.sentence}
    ours = [voice for voice in found.values() if _is_ours(service, voice.id)]
    rows = [{"id": voice.id, "name": voice.name} for voice in ours[:MAX_NOTED]]
    sentence = listed(SERVICES[service].title, len(found), len(ours))
    return {"ok": True, "sentence": sentence, "ours": rows}


def _is_ours(service: str, voice_id: str) -> bool:
    """Whether an account made this voice: public voices have IDs of another form."""
    rules = (offer.id_rule for offer in SERVICES[service].adopts if offer.prefix)
    return any(rule and rule.fullmatch(voice_id) for rule in rules)
