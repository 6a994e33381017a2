"""Warns people of what needs them: one digest per pass, and each notice once, by whichever keeper.

Notices are reserved in the database before they are sent, so that of two keepers one sends them. If
no channel took the digest, the reservation is released, and a later pass sends what still holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lib.models import ErrorKind
from lib.registry import Note
from lib.registry.notices import RESERVED_FOR, NoticeRecord
from lib.services import SERVICES
from lib.studio.alerts import channels, checks, sent, unreadable_stories, wording
from lib.studio.alerts.notices import (
    BLOCKED_PREFIX,
    VAULT_BLOCK,
    Notice,
    NoticeKind,
    block_id,
    digest,
    due_notices,
)
from lib.studio.core.context import Context
from lib.studio.library import listing

RECOVERED_AFTER = timedelta(hours=1)
"""When a block has been over for this long, it is reported anew if it comes back."""
SEEN_EVERY = timedelta(minutes=10)
"""How exactly it is recorded when a block was last seen; saves a write in most passes."""
REMEMBERED = timedelta(days=90)
"""How long sent notices are remembered: longer than anything can be news."""
LASTING = (ErrorKind.KEY, ErrorKind.PERMISSION)
"""Refusals of a free request that mean that all voices of a service are blocked until it
is mended."""


@dataclass(frozen=True)
class NotifyResult:
    """How many notices a pass sent, and a sentence if it could not deliver them."""

    notified: int = 0
    blocked: tuple[str, ...] = ()


def notify(context: Context) -> NotifyResult:
    """Send one message with all notices that hold right now and were not sent yet.

    Does nothing without a channel, and while a pause after a failed delivery lasts.
    """
    if not channels.addresses(context):
        return NotifyResult()
    now = context.clock.now()
    notes = context.registry.notes.all()
    due = due_notices(listing.at_stake(context), blocks(context, notes))
    if due and sent.NOTE not in notes:
        sent.load(context)
    known = context.registry.notices.all()
    _update_records(context, due, known, now)
    fresh = [
        notice for notice in due if any(_is_pending(known.get(name), now) for name in notice.ids)
    ]
    if not fresh:
        return NotifyResult()
    last = notes.get(channels.DELIVERY, Note(channels.DELIVERY))
    rest = channels.retry_at(last)
    if rest and now < rest:
        return _not_delivered(str(last.body.get("sentence", "")))
    return _send(context, fresh, now)


def _send(context: Context, fresh: Sequence[Notice], now: datetime) -> NotifyResult:
    """Reserve the notices, send them, and then either mark them as sent or release them."""
    notices, owner = context.registry.notices, context.owner
    wanted = {name for notice in fresh for name in (*notice.ids, *notice.covers)}
    ours = notices.reserve(wanted, owner, now)
    chosen = [notice for notice in fresh if not ours.isdisjoint(notice.ids)]
    if not chosen:  # another keeper sends them right now
        notices.release(ours, owner)
        return NotifyResult()
    try:
        delivery = channels.deliver(context, digest(chosen, app_url=channels.app_url(context)))
    except BaseException:
        notices.release(ours, owner)
        raise
    if not delivery.reached:
        notices.release(ours, owner)
        return _not_delivered(" ".join(delivery.problems))
    notices.mark_sent(ours, owner, now)
    sent.save(context)
    return NotifyResult(len(chosen))


def _not_delivered(why: str) -> NotifyResult:
    return NotifyResult(blocked=(wording.not_delivered(why),))


def _is_pending(record: NoticeRecord | None, now: datetime) -> bool:
    """Whether it was never sent, or was reserved by a keeper that seems to have died since."""
    return record is None or (record.told_at is None and record.reserved_at <= now - RESERVED_FOR)


def _update_records(
    context: Context, due: Sequence[Notice], known: Mapping[str, NoticeRecord], now: datetime
) -> None:
    """Record which blocks still hold, and forget those that are over and what is long past."""
    blocked = {name for notice in due if notice.kind is NoticeKind.BLOCKED for name in notice.ids}
    seen = {
        record.id
        for record in known.values()
        if record.id in blocked and now - record.seen_at >= SEEN_EVERY
    }
    if seen:
        context.registry.notices.still_true(seen, now)
    ended = now - RECOVERED_AFTER
    over = any(
        record.seen_at < now - REMEMBERED
        or (
            record.id.startswith(BLOCKED_PREFIX)
            and record.id not in blocked
            and record.seen_at < ended
        )
        for record in known.values()
    )
    if over:
        context.registry.notices.forget(BLOCKED_PREFIX, ended, all_before=now - REMEMBERED)
        sent.save(context)


def blocks(context: Context, notes: Mapping[str, Note]) -> list[Notice]:
    """What blocks the keeper itself, by the last checks of storage and services.

    `notes`: all notes of the database by name.
    """
    found = []
    if why := _vault_trouble(context, notes):
        found.append(Notice(NoticeKind.BLOCKED, VAULT_BLOCK, why=wording.storage_trouble(why)))
    for service in context.settings.live_services:
        seen = notes.get(checks.PREFIX + service, Note(service)).body
        kind = ErrorKind(str(seen.get("kind", ""))) or ErrorKind.TROUBLE
        if seen.get("ok") is False and kind in LASTING:
            why = f"{SERVICES[service].title}: {seen.get('sentence', '')}"
            found.append(Notice(NoticeKind.BLOCKED, block_id(service, kind), why=why))
    return found + unreadable_stories.blocks(context)


def _vault_trouble(context: Context, notes: Mapping[str, Note]) -> str:
    if not (context.settings.live_services or context.settings.get("VAULT_URL")):
        return ""  # the demo's own folder: nothing of anybody's is at stake
    if context.runtime.reconciliation.trouble:
        return context.runtime.reconciliation.trouble
    seen = notes.get(checks.PREFIX + checks.VAULT, Note(checks.VAULT)).body
    return str(seen.get("sentence", "")) if seen.get("ok") is False else ""
