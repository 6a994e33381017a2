"""A take that is shared by a link: a copy in the bucket, whose address opens without signing in.

Pages note what is wanted; the keeper makes the copy, and deletes it once the link is ended, its
time is over, or its take is deleted. Each step may be done twice, and the process may end after
any. The address lets in whoever has it: it is signed anew each time it is shown, and is neither
stored, logged nor noted in the record of who did what.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import PurePosixPath

from lib.event_kinds import EventKind
from lib.models import Take, Voice, new_id
from lib.registry.shares import Share
from lib.roles import KEEPER, Permission, Person
from lib.studio.core import record
from lib.studio.core.context import Context
from lib.studio.core.people import recorded_as
from lib.studio.library import wording
from lib.studio.library.reasons import Deed, Reason
from lib.studio.library.takes import MAX_BYTES
from lib.studio.library.wording import deed, sentence
from lib.studio.orders.confirming import OrderRefused
from lib.studio.storage import migration
from lib.studio.storage.in_memory import ROOM
from lib.vault.base import Vault, VaultError

log = logging.getLogger("voicekeep.sharing")

FOLDER = "shares/"
LONGEST_DAYS = 7
"""No signed address of a bucket is good for longer."""
RANDOM_BYTES = 20
LEASE = timedelta(minutes=2)
_KEY = re.compile(rf"{FOLDER}(?P<random>[0-9a-f]{{{2 * RANDOM_BYTES}}})/(?P<take>[^/]+)\.[a-z0-9]+")


class NotShared(OrderRefused):
    """Nothing was shared, or a link could not be ended yet; `str()` says why."""


@dataclass(frozen=True)
class Link:
    """A share as it is listed for somebody, with what its take says and the name of the voice; ""
    where they are gone. `may_end`: whether that person may end it.
    """

    share: Share
    text: str
    voice: str
    may_end: bool


def has_bucket(context: Context, service: str = "") -> bool:
    """Whether takes of this service's voices lie where a link can lead a stranger; without one,
    those of any service but the demo.
    """
    return context.vault(service).name.startswith("s3://")


def is_short_lived(context: Context) -> bool:
    """Whether the keys of the bucket are lent for a while, so that links end when they do."""
    return bool(context.settings.aws.get("AWS_SESSION_TOKEN", "").strip())


def find(context: Context, take_id: str) -> Take | None:
    """The take that a link inside the app leads to, if its voice is shown; two queries at most."""
    take = context.registry.takes.get(take_id)
    voice = context.registry.voices.get(take.voice_id) if take else None
    return take if voice and voice.service in context.settings.visible else None


def share(context: Context, take: Take, person: Person, *, days: int) -> None:
    """A person shares a take for so many days from now on; the keeper makes the copy.

    Raises `NotPermitted`, and `NotShared` where it does not lie in a bucket.
    """
    person.require(Permission.SHARE)
    voice = context.registry.voices.get(take.voice_id)
    if voice is None or not take.key:
        raise NotShared(sentence(Reason.NOTHING_TO_SHARE))
    if not has_bucket(context, voice.service):
        raise NotShared(sentence(Reason.NO_BUCKET))
    if not 1 <= days <= LONGEST_DAYS:
        raise NotShared(wording.link_out_of_range(LONGEST_DAYS))
    now, random = context.clock.now(), secrets.token_hex(RANDOM_BYTES)
    wish = Share(
        id=random,
        take_id=take.id,
        vault=context.vault(voice.service).name,
        key=f"{FOLDER}{random}/{take.id}{PurePosixPath(take.key).suffix}",
        shared_at=now,
        shared_by=recorded_as(person),
        until=now + timedelta(days=days),
    )
    context.registry.shares.add([wish])
    record.note(context, person, EventKind.SHARED, wording.take_shared(days), voice)
    context.wake()


def listed(context: Context, person: Person, *, take_id: str = "") -> list[Link]:
    """What is shared, or what is of one take; the newest first. Raises `NotPermitted`."""
    person.require(Permission.SHARE)
    return [
        Link(item.share, item.text, item.voice, person.may(_to_end(item.share, person)))
        for item in context.registry.shares.listed(take_id=take_id)
    ]


def end(context: Context, share: Share, person: Person) -> None:
    """A person ends a link; the keeper deletes the copy. Raises `NotPermitted`."""
    person.require(_to_end(share, person))
    if context.registry.shares.end(share.id, context.clock.now()):
        what = deed(Deed.LINK_ENDED)
        record.note(context, person, EventKind.SHARED, what, _voice(context, share))
    context.wake()


def address(context: Context, share: Share, person: Person) -> str | None:
    """Where anybody can fetch the copy until the link ends, signed now and without a network; None
    while, or where, there is none.

    Neither store nor log it. Raises `NotPermitted` and `VaultError`.
    """
    person.require(Permission.SHARE)
    now = context.clock.now()
    vault = migration.known_vault(context, share.vault)
    if vault is None or not share.is_open(now):
        return None
    return vault.sign(share.key, seconds=int((share.until - now).total_seconds()))


def carry_out(context: Context) -> list[str]:
    """For the keeper: make the copies that are wanted, delete those of links that are over.

    Returns a sentence for each that could not be done.
    """
    shares, now = context.registry.shares, context.clock.now()
    told: list[str] = []
    for do, due in ((_end, shares.to_end(now)), (_copy, shares.to_copy(now))):
        for each in due:
            with context.registry.leases.hold(f"share {each.id}", new_id(), LEASE) as mine:
                if mine and (why := _tried(context, partial(do, context), each)):
                    told.append(wording.not_shared(why))
    return told


def meet_copies(context: Context) -> None:
    """For the keeper: copies in the bucket that this database does not know are listed again, and
    end after the longest time; so it is after a rebuild from the bucket. Raises `VaultError`.
    """
    vault = context.live_vault
    if not vault.name.startswith("s3://"):
        return
    known = {share.key for share in context.registry.shares.all()}
    found = []
    for item in vault.listed(FOLDER):
        if item.key in known or not (told := _KEY.fullmatch(item.key)):
            continue
        end_at = item.at + timedelta(days=LONGEST_DAYS)
        copy = (told["random"], told["take"], vault.name, item.key, item.at, "", end_at, item.at)
        found.append(Share(*copy))
    context.registry.shares.add(found)


def copies(vault: Vault, take_ids: Collection[str]) -> list[str]:
    """The keys of all copies of these takes in a vault. Raises `VaultError`."""
    wanted = set(take_ids)
    if not wanted:
        return []
    matches = (_KEY.fullmatch(key) for key in vault.keys(FOLDER))
    return [told[0] for told in matches if told and told["take"] in wanted]


def _to_end(share: Share, person: Person) -> Permission:
    """What it takes to end this link: one's own, or another's."""
    is_own = share.shared_by == recorded_as(person)
    return Permission.SHARE if is_own else Permission.END_SHARES


def _tried(context: Context, do: partial[None], share: Share) -> str:
    """Why it could not be done, which is noted as well; "" where it was."""
    try:
        do(share)
    except (NotShared, VaultError) as problem:
        log.warning("A shared take could not be copied or deleted: %s", problem)
        context.registry.shares.note(share.id, str(problem))
        return str(problem)
    return ""


def _copy(context: Context, share: Share) -> None:
    """Raises `NotShared` and `VaultError`."""
    take = context.registry.takes.get(share.take_id)
    now = context.registry.shares.get(share.id)
    if take is None or now is None or now.copied_at or now.ended_at:
        return  # another keeper did it, or it is over
    with ROOM.taken(take.size or MAX_BYTES):
        data = migration.bytes_of(context, take, max_bytes=MAX_BYTES) if take.key else None
        if data is None:
            raise NotShared(sentence(Reason.NOTHING_TO_SHARE))
        vault = migration.known_vault(context, share.vault)
        if vault is None:
            raise NotShared(sentence(Reason.IN_PREVIOUS_STORAGE))
        vault.put_verified(share.key, data, take.mime or "audio/mpeg")
    if not context.registry.shares.copied(share.id, context.clock.now()):
        vault.delete(share.key)  # it took longer than the lease, and was ended meanwhile


def _end(context: Context, share: Share) -> None:
    """Delete the copy, and look whether it is gone. Raises `NotShared` and `VaultError`."""
    shares = context.registry.shares
    if shares.get(share.id) is None:
        return  # another keeper did it
    vault, what = migration.known_vault(context, share.vault), Deed.COPY_DELETED
    if vault:
        vault.delete(share.key)
        if share.key in vault.keys(share.key):
            raise NotShared(sentence(Reason.STILL_THERE))
    elif context.clock.now() < share.until:
        raise NotShared(sentence(Reason.IN_PREVIOUS_STORAGE))
    else:  # no address opens it any more, and nobody here can delete it
        what = Deed.COPY_LEFT
    shares.remove(share.id)
    record.note(context, KEEPER, EventKind.SHARED, deed(what), _voice(context, share))


def _voice(context: Context, share: Share) -> Voice | None:
    take = context.registry.takes.get(share.take_id)
    return context.registry.voices.get(take.voice_id) if take else None
