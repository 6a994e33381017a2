"""What a month may cost: asked right before sending as well, and apart for keeping."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lib import keeper
from lib.demo.showcase import EXHIBITS, GUESTS
from lib.models import (
    ErrorKind,
    EvidenceKind,
    Health,
    Job,
    JobKind,
    JobState,
    KeepPolicy,
    Money,
)
from lib.roles import Person
from lib.studio.core import money
from lib.studio.core.context import Context
from lib.studio.jobs import sending
from lib.studio.orders import activation, cloning, confirming, speaking
from lib.studio.orders.confirming import OrderRefused
from lib.team import Team
from tests.parts.persons import ADA, BEN
from tests.parts.reopened import reopen
from tests.studio.adopting import KNOWN, adopted
from tests.studio.service import loses_the_answer, refuses
from tests.studio.story import (
    DAY,
    HOUR,
    MINUTE,
    Story,
    all_jobs,
    attempts,
    clone_request,
    dossier,
    fresh,
    health,
    state,
    text_order,
)

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
LONG = " ".join(f"This is sentence number {n} of a rather long story." for n in range(1, 121))


def limit(
    context: Context,
    *,
    budget: str | None = None,
    each: str | None = None,
    keeping: str | None = None,
) -> None:
    """What the team lets a month cost from now on."""
    team = Team(
        monthly_budget=None if budget is None else Money.usd(budget),
        member_budget=None if each is None else Money.usd(each),
        monthly_keeping=None if keeping is None else Money.usd(keeping),
    )
    reopen(context, settings=replace(context.settings, team=team))


def let_pass(story: Story, until: datetime) -> None:
    story.clock.advance(until - story.clock.now())


def uses(context: Context) -> list[Job]:
    return [job for job in all_jobs(context) if job.kind is JobKind.ACTIVATION]


# Right before sending


def test_an_order_that_no_longer_fits_is_not_sent_and_says_so(
    story: Story, context: Context
) -> None:
    limit(context, budget="2")
    first, second = (cloning.clone(context, clone_request(seed=n)) for n in (1, 2))
    limit(context, budget="1.50")
    assert sending.send(context, first)
    assert not sending.send(context, second)
    ended = fresh(context, second)
    assert (ended.state, ended.error_kind) == (JobState.FAILED, ErrorKind.BUDGET)
    assert ended.error == (
        "This costs $1.00, and $0.50 of this month's budget is left. Of $1.50, $1.00 is spent. "
        "It resets on 1 December (UTC). Nothing was sent, and nothing was spent."
    )
    assert ended.cost == Money()
    assert story.service.count("clone") == 1


def test_an_unknown_order_that_was_paid_after_all_leaves_less_for_the_next(
    story: Story, context: Context
) -> None:
    limit(context, budget="1.99")
    story.service.next("clone", refuses(402))
    lost = cloning.clone(context, clone_request())
    story.until(context, lambda: state(context, lost) is JobState.FAILED)
    waits = cloning.clone(context, clone_request(seed=2))
    context.registry.jobs.note(lost.id, now=story.clock.now(), what="", charged=Money.usd(1))
    story.until(context, lambda: state(context, waits) is JobState.FAILED)
    assert fresh(context, waits).error_kind == ErrorKind.BUDGET


def test_another_month_asks_for_the_money_of_that_month(story: Story, context: Context) -> None:
    let_pass(story, NEW_YEAR - MINUTE)
    limit(context, budget="1.50")
    old = cloning.clone(context, clone_request())
    with pytest.raises(OrderRefused, match="budget"):
        cloning.clone(context, clone_request(seed=2))
    let_pass(story, NEW_YEAR + MINUTE)
    with pytest.raises(OrderRefused, match=r"\$0.50 of"):
        cloning.clone(context, clone_request(seed=2))  # the old one is sent in this month
    story.until(context, lambda: state(context, old) is JobState.DONE)
    assert money.month_spent(context) == Money.usd(1)


def test_an_order_that_was_too_old_to_be_sent_is_renewed_only_where_it_fits(
    story: Story, context: Context
) -> None:
    limit(context, budget="1.50")
    old = cloning.clone(context, clone_request())
    story.clock.advance(HOUR)
    other = cloning.clone(context, clone_request(seed=2))
    with pytest.raises(OrderRefused, match=r"\$0.50 of"):
        confirming.send_after_all(context, fresh(context, old), ADA)
    story.until(context, lambda: state(context, other) is JobState.DONE)
    assert story.service.count("clone") == 1


def test_a_long_text_is_not_ordered_in_halves(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    whole = speaking.order(context, text_order(voice_id, LONG))
    parts = context.registry.long_texts.parts(whole.id)
    price = Money.total(part.estimate for part in parts)
    limit(context, budget=str((money.month_spent(context) + price - Money(1)).dollars))
    before = len(all_jobs(context))
    with pytest.raises(OrderRefused, match="This costs"):
        speaking.order(context, text_order(voice_id, LONG, another=1))
    assert len(all_jobs(context)) == before


def test_a_part_is_spoken_again_only_where_it_fits(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    story.service.next("speech", loses_the_answer)
    whole = speaking.order(context, text_order(voice_id, LONG))
    parts = context.registry.long_texts.parts
    story.live(context, HOUR)
    (unknown,) = [part for part in parts(whole.id) if part.state is JobState.UNKNOWN]
    limit(context, budget=str(money.month_spent(context).dollars))
    with pytest.raises(OrderRefused, match="budget"):
        speaking.again(context, unknown, ADA)
    assert fresh(context, unknown).state is JobState.UNKNOWN


# What each person may order


def clone_as(context: Context, person: Person, seed: int) -> Job:
    return cloning.clone(context, replace(clone_request(seed=seed), person=person))


def test_each_person_has_a_budget_of_their_own_within_that_of_the_team(
    story: Story, context: Context
) -> None:
    limit(context, budget="3.50", each="2")
    done = clone_as(context, ADA, 1)
    story.until(context, lambda: state(context, done) is JobState.DONE)
    clone_as(context, ADA, 2)
    with pytest.raises(OrderRefused) as refused:
        clone_as(context, ADA, 3)
    assert str(refused.value) == (
        "This costs $1.00, and $0.00 of your budget for this month is left. Of $2.00, $1.00 is "
        "spent, $1.00 is reserved. It resets on 1 December (UTC)."
    )
    clone_as(context, BEN, 4)
    with pytest.raises(OrderRefused, match=r"\$0.50 of this month's budget is left"):
        clone_as(context, BEN, 5)


def test_what_no_longer_fits_is_told_to_all_by_the_name_of_who_ordered_it(
    story: Story, context: Context
) -> None:
    waits = clone_as(context, ADA, 1)
    limit(context, each="0.50")
    assert not sending.send(context, waits)
    assert fresh(context, waits).error_kind == ErrorKind.BUDGET
    assert fresh(context, waits).error.startswith(
        f"This costs $1.00, and $0.50 of {ADA.label}'s budget for this month is left. Nothing"
    )


def test_whoever_sends_what_another_ordered_is_told_whose_money_it_needs(
    story: Story, context: Context
) -> None:
    limit(context, each="1")
    old = clone_as(context, ADA, 1)
    story.clock.advance(HOUR)
    clone_as(context, ADA, 2)
    with pytest.raises(OrderRefused, match=f"of {ADA.label}'s budget"):
        confirming.send_after_all(context, fresh(context, old), BEN)


def test_keeping_and_refreshing_are_bounded_by_nobodys_own_budget(
    story: Story, context: Context
) -> None:
    voice_id = _refreshed(story, context)
    limit(context, each="0")
    paid = story.service.count("speech")
    story.clock.advance(6 * DAY)
    story.live(context, HOUR)
    assert story.service.count("speech") == paid + 1
    assert health(context, voice_id) is Health.SAFE


def test_test_calls_count_in_the_budget_of_who_adopts_where_there_is_no_ceiling(
    context: Context,
) -> None:
    limit(context, each="0")
    with pytest.raises(OrderRefused, match="of your budget for this month is left"):
        adopted(context, "MadeUpVoice001")
    limit(context, each="0", keeping="1")
    assert len(adopted(context, "MadeUpVoice001")) == 1


# The limit for keeping


def _refreshed(story: Story, context: Context) -> str:
    """A voice that is safe, and is used again every 6 days."""
    voice_id = story.kept(context)
    context.registry.voices.change(voice_id, refresh_days=6)
    return voice_id


def test_the_ceiling_holds_a_refresh_up_and_tells_until_there_is_money_again(
    story: Story, context: Context
) -> None:
    voice_id = _refreshed(story, context)
    limit(context, keeping="0")
    story.clock.advance(6 * DAY)
    keeper.one_pass(context)
    paid, asked = story.service.count("speech"), story.service.count("balance")
    summaries = story.live(context, 5 * HOUR)
    assert story.service.count("speech") == paid
    assert story.service.count("balance") == asked
    assert not any(summary.failed for summary in summaries)
    (told,) = summaries[-1].blocked
    assert "This month's limit for keeping is reached" in told
    assert health(context, voice_id) is Health.SAFE
    limit(context, keeping="1")
    story.live(context, 2 * HOUR)
    assert story.service.count("speech") == paid + 1
    assert keeper.outlook(context).blocked == []


def test_a_held_up_refresh_is_made_when_the_next_month_begins(
    story: Story, context: Context
) -> None:
    voice_id = _refreshed(story, context)
    each = activation.price_of_keeping(context, dossier(context, voice_id).voice)
    limit(context, keeping=str(each.dollars))

    def used() -> int:
        return len(dossier(context, voice_id).valid_evidence(EvidenceKind.ACTIVATION))

    let_pass(story, NEW_YEAR - 10 * DAY)
    story.until(context, lambda: used() == 2)
    let_pass(story, NEW_YEAR - DAY)
    story.live(context, 3 * HOUR)
    assert used() == 2  # the money of December is spent
    let_pass(story, NEW_YEAR + HOUR)
    story.until(context, lambda: used() == 3)


def test_no_budget_and_no_ceiling_stops_what_a_voice_depends_on(
    story: Story, context: Context
) -> None:
    voice_id = story.asking(context)
    limit(context, budget="0", keeping="0")
    context.registry.voices.change(voice_id, keep_policy=KeepPolicy.AT_ONCE)
    story.until(context, lambda: health(context, voice_id) is Health.SAFE)


def test_a_refresh_that_waits_is_made_when_the_voice_is_doubted(
    story: Story, context: Context
) -> None:
    voice_id = _refreshed(story, context)
    limit(context, keeping="0")
    story.clock.advance(6 * DAY)
    story.live(context, HOUR)
    paid = story.service.count("speech")
    story.service.next("speech", refuses(404, "Voice not found", "voice_not_found"))
    spoken = speaking.order(context, text_order(voice_id))
    story.until(context, lambda: state(context, spoken) is JobState.FAILED)
    story.live(context, 2 * HOUR)
    assert story.service.count("speech") == paid + 2
    assert health(context, voice_id) is Health.SAFE


def test_without_a_ceiling_a_refresh_goes_on_whatever_the_budget_says(
    story: Story, context: Context
) -> None:
    _refreshed(story, context)
    limit(context, budget="0")
    paid = story.service.count("speech")
    story.clock.advance(6 * DAY)
    story.live(context, HOUR)
    assert story.service.count("speech") == paid + 1


# Test calls of adopted voices


@pytest.mark.parametrize("limits", [{"budget": "0"}, {"keeping": "0.01"}, {"keeping": "0"}])
def test_sixty_made_up_ids_cost_nothing_that_nobody_allowed(
    story: Story, context: Context, limits: dict[str, str]
) -> None:
    limit(context, **limits)
    made_up = "\n".join(f"MadeUpVoice{n:03}" for n in range(60))
    with pytest.raises(OrderRefused, match="Nothing was added or spent"):
        adopted(context, made_up)
    assert context.registry.voices.dossiers() == []
    assert len(adopted(context, made_up, test=False)) == 60
    story.live(context, DAY)
    assert story.service.count("speech") == 0


@pytest.mark.parametrize("limits", [{"budget": "0.02"}, {"budget": "0", "keeping": "0.02"}])
def test_test_calls_are_made_as_far_as_the_ceiling_or_else_the_budget_reaches(
    context: Context, limits: dict[str, str]
) -> None:
    limit(context, **limits)
    voice_ids = adopted(context, "MadeUpVoice001\nMadeUpVoice002\nMadeUpVoice003")
    assert len(uses(context)) == 3
    each = uses(context)[0].estimate
    limit(context, **(limits | dict.fromkeys(("keeping",), str((each * 3).dollars))))
    for voice_id in adopted(context, "MadeUpVoice004", test=False):
        with pytest.raises(OrderRefused, match="limit for keeping is left"):
            activation.order_activation(context, dossier(context, voice_id), person=ADA)
    assert len(voice_ids) == 3


def test_a_test_call_that_no_longer_fits_is_not_made(story: Story, context: Context) -> None:
    limit(context, keeping="1")
    (voice_id,) = adopted(context, "MadeUpVoice001")
    limit(context, keeping="0")
    story.live(context, DAY)
    (call,) = attempts(context, voice_id)
    assert (call.state, call.error_kind) == (JobState.FAILED, ErrorKind.BUDGET)
    assert call.error_tells_cost
    assert story.service.count("speech") == 0
    assert health(context, voice_id) is Health.UNKNOWN


def test_an_adopted_voice_whose_time_runs_is_used_whatever_the_ceiling_says(
    story: Story, context: Context
) -> None:
    story.service.demo.install([*EXHIBITS, *GUESTS])
    limit(context, budget="0", keeping="0")
    day = (story.clock.now() - 2 * DAY).date().isoformat()
    adopted(context, f"{KNOWN}, Night train, minimax, {day}")
    story.live(context, HOUR)
    assert len(story.service.charges("speech")) == 1


def test_a_month_has_one_sum_for_orders_and_one_for_keeping(story: Story, context: Context) -> None:
    story.kept(context)
    (call,) = uses(context)
    adopted(context, "MadeUpVoice001")
    both = Money.total(job.estimate for job in uses(context))
    assert money.month_spent(context) == Money.usd(1)
    assert money.month_spent(context, keeping=True) == both
    limit(context, budget="5")  # without a ceiling the budget pays for test calls
    assert money.month_spent(context) == Money.usd(1) + both - call.estimate
    assert money.month_spent(context, keeping=True) == call.estimate
