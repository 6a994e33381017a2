"""Kyma through the whole house: made, kept, spoken with, and never paid twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lib import keeper
from lib.demo.showcase import GUESTS
from lib.models import ErrorKind, Evidence, Health, Job, JobState, Money, VoiceKind
from lib.retention import reason_words
from lib.services import KYMA, MINIMAX
from lib.studio.adoption import listening
from lib.studio.adoption.ids import VoiceType
from lib.studio.core.context import Context
from lib.studio.core.standpoint import standpoint_of
from lib.studio.jobs import recovery
from lib.studio.library import listing
from lib.studio.orders import confirming, speaking
from lib.studio.orders.speaking import SpeechRequest
from tests.parts.charges import charges_of
from tests.parts.persons import ADA, BEN
from tests.studio.adopting import adopted
from tests.studio.kyma import HD, MADE, clone_at_kyma, kyma_shop
from tests.studio.service import (
    Ask,
    PretendService,
    Reply,
    answers_a_page,
    loses_the_answer,
    refuses,
    says,
)
from tests.studio.story import (
    DAY,
    HOUR,
    MINUTE,
    Story,
    attempts,
    dossier,
    fresh,
    health,
    state,
)


@pytest.fixture
def context(story: Story) -> Context:
    """The team's app, with a key for Kyma."""
    return kyma_shop(story)


def _order_line(service: PretendService) -> list[str]:
    """The paid requests, in the order in which they came."""
    return [request.kind for request in service.seen if request.kind in MADE]


def _kept(story: Story, context: Context, seed: int = 1) -> Job:
    job = clone_at_kyma(context, seed)
    story.until(context, lambda: health(context, job.voice_id) is Health.SAFE)
    return job


def _balance_seen(context: Context) -> Money | None:
    found = context.registry.accounts.all()
    return next(item.balance for item in found if item.id == standpoint_of(context).account(KYMA))


def test_a_clone_is_made_kept_and_paid_at_kyma_alone(story: Story, context: Context) -> None:
    job = _kept(story, context)
    made, voice = fresh(context, job), dossier(context, job.voice_id).voice
    assert (made.state, made.charged) == (JobState.DONE, Money.usd("2.10"))
    assert voice.provider_voice_id.startswith("kyma_")
    assert (voice.kind, voice.id_made_here) == (VoiceKind.MINIMAX, False)
    assert voice.clock_start == made.submitted_at
    (use,) = attempts(context, voice.id)
    assert use.request["model"] == HD
    assert story.service.of_kind("kyma_speech")[0].field("voice_id") == voice.provider_voice_id
    assert story.service.count("clone") + story.service.count("speech") == 0


def test_what_an_answer_says_is_left_is_noted(story: Story, context: Context) -> None:
    _kept(story, context)
    spent = sum(charge.cost for charge in charges_of(story.service.demo))
    left = _balance_seen(context)
    assert left is not None
    assert abs(left.dollars - (100 - spent)) < Money.usd("0.0001").dollars


def test_the_id_is_stored_before_anything_else_can_fail(story: Story, context: Context) -> None:
    def breaks_the_vault(ask: Ask) -> Reply:
        reply = ask()
        story.vault_breaks()
        return reply

    story.service.next("kyma_clone", breaks_the_vault)
    job = clone_at_kyma(context)
    keeper.one_pass(context)
    assert fresh(context, job).state in (JobState.WAITING, JobState.DONE)
    assert str(fresh(context, job).result["voice_id"]).startswith("kyma_")
    story.vault_is_mended()
    story.until(context, lambda: health(context, job.voice_id) is Health.SAFE)
    assert story.service.count("kyma_clone") == 1


@pytest.mark.parametrize(
    "trouble", [loses_the_answer, answers_a_page, refuses(502, code="provider_error")]
)
def test_a_lost_answer_is_unknown_and_no_second_clone_is_sent(
    story: Story, context: Context, trouble: object
) -> None:
    story.service.always("kyma_clone", trouble)  # type: ignore[arg-type]
    job = clone_at_kyma(context)
    story.live(context, 2 * DAY)
    left = fresh(context, job)
    assert (left.state, story.service.count("kyma_clone")) == (JobState.UNKNOWN, 1)
    assert "its ID was lost with the answer" in left.error
    assert left.balance_before == Money.usd(100)
    charged = sum(charge.cost for charge in charges_of(story.service.demo))
    assert left.balance_after == Money.usd(100 - charged)
    assert health(context, job.voice_id) is Health.AT_RISK
    assert [
        way.name
        for way in recovery.options_for(context, left, dossier(context, job.voice_id).voice)
    ] == [
        "again",
        "giveup",
    ]


def test_an_unknown_clone_is_sent_once_more_when_a_person_says_so(
    story: Story, context: Context
) -> None:
    story.service.next("kyma_clone", loses_the_answer)
    job = clone_at_kyma(context)
    story.until(context, lambda: state(context, job) is JobState.UNKNOWN)
    again = recovery.options_for(context, fresh(context, job), None)[0]
    again.run(context, fresh(context, job), ADA)
    story.until(context, lambda: health(context, job.voice_id) is Health.SAFE)
    assert story.service.count("kyma_clone") == 2


def test_a_voice_that_could_not_be_registered_cost_nothing(story: Story, context: Context) -> None:
    story.service.next("kyma_clone", refuses(500, code="ownership_write_failed"))
    job = clone_at_kyma(context)
    story.until(context, lambda: state(context, job) is JobState.FAILED)
    failed = fresh(context, job)
    assert (failed.charged, failed.cost, failed.error_kind) == (Money(), Money(), ErrorKind.TROUBLE)
    assert "Nothing was charged." in failed.error
    assert failed.error_tells_cost
    assert clone_at_kyma(context).id != job.id
    story.live(context, HOUR)
    assert story.service.count("kyma_clone") == 2


def test_another_account_s_voice_names_the_account_that_made_it(
    story: Story, context: Context
) -> None:
    job = _kept(story, context)
    story.service.next("kyma_speech", refuses(403, code="voice_not_owned"))
    order = speaking.order(context, SpeechRequest(job.voice_id, "Good morning.", HD, ADA))
    story.until(context, lambda: state(context, order) is JobState.FAILED)
    failed = fresh(context, order)
    assert failed.error == (
        "This voice belongs to another Kyma account than the key in use. It is not lost. "
        "Nothing was charged. It was made by the account “Kyma”."
    )
    assert failed.error_kind == ErrorKind.PERMISSION
    assert health(context, job.voice_id) is Health.SAFE


def test_of_an_adopted_voice_nobody_claims_to_know_who_made_it(
    story: Story, context: Context
) -> None:
    story.service.always("kyma_speech", refuses(403, code="voice_not_owned"))
    (voice_id,) = adopted(
        context, "kyma_0123456789abcdef, Iris", voice_type=VoiceType(KYMA, MINIMAX)
    )
    story.until(context, lambda: not any(use.is_open for use in attempts(context, voice_id)))
    item = listing.entry(context, dossier(context, voice_id))
    assert item is not None
    assert reason_words(item.standing.why) == (
        "This voice belongs to another Kyma account than the key in use. It is not lost. Nothing "
        "was charged. It was added with a key of the account “Kyma”. It is unknown which account "
        "made it."
    )
    assert (item.standing.health, item.needs_somebody) == (Health.UNKNOWN, True)


def test_a_use_that_another_account_may_make_is_no_attempt(story: Story, context: Context) -> None:
    story.service.next("kyma_speech", refuses(403, code="voice_not_owned"))
    job = clone_at_kyma(context)
    story.until(context, lambda: bool(attempts(context, job.voice_id)))
    story.until(context, lambda: attempts(context, job.voice_id)[0].state is JobState.FAILED)
    assert health(context, job.voice_id) is Health.WAITING
    story.live(context, HOUR)
    assert health(context, job.voice_id) is Health.SAFE


def test_a_failing_supplier_is_no_loss_and_the_next_attempt_follows(
    story: Story, context: Context
) -> None:
    story.service.next("kyma_speech", *[refuses(502, code="provider_error")] * 2)
    job = clone_at_kyma(context)
    story.live(context, 30 * MINUTE)
    assert health(context, job.voice_id) is Health.WAITING
    assert [use.state for use in attempts(context, job.voice_id)] == [JobState.UNKNOWN] * 2
    story.live(context, 3 * HOUR)
    assert health(context, job.voice_id) is Health.SAFE
    assert story.service.count("kyma_speech") == 3


def test_a_kept_voice_that_fails_once_stays_kept(story: Story, context: Context) -> None:
    job = _kept(story, context)
    story.service.next("kyma_speech", refuses(502, code="provider_error"))
    order = speaking.order(context, SpeechRequest(job.voice_id, "Good morning.", HD, ADA))
    story.until(context, lambda: state(context, order) is JobState.UNKNOWN)
    story.live(context, 30 * DAY)
    assert health(context, job.voice_id) is Health.SAFE


def test_speech_is_spoken_by_kyma_and_its_true_price_is_kept(
    story: Story, context: Context
) -> None:
    job = _kept(story, context)
    order = speaking.order(context, SpeechRequest(job.voice_id, "x" * 1_000, HD, ADA))
    story.until(context, lambda: state(context, order) is JobState.DONE)
    charge = story.service.charges("speech")[-1]
    assert fresh(context, order).charged == Money.usd(charge.cost)
    assert context.registry.takes.get(order.id)


def test_json_in_place_of_a_sound_is_no_take(story: Story, context: Context) -> None:
    job = _kept(story, context)
    story.service.next("kyma_speech", says({"ok": True}))
    order = speaking.order(context, SpeechRequest(job.voice_id, "Good morning.", HD, ADA))
    story.until(context, lambda: state(context, order) is JobState.UNKNOWN)
    assert context.registry.takes.get(order.id) is None


def test_a_pause_that_kyma_asks_for_is_kept_and_nothing_is_lost(
    story: Story, context: Context
) -> None:
    story.service.next("kyma_clone", refuses(429, code="rate_limit", Retry_After="4"))
    job = clone_at_kyma(context)
    keeper.one_pass(context)
    told = fresh(context, job)
    assert told.next_check_at == story.clock.now() + timedelta(seconds=4)
    assert (told.state, told.last_answer) == (
        JobState.CONFIRMED,
        "Kyma asks for a short pause. Nothing was charged.",
    )
    story.until(context, lambda: state(context, job) is JobState.DONE)


def test_pauses_without_a_length_end_after_the_third(story: Story, context: Context) -> None:
    story.service.always("kyma_clone", refuses(429, code="rate_limit"))
    job = clone_at_kyma(context)
    story.live(context, DAY)
    failed = fresh(context, job)
    assert (failed.state, failed.error_kind) == (JobState.FAILED, ErrorKind.LIMIT)
    assert (failed.cost, story.service.count("kyma_clone")) == (Money(), 3)


def test_too_little_money_is_seen_before_anything_is_sent(story: Story, context: Context) -> None:
    story.service.always("kyma_balance", says({"balance": 2.09}))
    job = clone_at_kyma(context)
    story.until(context, lambda: state(context, job) is JobState.FAILED)
    assert "The balance is $2.09, and this needs $2.10." in fresh(context, job).error
    assert _order_line(story.service) == []
    with pytest.raises(confirming.OrderRefused, match="Top it up"):
        clone_at_kyma(context, 2)


def test_an_adopted_id_is_safe_when_its_test_call_was_heard(story: Story, context: Context) -> None:
    (guest,) = GUESTS
    known = "kyma_0123456789abcdef"
    story.service.demo.install([replace(guest, provider_voice_id=known)])
    (voice_id,) = adopted(context, f"{known}, Kay")
    voice = dossier(context, voice_id).voice
    assert (voice.service, voice.provider_voice_id) == (KYMA, known)

    def heard() -> Evidence | None:
        return listing.entry(context, dossier(context, voice_id)).unheard

    story.until(context, lambda: bool((call := heard()) and call.key))
    (spoken,) = story.service.of_kind("kyma_speech")
    assert (spoken.field("voice_id"), spoken.field("model")) == (known, HD)
    assert health(context, voice_id) is Health.UNKNOWN
    call = heard()
    assert call is not None
    assert listening.record_verdict(context, voice_id, call.id, is_the_voice=True, person=BEN)
    assert health(context, voice_id) is Health.SAFE
    story.live(context, 30 * DAY)
    assert health(context, voice_id) is Health.SAFE
    assert _order_line(story.service) == ["kyma_speech"]
