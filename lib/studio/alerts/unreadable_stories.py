"""The blocks about manifests ("stories") that cannot be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from lib.manifest import Fault
from lib.registry.unreadable import Unreadable
from lib.studio.alerts import wording
from lib.studio.alerts.notices import BLOCKED_PREFIX, Notice, NoticeKind, clean
from lib.studio.core.context import Context
from lib.studio.storage import unreadable
from lib.vault.base import sha256_hex

MOST_NAMED = 4
NAME_LENGTH = 30


def blocks(context: Context) -> list[Notice]:
    """One block for manifests that a person has to see to, and one for those that the vault did not
    give out, which are read again in each pass.
    """
    found = unreadable.waiting(context)
    trouble = [item for item in found if item.fault is Fault.TROUBLE]
    others = [item for item in found if item.fault is not Fault.TROUBLE]
    found_blocks = []
    if others:
        # A key is a stranger's text of any length; its digest is a short id that stays the same.
        ids = (sha256_hex(item.key.encode())[:16] for item in others)
        parts = tuple(f"{BLOCKED_PREFIX}story:{name}" for name in ids)
        why = wording.records_to_recover(_of_each(others), _names(others))
        found_blocks.append(
            Notice(NoticeKind.BLOCKED, f"{BLOCKED_PREFIX}stories", why=why, parts=parts)
        )
    if trouble:
        why = wording.records_not_returned(_of_each(trouble), _names(trouble))
        found_blocks.append(Notice(NoticeKind.BLOCKED, f"{BLOCKED_PREFIX}stories:trouble", why=why))
    return found_blocks


def title(found: Sequence[Unreadable]) -> str:
    """ "2 voices and 1 take whose records cannot be read"."""
    return wording.unreadable_records(_of_each(found))


def _of_each(found: Sequence[Unreadable]) -> Counter[str]:
    return Counter(item.what for item in found)


def _names(found: Sequence[Unreadable]) -> str:
    names = [
        clean(item.told.get("name", ""), NAME_LENGTH) or item.id for item in found[:MOST_NAMED]
    ]
    return wording.listed(names, len(found) - len(names))
