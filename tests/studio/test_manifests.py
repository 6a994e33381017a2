"""The vault tells the whole story: a container that finds an empty disk goes on from there."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from lib import keeper, manifest
from lib.models import (
    Dossier,
    Health,
    JobState,
    KeepPolicy,
)
from lib.studio.core.context import Context
from lib.studio.jobs import recovery, sending
from lib.studio.orders import cloning, confirming, speaking
from lib.studio.storage import manifests
from tests.parts.persons import ADA
from tests.sentences import STILL_READING
from tests.studio.service import Ask, Holds, Reply, loses_the_answer, refuses
from tests.studio.story import (
    DAY,
    HOUR,
    MINUTE,
    Story,
    clone_request,
    dossier,
    fresh,
    health,
    state,
    text_order,
)


def vault_file(story: Story, *parts: str) -> Path:
    return story.folder.joinpath("vault", *parts)


def told(story: Story, voice_id: str) -> dict[str, Any]:
    """A voice's manifest as it lies in the vault."""
    found: dict[str, Any] = json.loads(
        vault_file(story, "voices", voice_id, "voice.json").read_bytes()
    )
    return found


def as_told(found: Dossier) -> Dossier:
    """A dossier without the fields that are about one registry's own work."""
    voice = replace(found.voice, saved_revision=0, copy_tries=0, copy_next_at=None, copy_error="")
    jobs = [replace(j, saved_revision=0, lease_owner="", lease_until=None) for j in found.jobs]
    return Dossier(
        voice,
        tuple(sorted(jobs, key=lambda job: job.id)),
        tuple(sorted(found.evidence, key=lambda item: item.id)),
    )


def test_every_change_of_a_story_is_written_in_the_pass_that_sees_it(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context)
    story.live(context, MINUTE)
    assert told(story, voice_id)["voice"]["revision"] == dossier(context, voice_id).voice.revision

    context.registry.voices.change(voice_id, name="Admiral Hopper")
    assert context.registry.voices.unsaved(10) == [voice_id]
    keeper.one_pass(context)
    assert told(story, voice_id)["voice"]["name"] == "Admiral Hopper"
    assert context.registry.voices.unsaved(10) == []


def test_before_a_clone_is_paid_the_vault_says_that_it_was_sent(
    story: Story, context: Context
) -> None:
    job = cloning.clone(context, clone_request())
    then: list[dict[str, Any]] = []

    def looks(ask: Ask) -> Reply:
        then.append(told(story, job.voice_id))
        return ask()

    story.service.next("clone", looks)
    sending.send(context, job)

    (seen,) = then
    assert [each["state"] for each in seen["jobs"]] == ["submitting"]
    assert seen["jobs"][0]["submitted_at"] == story.clock.now().isoformat()
    assert seen["voice"]["clock_start"] == story.clock.now().isoformat()


def test_before_a_speech_is_paid_the_vault_says_that_it_was_sent(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context)
    job = speaking.order(context, text_order(voice_id))
    then: list[dict[str, Any]] = []

    def looks(ask: Ask) -> Reply:
        then.append(json.loads(vault_file(story, "takes", job.id, "take.json").read_bytes()))
        return ask()

    story.service.next("speech", looks)
    sending.send(context, job)

    assert then[0]["job"]["state"] == "submitting"
    assert then[0]["take"] is None


def test_a_manifest_holds_no_key_and_no_recording(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    story.live(context, MINUTE)

    text = vault_file(story, "voices", voice_id, "voice.json").read_text()
    assert context.settings.get("NANOGPT_API_KEY") not in text
    assert len(text) < 20_000


def test_an_empty_registry_is_filled_with_equal_stories(story: Story, context: Context) -> None:
    library = [story.kept(context), story.kept(context, "qwen", 2)]
    library.append(story.made(context, seed=3, keep_policy=KeepPolicy.ASK))
    take = speaking.order(context, text_order(library[0]))
    story.service.next("clone", refuses(400, "Of no use"))
    failed = cloning.clone(context, clone_request(seed=4))
    story.live(context, HOUR)
    other = story.new_container()

    assert manifests.reconcile(other) == 5

    for voice_id in [*library, failed.voice_id]:
        assert as_told(dossier(other, voice_id)) == as_told(dossier(context, voice_id))
        assert health(other, voice_id) is health(context, voice_id)
    assert other.registry.takes.get(take.id) == context.registry.takes.get(take.id)
    assert fresh(other, take) == replace(
        fresh(context, take), saved_revision=fresh(other, take).saved_revision
    )
    assert other.runtime.reconciliation.total == other.runtime.reconciliation.done == 5

    paid = story.service.paid_requests
    story.live(other, 2 * HOUR)
    assert story.service.paid_requests == paid
    assert manifests.reconcile(other) == 0


def test_a_clone_under_way_is_finished_by_the_next_container(
    story: Story, context: Context
) -> None:
    job = cloning.clone(context, clone_request())
    keeper.one_pass(context)
    assert state(context, job) is JobState.WAITING
    other = story.new_container()
    story.live(other, MINUTE)

    assert state(other, job) is JobState.DONE
    assert health(other, job.voice_id) is Health.SAFE
    assert story.service.count("clone") == 1


def test_a_clone_being_sent_is_unknown_to_the_next_container_and_never_sent_again(
    story: Story, context: Context
) -> None:
    held = Holds()
    story.service.next("clone", held)
    job = cloning.clone(context, clone_request())
    sender = Thread(target=sending.send, args=(context, job))
    sender.start()
    assert held.arrived.wait(10)
    other = story.new_container()
    story.live(other, 2 * DAY)
    held.released.set()
    sender.join(10)

    assert state(other, job) is JobState.UNKNOWN
    assert health(other, job.voice_id) is Health.AT_RISK
    assert story.service.count("clone") == 1

    voice = dossier(other, job.voice_id).voice
    test_call = recovery.options_for(other, fresh(other, job), voice)[0]
    test_call.run(other, fresh(other, job), ADA)
    story.live(other, MINUTE)
    assert state(other, job) is JobState.DONE
    assert health(other, job.voice_id) is Health.SAFE


def test_an_order_that_was_only_confirmed_asks_again_in_the_next_container(
    story: Story, context: Context
) -> None:
    job = cloning.clone(context, clone_request())
    manifests.save_due(context)
    other = story.new_container()
    story.live(other, HOUR)
    assert state(other, job) is JobState.CONFIRMED
    assert story.service.paid_requests == 0

    confirming.send_after_all(other, fresh(other, job), ADA)
    story.live(other, HOUR)
    assert state(other, job) is JobState.DONE
    assert story.service.count("clone") == 1


def test_one_container_after_another_pays_once(story: Story, context: Context) -> None:
    job = cloning.clone(context, clone_request())
    story.service.next("clone", loses_the_answer)
    sending.send(context, job)  # and this disk vanishes
    for number in range(4):
        container = story.new_container(f"container-{number}")
        story.live(container, 3 * HOUR)
        assert state(container, job) is JobState.UNKNOWN

    assert story.service.count("clone") == 1


def test_a_ticket_is_in_the_vault_as_soon_as_it_is_known(story: Story, context: Context) -> None:
    job = cloning.clone(context, clone_request("qwen"))
    sending.send(context, job)  # and this disk vanishes
    other = story.new_container()
    story.live(other, MINUTE)

    assert health(other, job.voice_id) is Health.SAFE
    assert story.service.count("clone") == 1


def test_an_activation_of_a_lost_container_does_not_keep_out_the_next(
    story: Story, context: Context
) -> None:
    voice_id = story.to_be_kept(context)
    story.service.always("balance", refuses(401))
    story.live(context, MINUTE)  # an attempt stands in line, and the vault knows of it
    story.service.always("balance", None)
    other = story.new_container()
    story.live(other, HOUR)

    assert health(other, voice_id) is Health.SAFE
    assert story.service.count("speech") == 1


def test_takes_under_way_are_finished_by_the_next_container(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    story.service.speaks_by_ticket()
    job = speaking.order(context, text_order(voice_id))
    keeper.one_pass(context)
    other = story.new_container()
    story.live(other, MINUTE)

    assert other.registry.takes.get(job.id) is not None
    assert story.service.count("speech") == 2


def test_of_equal_stories_ours_stays_and_only_a_newer_one_is_taken(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context)
    story.live(context, MINUTE)
    path = vault_file(story, "voices", voice_id, "voice.json")
    ours = dossier(context, voice_id)
    for step, taken in ((-1, 0), (0, 0), (1, 1)):
        voice = replace(ours.voice, name="Theirs", revision=ours.voice.revision + step)
        path.write_bytes(manifest.write(replace(ours, voice=voice)))
        assert manifests.reconcile(context) == taken
    assert dossier(context, voice_id).voice.name == "Theirs"


def test_the_vault_is_read_again_once_a_day(story: Story, context: Context) -> None:
    keeper.one_pass(context)
    elsewhere = story.new_container("elsewhere", read=True)
    voice_id = story.kept(elsewhere)
    keeper.one_pass(elsewhere)
    keeper.one_pass(context)
    assert context.registry.voices.get(voice_id) is None

    story.clock.advance(DAY)
    keeper.one_pass(context)
    assert health(context, voice_id) is Health.SAFE


def test_until_the_vault_was_read_no_order_is_taken_and_nothing_is_done(
    story: Story, context: Context
) -> None:
    job = cloning.clone(context, clone_request())
    manifests.save_due(context)
    story.vault_breaks()
    other = story.new_container()
    summary = keeper.one_pass(other)
    assert summary.blocked
    assert not other.runtime.reconciliation.finished
    assert other.runtime.reconciliation.trouble
    with pytest.raises(confirming.OrderRefused, match=STILL_READING):
        cloning.clone(other, clone_request(seed=2))

    story.vault_is_mended()
    keeper.one_pass(other)
    assert other.runtime.reconciliation.finished
    assert other.runtime.reconciliation.trouble == ""
    assert other.registry.voices.get(job.voice_id) is not None
