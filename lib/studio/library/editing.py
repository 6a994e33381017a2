"""What people change about one voice: its name and description, how it is kept, its archive.

Each change needs `Permission.KEEP`, is cleaned and bounded here, and is noted in the voice's story.
What is as it was is neither written nor noted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack

from lib.event_kinds import EventKind
from lib.models import MAX_REFRESH_DAYS, KeepPolicy, Voice
from lib.registry import VoiceChanges
from lib.roles import Permission, Person
from lib.studio.core import record
from lib.studio.core.context import Context
from lib.studio.core.typed_text import (
    MAX_DESCRIPTION,
    MAX_LANGUAGE,
    MAX_NAME,
    name_fault,
    one_line,
    several_lines,
    tidy_tags,
)
from lib.studio.library import wording
from lib.studio.library.reasons import Deed
from lib.studio.library.wording import KEPT_WHEN, deed


@dataclass(frozen=True)
class PolicyChange:
    """How voices are to be kept from now on; None leaves a setting as it is.

    `refresh_days`: days between two uses of a kept voice, 0 for none.
    """

    keep_policy: KeepPolicy | None = None
    refresh_days: int | None = None


def rename(context: Context, voice: Voice, name: str, person: Person) -> str:
    """Give a voice another name. Returns a sentence if that cannot be its name, else "".

    Raises `NotPermitted`.
    """
    person.require(Permission.KEEP)
    name = one_line(name)
    if fault := name_fault(name):
        return fault
    if name != voice.name:
        _change(context, voice, person, wording.renamed(voice.name), name=name)
    return ""


def describe(context: Context, voice: Voice, description: str, person: Person) -> None:
    """Say what a voice sounds like, or what it is for: at most 1,000 characters are kept.

    Raises `NotPermitted`.
    """
    person.require(Permission.KEEP)
    wanted = several_lines(several_lines(description)[:MAX_DESCRIPTION])
    if wanted != voice.description:
        event = deed(Deed.DESCRIBED if wanted else Deed.DESCRIPTION_REMOVED)
        _change(context, voice, person, event, description=wanted)


def set_language(context: Context, voice: Voice, language: str, person: Person) -> None:
    """Say which language a voice speaks, in the words of whoever says so.

    Raises `NotPermitted`.
    """
    person.require(Permission.KEEP)
    wanted = one_line(language, MAX_LANGUAGE)
    if wanted != voice.language:
        event = wording.language_changed(wanted) if wanted else deed(Deed.LANGUAGE_REMOVED)
        _change(context, voice, person, event, language=wanted)


def set_owner(context: Context, voice: Voice, owner: str, person: Person) -> None:
    """Say who looks after a voice. Raises `NotPermitted`."""
    person.require(Permission.KEEP)
    wanted = one_line(owner, MAX_NAME)
    if wanted != voice.owner:
        event = wording.owner_changed(wanted) if wanted else deed(Deed.OWNER_REMOVED)
        _change(context, voice, person, event, owner=wanted)


def retag(context: Context, voice: Voice, tags: Sequence[str], person: Person) -> None:
    """Give a voice these tags in place of its own: at most 20, of at most 40 characters each.

    Raises `NotPermitted`.
    """
    person.require(Permission.KEEP)
    wanted = tidy_tags(tags)
    if wanted != voice.tags:
        event = wording.tags_changed(wanted) if wanted else deed(Deed.TAGS_REMOVED)
        _change(context, voice, person, event, tags=wanted)


def set_favourite(context: Context, voice: Voice, person: Person, *, favourite: bool) -> None:
    """Mark a voice with the team's star, or take it away. Raises `NotPermitted`."""
    person.require(Permission.KEEP)
    if favourite != voice.favourite:
        event = deed(Deed.FAVOURITE if favourite else Deed.NO_FAVOURITE)
        _change(context, voice, person, event, favourite=favourite)


def archive(context: Context, voice: Voice, person: Person) -> None:
    """Stop keeping a voice. Everything that is stored of it stays. Raises `NotPermitted`."""
    person.require(Permission.KEEP)
    if voice.archived_at is None:
        now = context.now(voice.service)
        _change(context, voice, person, deed(Deed.ARCHIVED), archived_at=now)


def unarchive(context: Context, voice: Voice, person: Person) -> None:
    """Keep an archived voice again, if it still exists. Raises `NotPermitted`."""
    person.require(Permission.KEEP)
    if voice.archived_at is not None:
        _change(context, voice, person, deed(Deed.RESTORED), archived_at=None)


def change_policy(context: Context, voice: Voice, change: PolicyChange, person: Person) -> None:
    """Change how a voice is kept from now on; a setting that is None or the same stays.

    Raises `NotPermitted`.
    """
    person.require(Permission.KEEP)
    if change.keep_policy is not None and change.keep_policy is not voice.keep_policy:
        event = KEPT_WHEN[change.keep_policy]
        _change(context, voice, person, event, keep_policy=change.keep_policy)
    days = change.refresh_days
    if days is not None and days != voice.refresh_days and 0 <= days <= MAX_REFRESH_DAYS:
        event = wording.used_again(days) if days else deed(Deed.NOT_USED_AGAIN)
        _change(context, voice, person, event, refresh_days=days)


def _change(
    context: Context, voice: Voice, person: Person, event: str, **changes: Unpack[VoiceChanges]
) -> None:
    context.registry.voices.change(voice.id, **changes)
    record.note(context, person, EventKind.CHANGED, event, voice)
    context.wake()
