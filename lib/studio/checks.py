"""What Settings shows: whether each part works, looked at by the keeper, never by a page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from lib.models import JobKind, JobState
from lib.providers.base import ProviderError
from lib.registry import DatabaseUnavailable, Note
from lib.services import DEMO, SERVICES
from lib.studio import catalogue, channels
from lib.studio.workshop import Workshop
from lib.vault.base import VaultError

LOOK_EVERY = timedelta(hours=6)
COUNT_EVERY = timedelta(minutes=5)
"""How many voices there are changes faster than whether a service works."""
PREFIX = "check:"
VAULT = "vault"
DATABASE = "database"
SPEECH = "speech"
WARNINGS = "notify"


@dataclass(frozen=True)
class Check:
    """One result: `ok` is None where there is nothing to judge yet; `kind` of a refusal."""

    ok: bool | None
    sentence: str
    kind: str = ""


def _looked_at(workshop: Workshop) -> list[str]:
    """What the keeper looks at: the services in use, the stores, then the channels if any."""
    warned = [WARNINGS] if channels.addresses(workshop) else []
    return [*workshop.settings.services, DATABASE, VAULT, *warned]


def ask(workshop: Workshop, name: str) -> None:
    """A person wants this looked at now; the keeper does it and the page shows it."""
    if name in _looked_at(workshop):
        workshop.registry.notes.ask(PREFIX + name, workshop.clock.now())
        workshop.wake()


def answer_asked(workshop: Workshop) -> int:
    """Look at all that was asked for, never looked at, or looked at long ago."""
    notes = workshop.registry.notes.all()
    due = [n for n in _looked_at(workshop) if _is_due(workshop, n, notes.get(PREFIX + n))]
    for name in due:
        if notes.get(PREFIX + name, Note(name)).asked_at:
            _asked(workshop, name)
        result = _look(workshop, name)
        body = {"ok": result.ok, "sentence": result.sentence, "kind": result.kind}
        body |= {"account": _account(workshop, name)}
        workshop.registry.notes.write(PREFIX + name, body, workshop.clock.now())
    return len(due)


def results(workshop: Workshop) -> dict[str, Note]:
    """What was last seen of each part, by its name."""
    notes = workshop.registry.notes.all()
    seen = {name: notes.get(PREFIX + name, Note(name)) for name in _looked_at(workshop)}
    mine = {
        name: note if _is_mine(workshop, name, note) else Note(name) for name, note in seen.items()
    }
    return mine | {SPEECH: _speech(workshop)}


def _is_due(workshop: Workshop, name: str, note: Note | None) -> bool:
    if note is None or note.at is None or note.asked_at is not None:
        return True
    every = COUNT_EVERY if name == DATABASE else LOOK_EVERY
    return workshop.clock.now() - note.at > every or not _is_mine(workshop, name, note)


def _is_mine(workshop: Workshop, name: str, note: Note) -> bool:
    """Whether it tells of the key in use: what another one got vouches for nothing."""
    return str(note.body.get("account", "")) == _account(workshop, name)


def _account(workshop: Workshop, name: str) -> str:
    return workshop.account(name) if name in SERVICES else ""


def _asked(workshop: Workshop, name: str) -> None:
    """What a person's wish does besides a look: a message is sent, a service tells all anew."""
    if name == WARNINGS:
        channels.test(workshop)
    elif name in SERVICES:
        catalogue.ask(workshop, name)


def _look(workshop: Workshop, name: str) -> Check:
    looks: dict[str, Callable[[Workshop], Check]] = {
        DATABASE: _database,
        VAULT: _vault,
        WARNINGS: _warnings,
    }
    look = looks.get(name)
    try:
        return look(workshop) if look else _service(workshop, name)
    except ProviderError as problem:
        return Check(False, str(problem), problem.kind)
    except (VaultError, DatabaseUnavailable) as problem:
        return Check(False, str(problem))


def _service(workshop: Workshop, service: str) -> Check:
    balance = workshop.provider(service).balance()
    if balance is None:
        return Check(True, "It answers, and tells no balance that could be read.")
    account = workshop.account(service)
    workshop.registry.accounts.note_balance(account, balance, workshop.clock.now())
    if service == DEMO:
        return Check(True, f"It answers. Its play money: {balance}.")
    places = catalogue.at_once(workshop, service)
    orders = "one order" if places == 1 else f"{places} orders"
    limit = f" It works at {orders} at a time." if places else ""
    return Check(True, f"The key works. Balance: {balance}.{limit}")


def _database(workshop: Workshop) -> Check:
    count = len(workshop.registry.voices.revisions())
    return Check(True, f"It answers and holds {count:,} voice{'' if count == 1 else 's'}.")


def _vault(workshop: Workshop) -> Check:
    workshop.live_vault.check()
    if workshop.settings.live_services and not workshop.vault_counts(""):
        return Check(False, "Files are written, but this disk may vanish. Connect a bucket.")
    return Check(True, "A test file was written, read back, compared and removed.")


def _warnings(workshop: Workshop) -> Check:
    """Whether the addresses can be used; only a person's wish sends a message."""
    if found := channels.faults(workshop):
        return Check(False, " ".join(found))
    return Check(True, f"Warnings go to {channels.kinds(workshop)}.")


def _speech(workshop: Workshop) -> Note:
    """Speech costs money, so this tells how the latest one went instead of making one."""
    spoken = (JobKind.SPEECH, JobKind.ACTIVATION)
    ended = (JobState.DONE, JobState.FAILED, JobState.UNKNOWN)
    jobs = [
        job
        for job in workshop.registry.jobs.latest(services=workshop.settings.visible)
        if job.kind in spoken and job.state in ended
    ]
    if not jobs:
        sentence = "Nothing was spoken yet. Try a voice in the Playground."
        return Note(SPEECH, body={"ok": None, "sentence": sentence})
    title = SERVICES[jobs[0].service].title
    ok = jobs[0].state is JobState.DONE
    sentence = f"The last speech, by {title}, went well."
    if not ok:
        sentence = f"The last speech, by {title}, did not work: {jobs[0].error}"
    return Note(SPEECH, at=jobs[0].finished_at, body={"ok": ok, "sentence": sentence})
