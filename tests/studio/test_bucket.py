"""With a bucket alone: rebuilt from it, large recordings and voice files spoken for by address."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from lib import keeper
from lib.models import Health, JobState, Role
from lib.studio.core.context import Context
from lib.studio.orders import cloning, speaking
from lib.studio.orders.confirming import OrderRefused
from lib.studio.storage import manifests
from tests.parts.radosgw import S3Server
from tests.parts.tones import wav
from tests.studio.service import refuses
from tests.studio.story import (
    HOUR,
    MINUTE,
    Story,
    clone_request,
    dossier,
    fresh,
    health,
    large_recording,
    state,
    text_order,
)

QWEN = "Qwen-3-TTS-1.7B"


@pytest.fixture
def context(story: Story, s3_server: S3Server) -> Context:
    """The team's app, with a bucket instead of a disk."""
    story.settings = s3_server.settings(s3_server.new_bucket())
    return story.context()


def test_a_container_with_an_empty_disk_is_filled_from_the_bucket(
    story: Story, context: Context
) -> None:
    voices = [story.kept(context), story.kept(context, "qwen", 2)]
    take = speaking.order(context, text_order(voices[0]))
    story.live(context, MINUTE)
    waiting = cloning.clone(context, clone_request(seed=3))
    keeper.one_pass(context)
    other = story.context("new", read=False, database=f"sqlite:///{story.folder}/new/v.db")

    assert manifests.reconcile(other) == 4
    assert [health(other, voice_id) for voice_id in voices] == [Health.SAFE, Health.SAFE]
    assert other.registry.takes.get(take.id) == context.registry.takes.get(take.id)

    story.live(other, MINUTE)
    assert state(other, waiting) is JobState.DONE
    assert story.service.count("clone") == 3


def test_a_large_recording_goes_by_an_address_of_our_own_copy(
    story: Story, context: Context
) -> None:
    job = cloning.clone(context, clone_request(recording=large_recording()))
    story.live(context, MINUTE)

    (request,) = story.service.of_kind("clone")
    copy = dossier(context, job.voice_id).copy(Role.REFERENCE, context.live_vault.name)
    assert copy is not None
    assert copy.key in request.field("audioUrl")
    assert "X-Amz-Signature" in request.field("audioUrl")
    assert len(request.body) < 3_000
    assert state(context, job) is JobState.DONE
    assert health(context, job.voice_id) is Health.SAFE


def test_a_small_recording_goes_directly(story: Story, context: Context) -> None:
    cloning.clone(context, clone_request())
    keeper.one_pass(context)

    (request,) = story.service.of_kind("clone")
    assert request.field("audioUrl") == ""
    assert b"RIFF" in request.body


def test_a_recording_over_what_the_service_takes_is_refused(context: Context) -> None:
    with pytest.raises(OrderRefused, match="at most 20 MB"):
        cloning.clone(context, clone_request(recording=wav(120, rate=48_000, channels=2)))


def test_a_voice_file_speaks_from_our_own_copy_long_after_the_host_dropped_its_own(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context, "qwen")
    story.clock.advance(200 * HOUR)
    story.service.always("file", None)
    job = speaking.order(context, text_order(voice_id, model=QWEN))
    story.live(context, MINUTE)

    request = story.service.of_kind("speech")[-1]
    copy = dossier(context, voice_id).copy(Role.EMBEDDING, context.live_vault.name)
    assert copy is not None
    assert copy.key in request.field("speaker_voice_embedding_file_url")
    assert state(context, job) is JobState.DONE
    assert context.registry.takes.get(job.id) is not None


def test_signed_addresses_are_stored_nowhere(
    story: Story, context: Context, s3_server: S3Server
) -> None:
    cloning.clone(context, clone_request(recording=large_recording()))
    voice_id = story.kept(context, "qwen", 2)
    speaking.order(context, text_order(voice_id, model=QWEN))
    story.live(context, MINUTE)

    with closing(sqlite3.connect(story.folder / "voicekeep.db")) as database:
        assert "X-Amz" not in "\n".join(database.iterdump())
    assert not any(b"X-Amz" in text for text in stored_manifests(context))
    assert s3_server.secret_key.encode() not in b"".join(stored_manifests(context))


def stored_manifests(context: Context) -> Iterator[bytes]:
    for prefix in ("voices/", "takes/"):
        for key in context.live_vault.keys(prefix):
            if key.endswith(".json"):
                yield context.live_vault.get(key, max_bytes=10**7)


def test_an_order_is_refused_where_the_bucket_refuses_our_keys(
    story: Story, context: Context
) -> None:
    locked_out = story.context("other", AWS_SECRET_ACCESS_KEY="not-the-secret")

    with pytest.raises(OrderRefused, match="nothing was spent"):
        cloning.clone(locked_out, clone_request())
    assert story.service.seen == []


def test_a_clone_that_fails_at_the_service_keeps_its_recording_in_the_bucket(
    story: Story, context: Context
) -> None:
    story.service.next("clone", refuses(400, "Of no use"))
    job = cloning.clone(context, clone_request())
    story.live(context, MINUTE)

    copy = dossier(context, job.voice_id).copy(Role.REFERENCE, context.live_vault.name)
    assert fresh(context, job).state is JobState.FAILED
    assert copy is not None
    assert context.live_vault.get(copy.key, max_bytes=10**7)[:4] == b"RIFF"
