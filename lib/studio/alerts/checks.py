"""Health checks of services, database, vault and channels. The keeper makes them, Settings shows
them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta

from lib import notify
from lib.event_kinds import EventKind
from lib.models import ErrorKind, JobKind, JobState
from lib.providers.base import ProviderError
from lib.registry import DatabaseUnavailable, Note
from lib.roles import Permission, Person
from lib.services import DEMO, SERVICES
from lib.studio.alerts import channels, wording
from lib.studio.alerts.wording import Done, Reason, done, sentence
from lib.studio.core import catalogue, record
from lib.studio.core.context import Context
from lib.studio.core.standpoint import Standpoint, standpoint_of
from lib.vault.base import VaultError

CHECK_EVERY = timedelta(hours=6)
COUNT_EVERY = timedelta(minutes=5)
"""The database's check counts the voices, which changes faster than whether a service works."""
PREFIX = "check:"
VAULT = "vault"
DATABASE = "database"
SPEECH = "speech"
WARNINGS = "notify"
_REQUESTED = {
    DATABASE: Done.CHECKED_DATABASE,
    VAULT: Done.CHECKED_STORAGE,
    WARNINGS: Done.TESTED_WARNINGS,
}


@dataclass(frozen=True)
class Check:
    """One result; `kind` is that of a refusal."""

    ok: bool
    sentence: str
    kind: str = ""


def _names(context: Context) -> list[str]:
    """The names of all checks: the services in use, the stores, and the channels if there
    are any.
    """
    warned = [WARNINGS] if channels.addresses(context) else []
    return [*context.settings.services, DATABASE, VAULT, *warned]


def request(context: Context, name: str, person: Person) -> None:
    """Request that the keeper makes this check now; other names are ignored.

    Raises `NotPermitted`.
    """
    person.require(Permission.SETTINGS)
    if name in _names(context):
        context.registry.notes.ask(PREFIX + name, context.clock.now())
        kind = EventKind.TESTED if name == WARNINGS else EventKind.CHECKED
        if name in SERVICES:
            what = wording.checked_service(SERVICES[name].title)
        else:
            what = done(_REQUESTED[name])
        record.note(context, person, kind, what)
        context.wake()


def look_now(context: Context, person: Person) -> None:
    """A person wants the keeper to look after everything now. Raises `NotPermitted`."""
    person.require(Permission.SETTINGS)
    record.note(context, person, EventKind.CHECKED, done(Done.RAN_KEEPER))
    context.wake()


def process_requests(context: Context) -> int:
    """Make the checks that were requested, never made, or made long ago; returns how many."""
    notes, standpoint = context.registry.notes.all(), standpoint_of(context)
    accounts = {name: _account(standpoint, name) for name in _names(context)}
    due = [n for n in accounts if _is_due(context, n, notes.get(PREFIX + n), accounts[n])]
    for name in due:
        if notes.get(PREFIX + name, Note(name)).asked_at:
            _prepare_requested(context, name)
        result = _run_check(context, name)
        body = asdict(result) | {"account": accounts[name]}
        context.registry.notes.write(PREFIX + name, body, context.clock.now())
    return len(due)


def results(context: Context) -> dict[str, Note]:
    """The note of the last result of each check, by its name. Sends nothing.

    Its `body` has `ok`, `sentence` and `kind`. It is empty if the check was not made with this key.
    """
    notes, standpoint = context.registry.notes.all(), standpoint_of(context)
    seen = {name: notes.get(PREFIX + name, Note(name)) for name in _names(context)}
    for name, note in seen.items():
        if not _is_mine(note, _account(standpoint, name)):
            seen[name] = Note(name)
    return seen | {SPEECH: _speech(context)}


def refused_keys(context: Context) -> list[str]:
    """The services that did not accept the key in use when last asked: one query, two where there
    is such a refusal.
    """
    notes = context.registry.notes.all()
    seen = {name: notes.get(PREFIX + name, Note(name)) for name in context.settings.live_services}
    refused = [name for name, note in seen.items() if note.body.get("kind") == ErrorKind.KEY]
    if not refused:
        return []
    standpoint = standpoint_of(context)
    return [name for name in refused if _is_mine(seen[name], standpoint.account(name))]


def _is_due(context: Context, name: str, note: Note | None, account: str) -> bool:
    if note is None or note.at is None or note.asked_at is not None:
        return True
    every = COUNT_EVERY if name == DATABASE else CHECK_EVERY
    # A new key makes every answer to the old one worthless, however fresh.
    return context.clock.now() - note.at > every or not _is_mine(note, account)


def _is_mine(note: Note, account: str) -> bool:
    """Whether it was made with the key in use: what another key was answered says nothing."""
    return str(note.body.get("account", "")) == account


def _account(standpoint: Standpoint, name: str) -> str:
    return standpoint.account(name) if name in SERVICES else ""


def _prepare_requested(context: Context, name: str) -> None:
    """What only a requested check does: send a test message, or read a service's model
    list anew.
    """
    if name == WARNINGS:
        channels.test(context)
    elif name in SERVICES:
        catalogue.ask(context, name)


def _run_check(context: Context, name: str) -> Check:
    look = {DATABASE: _database, VAULT: _vault, WARNINGS: _warnings}.get(name)
    try:
        return look(context) if look else _service(context, name)
    except ProviderError as problem:
        return Check(False, str(problem), problem.kind)
    except (VaultError, DatabaseUnavailable) as problem:
        return Check(False, str(problem))


def _service(context: Context, service: str) -> Check:
    balance = context.provider(service).balance()
    if balance is None:
        return Check(True, sentence(Reason.NO_BALANCE))
    standpoint = standpoint_of(context)
    context.registry.accounts.note_balance(
        standpoint.account(service), balance, context.clock.now()
    )
    if service == DEMO:
        return Check(True, wording.play_money(balance))
    places = catalogue.at_once(context, standpoint, service)
    limit = [wording.works_at(places)] if places else []
    return Check(True, " ".join([wording.key_works(balance), *limit]))


def _database(context: Context) -> Check:
    return Check(True, wording.holds_voices(len(context.registry.voices.revisions())))


def _vault(context: Context) -> Check:
    context.live_vault.check()
    if context.settings.live_services and not context.vault_counts(""):
        return Check(False, sentence(Reason.DISK_MAY_VANISH))
    return Check(True, sentence(Reason.FILES_KEPT))


def _warnings(context: Context) -> Check:
    """Whether the addresses can be used; only a requested check sends a message."""
    if found := channels.faults(context):
        return Check(False, " ".join(found))
    return Check(True, wording.warnings_go_to(notify.channels(channels.addresses(context))))


def _speech(context: Context) -> Note:
    """Speech costs money, so this shows how the latest one went instead of making one."""
    spoken = (JobKind.SPEECH, JobKind.ACTIVATION)
    ended = (JobState.DONE, JobState.FAILED, JobState.UNKNOWN)
    latest = context.registry.jobs.latest(services=context.settings.visible)
    last = next((job for job in latest if job.kind in spoken and job.state in ended), None)
    if last is None:
        return Note(SPEECH, body={"ok": None, "sentence": sentence(Reason.NOTHING_SPOKEN)})
    ok, service = last.state is JobState.DONE, SERVICES[last.service].title
    how = wording.speech_went_well(service) if ok else wording.speech_failed(service, last.error)
    return Note(SPEECH, at=last.finished_at, body={"ok": ok, "sentence": how})
