"""What a person orders is one job, stored with its recording before anything is paid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from lib.models import Evidence, Job, JobState, Money, Role, Voice
from lib.registry.jobs import Jobs
from lib.services import NANOGPT, SERVICES
from lib.studio.core.context import Context
from lib.studio.jobs import sending
from lib.studio.orders import cloning, confirming, speaking
from lib.studio.orders.cloning import make_voice_id
from lib.studio.orders.confirming import AskFirst, OrderRefused
from lib.studio.orders.wording import Reason, sentence
from lib.vault.base import sha256_hex
from tests.parts.persons import ADA
from tests.studio.service import refuses, together
from tests.studio.story import (
    DAY,
    MINUTE,
    Story,
    all_jobs,
    clone_request,
    dossier,
    fresh,
    recording,
    state,
    text_order,
)


def test_an_order_waits_for_the_keeper_and_sends_nothing(story: Story, context: Context) -> None:
    woken: list[bool] = []
    context.runtime.wake = lambda: woken.append(True)

    job = cloning.clone(context, clone_request(preview_text=" Hello. ", accuracy=3.0))

    assert job.state is JobState.CONFIRMED
    assert job.estimate == Money.usd(1)
    assert job.send_before == context.clock.now() + 15 * MINUTE
    assert job.request["preview_text"] == "Hello."
    assert job.request["accuracy"] == 1.0
    assert woken == [True]
    assert story.service.seen == []


def test_the_recording_lies_in_the_vault_before_the_order_is_committed(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_vault: list[bytes] = []
    order = Jobs.order

    def look_first(
        jobs: Jobs,
        job: Job,
        voice: Voice | None = None,
        files: Sequence[Evidence] = (),
        **budget: Any,
    ) -> None:
        (reference,) = files
        in_vault.append(context.live_vault.get(reference.key, max_bytes=10**7))
        order(jobs, job, voice, files, **budget)

    monkeypatch.setattr(Jobs, "order", look_first)
    job = cloning.clone(context, clone_request())

    assert in_vault == [recording()]
    copy = dossier(context, job.voice_id).copy(Role.REFERENCE, context.live_vault.name)
    assert copy is not None
    assert copy.sha256 == sha256_hex(recording())
    assert copy.read_back_at == context.clock.now()


def test_a_double_click_is_one_job(context: Context) -> None:
    together(lambda: cloning.clone(context, clone_request()), times=8)

    jobs = all_jobs(context)
    assert len(jobs) == 1
    assert [found.voice.id for found in context.registry.voices.dossiers()] == [jobs[0].voice_id]
    assert cloning.clone(context, clone_request()).id == jobs[0].id


def test_a_second_tab_of_another_container_is_the_same_job(story: Story, context: Context) -> None:
    first = cloning.clone(context, clone_request())

    assert cloning.clone(story.context("elsewhere"), clone_request()).id == first.id


def test_the_same_recording_within_a_day_asks_first(story: Story, context: Context) -> None:
    story.kept(context)

    with pytest.raises(AskFirst, match="within the last day") as asked:
        cloning.clone(context, clone_request(name="Another name"))
    again = cloning.clone(context, clone_request(another=asked.value.another))

    assert asked.value.another == 1
    story.until(context, lambda: state(context, again) is JobState.DONE)
    assert len(story.service.charges("clone")) == 2


def test_making_another_is_confirmed_once_and_not_for_all_time(
    story: Story, context: Context
) -> None:
    story.kept(context)
    cloning.clone(context, clone_request(another=1))
    story.live(context, MINUTE)

    with pytest.raises(AskFirst) as asked:
        cloning.clone(context, clone_request(another=1))
    assert asked.value.another == 2


def test_the_same_recording_for_the_other_kind_or_after_a_day_is_not_asked_about(
    story: Story, context: Context
) -> None:
    story.kept(context)
    cloning.clone(context, clone_request("qwen"))
    story.clock.advance(DAY)

    assert cloning.clone(context, clone_request(name="Later")).state is JobState.CONFIRMED


def test_a_clone_that_was_refused_may_be_ordered_again_at_once(
    story: Story, context: Context
) -> None:
    story.service.next("clone", refuses(400, "The recording is of no use"))
    first = cloning.clone(context, clone_request())
    sending.send(context, first)

    assert cloning.clone(context, clone_request()).id != first.id
    assert state(context, first) is JobState.FAILED


def test_an_id_made_here_has_letters_of_the_name_and_a_digit() -> None:
    offer = SERVICES[NANOGPT].clone_offer("minimax")
    rule = offer.id_rule if offer else None
    for name in ("Zoë Ångström", "李", "x" * 200, "1-2-3", "O'Neil"):
        made = [make_voice_id(name) for _ in range(20)]
        assert len(set(made)) == 20
        assert all(rule and rule.fullmatch(text) for text in made)
        assert all(text[-1].isdigit() and text.isascii() for text in made)
    assert make_voice_id("Zoë Ångström").startswith("ZoeAngstrom")


def test_a_typed_id_is_kept_and_does_not_count_as_made_here(context: Context) -> None:
    job = cloning.clone(context, clone_request(voice_id="GraceHopper1906"))

    voice = dossier(context, job.voice_id).voice
    assert voice.provider_voice_id == "GraceHopper1906"
    assert not voice.id_made_here


def test_names_and_texts_are_cleaned_before_they_are_stored(story: Story, context: Context) -> None:
    job = cloning.clone(context, clone_request(name=" Grace\x00\n  Hopper "))
    assert dossier(context, job.voice_id).voice.name == "Grace Hopper"

    spoken = story.kept(context, seed=2)
    said = speaking.order(context, text_order(spoken, " Good\x07 morning.\nHow are you? "))
    assert said.request["text"] == "Good morning.\nHow are you?"


def test_the_same_speech_ordered_twice_is_one_job_until_it_is_done(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context)
    first = speaking.order(context, text_order(voice_id))

    assert speaking.order(context, text_order(voice_id)).id == first.id
    assert speaking.order(context, text_order(voice_id, another=1)).id != first.id
    assert speaking.order(context, text_order(voice_id, speed=1.5)).id != first.id


def test_settings_a_model_does_not_take_are_left_out(story: Story, context: Context) -> None:
    voice_id = story.kept(context)

    job = speaking.order(context, text_order(voice_id, language="German", speed=9.0))

    assert job.request["settings"] == {}
    assert "speed" not in job.request


def test_an_order_can_be_withdrawn_while_it_was_not_sent(story: Story, context: Context) -> None:
    job = cloning.clone(context, clone_request())
    confirming.withdraw(context, fresh(context, job), ADA)
    story.live(context, MINUTE)

    ended = fresh(context, job)
    assert ended.state is JobState.FAILED
    assert ended.cost == Money()
    assert ended.error_tells_cost
    assert story.service.paid_requests == 0


def test_an_order_that_was_sent_cannot_be_sent_after_all(story: Story, context: Context) -> None:
    job = cloning.clone(context, clone_request())
    sending.send(context, job)

    with pytest.raises(OrderRefused, match=sentence(Reason.HAS_CHANGED)):
        confirming.send_after_all(context, job, ADA)
