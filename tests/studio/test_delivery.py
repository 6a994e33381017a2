"""An export that the keeper prepares for whoever asked, and how it is handed out."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from urllib.request import urlopen

import pytest

from lib.keeper.thread import KeeperThread
from lib.studio.core.context import Context
from lib.studio.transfer import delivery, importing
from lib.vault.base import VaultError
from tests.parts.persons import ADA
from tests.parts.radosgw import S3Server
from tests.studio.service import together
from tests.studio.story import HOUR, MINUTE, Story

MEGABYTE = 1_000_000


def test_nothing_is_prepared_until_somebody_asks(story: Story, context: Context) -> None:
    story.kept(context)
    assert not delivery.answer_asked(context)
    assert delivery.state(context) == delivery.State()

    delivery.ask(context, ADA)
    assert delivery.state(context).asked
    assert delivery.answer_asked(context)
    after = delivery.state(context)
    assert not after.asked
    assert after.prepared is not None
    assert after.prepared.written.voices == 1
    assert not delivery.answer_asked(context)


def test_of_two_keepers_one_prepares_it(story: Story, context: Context) -> None:
    story.kept(context)
    delivery.ask(context, ADA)
    both = iter([context, story.context("other")] * 2)
    together(lambda: delivery.answer_asked(next(both)), times=4)
    assert len(list(context.live_vault.keys("exports/"))) == 1


def test_an_export_that_cannot_be_stored_says_why_and_may_be_asked_for_again(
    story: Story, context: Context
) -> None:
    story.made(context)
    delivery.ask(context, ADA)
    story.vault_breaks()
    delivery.answer_asked(context)
    failed = delivery.state(context)
    assert not failed.asked
    assert failed.prepared is None
    assert failed.trouble

    story.vault_is_mended()
    delivery.ask(context, ADA)
    delivery.answer_asked(context)
    assert delivery.state(context).trouble == ""
    assert delivery.state(context).prepared


def test_the_apps_keeper_prepares_what_was_asked_for(story: Story, context: Context) -> None:
    story.kept(context)
    delivery.ask(context, ADA)
    thread = KeeperThread(context)
    thread._pass()
    thread._background.shutdown()
    assert delivery.state(context).prepared


def test_a_prepared_export_lies_in_the_folder_and_old_ones_go(
    story: Story, context: Context
) -> None:
    assert delivery.state(context).prepared is None
    story.kept(context)
    first = delivery.prepare(context)
    assert delivery.state(context).prepared == first
    data = context.live_vault.get(first.key, max_bytes=50 * MEGABYTE)
    assert len(data) == first.written.bytes
    assert importing.check(io.BytesIO(data)).is_good
    assert context.live_vault.sign(first.key, seconds=60) is None

    context.live_vault.put_verified("exports/somebody-elses.zip", b"x", "text/plain")
    story.clock.advance(30 * MINUTE)
    second = delivery.prepare(context)
    story.clock.advance(HOUR + timedelta(seconds=-1))
    third = delivery.prepare(context)
    kept = {second.key, third.key, "exports/somebody-elses.zip"}
    assert set(context.live_vault.keys("exports/")) == kept
    assert delivery.state(context).prepared == third
    assert delivery.state(story.context(VAULT_URL=f"file://{story.folder}/moved")).prepared is None


def test_a_prepared_export_is_fetched_from_the_bucket_by_an_address_of_its_own(
    story: Story, s3_server: S3Server
) -> None:
    story.settings = s3_server.settings(s3_server.new_bucket())
    context = story.context()
    story.kept(context)
    ready = delivery.prepare(context)
    address = context.live_vault.sign(ready.key, seconds=delivery.LINK_SECONDS)
    assert address is not None
    with urlopen(address, timeout=30) as answer:
        data = answer.read()
    assert importing.check(io.BytesIO(data)).voices == 1
    notes = json.dumps(context.registry.notes.all()["export"].body)
    assert "X-Amz" not in notes


def test_a_vault_that_takes_no_export_is_told_and_nothing_is_noted(
    story: Story, context: Context
) -> None:
    story.made(context)
    story.vault_breaks()
    with pytest.raises(VaultError):
        delivery.prepare(context)
    assert delivery.state(context).prepared is None
