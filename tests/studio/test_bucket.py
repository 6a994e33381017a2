"""With a bucket alone: rebuilt from it, large recordings and voice files spoken for by address."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from lib import keeper
from lib.models import Health, JobState, Role
from lib.studio import orders, speaking, vaulting
from lib.studio.orders import OrderRefused
from lib.studio.workshop import Workshop
from tests.parts.radosgw import S3Server
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
def workshop(story: Story, s3_server: S3Server) -> Workshop:
    """The team's app, with a bucket instead of a disk."""
    story.settings = s3_server.settings(s3_server.new_bucket())
    return story.workshop()


def test_a_container_with_an_empty_disk_is_filled_from_the_bucket(
    story: Story, workshop: Workshop
) -> None:
    voices = [story.kept(workshop), story.kept(workshop, "qwen", 2)]
    take = speaking.order(workshop, text_order(voices[0]))
    story.live(workshop, MINUTE)
    waiting = orders.clone(workshop, clone_request(seed=3))
    keeper.one_pass(workshop)
    other = story.workshop("new", read=False, database=f"sqlite:///{story.folder}/new/v.db")

    assert vaulting.reconcile(other) == 4
    assert [health(other, voice_id) for voice_id in voices] == [Health.SAFE, Health.SAFE]
    assert other.registry.takes.get(take.id) == workshop.registry.takes.get(take.id)

    story.live(other, MINUTE)
    assert state(other, waiting) is JobState.DONE
    assert story.service.count("clone") == 3


def test_a_large_recording_goes_by_an_address_of_our_own_copy(
    story: Story, workshop: Workshop
) -> None:
    job = orders.clone(workshop, clone_request(recording=large_recording()))
    story.live(workshop, MINUTE)

    (request,) = story.service.of_kind("clone")
    copy = dossier(workshop, job.voice_id).copy(Role.REFERENCE, workshop.live_vault.name)
    assert copy is not None
    assert copy.key in request.field("audioUrl")
    assert "X-Amz-Signature" in request.field("audioUrl")
    assert len(request.body) < 3_000
    assert state(workshop, job) is JobState.DONE
    assert health(workshop, job.voice_id) is Health.SAFE


def test_a_small_recording_goes_directly(story: Story, workshop: Workshop) -> None:
    orders.clone(workshop, clone_request())
    keeper.one_pass(workshop)

    (request,) = story.service.of_kind("clone")
    assert request.field("audioUrl") == ""
    assert b"RIFF" in request.body


def test_a_recording_over_what_the_service_takes_is_refused(workshop: Workshop) -> None:
    with pytest.raises(OrderRefused, match="over 20 MB"):
        orders.clone(workshop, clone_request(recording=b"RIFF" + bytes(20_000_001)))


def test_a_voice_file_speaks_from_our_own_copy_long_after_the_host_dropped_its_own(
    story: Story, workshop: Workshop
) -> None:
    voice_id = story.kept(workshop, "qwen")
    story.clock.advance(200 * HOUR)
    story.service.always("file", None)
    job = speaking.order(workshop, text_order(voice_id, model=QWEN))
    story.live(workshop, MINUTE)

    request = story.service.of_kind("speech")[-1]
    copy = dossier(workshop, voice_id).copy(Role.EMBEDDING, workshop.live_vault.name)
    assert copy is not None
    assert copy.key in request.field("speaker_voice_embedding_file_url")
    assert state(workshop, job) is JobState.DONE
    assert workshop.registry.takes.get(job.id) is not None


def test_signed_addresses_are_stored_nowhere(
    story: Story, workshop: Workshop, s3_server: S3Server
) -> None:
    orders.clone(workshop, clone_request(recording=large_recording()))
    voice_id = story.kept(workshop, "qwen", 2)
    speaking.order(workshop, text_order(voice_id, model=QWEN))
    story.live(workshop, MINUTE)

    with closing(sqlite3.connect(story.folder / "voicekeep.db")) as database:
        assert "X-Amz" not in "\n".join(database.iterdump())
    assert not any(b"X-Amz" in text for text in manifests(workshop))
    assert s3_server.secret_key.encode() not in b"".join(manifests(workshop))


def manifests(workshop: Workshop) -> Iterator[bytes]:
    for prefix in ("voices/", "takes/"):
        for key in workshop.live_vault.keys(prefix):
            if key.endswith(".json"):
                yield workshop.live_vault.get(key, max_bytes=10**7)


def test_an_order_is_refused_where_the_bucket_refuses_our_keys(
    story: Story, workshop: Workshop
) -> None:
    locked_out = story.workshop("other", AWS_SECRET_ACCESS_KEY="not-the-secret")

    with pytest.raises(OrderRefused, match="nothing was spent"):
        orders.clone(locked_out, clone_request())
    assert story.service.seen == []


def test_a_clone_that_fails_at_the_service_keeps_its_recording_in_the_bucket(
    story: Story, workshop: Workshop
) -> None:
    story.service.next("clone", refuses(400, "Of no use"))
    job = orders.clone(workshop, clone_request())
    story.live(workshop, MINUTE)

    copy = dossier(workshop, job.voice_id).copy(Role.REFERENCE, workshop.live_vault.name)
    assert fresh(workshop, job).state is JobState.FAILED
    assert copy is not None
    assert workshop.live_vault.get(copy.key, max_bytes=10**7)[:4] == b"RIFF"
