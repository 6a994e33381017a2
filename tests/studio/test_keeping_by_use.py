"""A MiniMax voice is used once in time, proven by a sound in hand, whatever stands in the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from lib import keeper
from lib.models import (
    Dossier,
    EvidenceKind,
    Health,
    JobState,
    KeepPolicy,
    Money,
    Role,
)
from lib.services import ACTIVATION_ATTEMPTS, ACTIVATION_TEXTS
from lib.studio.core.context import Context
from lib.studio.orders import activation, cloning
from lib.team import Team
from lib.vault.base import sha256_hex
from tests.parts.persons import ADA
from tests.parts.reopened import reopen
from tests.studio.service import (
    Tickets,
    Trouble,
    loses_the_answer,
    refuses,
    says,
    together,
)
from tests.studio.story import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Story,
    attempts,
    clone_request,
    dossier,
    health,
)

WINDOW = 168 * HOUR
NOT_FOUND = refuses(400, "Voice not found: Grace", code="invalid_voice")


def test_at_once_means_in_the_pass_that_saw_the_voice_made(story: Story, context: Context) -> None:
    cloning.clone(context, clone_request())
    summaries = story.live(context, 10 * SECOND)

    assert [summary.activated for summary in summaries if summary.activated] == [1]
    (found,) = context.registry.voices.dossiers()
    assert health(context, found.voice.id) is Health.SAFE
    assert len(story.service.charges("speech")) == 1


def test_the_evidence_tells_what_was_done_and_holds_the_sound(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context)

    (request,) = story.service.of_kind("speech")
    found = dossier(context, voice_id)
    (proof,) = found.valid_evidence(EvidenceKind.ACTIVATION)
    assert request.field("voice") == found.voice.provider_voice_id
    assert request.field("model") == proof.model == "Minimax-Speech-02-HD"
    assert proof.summary == request.field("text") == ACTIVATION_TEXTS[0]
    assert proof.cost == Money.usd("0.0038")
    assert proof.run_id
    sound = context.live_vault.get(proof.key, max_bytes=10**7)
    assert sound.startswith(b"RIFF")
    assert sha256_hex(sound) == proof.sha256
    assert context.spool.waiting() == []


def test_before_the_deadline_means_at_half_of_the_window(story: Story, context: Context) -> None:
    voice_id = story.made(context, keep_policy=KeepPolicy.BEFORE_DEADLINE)
    story.live(context, WINDOW / 2 - HOUR)
    assert health(context, voice_id) is Health.WAITING
    assert story.service.count("speech") == 0

    story.live(context, 2 * HOUR)
    assert health(context, voice_id) is Health.SAFE
    assert story.service.count("speech") == 1


def test_ask_me_means_that_nothing_is_spent_until_somebody_says_so(
    story: Story, context: Context
) -> None:
    voice_id = story.asking(context)
    seen = [health(context, voice_id)]
    for days in (5.5, 1, 0.9):
        story.live(context, timedelta(days=days))
        seen.append(health(context, voice_id))
    assert story.service.count("speech") == 0

    assert seen == [Health.WAITING, Health.DUE_SOON, Health.AT_RISK, Health.PROBABLY_LOST]


def test_a_person_keeps_a_voice_with_one_click_however_often_it_is_clicked(
    story: Story, context: Context
) -> None:
    voice_id = story.asking(context)
    found = dossier(context, voice_id)
    together(lambda: activation.order_activation(context, found, person=ADA), times=6)
    assert len(attempts(context, voice_id)) == 1

    story.live(context, MINUTE)
    assert health(context, voice_id) is Health.SAFE
    assert attempts(context, voice_id)[0].person == "Ada"


def test_keepers_of_two_containers_use_a_voice_once(story: Story, context: Context) -> None:
    voice_id = story.to_be_kept(context)
    both = iter([context, story.context("other")] * 2)
    together(lambda: keeper.one_pass(next(both)), times=4)
    story.live(context, MINUTE)

    assert health(context, voice_id) is Health.SAFE
    assert story.service.count("speech") == 1


@pytest.mark.parametrize(
    "trouble",
    [
        refuses(404),
        says({"not": "a sound"}),
        pytest.param(refuses(500), marks=pytest.mark.slow),
        pytest.param(says(""), marks=pytest.mark.slow),
    ],
    ids=["gone", "JSON", "trouble", "nothing"],
)
def test_a_paid_speech_whose_sound_does_not_arrive_proves_nothing(
    story: Story, context: Context, trouble: Trouble
) -> None:
    voice_id = story.to_be_kept(context)
    story.service.always("file", trouble)
    story.live(context, 12 * HOUR)
    assert health(context, voice_id) is Health.WAITING
    assert len(attempts(context, voice_id)) == 1

    story.service.always("file", None)
    story.live(context, 2 * DAY)
    assert health(context, voice_id) is Health.SAFE


def test_a_speech_that_does_not_end_is_no_evidence_and_its_voice_stays_at_risk(
    story: Story, context: Context
) -> None:
    voice_id = story.to_be_kept(context)
    story.service.always("speech", Tickets())
    story.service.always("speech_status", says({"status": "processing"}))
    story.live(context, MINUTE)
    (job,) = attempts(context, voice_id)
    making = dossier(context, voice_id).making
    assert making is not None
    story.clock.advance(WINDOW)
    keeper.one_pass(context)

    assert job.state is JobState.WAITING
    assert health(context, voice_id) is Health.AT_RISK
    assert story.service.count("speech") == 1

    some_sound = making.result["preview_url"]
    story.service.always("speech_status", says({"status": "completed", "audioUrl": some_sound}))
    story.live(context, HOUR)
    assert health(context, voice_id) is Health.SAFE  # whenever it ends


def test_a_refund_an_hour_later_takes_the_evidence_away_and_the_next_attempt_follows(
    story: Story, context: Context
) -> None:
    story.service.speaks_by_ticket()
    voice_id = story.kept(context)
    story.service.next(
        "speech_status", says({"status": "error", "error": "Rolled back", "refunded": True})
    )
    story.live(context, HOUR + MINUTE)

    first, second = attempts(context, voice_id)
    taken, standing = (
        item for item in dossier(context, voice_id).evidence if item.kind is EvidenceKind.ACTIVATION
    )
    assert first.cost == Money()
    assert taken.withdrawn_at is not None
    assert "took this speech back" in taken.withdrawn_why
    assert second.state is JobState.DONE
    assert standing.withdrawn_at is None
    assert health(context, voice_id) is Health.SAFE


def test_a_speech_that_stands_an_hour_later_is_not_asked_about_again(
    story: Story, context: Context
) -> None:
    story.service.speaks_by_ticket()
    voice_id = story.kept(context)
    asked = story.service.count("speech_status")
    story.live(context, 2 * DAY)

    assert story.service.count("speech_status") == asked + 1
    assert health(context, voice_id) is Health.SAFE


def test_lost_answers_lead_to_further_attempts_with_pauses_and_five_at_most(
    story: Story, context: Context
) -> None:
    voice_id = story.to_be_kept(context)
    story.service.always("speech", loses_the_answer)
    begun = story.clock.now()
    while story.clock.now() < begun + WINDOW:
        story.live(context, 6 * HOUR)
        assert sum(job.is_open for job in attempts(context, voice_id)) <= 1

    made = attempts(context, voice_id)
    pauses = [later.created_at - earlier.created_at for earlier, later in pairwise(made)]
    assert [job.state for job in made] == [JobState.UNKNOWN] * ACTIVATION_ATTEMPTS
    assert story.service.count("speech") == ACTIVATION_ATTEMPTS
    least = [15 * MINUTE, HOUR, 6 * HOUR, 6 * HOUR]
    assert all(0.9 * a <= b <= 1.1 * a for a, b in zip(least, pauses, strict=True))
    assert pauses[0] >= 15 * MINUTE


def test_an_attempt_whose_answer_was_lost_is_followed_by_one_that_proves_the_voice(
    story: Story, context: Context
) -> None:
    voice_id = story.to_be_kept(context)
    story.service.next("speech", loses_the_answer)
    story.live(context, HOUR)

    assert health(context, voice_id) is Health.SAFE
    assert [job.state for job in attempts(context, voice_id)] == [JobState.UNKNOWN, JobState.DONE]


def test_near_the_deadline_attempts_follow_closer_but_not_all_at_once(
    story: Story, context: Context
) -> None:
    voice_id = story.asking(context)
    story.clock.advance(WINDOW - 50 * MINUTE)
    context.registry.voices.change(voice_id, keep_policy=KeepPolicy.AT_ONCE)
    story.service.always("speech", loses_the_answer)
    story.live(context, 45 * MINUTE)

    made = attempts(context, voice_id)
    pauses = [later.created_at - earlier.created_at for earlier, later in pairwise(made)]
    assert len(made) >= 3
    assert min(pauses) >= MINUTE
    assert max(pauses) <= 13 * MINUTE


def test_a_text_that_the_service_refuses_is_followed_by_another_text(
    story: Story, context: Context
) -> None:
    voice_id = story.to_be_kept(context)
    story.service.next("speech", refuses(400, "Not this", code="content_policy_violation"))
    story.live(context, HOUR)

    texts = [request.field("text") for request in story.service.of_kind("speech")]
    assert texts == list(ACTIVATION_TEXTS[:2])
    assert health(context, voice_id) is Health.SAFE


def _asked_by_a_person(story: Story, context: Context, voice_id: str) -> Dossier:
    activation.order_activation(context, dossier(context, voice_id), person=ADA)
    story.live(context, MINUTE)
    return dossier(context, voice_id)


def test_not_found_twice_after_the_window_is_a_loss_and_not_before(
    story: Story, context: Context
) -> None:
    voice_id = story.asking(context)
    story.clock.advance(WINDOW)  # the service has deleted it

    _asked_by_a_person(story, context, voice_id)
    once = health(context, voice_id)
    story.clock.advance(HOUR)
    _asked_by_a_person(story, context, voice_id)

    assert once is Health.PROBABLY_LOST
    assert health(context, voice_id) is Health.LOST
    kept = dossier(context, voice_id).copy(Role.REFERENCE, context.live_vault.name)
    assert kept is not None  # with it the voice can be cloned again


def test_a_test_call_after_the_window_that_speaks_makes_a_voice_safe(
    story: Story, context: Context
) -> None:
    voice_id = story.asking(context)
    context.registry.voices.change(voice_id, clock_start=story.clock.now() - WINDOW - DAY)
    assert health(context, voice_id) is Health.PROBABLY_LOST

    _asked_by_a_person(story, context, voice_id)
    assert health(context, voice_id) is Health.SAFE


def test_not_found_within_the_window_is_no_loss_and_is_tried_again(
    story: Story, context: Context
) -> None:
    voice_id = story.to_be_kept(context)
    story.service.next("speech", NOT_FOUND, NOT_FOUND)
    story.live(context, 2 * HOUR)

    assert [job.error_kind for job in attempts(context, voice_id)] == ["not_found"] * 2 + [""]
    assert health(context, voice_id) is Health.SAFE


def test_a_budget_never_stops_the_keeping(story: Story, context: Context) -> None:
    voice_id = story.asking(context)
    reopen(context, settings=replace(context.settings, team=Team(monthly_budget=Money())))
    _asked_by_a_person(story, context, voice_id)

    assert health(context, voice_id) is Health.SAFE
