"""A voice is cloned again from its kept recording: an order like any other, linked to the old."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lib.models import Consent, Health, Job, JobKind, JobState, KeepPolicy, Money, Role
from lib.services import NANOGPT, SERVICES
from lib.settings import Team
from lib.studio import again, library, orders, tending
from lib.studio.orders import AskFirst, OrderRefused
from lib.studio.workshop import Workshop
from lib.vault.base import sha256_hex
from tests.studio.service import loses_the_answer, refuses
from tests.studio.story import (
    DAY,
    MINUTE,
    Story,
    all_jobs,
    clone_request,
    dossier,
    health,
    recording,
    spend,
    state,
)

PERSON = "Bea"
"""Who clones again; Ada made the voice and attested the consent."""


def old(story: Story, workshop: Workshop, **more: Any) -> str:
    """A voice of two days ago, with a description and tags."""
    voice_id = story.made(workshop, keep_policy=KeepPolicy.ASK, **more)
    fields = {"description": "A pilot.", "tags": ("radio",), "language": "English"}
    workshop.registry.voices.change(voice_id, **fields)
    story.clock.advance(2 * DAY)
    return voice_id


def order(workshop: Workshop, voice_id: str, **more: Any) -> Job:
    given = {"name": "Grace 2", "person": PERSON} | more
    return again.clone_again(workshop, dossier(workshop, voice_id), **given)


def reference_path(story: Story, workshop: Workshop, voice_id: str) -> Path:
    copy = dossier(workshop, voice_id).copy(Role.REFERENCE, workshop.live_vault.name)
    assert copy is not None
    return story.folder / "vault" / copy.key


def clones(workshop: Workshop) -> list[Job]:
    return [job for job in all_jobs(workshop) if job.kind is JobKind.CLONE]


def test_the_new_voice_has_an_id_of_its_own_and_all_that_belongs_to_the_old(
    story: Story, workshop: Workshop
) -> None:
    voice_id = old(story, workshop, noise_reduction=True, accuracy=0.4, refresh_days=6)
    before = dossier(workshop, voice_id)
    job = order(workshop, voice_id)
    story.until(workshop, lambda: state(workshop, job) is JobState.DONE)
    new = dossier(workshop, job.voice_id)
    same = ("kind", "service", "description", "tags", "language", "keep_policy", "refresh_days")
    for name in (*same, "owner", "consent", "transcript"):
        assert getattr(new.voice, name) == getattr(before.voice, name), name
    assert new.voice.provider_voice_id != before.voice.provider_voice_id
    assert new.voice.clock_start != before.voice.clock_start
    assert job.person == PERSON
    assert job.estimate == Money.usd("1.00")
    assert (job.request["noise_reduction"], job.request["accuracy"]) == (True, 0.4)
    copy = new.copy(Role.REFERENCE, workshop.live_vault.name)
    assert copy is not None
    assert copy.sha256 == sha256_hex(recording(1))


def test_old_and_new_are_linked_both_ways(story: Story, workshop: Workshop) -> None:
    voice_id = old(story, workshop)
    job = order(workshop, voice_id)
    voice = dossier(workshop, voice_id).voice
    assert voice.replaced_by == job.voice_id
    heir = again.heir(workshop, voice)
    assert heir is not None
    assert heir.id == job.voice_id
    parent = again.parent(workshop, heir)
    assert parent is not None
    assert parent.id == voice_id
    lines = [event.what for event in workshop.registry.events.of_voice(voice_id)]
    assert lines == ["cloned it again from its recording"]


def test_a_lost_voice_comes_back_and_is_kept(story: Story, workshop: Workshop) -> None:
    voice_id = old(story, workshop)
    story.clock.advance(30 * DAY)
    assert health(workshop, voice_id) is Health.PROBABLY_LOST
    job = order(workshop, voice_id)
    tending.change_policy(
        workshop, dossier(workshop, job.voice_id).voice, tending.Wish(KeepPolicy.AT_ONCE), PERSON
    )
    story.until(workshop, lambda: health(workshop, job.voice_id) is Health.SAFE)


def test_a_second_click_is_the_same_order(story: Story, workshop: Workshop) -> None:
    voice_id = old(story, workshop)
    stale = dossier(workshop, voice_id)
    first = again.clone_again(workshop, stale, name="Grace 2", person=PERSON)
    second = again.clone_again(workshop, stale, name="Grace 2", person=PERSON)
    assert second.id == first.id
    assert len(clones(workshop)) == 2


def test_it_is_not_done_again_while_the_new_one_is_there(story: Story, workshop: Workshop) -> None:
    voice_id = old(story, workshop)
    order(workshop, voice_id)
    with pytest.raises(OrderRefused, match="cloned again already"):
        order(workshop, voice_id)


def test_it_can_be_done_again_where_the_first_time_came_to_nothing(
    story: Story, workshop: Workshop
) -> None:
    voice_id = old(story, workshop)
    story.service.next("clone", refuses(400))
    first = order(workshop, voice_id)
    story.live(workshop, MINUTE)
    assert state(workshop, first) is JobState.FAILED
    second = order(workshop, voice_id)
    assert dossier(workshop, voice_id).voice.replaced_by == second.voice_id


def test_within_a_day_it_is_asked_first(story: Story, workshop: Workshop) -> None:
    voice_id = story.asking(workshop)
    with pytest.raises(AskFirst) as question:
        order(workshop, voice_id)
    assert len(clones(workshop)) == 1
    order(workshop, voice_id, another=question.value.another)
    assert len(clones(workshop)) == 2


def test_a_recording_that_changed_is_not_used(story: Story, workshop: Workshop) -> None:
    voice_id = old(story, workshop)
    path = reference_path(story, workshop, voice_id)
    data = bytearray(path.read_bytes())
    data[1000] ^= 1
    path.write_bytes(data)
    with pytest.raises(OrderRefused, match="not what it was"):
        order(workshop, voice_id)
    assert len(clones(workshop)) == 1


def test_a_recording_that_is_gone_is_a_sentence(story: Story, workshop: Workshop) -> None:
    voice_id = old(story, workshop)
    reference_path(story, workshop, voice_id).unlink()
    with pytest.raises(OrderRefused, match="Nothing was spent"):
        order(workshop, voice_id)
    assert dossier(workshop, voice_id).voice.replaced_by == ""


def test_without_a_good_copy_there_is_no_price(story: Story, workshop: Workshop) -> None:
    voice_id = old(story, workshop)
    found = dossier(workshop, voice_id)
    bare = replace(found, evidence=())
    assert again.chance(workshop, found).price == Money.usd("1.00")
    assert "recording" in again.chance(workshop, bare).why_not


def test_without_consent_on_record_nobody_is_cloned(story: Story, workshop: Workshop) -> None:
    voice_id = old(story, workshop)
    workshop.registry.voices.change(voice_id, consent=None)
    with pytest.raises(OrderRefused, match="agrees"):
        order(workshop, voice_id)


def test_the_consent_stays_the_one_that_was_given(story: Story, workshop: Workshop) -> None:
    voice_id = old(story, workshop)
    given = dossier(workshop, voice_id).voice.consent
    assert isinstance(given, Consent)
    job = order(workshop, voice_id)
    assert dossier(workshop, job.voice_id).voice.consent == given
    assert given.attested_at < job.created_at


def test_an_order_of_unknown_outcome_is_settled_first(story: Story, workshop: Workshop) -> None:
    story.service.next("clone", loses_the_answer)
    job = orders.clone(workshop, clone_request())
    story.live(workshop, MINUTE)
    assert state(workshop, job) is JobState.UNKNOWN
    with pytest.raises(OrderRefused, match="has not ended"):
        order(workshop, job.voice_id)


def test_budget_and_balance_hold(story: Story) -> None:
    story.team = Team(monthly_budget=Money.usd("1.50"))
    workshop = story.workshop()
    voice_id = old(story, workshop)
    with pytest.raises(OrderRefused, match="budget"):
        order(workshop, voice_id)
    story.team = Team()
    richer = story.workshop()
    spend(richer, Money.usd("0.20"))
    with pytest.raises(OrderRefused, match="balance"):
        order(richer, voice_id)
    assert dossier(richer, voice_id).voice.replaced_by == ""


def test_a_qwen_voice_goes_with_its_transcript(story: Story, workshop: Workshop) -> None:
    voice_id = story.kept(workshop, "qwen")
    story.clock.advance(2 * DAY)
    job = order(workshop, voice_id)
    assert dossier(workshop, job.voice_id).voice.transcript == "A hum."
    assert job.estimate == Money.usd("0.25")


def test_a_recording_in_the_folder_of_before_is_found(story: Story) -> None:
    early = story.workshop(VAULT_URL="")
    early.loopback = True
    voice_id = old(story, early)
    later = story.workshop()
    assert again.chance(later, dossier(later, voice_id)).is_open
    job = order(later, voice_id)
    new = dossier(later, job.voice_id)
    assert new.copy(Role.REFERENCE, later.live_vault.name) is not None


def test_the_entry_of_the_new_voice_is_in_the_library(story: Story, workshop: Workshop) -> None:
    voice_id = old(story, workshop)
    job = order(workshop, voice_id)
    assert {item.voice.id for item in library.entries(workshop)} == {voice_id, job.voice_id}


@pytest.mark.parametrize(
    ("name", "following"),
    [
        ("Rowan", "Rowan 2"),
        ("Rowan 2", "Rowan 3"),
        ("Rowan 99", "Rowan 100"),
        ("2", "2 2"),
        ("Apollo11", "Apollo11 2"),
        ("x" * 80, "x" * 78 + " 2"),
    ],
)
def test_the_next_name_counts_on(name: str, following: str) -> None:
    assert again.next_name(name) == following


def test_a_kind_that_nobody_clones_says_so(story: Story, workshop: Workshop) -> None:
    voice_id = old(story, workshop)
    found = dossier(workshop, voice_id)
    assert SERVICES[NANOGPT].clone_offer("inworld") is None
    inworld = replace(found, voice=replace(found.voice, kind="inworld"))  # type: ignore[arg-type]
    assert "No service" in again.chance(workshop, inworld).why_not
