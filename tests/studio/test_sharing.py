"""A take that is shared by a link: who gets in by it, and what closes it."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from lib import keeper
from lib.event_kinds import EventKind
from lib.models import Take
from lib.roles import KEEPER, NotPermitted, Person, TeamRole
from lib.studio.core.context import Context
from lib.studio.core.records import Share
from lib.studio.erasure import asking
from lib.studio.library import sharing, takes
from lib.studio.library.reasons import Reason
from lib.studio.library.sharing import NotShared
from lib.studio.library.wording import sentence
from lib.studio.orders import speaking
from lib.vault.s3 import S3Vault
from tests.parts.persons import ADA, BEN, named
from tests.parts.radosgw import S3Server
from tests.studio.story import DAY, MINUTE, SECOND, Story, dossier, text_order

VERA = named("Vera", TeamRole.VIEWER)


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def context(story: Story, s3_server: S3Server) -> Context:
    """The team's app, with a bucket."""
    story.settings = s3_server.settings(s3_server.new_bucket())
    return story.context()


@pytest.fixture
def take(story: Story, context: Context) -> Take:
    """What a kept voice said."""
    return spoken(story, context)


def spoken(story: Story, context: Context) -> Take:
    job = speaking.order(context, text_order(story.kept(context)))
    story.live(context, MINUTE)
    take = context.registry.takes.get(job.id)
    assert take is not None
    return take


def shared(context: Context, take: Take, *, by: Person = BEN, days: int = 3) -> Share:
    """It is shared, and the keeper has made the copy."""
    before = {item.share.id for item in sharing.listed(context, ADA)}
    sharing.share(context, take, by, days=days)
    keeper.one_pass(context)
    (new,) = [item.share for item in sharing.listed(context, ADA) if item.share.id not in before]
    return new


def address(context: Context, share: Share) -> str:
    found = sharing.address(context, share, BEN)
    assert found
    return found


def fetched(url: str) -> int | bytes:
    """What a stranger gets who has nothing but this address."""
    try:
        with urlopen(url, timeout=30) as answer:
            data: bytes = answer.read()
            return data
    except HTTPError as refusal:
        refusal.close()
        return refusal.code


def copies(context: Context) -> list[str]:
    return list(context.live_vault.keys(sharing.FOLDER))


def is_closed(context: Context, url: str) -> bool:
    """The copy is gone, the address opens nothing, and nothing is listed any more."""
    return not copies(context) and fetched(url) in (403, 404) and not sharing.listed(context, ADA)


def test_whoever_has_the_link_hears_the_take_until_somebody_ends_it(
    context: Context, take: Take
) -> None:
    share = shared(context, take)
    url = address(context, share)
    assert fetched(url) == context.live_vault.get(take.key, max_bytes=10**7)
    assert share.until - share.shared_at == timedelta(days=3)
    (item,) = sharing.listed(context, BEN, take_id=take.id)
    assert (item.text, item.voice, item.share.shared_by) == (take.text, "Grace 1", "Ben")

    sharing.end(context, share, BEN)
    (ended,) = context.registry.shares.all()
    assert sharing.address(context, ended, BEN) is None
    keeper.one_pass(context)
    assert is_closed(context, url)
    lines = context.registry.events.of_voice(take.voice_id)
    people = [line.person for line in lines if line.kind is EventKind.SHARED]
    assert people == ["Voicekeep", "Ben", "Ben"]


def test_a_link_ends_by_itself_and_the_keeper_is_there_for_it(
    story: Story, context: Context, take: Take
) -> None:
    one, week = shared(context, take, days=1), shared(context, take, days=7)
    url = address(context, one)
    assert "X-Amz-Expires=604800" in address(context, week)
    story.clock.advance(DAY - MINUTE)
    assert "X-Amz-Expires=60&" in address(context, one)
    due = keeper.outlook(context).next_due
    assert due is not None
    assert due <= one.until
    story.clock.advance(MINUTE)
    assert sharing.address(context, one, BEN) is None
    keeper.one_pass(context)
    assert (copies(context), fetched(url)) == ([week.key], 404)


@pytest.mark.parametrize(
    "ends",
    [
        lambda context, take: takes.delete(context, take.id, BEN),
        lambda context, take: asking.ask(
            context, [dossier(context, take.voice_id)], ADA, at_once=True
        ),
    ],
    ids=["take deleted", "voice erased"],
)
def test_a_link_goes_with_its_take_and_with_its_voice(
    context: Context, take: Take, ends: Callable[[Context, Take], None]
) -> None:
    url = address(context, shared(context, take))
    ends(context, take)
    keeper.one_pass(context)
    assert is_closed(context, url)


def test_an_erased_voice_takes_links_along_that_this_database_does_not_know(
    story: Story, context: Context, take: Take
) -> None:
    other = story.new_container("other")
    keeper.one_pass(other)
    url = address(context, shared(context, take))
    asking.ask(other, [dossier(other, take.voice_id)], ADA, at_once=True)
    keeper.one_pass(other)
    assert not copies(other)
    assert fetched(url) == 404


def test_a_library_rebuilt_from_its_bucket_knows_what_is_shared_and_ends_it(
    story: Story, context: Context, take: Take
) -> None:
    share = shared(context, take)
    url = address(context, share)
    rebuilt = story.new_container()
    keeper.one_pass(rebuilt)
    (found,) = sharing.listed(rebuilt, ADA)
    assert (found.share.key, found.text) == (share.key, take.text)
    with pytest.raises(NotPermitted):
        sharing.end(rebuilt, found.share, BEN)
    sharing.end(rebuilt, found.share, ADA)
    keeper.one_pass(rebuilt)
    assert is_closed(rebuilt, url)


STEPS = {
    "before the copy": "lib.vault.s3.S3Vault.put_verified",
    "between copy and record": "lib.registry.shares.Shares.copied",
    "before the deletion": "lib.vault.s3.S3Vault.delete",
    "between deletion and record": "lib.registry.shares.Shares.remove",
}


@pytest.mark.parametrize("where", STEPS.values(), ids=STEPS.keys())
def test_killed_anywhere_the_next_pass_makes_one_copy_and_leaves_none(
    story: Story, context: Context, take: Take, where: str
) -> None:
    def kill(*_: object, **__: object) -> None:
        raise Killed

    def passes(context: Context) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(where, kill)
            with suppress(Killed):
                sharing.carry_out(context)
        # Whatever the process held, it holds no more.
        sharing.carry_out(story.context("restarted"))

    sharing.share(context, take, BEN, days=1)
    passes(context)
    (item,) = sharing.listed(context, BEN)
    assert copies(context) == [item.share.key]
    url = address(context, item.share)
    assert isinstance(fetched(url), bytes)
    sharing.end(context, item.share, BEN)
    passes(context)
    assert is_closed(context, url)


def test_a_copy_that_comes_after_its_link_was_ended_does_not_stay(
    context: Context, take: Take
) -> None:
    sharing.share(context, take, BEN, days=1)
    (wish,) = context.registry.shares.all()
    store = S3Vault.put_file

    def slow(vault: S3Vault, *what: Any) -> object:
        with pytest.MonkeyPatch.context() as again:
            again.setattr(S3Vault, "put_file", store)
            sharing.end(context, wish, BEN)
            context.registry.shares.remove(wish.id)  # by another keeper, once the lease was over
            return vault.put_file(*what)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(S3Vault, "put_file", slow)
        sharing.carry_out(context)
    assert copies(context) == []


def test_an_address_is_stored_and_logged_nowhere(
    story: Story, context: Context, take: Take, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="voicekeep"):
        url = address(context, shared(context, take))
        keeper.one_pass(context)
    secret = url.partition("X-Amz-Signature=")[2].partition("&")[0]
    assert secret
    with closing(sqlite3.connect(story.folder / "voicekeep.db")) as database:
        assert "X-Amz" not in "\n".join(database.iterdump())
    stored = b"".join(
        context.live_vault.get(key, max_bytes=10**7)
        for key in context.live_vault.keys("")
        if key.endswith((".json", ".jsonl"))
    )
    assert b"X-Amz" not in stored
    assert secret not in caplog.text


def test_who_may_share_and_whose_links_they_may_end(context: Context, take: Take) -> None:
    with pytest.raises(NotPermitted):
        sharing.share(context, take, VERA, days=1)
    share = shared(context, take, by=ADA)
    for refused in (
        lambda: sharing.end(context, share, BEN),
        lambda: sharing.end(context, share, VERA),
        lambda: sharing.listed(context, VERA),
        lambda: sharing.address(context, share, VERA),
    ):
        with pytest.raises(NotPermitted):
            refused()
    sharing.end(context, shared(context, take, by=BEN), ADA)
    for days in (0, 8):
        with pytest.raises(NotShared):
            sharing.share(context, take, BEN, days=days)
    assert not sharing.is_short_lived(context)


def test_of_a_bucket_that_fails_one_hears_why_and_it_is_tried_again(
    story: Story, context: Context, take: Take
) -> None:
    sharing.share(context, take, BEN, days=1)
    data = context.live_vault.get(take.key, max_bytes=10**7)
    context.live_vault.delete(take.key)
    summary = keeper.one_pass(context)
    (item,) = sharing.listed(context, BEN)
    assert item.share.trouble == sentence(Reason.NOTHING_TO_SHARE)
    assert any(sentence(Reason.NOTHING_TO_SHARE) in line for line in summary.blocked)
    assert sharing.address(context, item.share, BEN) is None
    assert not item.share.is_in_progress(story.clock.now())

    context.live_vault.put_verified(take.key, data, take.mime)
    story.clock.advance(SECOND)
    keeper.one_pass(context)
    (item,) = sharing.listed(context, BEN)
    assert fetched(address(context, item.share)) == data


def test_a_link_into_a_bucket_of_before_still_works_and_is_ended_there(
    story: Story, context: Context, take: Take, s3_server: S3Server
) -> None:
    url = address(context, shared(context, take))
    moved = story.context(**s3_server.settings(s3_server.new_bucket()))
    keeper.one_pass(moved)
    (item,) = sharing.listed(moved, BEN)
    assert isinstance(fetched(address(moved, item.share)), bytes)
    sharing.end(moved, item.share, BEN)
    keeper.one_pass(moved)
    assert is_closed(context, url)


def test_a_copy_that_nobody_can_reach_any_more_is_let_go_once_its_link_is_over(
    story: Story, context: Context, take: Take
) -> None:
    share = shared(context, take, days=1)
    folder = story.context(VAULT_URL=f"file://{story.folder}/moved", AWS_ACCESS_KEY_ID="")
    sharing.end(folder, share, BEN)
    keeper.one_pass(folder)
    (item,) = sharing.listed(folder, BEN)
    assert item.share.trouble == sentence(Reason.IN_PREVIOUS_STORAGE)
    story.clock.advance(DAY)
    keeper.one_pass(folder)
    assert sharing.listed(folder, BEN) == []


def test_without_a_bucket_nothing_leads_a_stranger_in(story: Story) -> None:
    context = story.context()
    take = spoken(story, context)
    assert not sharing.has_bucket(context, "nanogpt")
    with pytest.raises(NotShared):
        sharing.share(context, take, KEEPER, days=1)
    assert sharing.find(context, take.id) == take
    assert sharing.find(context, "nobody") is None
