"""Whose a key is: the question after a new one, and what an account may do for voices of another.

Accounts are told to the vault as well: a container with an empty disk must not ask again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from lib.event_kinds import EventKind
from lib.json_reading import JsonObject, list_of, rows, text_of
from lib.models import Account, Dossier, ErrorKind, EvidenceKind, Source, Voice
from lib.registry import Note
from lib.retention import DUE_SOON_BELOW, Reach, deadline_of, rule_of
from lib.roles import Permission, Person
from lib.services import COPY, DEMO, SERVICES
from lib.settings import fingerprint
from lib.studio.core import record, wording
from lib.studio.core.context import Context
from lib.studio.core.reasons import Reason
from lib.studio.core.standpoint import Standpoint, is_account_id, standpoint_of
from lib.studio.core.typed_text import one_line
from lib.studio.core.wording import sentence
from lib.vault.base import VaultError, sha256_hex
from lib.vault.json_files import read_json

log = logging.getLogger("voicekeep.accounts")

NOTE = "accounts"
KEY = "accounts/accounts.json"
MOST = 200
MOST_KEYS = 100
MAX_LABEL = 60
SHOWN = 4
"""Characters of a key's fingerprint that tell accounts apart for people."""


@dataclass(frozen=True)
class Known:
    """An account, how many voices of this library it made, and whether its key is in use."""

    account: Account
    voices: int
    in_use: bool


@dataclass(frozen=True)
class Question:
    """A key is new: whose is it? `others` are the accounts that made voices before."""

    current: Account
    others: tuple[Known, ...]


def all_known(context: Context) -> dict[str, list[Known]]:
    """By service, the demo apart: all accounts that made voices here, whose key is in use, or that
    somebody named as one of their own; the one in use last. Two queries.
    """
    standpoint, made = standpoint_of(context), context.registry.accounts.voices()
    services = (service for service in context.settings.visible if service != DEMO)
    return {service: _of_service(service, standpoint, made) for service in services}


def meet_keys(context: Context) -> None:
    """A key never seen begins an account that has its row from now on.

    The keeper calls this at the beginning of a pass; whoever only looks (`standpoint_of`) works
    with such an account without writing it down.
    """
    for service in context.settings.live_services:
        key = context.settings.get(SERVICES[service].key_setting)
        context.registry.accounts.of_key(service, SERVICES[service].title, fingerprint(key))


def _of_service(service: str, standpoint: Standpoint, made: dict[str, int]) -> list[Known]:
    current = standpoint.in_use.get(service)
    in_use = current.id if current else ""
    rows = {item.id: item for item in (*([current] if current else []), *standpoint.known)}
    found = [
        Known(rows.get(name) or _nameless(service, name), made.get(name, 0), name == in_use)
        for name in {*rows, *made}
        if is_account_id(service, name)
    ]
    shown = [item for item in found if item.voices or item.in_use or item.account.settled]
    return sorted(shown, key=lambda item: (item.in_use, item.account.label, item.account.id))


def question_about(accounts: list[Known]) -> Question | None:
    """The question that the accounts of a service raise. Pure."""
    current = next((item.account for item in accounts if item.in_use), None)
    others = tuple(item for item in accounts if item.voices and not item.in_use)
    if current is None or current.settled or not others:
        return None
    return Question(current, others)


def same(context: Context, asked: Question, old_id: str, person: Person) -> None:
    """A person says that the new key is one of the account `old_id`: what was made with it
    meanwhile belongs to that account, too. It does nothing where that is none of those asked about.

    Raises `NotPermitted`.
    """
    person.require(Permission.SETTINGS)
    old = next((item.account for item in asked.others if item.account.id == old_id), None)
    if old is not None:
        context.registry.accounts.merge(old, asked.current)
        _restore_uses(context, old)
        _told(context, person, wording.same_account(old.label))


def other(context: Context, asked: Question, person: Person) -> None:
    """A person says that the new key is one of another account than all before it.

    What it spoke with proves nothing of the voices of those accounts any more. Raises
    `NotPermitted`.
    """
    person.require(Permission.SETTINGS)
    taken = {item.account.label for item in asked.others}
    label, number = asked.current.label, 2
    while label in taken:
        label = f"{SERVICES[asked.current.service].title} {number}"
        number += 1
    context.registry.accounts.rename(asked.current, label)
    apart = [item.account for item in asked.others]
    context.registry.accounts.settle([asked.current, *apart])
    _withdraw_uses(context, asked.current, {account.id for account in apart})
    _told(context, person, wording.another_account(label))


def ask_again(context: Context, account: Account, person: Person) -> None:
    """Somebody answered wrongly whose the key in use is: the question is open again.

    Raises `NotPermitted`.
    """
    person.require(Permission.SETTINGS)
    context.registry.accounts.settle([account], settled=False)
    _told(context, person, wording.asked_again(account.label))


def _withdraw_uses(context: Context, current: Account, others: Collection[str]) -> None:
    """What spoke with a key of this account proves nothing of the voices of others."""
    now = context.now(current.service)
    for dossier in context.registry.library.of([current.service], max_age=0.0):
        ours = {job.id for job in dossier.activations if job.account == current.id}
        for proof in dossier.valid_evidence(EvidenceKind.ACTIVATION):
            if dossier.voice.account in others and proof.job_id in ours:
                context.registry.voices.change_evidence(
                    proof,
                    withdrawn_at=now,
                    withdrawn_why=sentence(Reason.OTHER_ACCOUNT),
                    withdrawn_kind=ErrorKind.OTHER_ACCOUNT,
                )


def _restore_uses(context: Context, account: Account) -> None:
    """What was withdrawn by a wrong answer proves something after the right one."""
    for dossier in context.registry.library.of([account.service], max_age=0.0):
        ours = {
            job.id
            for job in dossier.activations
            if job.account == account.id and job.refunded is None
        }
        for proof in dossier.evidence:
            if (
                dossier.voice.account == account.id
                and proof.withdrawn_kind is ErrorKind.OTHER_ACCOUNT
                and proof.job_id in ours
            ):
                context.registry.voices.change_evidence(
                    proof, withdrawn_at=None, withdrawn_why="", withdrawn_kind=ErrorKind.NONE
                )


def rename(context: Context, account: Account, label: str, person: Person) -> None:
    """Give an account a name that the team knows it by. Raises `NotPermitted`."""
    person.require(Permission.SETTINGS)
    label = one_line(label, MAX_LABEL)
    if label and label != account.label:
        context.registry.accounts.rename(account, label)
        _told(context, person, wording.account_renamed(account.label, label))


def label_of(standpoint: Standpoint, voice: Voice) -> str:
    """What the account that made this voice is called; "" where that is not known."""
    if not is_account_id(voice.service, voice.account) or voice.service not in SERVICES:
        return ""
    found = next((item for item in standpoint.known if item.id == voice.account), None)
    return (found or _nameless(voice.service, voice.account)).label


def came_by(standpoint: Standpoint, voice: Voice) -> str:
    """Which account made this voice; of an adopted one only who adopted it is known. "" where
    neither is.
    """
    label = label_of(standpoint, voice)
    if label and voice.source is Source.ADOPTED:
        return wording.added_by(label)
    return wording.made_by(label) if label else ""


def who_made(standpoint: Standpoint, voice: Voice) -> str:
    """A sentence on which account made this voice, for refusals; "" where that is not known."""
    how = came_by(standpoint, voice)
    if how and voice.source is Source.ADOPTED:
        return wording.came_from_elsewhere(how)
    return wording.came_here(how) if how else ""


def why_not_speak(standpoint: Standpoint, voice: Voice) -> str:
    """Why the key in use may not speak with this voice, or "". A file speaks with any key."""
    reach = standpoint.reach(voice)
    if reach is Reach.OURS or rule_of(voice).stopped_by == COPY:
        return ""
    how = came_by(standpoint, voice)
    return wording.key_of_another(how) if reach is Reach.OTHER else wording.key_is_new(how)


def why_not_keep(standpoint: Standpoint, dossier: Dossier, now: datetime) -> str:
    """As `why_not_speak`, for the use that keeps a voice: in its last 48 hours a key whose owner
    nobody has named is tried, as a refusal costs nothing and a sound is evidence.
    """
    deadline = deadline_of(dossier, rule_of(dossier.voice))
    last_hours = deadline is not None and deadline - DUE_SOON_BELOW <= now < deadline
    if last_hours and standpoint.reach(dossier.voice) is Reach.ASKED:
        return ""
    return why_not_speak(standpoint, dossier.voice)


def keep_safe(context: Context) -> bool:
    """Read what the vault knows of accounts, once per database and vault; write what changed.

    True if something was written. It raises nothing for a vault out of reach, which tells of
    itself elsewhere; the next pass does it then.
    """
    try:
        return _kept_safe(context)
    except VaultError as problem:
        log.info("The accounts wait for the storage: %s", problem)
        return False


def _kept_safe(context: Context) -> bool:
    vault = context.live_vault
    note = context.registry.notes.get(NOTE) or Note(NOTE)
    if note.body.get("vault") != vault.name:
        for account in _read(context):
            context.registry.accounts.absorb(account)
    body = _body(context)
    digest = sha256_hex(body)
    if note.body == {"vault": vault.name, "sha256": digest}:
        return False
    stored = json.loads(body)["accounts"]
    if stored:
        vault.put_verified(KEY, body, "application/json")
    seen = {"vault": vault.name, "sha256": digest}
    context.registry.notes.write(NOTE, seen, context.clock.now())
    return bool(stored)


def _body(context: Context) -> bytes:
    """What could not be told from the voices alone."""
    stored = [
        {
            "id": item.id,
            "service": item.service,
            "label": item.label,
            "fingerprints": list(item.fingerprints),
            "settled": item.settled,
        }
        for item in context.registry.accounts.all()
        if item.service in SERVICES and _has_a_story(item)
    ]
    return json.dumps({"format": 1, "accounts": stored}, sort_keys=True).encode()


def _has_a_story(account: Account) -> bool:
    named = account.label != SERVICES[account.service].title
    return named or account.settled or len(account.fingerprints) > 1


def _read(context: Context) -> list[Account]:
    """The accounts of the vault; a file that is none of ours says nothing."""
    told = rows(read_json(context.live_vault, KEY).get("accounts"), MOST)
    return [account for row in told if (account := _account(row))]


def _account(row: JsonObject) -> Account | None:
    service, name, label = (text_of(row.get(field)) for field in ("service", "id", "label"))
    keys = [
        key
        for key in list_of(row.get("fingerprints"))
        if isinstance(key, str) and is_account_id(service, f"{service}-{key}")
    ][:MOST_KEYS]
    is_ours = service in SERVICES and is_account_id(service, name) and one_line(label) == label
    if not (is_ours and keys):
        return None
    settled = row.get("settled") is True
    return Account(name, service, label[:MAX_LABEL], tuple(keys), settled=settled)


def _nameless(service: str, account_id: str) -> Account:
    """An account that is known from its voices alone."""
    key = account_id.removeprefix(f"{service}-")
    label = wording.account_of_key(SERVICES[service].title, key[:SHOWN])
    return Account(account_id, service, label, (key,))


def _told(context: Context, person: Person, what: str) -> None:
    record.note(context, person, EventKind.ACCOUNT, what)
    context.wake()
