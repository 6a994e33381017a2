"""What nobody knows about an order must not be missing from the books, nor called nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lib.models import Job, JobState, Money
from lib.studio.core import money
from lib.studio.core.context import Context
from lib.studio.jobs import long_texts, recovery
from lib.studio.orders import confirming, speaking
from lib.ui.shared.live import balances_of, money_of
from tests.parts.charges import charges_of
from tests.parts.persons import ADA
from tests.studio.kyma import clone_at_kyma, kyma_shop
from tests.studio.service import loses_the_answer, refuses, resets, says
from tests.studio.story import DAY, MINUTE, Story, fresh, health, state, text_order

TEXT = "MARK ME. " + " ".join(
    f"This is sentence {n} of a long text, for a while." for n in range(150)
)


def unknown_clone(story: Story, context: Context, trouble: object) -> Job:
    story.service.next("kyma_clone", trouble)  # type: ignore[arg-type]
    job = clone_at_kyma(context)
    story.until(context, lambda: state(context, job) is JobState.UNKNOWN)
    return fresh(context, job)


@pytest.mark.parametrize(
    ("trouble", "counted"), [(loses_the_answer, "2.10"), (resets, "0")], ids=["charged", "not"]
)
def test_given_up_it_counts_as_what_the_balances_tell(
    story: Story, trouble: object, counted: str
) -> None:
    context = kyma_shop(story)
    job = unknown_clone(story, context, trouble)
    confirming.withdraw(context, job, ADA)
    over = fresh(context, job)
    assert (over.state, over.cost) == (JobState.FAILED, Money.usd(counted))
    assert money.month_spent(context) == Money.usd(counted)
    told = money_of(over)
    assert ("in your spending" in told) is (counted != "0")
    assert ("counts as free" in told) is (counted == "0")


@pytest.mark.parametrize("after", ["12.50", "40"])
def test_a_balance_that_was_topped_up_meanwhile_tells_nothing(story: Story, after: str) -> None:
    job = unknown_clone(story, kyma_shop(story), loses_the_answer)
    topped_up = replace(job, balance_before=Money.usd("12.00"), balance_after=Money.usd(after))
    assert topped_up.perhaps_charged == job.estimate


def test_where_no_balance_is_known_it_counts_as_its_price(story: Story) -> None:
    context = kyma_shop(story)
    story.service.always("kyma_balance", says({}))
    job = unknown_clone(story, context, loses_the_answer)
    assert job.balance_before is None
    confirming.withdraw(context, job, ADA)
    assert fresh(context, job).cost == Money.usd("2.10")


def test_sent_once_more_both_are_in_the_books(story: Story) -> None:
    context = kyma_shop(story)
    job = unknown_clone(story, context, loses_the_answer)
    again = recovery.options_for(context, job, None)[0]
    again.run(context, job, ADA)
    story.live(context, MINUTE)
    charged = sum(
        charge.cost for charge in charges_of(story.service.demo) if charge.kind == "clone"
    )
    assert charged == Money.usd("4.20").dollars
    assert money.month_spent(context) == Money.usd("4.20")


def test_a_part_sent_again_is_counted_with_the_one_that_was_lost(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context)
    story.service.where("MARK ME", loses_the_answer)
    whole = speaking.order(context, text_order(voice_id, TEXT))
    story.live(context, MINUTE)
    story.service.where("MARK ME", None)
    (part,) = long_texts.find(context, fresh(context, whole)).missing
    speaking.again(context, part.latest, ADA)
    story.live(context, MINUTE)
    spoken = story.service.charges("speech")[1:]
    cost = long_texts.find(context, fresh(context, whole)).cost
    assert abs(cost.dollars - sum(charge.cost for charge in spoken)) < Money.usd("0.0001").dollars


def test_balances_are_told_so_that_a_fraction_of_a_cent_shows(story: Story) -> None:
    context = kyma_shop(story)
    job = unknown_clone(story, context, resets)
    assert balances_of(job).endswith("Afterwards the balance was the same.")
    assert Money.usd("10.4834").exact == "$10.4834"
    assert Money.usd("1234.5").exact == "$1,234.50"
    assert Money.usd("0.0029").exact == "$0.0029"


def test_a_balance_that_cannot_be_read_keeps_no_voice_from_being_kept(story: Story) -> None:
    context = kyma_shop(story)
    story.service.always("kyma_balance", says({"data": {"balance": 12.5}}))
    job = clone_at_kyma(context)
    story.live(context, DAY)
    assert health(context, job.voice_id) == "safe"


def test_a_balance_that_is_out_of_reach_holds_up_what_is_paid(story: Story) -> None:
    context = kyma_shop(story)
    story.service.always("kyma_balance", refuses(500))
    job = clone_at_kyma(context)
    story.live(context, MINUTE)
    assert story.service.count("kyma_clone") == 0
    assert state(context, job) is JobState.CONFIRMED
