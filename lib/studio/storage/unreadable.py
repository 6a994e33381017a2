"""Stories that cannot be read: what can be known of them, and setting one aside.

A voice whose story is unreadable cannot be kept. Nothing of it is deleted; a person brings it
back, adopts the voice again, or sets it aside, which is written down beside it as well, so that a
container with an empty disk knows.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from lib import manifest
from lib.event_kinds import EventKind
from lib.manifest import Fault
from lib.models import Role
from lib.registry.unreadable import Unreadable
from lib.roles import Permission, Person
from lib.studio.core.context import Context
from lib.studio.core.people import recorded_as
from lib.studio.core.typed_text import one_line
from lib.studio.storage import tombstones, wording
from lib.vault.base import Listed, Vault, VaultError, VaultTrouble, sha256_hex
from lib.vault.json_files import moment, read_json, write_json

log = logging.getLogger("voicekeep.unreadable")

MARKER = "set-aside.json"
BROUGHT = frozenset({Role.REFERENCE, Role.ORIGINAL, Role.STATEMENT})
"""What is stored before an order is committed."""
ON_ITS_WAY = timedelta(minutes=15)
"""A recording is stored before its order: the story follows within seconds."""
MENDED_HERE = frozenset({Fault.DAMAGED, Fault.TOO_LARGE, Fault.FOREIGN, Fault.MISSING})
"""Where the registry knows the voice, its own story is written again over one of these. What a
later version may have written is left alone."""
FAULTS = {VaultTrouble.MISSING: Fault.MISSING, VaultTrouble.TOO_LARGE: Fault.TOO_LARGE}


@dataclass(frozen=True)
class Folder:
    """What a vault holds of one voice, take or script, beside its story."""

    vault: Vault
    key: str
    files: tuple[Listed, ...] = ()
    has_story: bool = False
    has_marker: bool = False
    is_erased: bool = False
    """Whether a tombstone lies there: nothing else in it counts any more."""

    @property
    def id(self) -> str:
        return PurePosixPath(self.key).parent.name


def folders(vault: Vault, prefix: str = "") -> Iterator[Folder]:
    """What a vault holds of each voice, take and script, in this order, each kind by id.

    `prefix`: only of those below it, such as `voices/<id>/`. Raises `VaultError`.
    """
    for room in manifest.FILES:
        inside: dict[str, list[Listed]] = defaultdict(list)
        # By folders, since nothing else tells of a voice whose story is gone.
        if not prefix or prefix.startswith(f"{room}/"):
            for item in vault.listed(prefix or f"{room}/"):
                parts = item.key.split("/")
                if len(parts) > 2:
                    inside[parts[1]].append(item)
        for folder, items in sorted(inside.items()):
            story = manifest.story_key(room, folder)
            marker, stone = _marker_of(story), tombstones.key_of(folder)
            keys = {item.key for item in items}
            files = tuple(item for item in items if item.key not in (story, marker, stone))
            yield Folder(vault, story, files, story in keys, marker in keys, stone in keys)


def is_missing(folder: Folder, now: datetime) -> bool:
    """Whether there are files without a story, and not since a moment ago."""
    if folder.has_story or folder.is_erased or not folder.files:
        return False
    own = PurePosixPath(folder.key).parent
    brought = tuple(f"{own}/{role}/" for role in BROUGHT)
    last = max(item.at for item in folder.files)
    ordered = all(item.key.startswith(brought) for item in folder.files)
    return not (ordered and timedelta(0) <= now - last < ON_ITS_WAY)


def concerns(context: Context, vault: Vault) -> bool:
    """Whether something of the team's is at stake in this vault: the demo's own folder is play."""
    team = bool(context.settings.live_services or context.settings.get("VAULT_URL"))
    return team and vault.name == context.live_vault.name


def described(context: Context, folder: Folder, fault: Fault, data: bytes) -> Unreadable:
    """All that can be known of it from its folder."""
    dates = [item.at for item in folder.files]
    kinds = Counter(PurePosixPath(item.key).parent.name for item in folder.files)
    found = Unreadable(
        key=folder.key,
        vault=folder.vault.name,
        fault=fault,
        found_at=context.clock.now(),
        sha256=sha256_hex(data) if data else "",
        told={} if folder.key.startswith("takes/") else manifest.glance(data),
        files={kind: count for kind, count in kinds.items() if kind in frozenset(Role)},
        first_at=min(dates, default=None),
        last_at=max(dates, default=None),
    )
    return _as_marked(folder, found) if folder.has_marker else found


def set_aside(context: Context, key: str, person: Person) -> None:
    """A person knows of the story at this key: it stays listed, and holds up nothing any more.

    This is written beside it in the vault as well. Raises `NotPermitted`, and `VaultError` where
    that fails; nothing is changed then.
    """
    person.require(Permission.SETTINGS)
    found = context.registry.unreadable.get(key)
    if found is None or found.is_aside:
        return
    now, who = context.clock.now(), recorded_as(person)
    if found.vault == context.live_vault.name:  # no container reads one of before any more
        write_json(
            context.live_vault,
            _marker_of(key),
            fault=found.fault.value,
            sha256=found.sha256,
            by=who,
            at=now.isoformat(),
        )
    context.registry.unreadable.set_aside(key, person=who, at=now)
    about = found.id if found.is_voice else ""
    what = wording.set_aside(found.id)
    context.registry.events.add(who, what, about, now, kind=EventKind.STORAGE)
    context.wake()


def waiting(context: Context) -> list[Unreadable]:
    """Those that nobody has set aside."""
    return [item for item in listed(context) if not item.is_aside]


def listed(context: Context) -> list[Unreadable]:
    """All of the vault in use, and those that a change of `VAULT_URL` left in one of before."""
    found = context.registry.unreadable.all()
    if concerns(context, context.live_vault):
        return found
    return [item for item in found if item.vault == context.live_vault.name]


def _marker_of(key: str) -> str:
    """Where it is written down that the story at this key was set aside."""
    return f"{PurePosixPath(key).parent}/{MARKER}"


def _as_marked(folder: Folder, found: Unreadable) -> Unreadable:
    """As somebody set it aside, if that was this very story."""
    try:
        body = read_json(folder.vault, _marker_of(folder.key))
    except VaultError as problem:
        log.warning("A note beside %s cannot be read: %s", folder.id[:64], problem)
        return found
    same = (body.get("fault"), body.get("sha256")) == (found.fault.value, found.sha256)
    at = moment(body.get("at"))
    if not (same and at and "by" in body):
        return found
    return replace(found, aside_at=at, aside_by=one_line(str(body["by"])))
