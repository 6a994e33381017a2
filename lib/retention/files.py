"""The files of a voice: which are held, which are wanted, and when they are read again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from lib.models import Dossier, Evidence, EvidenceKind, JobState, Role
from lib.retention.health import exists, loss_of
from lib.retention.reasons import as_said
from lib.retention.terms import BETWEEN_TRIES, REREAD_AFTER, Step, StepKind, Terms, while_it_lives

ROLES = frozenset(Role)
PREVIEW_FOR = timedelta(days=7)
"""The first sound of a clone is asked for this long; services keep sounds a day to a week."""


@dataclass(frozen=True)
class Want:
    """A file that the current vault should hold and does not.

    `copies` are those in other vaults, the newest first; `url` is where the service has it.
    """

    role: Role
    copies: tuple[Evidence, ...] = ()
    url: str = field(default="", repr=False)


def held(dossier: Dossier, vault: str) -> tuple[Evidence, ...]:
    """The files of a voice in that vault, the one that was read longest ago first."""
    found = [item for item in _files(dossier) if item.vault == vault]
    return tuple(sorted(found, key=_read_at))


def elsewhere(dossier: Dossier, vault: str) -> tuple[Want, ...]:
    """What lies in other vaults only."""
    here = {_identity(item) for item in held(dossier, vault)}
    wants: dict[tuple[str, str], tuple[Evidence, ...]] = {}
    for item in _files(dossier):
        if item.vault != vault and _identity(item) not in here:
            wants[_identity(item)] = (item, *wants.get(_identity(item), ()))
    return tuple(Want(Role(copies[0].role), copies) for copies in wants.values())


def wanted(dossier: Dossier, terms: Terms, now: datetime) -> tuple[Want, ...]:
    """All files that are to be brought into the current vault."""
    moving = elsewhere(dossier, terms.vault)
    if not exists(dossier) or dossier.voice.archived_at:
        return moving
    hosted = {
        Role.EMBEDDING: "" if loss_of(dossier, terms) else dossier.voice.embedding_url,
        Role.PREVIEW: _preview_url(dossier, now),
    }
    roles = {item.role for item in moving} | {item.role for item in held(dossier, terms.vault)}
    fetched = (Want(role, url=url) for role, url in hosted.items() if url and role not in roles)
    return (*fetched, *(replace(item, url=hosted.get(item.role, "")) for item in moving))


def file_step(dossier: Dossier, terms: Terms, now: datetime) -> Step:
    """What comes next for a voice's files: fetching, moving, or reading them again.

    What cannot be brought here does not keep what is here from being read.
    """
    voice = dossier.voice
    wants = wanted(dossier, terms, now)
    files = held(dossier, terms.vault) if exists(dossier) else ()
    error, blocked_by = as_said(voice.copy_error), voice.copy_error_kind or None
    bring_at = voice.copy_next_at or voice.clock_start or voice.created_at
    read_at = _read_at(files[0]) + REREAD_AFTER if files else None
    if wants and not (read_at and blocked_by and read_at <= min(bring_at, now)):
        fetching = not any(want.copies for want in wants)
        kind = StepKind.MIRROR if fetching else StepKind.MOVE
        # A first sound is nice to have: that it cannot be fetched holds nobody up.
        matters = any(want.role is not Role.PREVIEW for want in wants)
        return Step(kind, bring_at, error, blocked_by if matters else None)
    if read_at is None:
        return Step(StepKind.NOTHING)
    return Step(
        StepKind.VERIFY, read_at if wants else voice.copy_next_at or read_at, error, blocked_by
    )


def copy_pause(voice_id: str, tries: int, now: datetime, deadline: datetime | None) -> timedelta:
    """How long to wait after `tries` failed tries to fetch or check a file (at least 1)."""
    return while_it_lives(BETWEEN_TRIES.pause(tries, voice_id), now, deadline)


def _files(dossier: Dossier) -> tuple[Evidence, ...]:
    """Everything seen that names a file: copies, and the sounds of real uses."""
    kinds = (EvidenceKind.COPY, EvidenceKind.ACTIVATION)
    return tuple(
        item
        for item in sorted(dossier.evidence, key=lambda seen: seen.at)
        if item.kind in kinds and item.withdrawn_at is None and item.key and item.role in ROLES
    )


def _identity(item: Evidence) -> tuple[str, str]:
    """A sound belongs to its use; of a copy there may be one in each vault."""
    return (item.role, item.id if item.kind is EvidenceKind.ACTIVATION else item.sha256)


def _read_at(item: Evidence) -> datetime:
    return item.read_back_at or item.at


def _preview_url(dossier: Dossier, now: datetime) -> str:
    making = dossier.making
    if making is None or making.state is not JobState.DONE:
        return ""
    fresh = now - (making.finished_at or making.created_at) < PREVIEW_FOR
    return str(making.result.get("preview_url", "")) if fresh else ""
