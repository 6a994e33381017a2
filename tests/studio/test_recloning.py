"""A voice is cloned again from its kept recording: an order like any other, linked to the old."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lib.consent import Consent, Relation
from lib.models import Health, Job, JobKind, JobState, KeepPolicy, Money, Role
from lib.services import NANOGPT, SERVICES
from lib.studio.core.context import Context
from lib.studio.library import editing, listing
from lib.studio.orders import cloning, recloning
from lib.studio.orders.confirming import AskFirst, OrderRefused
from lib.team import Team
from lib.vault.base import sha256_hex
from tests.parts.persons import named
from tests.parts.reopened import reopen
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

BEA = named("Bea")
"""Who clones again; Ada made the voice and attested the consent."""


def old(story: Story, context: Context, **more: Any) -> str:
    """A voice of two days ago, with a description and tags."""
    voice_id = story.made(context, keep_policy=KeepPolicy.ASK, **more)
    fields = {"description": "A pilot.", "tags": ("radio",), "language": "English"}
    context.registry.voices.change(voice_id, **fields)
    story.clock.advance(2 * DAY)
    return voice_id


def order(context: Context, voice_id: str, **more: Any) -> Job:
    given = {"name": "Grace 2", "person": BEA} | more
    return recloning.clone_again(context, dossier(context, voice_id), **given)


def reference_path(story: Story, context: Context, voice_id: str) -> Path:
    copy = dossier(context, voice_id).copy(Role.REFERENCE, context.live_vault.name)
    assert copy is not None
    return story.folder / "vault" / copy.key


def clones(context: Context) -> list[Job]:
    return [job for job in all_jobs(context) if job.kind is JobKind.CLONE]


def test_the_new_voice_has_an_id_of_its_own_and_all_that_belongs_to_the_old(
    story: Story, context: Context
) -> None:
    voice_id = old(story, context, noise_reduction=True, accuracy=0.4, refresh_days=6)
    before = dossier(context, voice_id)
    job = order(context, voice_id)
    story.until(context, lambda: state(context, job) is JobState.DONE)
    new = dossier(context, job.voice_id)
    same = ("kind", "service", "description", "tags", "language", "keep_policy", "refresh_days")
    for name in (*same, "owner", "consent", "transcript"):
        assert getattr(new.voice, name) == getattr(before.voice, name), name
    assert new.voice.provider_voice_id != before.voice.provider_voice_id
    assert new.voice.clock_start != before.voice.clock_start
    assert job.person == BEA.label
    assert job.estimate == Money.usd("1.00")
    assert (job.request["noise_reduction"], job.request["accuracy"]) == (True, 0.4)
    copy = new.copy(Role.REFERENCE, context.live_vault.name)
    assert copy is not None
    assert copy.sha256 == sha256_hex(recording(1))


def test_old_and_new_are_linked_both_ways(story: Story, context: Context) -> None:
    voice_id = old(story, context)
    job = order(context, voice_id)
    voice = dossier(context, voice_id).voice
    assert voice.replaced_by == job.voice_id
    heir = recloning.heir(context, voice)
    assert heir is not None
    assert heir.id == job.voice_id
    parent = recloning.parent(context, heir)
    assert parent is not None
    assert parent.id == voice_id
    lines = [event.what for event in context.registry.events.of_voice(voice_id)]
    assert lines == ["cloned it again from its recording"]


def test_a_lost_voice_comes_back_and_is_kept(story: Story, context: Context) -> None:
    voice_id = old(story, context)
    story.clock.advance(30 * DAY)
    assert health(context, voice_id) is Health.PROBABLY_LOST
    job = order(context, voice_id)
    editing.change_policy(
        context, dossier(context, job.voice_id).voice, editing.PolicyChange(KeepPolicy.AT_ONCE), BEA
    )
    story.until(context, lambda: health(context, job.voice_id) is Health.SAFE)


def test_a_second_click_is_the_same_order(story: Story, context: Context) -> None:
    voice_id = old(story, context)
    stale = dossier(context, voice_id)
    first = recloning.clone_again(context, stale, name="Grace 2", person=BEA)
    second = recloning.clone_again(context, stale, name="Grace 2", person=BEA)
    assert second.id == first.id
    assert len(clones(context)) == 2


def test_it_is_not_done_again_while_the_new_one_is_there(story: Story, context: Context) -> None:
    voice_id = old(story, context)
    order(context, voice_id)
    with pytest.raises(OrderRefused, match="cloned again already"):
        order(context, voice_id)


def test_it_can_be_done_again_where_the_first_time_came_to_nothing(
    story: Story, context: Context
) -> None:
    voice_id = old(story, context)
    story.service.next("clone", refuses(400))
    first = order(context, voice_id)
    story.live(context, MINUTE)
    assert state(context, first) is JobState.FAILED
    second = order(context, voice_id)
    assert dossier(context, voice_id).voice.replaced_by == second.voice_id


def test_within_a_day_it_is_asked_first(story: Story, context: Context) -> None:
    voice_id = story.asking(context)
    with pytest.raises(AskFirst) as question:
        order(context, voice_id)
    assert len(clones(context)) == 1
    order(context, voice_id, another=question.value.another)
    assert len(clones(context)) == 2


def test_a_recording_that_changed_is_not_used(story: Story, context: Context) -> None:
    voice_id = old(story, context)
    path = reference_path(story, context, voice_id)
    data = bytearray(path.read_bytes())
    data[1000] ^= 1
    path.write_bytes(data)
    with pytest.raises(OrderRefused, match="changed since it was stored"):
        order(context, voice_id)
    assert len(clones(context)) == 1


def test_a_recording_that_is_gone_is_a_sentence(story: Story, context: Context) -> None:
    voice_id = old(story, context)
    reference_path(story, context, voice_id).unlink()
    with pytest.raises(OrderRefused, match="Nothing was spent"):
        order(context, voice_id)
    assert dossier(context, voice_id).voice.replaced_by == ""


def test_without_a_good_copy_there_is_no_price(story: Story, context: Context) -> None:
    voice_id = old(story, context)
    found = dossier(context, voice_id)
    bare = replace(found, evidence=())
    assert recloning.chance(context, found).price == Money.usd("1.00")
    assert "recording" in recloning.chance(context, bare).why_not


def test_without_consent_on_record_nobody_is_cloned(story: Story, context: Context) -> None:
    voice_id = old(story, context)
    given = dossier(context, voice_id).voice.consent
    assert given
    context.registry.consents.give(
        [voice_id], replace(given, id="ticked", relation=Relation.NOT_SAID)
    )
    with pytest.raises(OrderRefused, match="Consent is not recorded"):
        order(context, voice_id)


def test_the_consent_stays_the_one_that_was_given(story: Story, context: Context) -> None:
    voice_id = old(story, context)
    given = dossier(context, voice_id).voice.consent
    assert isinstance(given, Consent)
    job = order(context, voice_id)
    assert dossier(context, job.voice_id).voice.consent == given
    assert given.attested_at < job.created_at


def test_an_order_of_unknown_outcome_is_settled_first(story: Story, context: Context) -> None:
    story.service.next("clone", loses_the_answer)
    job = cloning.clone(context, clone_request())
    story.live(context, MINUTE)
    assert state(context, job) is JobState.UNKNOWN
    with pytest.raises(OrderRefused, match="is not finished"):
        order(context, job.voice_id)


def test_budget_and_balance_hold(story: Story) -> None:
    story.team = Team(monthly_budget=Money.usd("1.50"))
    context = story.context()
    voice_id = old(story, context)
    with pytest.raises(OrderRefused, match="budget"):
        order(context, voice_id)
    story.team = Team()
    richer = story.context()
    spend(richer, Money.usd("0.20"))
    with pytest.raises(OrderRefused, match="balance"):
        order(richer, voice_id)
    assert dossier(richer, voice_id).voice.replaced_by == ""


def test_a_qwen_voice_goes_with_its_transcript(story: Story, context: Context) -> None:
    voice_id = story.kept(context, "qwen")
    story.clock.advance(2 * DAY)
    job = order(context, voice_id)
    assert dossier(context, job.voice_id).voice.transcript == "A hum."
    assert job.estimate == Money.usd("0.25")


def test_a_recording_in_the_folder_of_before_is_found(story: Story) -> None:
    early = story.context(VAULT_URL="")
    reopen(early, loopback=True)
    voice_id = old(story, early)
    later = story.context()
    assert recloning.chance(later, dossier(later, voice_id)).is_open
    job = order(later, voice_id)
    new = dossier(later, job.voice_id)
    assert new.copy(Role.REFERENCE, later.live_vault.name) is not None


def test_the_entry_of_the_new_voice_is_in_the_library(story: Story, context: Context) -> None:
    voice_id = old(story, context)
    job = order(context, voice_id)
    assert {item.voice.id for item in listing.entries(context)} == {voice_id, job.voice_id}


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
    assert recloning.next_name(name) == following


def test_a_kind_that_nobody_clones_says_so(story: Story, context: Context) -> None:
    voice_id = old(story, context)
    found = dossier(context, voice_id)
    assert SERVICES[NANOGPT].clone_offer("inworld") is None
    inworld = replace(found, voice=replace(found.voice, kind="inworld"))  # type: ignore[arg-type]
    assert "No known service" in recloning.chance(context, inworld).why_not
