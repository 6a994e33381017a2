"""Speech that was paid for is kept: stored, proven, and waiting on the disk if it must."""

from __future__ import annotations

import io
import json
import wave
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from lib import keeper
from lib.models import EvidenceKind, Health, JobState, Money, Take, TextState
from lib.recordings.inspect import inspect
from lib.recordings.writing import Form
from lib.registry import schema
from lib.services import NANOGPT
from lib.studio.core.context import Context
from lib.studio.library import takes
from lib.studio.orders import speaking
from lib.studio.orders.confirming import OrderRefused
from lib.studio.storage import manifests
from lib.studio.transfer import exporting, importing
from lib.vault.base import sha256_hex
from tests.parts.persons import ADA
from tests.parts.rows import all_rows
from tests.registry.records import a_long_text
from tests.studio.service import Reply, loses_the_answer, refuses, says
from tests.studio.story import (
    DAY,
    HOUR,
    MINUTE,
    Story,
    dossier,
    fresh,
    health,
    state,
    text_order,
)

QWEN = "Qwen-3-TTS-1.7B"


def test_a_speech_becomes_a_take_in_the_vault(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    job = speaking.order(context, text_order(voice_id, "How do you do?", speed=1.5))
    story.live(context, MINUTE)

    take = context.registry.takes.get(job.id)
    assert take is not None
    sound = (story.folder / "vault" / take.key).read_bytes()
    request = story.service.of_kind("speech")[-1]
    assert state(context, job) is JobState.DONE
    assert (take.voice_id, take.text, take.settings) == (voice_id, "How do you do?", {"speed": 1.5})
    assert request.field("speed") == "1.5"
    assert sound.startswith(b"RIFF")
    assert sha256_hex(sound) == take.sha256
    assert take.seconds > 0.3
    assert take.mime == "audio/wav"
    assert fresh(context, job).charged == Money.usd("0.0014")
    story_file = story.folder / "vault" / "takes" / job.id / "take.json"
    assert json.loads(story_file.read_bytes())["take"]["sha256"] == take.sha256
    assert context.spool.waiting() == []


@pytest.mark.parametrize("case", ["", "elevenlabs-7fffffff.wav"])
def test_a_sound_that_was_streamed_is_kept_with_its_true_sizes(
    story: Story, context: Context, cases: Path, case: str
) -> None:
    """Players go by the sizes that a WAV states: 67,108 seconds for a few."""
    voice_id = story.kept(context)
    body = (cases / "audio" / case).read_bytes() if case else b""
    story.service.always(
        "file", lambda ask: replace(ask(), body=body) if case else without_sizes(ask())
    )
    job = speaking.order(context, text_order(voice_id))
    story.live(context, MINUTE)

    take = context.registry.takes.get(job.id)
    assert take is not None
    sound = (story.folder / "vault" / take.key).read_bytes()
    assert sound[4:8] == (len(sound) - 8).to_bytes(4, "little")
    with wave.open(io.BytesIO(sound)) as opened:
        assert opened.getnframes() / opened.getframerate() == pytest.approx(take.seconds)
    assert (take.sha256, take.size) == (sha256_hex(sound), len(sound))


def without_sizes(reply: Reply) -> Reply:
    """The same WAV as it is written by who does not know its length yet."""
    body, unknown = reply.body, b"\xff\xff\xff\x7f"
    assert body[36:40] == b"data"
    return replace(reply, body=body[:4] + unknown + body[8:40] + unknown + body[44:])


def test_an_identical_take_is_found_before_it_is_paid_again(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    job = speaking.order(context, text_order(voice_id, speed=1.5))
    story.live(context, MINUTE)

    same = context.registry.takes.same(
        voice_id=voice_id, text="Good morning.", model=job.request["model"], settings={"speed": 1.5}
    )
    assert same is not None
    assert same.id == job.id


def test_any_speech_with_a_minimax_voice_keeps_it(story: Story, context: Context) -> None:
    voice_id = story.asking(context)
    before = health(context, voice_id)
    for number in range(2):
        speaking.order(context, text_order(voice_id, f"Take {number}."))
        story.live(context, MINUTE)

    (proof,) = dossier(context, voice_id).valid_evidence(EvidenceKind.ACTIVATION)
    assert before is Health.WAITING
    assert health(context, voice_id) is Health.SAFE
    assert proof.summary == "Take 0."
    assert proof.key.startswith("takes/")


def test_a_take_that_was_refunded_is_no_use_any_more(story: Story, context: Context) -> None:
    story.service.speaks_by_ticket()
    voice_id = story.asking(context)
    job = speaking.order(context, text_order(voice_id))
    story.live(context, MINUTE)
    story.service.always("speech_status", says({"status": "error", "error": "Rolled back"}))
    story.live(context, 2 * HOUR)

    assert health(context, voice_id) is Health.WAITING
    assert fresh(context, job).cost == Money()
    assert context.registry.takes.get(job.id) is not None


def test_speech_with_a_qwen_voice_uses_the_hosted_file_while_the_vault_has_no_addresses(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context, "qwen")
    job = speaking.order(context, text_order(voice_id, model=QWEN, language="German"))
    story.live(context, MINUTE)

    request = story.service.of_kind("speech")[-1]
    voice = dossier(context, voice_id).voice
    assert request.field("speaker_voice_embedding_file_url") == voice.embedding_url
    assert request.field("reference_text") == "A hum."
    assert request.field("language") == "German"
    assert state(context, job) is JobState.DONE
    assert story.service.count("speech_status") >= 1  # it came by ticket
    assert dossier(context, voice_id).valid_evidence(EvidenceKind.ACTIVATION) == ()


def test_a_sound_waits_on_the_disk_while_the_vault_is_broken(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context)
    story.service.speaks_by_ticket()
    job = speaking.order(context, text_order(voice_id))
    story.until(context, lambda: state(context, job) is JobState.WAITING)
    story.vault_breaks()
    story.live(context, HOUR)
    fetched = story.service.count("file")
    assert state(context, job) is JobState.WAITING
    assert "not in your storage yet" in fresh(context, job).last_answer
    assert context.spool.waiting() == [job.id]

    story.service.always("file", refuses(404))  # and the service forgets it meanwhile
    story.vault_is_mended()
    story.live(context, 2 * HOUR)
    take = context.registry.takes.get(job.id)
    assert take is not None
    assert sha256_hex((story.folder / "vault" / take.key).read_bytes()) == take.sha256
    assert story.service.count("file") == fetched
    assert context.spool.waiting() == []


def test_a_sound_that_came_with_the_answer_waits_on_the_disk_as_well(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context)
    story.service.speaks_aloud()
    job = speaking.order(context, text_order(voice_id))
    story.live(context, MINUTE)

    assert state(context, job) is JobState.DONE
    assert fresh(context, job).charged == Money.usd("0.0013")
    assert context.spool.waiting() == []


def test_a_new_process_on_the_same_disk_finishes_what_waits_there(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context)
    story.service.speaks_by_ticket()
    job = speaking.order(context, text_order(voice_id))
    story.until(context, lambda: state(context, job) is JobState.WAITING)
    story.vault_breaks()
    story.live(context, MINUTE)
    context.close()
    story.vault_is_mended()
    restarted = story.context()
    story.live(restarted, 2 * HOUR)

    assert restarted.registry.takes.get(job.id) is not None


def test_a_sound_that_can_never_be_fetched_is_told_with_what_it_cost(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context)
    story.service.always("file", refuses(404))
    job = speaking.order(context, text_order(voice_id))
    story.live(context, DAY)

    ended = fresh(context, job)
    assert ended.state is JobState.FAILED
    assert "could not be fetched" in ended.error
    assert "probably cost $0.01" in ended.error
    assert ended.cost == Money.usd("0.0013")
    assert story.service.count("speech") == 2


@pytest.mark.parametrize("status", [400, 402, 413, 501])
def test_a_refused_text_has_cost_nothing(story: Story, context: Context, status: int) -> None:
    voice_id = story.kept(context)
    story.service.next("speech", refuses(status))
    job = speaking.order(context, text_order(voice_id))
    story.live(context, HOUR)

    assert state(context, job) is JobState.FAILED
    assert fresh(context, job).cost == Money()
    assert context.registry.takes.get(job.id) is None


def test_a_run_that_failed_at_the_service_says_what_came_back(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context)
    story.service.speaks_by_ticket()
    job = speaking.order(context, text_order(voice_id))
    story.service.next(
        "speech_status", says({"status": "error", "error": "Out of memory", "refunded": True})
    )
    story.live(context, MINUTE)

    ended = fresh(context, job)
    assert ended.state is JobState.FAILED
    assert "Out of memory" in ended.error
    assert ended.cost == Money()


# Deleting


def files_of(story: Story, take_id: str) -> set[str]:
    folder = story.folder / "vault" / "takes" / take_id
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def a_take(story: Story, context: Context, text: str = "A secret.") -> Take:
    voice_id = story.asking(context)
    job = speaking.order(context, text_order(voice_id, text))
    story.live(context, MINUTE)
    take = context.registry.takes.get(job.id)
    assert take is not None
    return take


def test_a_deleted_take_is_gone_with_its_text_and_what_it_cost_stays(
    story: Story, context: Context
) -> None:
    take = a_take(story, context)
    cost = context.registry.jobs.get(take.id).cost  # type: ignore[union-attr]
    assert files_of(story, take.id) == {"audio.wav", "take.json"}

    takes.delete(context, take.id, ADA)
    assert context.registry.takes.get(take.id) is None
    story.live(context, MINUTE)
    left = (story.folder / "vault" / "takes" / take.id / "take.json").read_text()
    assert files_of(story, take.id) == {"take.json"}
    assert "A secret." not in left
    everything = "".join(path.read_text() for path in (story.folder / "vault").rglob("*.json"))
    assert "A secret." not in everything
    job = context.registry.jobs.get(take.id)
    assert job is not None
    assert job.cost == cost > Money()


def test_a_take_keeps_its_name_and_star_wherever_its_story_is_read(
    story: Story, context: Context
) -> None:
    take = a_take(story, context)
    takes.rename(context, take, "  Opening\n titles ", ADA)
    takes.set_favourite(context, take, ADA, favourite=True)
    told = replace(take, name="Opening titles", favourite=True)
    assert context.registry.takes.get(take.id) == told
    story.live(context, MINUTE)
    export = io.BytesIO()
    exporting.write(context, export, person=ADA)

    rebuilt = story.new_container()
    manifests.reconcile(rebuilt)
    assert rebuilt.registry.takes.get(take.id) == told

    rebuilt.runtime.reconciliation.finished = True
    takes.rename(rebuilt, told, "", ADA)
    importing.take(rebuilt, export, dry_run=False, person=ADA)  # older: nothing comes back
    assert rebuilt.registry.takes.get(take.id) == replace(told, name="")


def test_a_story_from_before_takes_had_names_is_read(story: Story, context: Context) -> None:
    take = a_take(story, context)
    file = story.folder / "vault" / "takes" / take.id / "take.json"
    body = json.loads(file.read_bytes())
    del body["take"]["name"], body["take"]["favourite"]
    file.write_text(json.dumps(body))
    rebuilt = story.new_container()
    manifests.reconcile(rebuilt)
    assert rebuilt.registry.takes.get(take.id) == take


def test_what_is_as_it_was_is_neither_written_nor_noted(story: Story, context: Context) -> None:
    take = a_take(story, context)
    before = all_rows(context.registry)
    takes.rename(context, take, " ", ADA)
    takes.set_favourite(context, take, ADA, favourite=False)
    assert all_rows(context.registry) == before


def test_several_takes_are_deleted_and_one_that_is_being_spoken_stays(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context)
    jobs = [speaking.order(context, text_order(voice_id, f"Take {n}.")) for n in range(3)]
    story.live(context, MINUTE)
    found = takes.some(context, [job.id for job in jobs])
    busy = jobs[1].id
    registry = context.registry
    with registry.database.write() as connection:
        its = update(schema.jobs).where(schema.jobs.c.id == busy)
        connection.execute(its.values(state=JobState.WAITING))
    seen: list[int] = []
    deleted = takes.delete_all(context, found, ADA, report=seen.append)
    assert (deleted.count, [take.id for take in deleted.refused]) == (2, [busy])
    assert seen == [1, 2, 3]
    assert [take.id for take in takes.some(context, [job.id for job in jobs])] == [busy]
    assert files_of(story, jobs[0].id) == {"take.json"}
    assert files_of(story, busy) == {"audio.wav", "take.json"}


def test_a_deleted_take_does_not_come_back(story: Story, context: Context) -> None:
    take = a_take(story, context)
    export = io.BytesIO()
    exporting.write(context, export, person=ADA)
    takes.delete(context, take.id, ADA)
    story.live(context, DAY + HOUR)  # the vault is read again once a day
    assert context.registry.takes.get(take.id) is None

    importing.take(context, export, dry_run=False, person=ADA)
    assert context.registry.takes.get(take.id) is None
    rebuilt = story.new_container()
    manifests.reconcile(rebuilt)
    assert rebuilt.registry.takes.get(take.id) is None
    job = rebuilt.registry.jobs.get(take.id)
    assert job is not None
    assert job.cost == Money.usd("0.0009")
    rebuilt.runtime.reconciliation.finished = True
    importing.take(rebuilt, export, dry_run=False, person=ADA)
    assert rebuilt.registry.takes.get(take.id) is None
    assert files_of(story, take.id) == {"take.json"}

    export = io.BytesIO()
    exporting.write(rebuilt, export, person=ADA)
    assert importing.check(export).is_good


def test_a_use_stays_proven_when_its_take_is_deleted(story: Story, context: Context) -> None:
    take = a_take(story, context)
    assert health(context, take.voice_id) is Health.SAFE
    takes.delete(context, take.id, ADA)
    story.live(context, DAY)
    (proof,) = dossier(context, take.voice_id).valid_evidence(EvidenceKind.ACTIVATION)
    assert health(context, take.voice_id) is Health.SAFE
    assert (proof.key, proof.summary) == ("", "")


def test_a_sound_whose_deletion_was_interrupted_is_deleted_later(
    story: Story, context: Context
) -> None:
    take = a_take(story, context)
    story.vault_breaks()
    takes.delete(context, take.id, ADA)
    story.live(context, MINUTE)
    context.close()
    story.vault_is_mended()
    assert files_of(story, take.id) == {"audio.wav", "take.json"}
    restarted = story.context()
    story.live(restarted, HOUR)
    assert files_of(story, take.id) == {"take.json"}
    assert restarted.registry.takes.get(take.id) is None


def test_a_story_that_wants_another_sound_deleted_is_not_obeyed(
    story: Story, context: Context
) -> None:
    take = a_take(story, context)
    other = speaking.order(context, text_order(take.voice_id, "Another."))
    story.live(context, MINUTE)
    for key in (take.key, f"takes/{other.id}/audio.wav/../../x", "voices/x/voice.json"):
        context.registry.jobs.note(
            other.id, now=story.clock.now(), what="test",
            result={"deleted": {"vault": context.live_vault.name, "key": key}},
        )  # fmt: skip
        story.live(context, MINUTE)
    assert files_of(story, take.id) == {"audio.wav", "take.json"}
    assert files_of(story, other.id) == {"audio.wav", "take.json"}


def test_what_is_being_spoken_cannot_be_deleted(story: Story, context: Context) -> None:
    story.service.speaks_by_ticket()
    voice_id = story.asking(context)
    job = speaking.order(context, text_order(voice_id))
    story.until(context, lambda: state(context, job) is JobState.WAITING)
    with pytest.raises(OrderRefused, match="being generated right now"):
        takes.delete(context, job.id, ADA)
    story.live(context, MINUTE)
    assert context.registry.takes.get(job.id) is not None


def test_a_long_text_is_deleted_with_all_its_parts(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    story.service.where("number 90 ", loses_the_answer)
    text = " ".join(f"This is sentence number {n} of a story." for n in range(1, 160))
    whole = speaking.order(context, text_order(voice_id, text))
    story.live(context, MINUTE)
    parts = context.registry.long_texts.parts(whole.id)
    charged = Money.total(Money.usd(c.cost) for c in story.service.charges("speech")[1:])
    assert {state(context, part) for part in parts} == {JobState.DONE, JobState.UNKNOWN}

    takes.delete(context, whole.id, ADA)
    story.live(context, HOUR)
    for order in (whole, *parts):
        assert files_of(story, order.id) == {"take.json"}
        assert context.registry.takes.get(order.id) is None
        assert fresh(context, order).text == ""
    assert context.registry.long_texts.unfinished(services=[NANOGPT], limit=9) == []
    assert Money.total(fresh(context, part).cost for part in parts) == charged
    assert context.registry.long_texts.sums([whole.id])[whole.id].cost == charged


# Giving out


def test_a_take_is_given_out_as_wav_and_as_mp3(story: Story, context: Context) -> None:
    take = a_take(story, context)
    stored = (story.folder / "vault" / take.key).read_bytes()
    assert takes.converted(context, take, NANOGPT, Form.WAV) == stored
    found = inspect(takes.converted(context, take, NANOGPT, Form.MP3))
    assert found.format == "mp3"
    assert found.seconds == pytest.approx(take.seconds, abs=0.01)


def test_an_hour_is_not_made_a_wav(story: Story, context: Context) -> None:
    take = replace(a_take(story, context), seconds=takes.LONGEST_WAV + 1)
    with pytest.raises(takes.NoSound, match="Save it as an MP3"):
        takes.converted(context, take, NANOGPT, Form.WAV)
    assert takes.converted(context, take, NANOGPT, Form.MP3)


def test_a_deleted_take_stays_deleted_for_a_container_that_starts_in_the_next_second(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context)
    job = speaking.order(context, text_order(voice_id, "Delete me now."))
    story.live(context, MINUTE)
    takes.delete(context, job.id, ADA)
    new = story.new_container()
    keeper.one_pass(new)

    assert new.registry.takes.get(job.id) is None
    assert "text" not in fresh(new, job).request


def test_a_whole_without_parts_is_given_up_in_a_sentence(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    now = story.clock.now()
    whole = a_long_text(voice_id, parts=0, next_check_at=now)
    context.registry.long_texts.order((whole, []))
    assert keeper.one_pass(context).failed == []
    assert state(context, whole) is TextState.FAILED
