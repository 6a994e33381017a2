"""A use that keeps a voice is in the vault before it is sent, and never waits for it for long."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

import pytest

from lib import keeper, manifest
from lib.models import Health, JobState, KeepPolicy
from lib.studio.core.context import Context
from lib.studio.jobs import sending
from lib.studio.orders import activation
from lib.studio.storage import manifests
from lib.vault.base import Stored, VaultError, VaultTrouble
from tests.parts.persons import ADA
from tests.parts.radosgw import S3Server
from tests.studio.service import Ask, Holds, Reply
from tests.studio.story import HOUR, MINUTE, Story, attempts, dossier, health


@pytest.fixture(params=["folder", "bucket"])
def context(story: Story, request: pytest.FixtureRequest) -> Context:
    """The team's app, with a folder or a bucket."""
    if request.param == "bucket":
        server: S3Server = request.getfixturevalue("s3_server")
        story.settings = server.settings(server.new_bucket())
    return story.context()


def told(context: Context, voice_id: str) -> list[dict[str, Any]]:
    """The uses of a voice as the vault tells of them."""
    data = context.live_vault.get(manifest.story_key("voices", voice_id), max_bytes=1_000_000)
    return [job for job in json.loads(data)["jobs"] if job["kind"] == "activation"]


def ordered(story: Story, context: Context) -> str:
    """A voice whose use is ordered, and not sent yet."""
    voice_id = story.asking(context)
    order(context, voice_id)
    return voice_id


def order(context: Context, voice_id: str) -> None:
    manifests.save_due(context)
    activation.order_activation(context, dossier(context, voice_id), person=ADA)


def test_before_it_is_sent_the_vault_says_so_and_its_answer_right_after(
    story: Story, context: Context
) -> None:
    voice_id = ordered(story, context)
    then: list[dict[str, Any]] = []

    def looks(ask: Ask) -> Reply:
        then.extend(told(context, voice_id))
        return ask()

    story.service.next("speech", looks)
    sending.send(context, attempts(context, voice_id)[0])

    assert [job["state"] for job in then] == ["submitting"]
    (after,) = told(context, voice_id)
    assert after["state"] == "waiting"
    assert after["result"]["audio_url"]


def test_a_container_that_vanishes_while_it_is_sent_is_not_paid_for_again(
    story: Story, context: Context
) -> None:
    """The next container asks the balance, or the next attempt waits as after any silence."""
    voice_id = ordered(story, context)
    held = Holds()
    story.service.next("speech", held)
    sender = Thread(target=sending.send, args=(context, attempts(context, voice_id)[0]))
    sender.start()
    assert held.arrived.wait(10)
    other = story.new_container()
    keeper.one_pass(other)
    assert [job.state for job in attempts(other, voice_id)] == [JobState.UNKNOWN]
    assert story.service.count("speech") == 1
    held.released.set()
    sender.join(10)


def test_a_ticket_of_a_container_that_vanished_is_followed_by_the_next(
    story: Story, context: Context
) -> None:
    voice_id = ordered(story, context)
    story.service.speaks_by_ticket()
    sending.send(context, attempts(context, voice_id)[0])  # and this disk vanishes
    other = story.new_container()
    story.live(other, HOUR)
    assert health(other, voice_id) is Health.SAFE
    assert story.service.count("speech") == 1


class Stuck:
    """A vault that takes nothing until it is let go, and counts who asked."""

    def __init__(self, context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked = 0
        self.let_go = Event()
        self._put = context.live_vault.put_verified
        monkeypatch.setattr(context.live_vault, "put_verified", self.put)

    def put(self, key: str, data: bytes, media_type: str) -> Stored:
        self.asked += 1
        assert self.let_go.wait(30)
        return self._put(key, data, media_type)


@pytest.fixture
def stuck(context: Context, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stuck]:
    monkeypatch.setattr(manifests, "KEEPING_WAITS", 0.3)
    vault = Stuck(context, monkeypatch)
    vault.let_go.set()
    yield vault
    vault.let_go.set()


def test_a_vault_that_does_not_answer_is_passed_over_and_not_waited_for_again(
    story: Story, context: Context, stuck: Stuck
) -> None:
    both = [story.made(context, seed=seed, keep_policy=KeepPolicy.ASK) for seed in (1, 2)]
    for voice_id in both:
        order(context, voice_id)
    stuck.let_go.clear()
    stuck.asked = 0
    began = time.monotonic()
    for voice_id in both:
        assert sending.send(context, attempts(context, voice_id)[0])
    assert time.monotonic() - began < 10
    assert stuck.asked == 1
    assert story.service.count("speech") == 2

    stuck.let_go.set()
    story.live(context, MINUTE)
    for voice_id in both:
        assert health(context, voice_id) is Health.SAFE
        # What came late did not come to lie over what is newer.
        assert [job["state"] for job in told(context, voice_id)] == ["done"]


@pytest.mark.parametrize("trouble", [VaultTrouble.REFUSED, VaultTrouble.UNREACHABLE])
def test_a_vault_that_refuses_holds_up_no_use(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch, trouble: VaultTrouble
) -> None:
    voice_id = ordered(story, context)

    def refuses(key: str, data: bytes, media_type: str) -> Stored:
        raise VaultError(trouble, "Not now.")

    monkeypatch.setattr(context.live_vault, "put_verified", refuses)
    story.until(context, lambda: health(context, voice_id) is Health.SAFE)
    assert story.service.count("speech") == 1


def test_before_the_vault_was_read_no_story_in_it_is_written_over(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may hold a newer one, of another container; the use is sent all the same."""
    voice_id = ordered(story, context)
    newer = b"what another container wrote"
    key = manifest.story_key("voices", voice_id)
    context.live_vault.put_verified(key, newer, "application/json")
    context.runtime.reconciliation.finished = False
    assert sending.send(context, attempts(context, voice_id)[0])
    assert context.live_vault.get(key, max_bytes=100) == newer
