"""A real S3 server that loses things, damages them, is busy, is full or knows only half of S3:
nothing is safe without a good copy, nothing that was paid for is lost, and all comes right again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from lib import keeper, manifest
from lib.models import Evidence, EvidenceKind, Health, JobState, Role
from lib.services import NANOGPT
from lib.studio.core.context import Context
from lib.studio.jobs import sending
from lib.studio.orders import activation, cloning, speaking
from lib.studio.orders.confirming import OrderRefused
from lib.studio.storage import manifests
from lib.studio.storage.in_memory import AT_ONCE
from lib.vault.base import sha256_hex
from lib.vault.s3 import S3Vault
from tests.parts.length import mostly_slow
from tests.parts.persons import ADA
from tests.parts.radosgw import S3Server
from tests.studio.service import refuses
from tests.studio.story import (
    DAY,
    HOUR,
    KEY,
    MINUTE,
    Story,
    clone_request,
    dossier,
    fresh,
    health,
    state,
    text_order,
)
from tests.vault import meddler
from tests.vault.meddler import Answer, meddling

Headers = list[tuple[str, str]]
Pass = Callable[[], Answer]


@dataclass(frozen=True)
class Asked:
    """A request on its way to the server."""

    method: str
    path: str
    headers: Headers

    @property
    def is_write(self) -> bool:
        return self.method in ("PUT", "POST")


Fault = Callable[[Asked, Pass], Answer]


class Bucket:
    """A bucket behind a bad piece of network; `fault` is what is the matter with it right now."""

    def __init__(self, server: S3Server, name: str) -> None:
        self.fault: Fault | None = None
        self.asked: list[Asked] = []
        self._server = server
        self._name = name

    def answer(
        self, endpoint: str, method: str, path: str, headers: Headers, body: bytes
    ) -> Answer:
        asked = Asked(method, path, headers)
        self.asked.append(asked)
        fault = self.fault
        pass_on = _passer(endpoint, method, path, headers, body)
        return fault(asked, pass_on) if fault else pass_on()

    def objects(self) -> list[str]:
        listed = self._server.client.list_objects_v2(Bucket=self._name)
        return [item["Key"] for item in listed.get("Contents", [])]

    def loses(self, key: str) -> None:
        """Behind everybody's back."""
        self._server.client.delete_object(Bucket=self._name, Key=f"vault/{key}")

    def turns_a_byte(self, key: str) -> None:
        client, name = self._server.client, f"vault/{key}"
        data = client.get_object(Bucket=self._name, Key=name)["Body"].read()
        client.put_object(Bucket=self._name, Key=name, Body=bytes([data[0] ^ 1]) + data[1:])


_pass_on = meddler._ask


def _passer(endpoint: str, method: str, path: str, headers: Headers, body: bytes) -> Pass:
    return lambda: _pass_on(endpoint, method, path, headers, body)


def refused(asked: Asked, status: int, code: str) -> Answer:
    return Answer(asked.method, asked.path, 0, (), b"").refused(status, code)


def is_busy(asked: Asked, pass_on: Pass) -> Answer:
    return refused(asked, 503, "SlowDown")


def is_full(asked: Asked, pass_on: Pass) -> Answer:
    return refused(asked, 507, "InsufficientStorage") if asked.is_write else pass_on()


def is_over_its_quota(asked: Asked, pass_on: Pass) -> Answer:
    return refused(asked, 403, "QuotaExceeded") if asked.is_write else pass_on()


def loses_what_it_takes(asked: Asked, pass_on: Pass) -> Answer:
    """It says that it has stored a file, and has not."""
    if not asked.is_write:
        return pass_on()
    return Answer(asked.method, asked.path, 200, (("ETag", '"0"'),), b"")


def turns_a_byte_on_the_way(asked: Asked, pass_on: Pass) -> Answer:
    answer = pass_on()
    return answer.flipped() if answer.is_file and answer.body else answer


def answers_half(asked: Asked, pass_on: Pass) -> Answer:
    answer = pass_on()
    return replace(answer, cut=len(answer.body) // 2) if answer.is_file else answer


def knows_no_conditions(asked: Asked, pass_on: Pass) -> Answer:
    """As older servers: a write that is to happen only if something else is so, is refused."""
    if asked.is_write and any(name.lower().startswith("if-") for name, _ in asked.headers):
        return refused(asked, 501, "NotImplemented")
    return pass_on()


FAULTS: list[Fault] = [
    is_busy,
    is_full,
    is_over_its_quota,
    loses_what_it_takes,
    turns_a_byte_on_the_way,
    answers_half,
]


@pytest.fixture
def bucket(story: Story, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """The team's bucket; the client does not try again by itself, which would take long."""
    monkeypatch.setitem(S3Vault.__init__.__kwdefaults__, "retries", 0)
    name = s3_server.new_bucket()
    faulty = Bucket(s3_server, name)
    monkeypatch.setattr(meddler, "_ask", faulty.answer)
    with meddling(s3_server.endpoint, lambda answer: answer) as endpoint:
        story.settings = s3_server.settings(name) | {"AWS_ENDPOINT_URL_S3": endpoint}
        yield faulty


@pytest.fixture
def context(story: Story, bucket: Bucket) -> Context:
    """The team's app, with that bucket."""
    return story.context()


def copy_of(context: Context, voice_id: str, role: Role) -> Evidence:
    found = dossier(context, voice_id).copy(role, context.live_vault.name)
    assert found is not None
    return found


def everything_is_there(context: Context, voice_id: str) -> None:
    """Every file that counts for this voice comes back from the bucket as it was."""
    for item in dossier(context, voice_id).evidence:
        if item.withdrawn_at is None and item.kind is not EvidenceKind.NOT_FOUND:
            data = context.live_vault.get(item.key, max_bytes=10**7)
            assert sha256_hex(data) == item.sha256


@pytest.mark.parametrize("fault", mostly_slow(FAULTS, turns_a_byte_on_the_way))
def test_what_was_paid_for_survives_a_bucket_in_trouble_and_all_comes_right(
    story: Story, context: Context, bucket: Bucket, fault: Fault
) -> None:
    story.service.speaks_by_ticket()
    old = story.kept(context, seed=1)
    take = speaking.order(context, text_order(old))
    clones = [cloning.clone(context, clone_request(kind, n)) for kind, n in KINDS]
    for job in (take, *clones):
        assert sending.send(context, job)
    bucket.fault = fault
    summaries = story.live(context, 2 * HOUR)

    by_use, by_file = (job.voice_id for job in clones)
    assert not summaries[-1].all_done
    assert health(context, by_file) is Health.WAITING
    assert health(context, by_use) is health(context, old) is Health.SAFE
    (proof,) = dossier(context, by_use).valid_evidence(EvidenceKind.ACTIVATION)
    assert proof.key == ""
    assert fresh(context, take).state is JobState.WAITING
    with pytest.raises(OrderRefused):
        cloning.clone(context, clone_request(seed=4))
    paid = story.service.paid_requests

    bucket.fault = None
    after = story.live(context, 8 * HOUR)
    assert after[-1].all_done
    assert story.service.paid_requests == paid == 6  # three clones, two uses, one take
    for container in (context, empty_container(story)):
        for voice_id in (old, by_use, by_file):
            assert health(container, voice_id) is Health.SAFE
            everything_is_there(container, voice_id)
        kept = container.registry.takes.get(take.id)
        assert kept is not None
        assert sha256_hex(container.live_vault.get(kept.key, max_bytes=10**7)) == kept.sha256
    assert context.spool.waiting() == []


KINDS = (("minimax", 2), ("qwen", 3))


def empty_container(story: Story) -> Context:
    """What the next container learns from the bucket alone."""
    container = story.new_container("next")
    manifests.reconcile(container)
    return container


def test_a_server_that_refuses_conditional_writes_is_as_good_as_any(
    story: Story, context: Context, bucket: Bucket
) -> None:
    bucket.fault = knows_no_conditions
    voices = [story.kept(context, kind, number) for kind, number in KINDS]
    summaries = story.live(context, HOUR)
    context.live_vault.check()

    assert summaries[-1].all_done
    for voice_id in voices:
        everything_is_there(context, voice_id)


@pytest.mark.parametrize("damage", [Bucket.loses, Bucket.turns_a_byte], ids=["lost", "turned"])
def test_a_voice_file_that_is_bad_is_not_counted_and_taken_again(
    story: Story, context: Context, bucket: Bucket, damage: Callable[[Bucket, str], None]
) -> None:
    voice_id = story.kept(context, "qwen")
    damage(bucket, copy_of(context, voice_id, Role.EMBEDDING).key)
    story.clock.advance(DAY)
    story.service.always("file", refuses(503))
    activation.ask_for_files(context, voice_id, ADA)
    story.live(context, MINUTE)
    assert health(context, voice_id) is Health.WAITING

    story.service.always("file", None)
    story.live(context, 7 * HOUR)
    assert health(context, voice_id) is Health.SAFE
    everything_is_there(context, voice_id)


@pytest.mark.parametrize("damage", [Bucket.loses, Bucket.turns_a_byte], ids=["lost", "turned"])
def test_the_sound_of_a_use_that_is_bad_is_told_and_the_use_counts_on(
    story: Story, context: Context, bucket: Bucket, damage: Callable[[Bucket, str], None]
) -> None:
    voice_id = story.kept(context)
    (proof,) = dossier(context, voice_id).valid_evidence(EvidenceKind.ACTIVATION)
    damage(bucket, proof.key)
    paid = story.service.paid_requests
    story.live(context, 31 * DAY)

    (proof,) = dossier(context, voice_id).valid_evidence(EvidenceKind.ACTIVATION)
    assert (proof.vault, proof.key, proof.read_back_at) == ("", "", None)
    assert health(context, voice_id) is Health.SAFE
    assert story.service.paid_requests == paid


def test_one_byte_that_turns_on_its_way_here_makes_no_copy_bad(
    story: Story, context: Context, bucket: Bucket
) -> None:
    voice_id = story.kept(context, "qwen")
    story.clock.advance(200 * HOUR)  # the service has dropped its file
    turned: list[str] = []

    def once_each(asked: Asked, pass_on: Pass) -> Answer:
        answer = pass_on()
        if not answer.is_file or asked.path in turned:
            return answer
        turned.append(asked.path)
        return answer.flipped()

    bucket.fault = once_each
    activation.ask_for_files(context, voice_id, ADA)
    story.live(context, 3 * HOUR)

    assert turned
    assert health(context, voice_id) is Health.SAFE
    assert all(item.withdrawn_at is None for item in dossier(context, voice_id).evidence)


@pytest.mark.parametrize(
    "fault", mostly_slow([turns_a_byte_on_the_way, is_busy, answers_half], is_busy)
)
def test_a_copy_that_could_not_be_read_for_a_while_is_found_again(
    story: Story, context: Context, bucket: Bucket, fault: Fault
) -> None:
    voice_id = story.kept(context, "qwen")
    story.clock.advance(200 * HOUR)  # there is no other copy anywhere
    bucket.fault = fault
    activation.ask_for_files(context, voice_id, ADA)
    story.live(context, 30 * MINUTE)
    assert health(context, voice_id) is not Health.LOST

    bucket.fault = None
    story.live(context, 8 * HOUR)
    assert health(context, voice_id) is Health.SAFE
    everything_is_there(context, voice_id)


def broken(bucket: Bucket, key: str) -> None:
    """No JSON any more: its first byte is another one."""
    bucket.turns_a_byte(key)


@pytest.mark.parametrize("damage", [Bucket.loses, broken])
def test_a_story_that_the_bucket_lost_is_written_again_within_a_day(
    story: Story, context: Context, bucket: Bucket, damage: Callable[[Bucket, str], None]
) -> None:
    voice_id = story.kept(context)
    take = speaking.order(context, text_order(voice_id))
    story.live(context, MINUTE)
    assert state(context, take) is JobState.DONE
    for key in (manifest.story_key("voices", voice_id), manifest.story_key("takes", take.id)):
        damage(bucket, key)
    story.live(context, DAY)

    container = empty_container(story)
    assert health(container, voice_id) is Health.SAFE
    assert container.registry.takes.get(take.id) == context.registry.takes.get(take.id)


def test_a_bucket_that_is_out_of_order_is_not_asked_for_each_story(
    story: Story, context: Context, bucket: Bucket
) -> None:
    for number in range(20):
        job = cloning.clone(context, clone_request(seed=number + 1))
        context.registry.voices.change(job.voice_id, archived_at=story.clock.now())
    bucket.fault = is_full
    bucket.asked.clear()
    failed = manifests.save_due(context)

    assert len(context.registry.voices.unsaved(100)) == 20
    assert 1 <= len(failed) <= AT_ONCE
    assert sum(asked.is_write for asked in bucket.asked) <= AT_ONCE
    bucket.fault = None
    assert manifests.save_due(context) == []
    assert context.registry.voices.unsaved(100) == []


def test_addresses_and_keys_of_the_bucket_are_in_no_sentence(
    story: Story, context: Context, bucket: Bucket, s3_server: S3Server
) -> None:
    story.kept(context, "qwen")
    cloning.clone(context, clone_request(seed=2))
    bucket.fault = is_full
    told = repr(keeper.one_pass(context))
    jobs = context.registry.jobs.latest(services=[NANOGPT])
    told += "".join(job.last_answer + job.error for job in jobs)

    assert "is full" in told
    assert s3_server.secret_key not in told
    assert KEY not in told
    assert "X-Amz" not in told
