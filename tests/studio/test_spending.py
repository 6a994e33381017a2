"""What was spent, by whom, within which bounds; what keeping will cost; what services say of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from lib import keeper
from lib.models import Job, JobState, KeepPolicy, Money
from lib.registry import Used
from lib.registry.spending import Amounts, By
from lib.roles import TeamRole
from lib.services import NANOGPT
from lib.studio.core.context import Context
from lib.studio.core.standpoint import standpoint_of
from lib.studio.core.usage import Compared
from lib.studio.library import listing, spending
from lib.studio.library.spending import Ahead, Bound, Period, Whose
from lib.studio.orders import activation, cloning
from lib.team import Team
from tests.parts.persons import ADA, BEN, named
from tests.parts.reopened import reopen
from tests.studio.service import loses_the_answer, refuses, says
from tests.studio.story import (
    DAY,
    HOUR,
    MINUTE,
    NEW_KEY,
    Story,
    clone_request,
    dossier,
    fresh,
    state,
)

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
THIS_MONTH = Period(NOVEMBER)
CLONE = Money.usd(1)
VIEWER = named("Vera", TeamRole.VIEWER)


def clone_as(context: Context, person: Any, seed: int) -> Job:
    return cloning.clone(context, replace(clone_request(seed=seed), person=person))


def told(context: Context, person: Any, by: By) -> dict[str, Money]:
    report = spending.report(context, person, THIS_MONTH, by)
    return {row.by[by]: row.amounts.total for row in report.rows}


def test_admins_see_what_everybody_spent_and_all_others_what_they_ordered(
    story: Story, context: Context
) -> None:
    for person, seed in ((ADA, 1), (BEN, 2), (BEN, 3)):
        clone_as(context, person, seed)
    assert told(context, ADA, By.PERSON) == {"Ben": CLONE * 2, "Ada": CLONE}
    assert told(context, BEN, By.PERSON) == {"Ben": CLONE * 2}
    assert told(context, VIEWER, By.KIND) == {}
    assert len(spending.lines(context, ADA, THIS_MONTH)) == 3
    assert len(spending.lines(context, BEN, Period())) == 2
    assert spending.report(context, ADA, Period(NOVEMBER, play=True), By.KIND).rows == []


def test_reserved_charged_refunded_and_not_known_follow_an_order(
    story: Story, context: Context
) -> None:
    def total() -> Amounts:
        return spending.report(context, ADA, THIS_MONTH, By.SERVICE).total

    asked = clone_request(keep_policy=KeepPolicy.ASK)
    first = cloning.clone(context, asked)
    assert total() == Amounts(reserved=CLONE)
    story.until(context, lambda: state(context, first) is JobState.DONE)
    assert total() == Amounts(charged=CLONE)
    story.service.next("clone", loses_the_answer)
    lost = clone_as(context, ADA, 2)
    story.until(context, lambda: state(context, lost) is JobState.UNKNOWN)
    assert total().unclear == fresh(context, lost).estimate


def test_months_go_from_the_first_order_to_the_present(story: Story, context: Context) -> None:
    assert spending.months(context) == []
    first = clone_as(context, ADA, 1)
    story.until(context, lambda: state(context, first) is JobState.DONE)
    story.clock.advance(40 * DAY)
    assert spending.months(context) == [DECEMBER, NOVEMBER]
    report = spending.report(context, ADA, Period(DECEMBER), By.KIND)
    assert len(report.months) == 12
    assert report.months[0][0] == date(2026, 1, 1)
    assert [(month, amounts.total > Money()) for month, amounts in report.months[-2:]] == [
        (NOVEMBER, True),
        (DECEMBER, False),
    ]


def test_bounds_tell_what_is_spent_reserved_and_left(story: Story, context: Context) -> None:
    assert spending.bounds(context, ADA) == []
    first = clone_as(context, ADA, 1)
    story.until(context, lambda: state(context, first) is JobState.DONE)
    clone_as(context, BEN, 2)
    team = Team(
        monthly_budget=Money.usd(10), member_budget=Money.usd(1), monthly_keeping=Money.usd("0.5")
    )
    reopen(context, settings=replace(context.settings, team=team))
    assert spending.bounds(context, BEN) == [
        Bound(Whose.TEAM, Money.usd(10), Used(CLONE, CLONE), DECEMBER),
        Bound(Whose.OWN, CLONE, Used(Money(), CLONE), DECEMBER),
        Bound(Whose.KEEPING, Money.usd("0.5"), Used(), DECEMBER),
    ]
    assert [bound.left for bound in spending.bounds(context, BEN)] == [
        Money.usd(8),
        Money(),
        Money.usd("0.5"),
    ]


def test_what_keeping_cost_and_will_cost_is_told(story: Story, context: Context) -> None:
    refreshed = story.kept(context)
    context.registry.voices.change(refreshed, refresh_days=6)
    waiting = story.made(context, seed=2, keep_policy=KeepPolicy.ASK)
    story.made(context, seed=3, keep_policy=KeepPolicy.ASK)  # nothing is agreed to
    context.registry.voices.change(waiting, keep_policy=KeepPolicy.AT_ONCE)
    price = activation.price_of_keeping(context, dossier(context, refreshed).voice)
    entries = listing.entries(context)
    per_day = price.micros / 6
    assert spending.ahead(entries, play=False) == Ahead(
        1, Money(-int(-per_day * 7 // 1)), Money(price.micros * 5), 1, price
    )
    assert spending.ahead(entries, play=True) == Ahead()
    kept = spending.report(context, ADA, THIS_MONTH, By.PERSON).keeping
    assert set(kept) == {"activation"}
    context.registry.voices.change(waiting, archived_at=story.clock.now())
    assert spending.ahead(listing.entries(context), play=False).waiting == 0


# What the service says


def compared(context: Context, month: date = NOVEMBER) -> Compared | None:
    (figures,) = spending.figures(context, ADA, month)
    assert figures.is_metered
    return figures.compared


def test_the_service_counts_what_is_counted_here(story: Story, context: Context) -> None:
    story.kept(context)
    story.live(context, 2 * HOUR)
    found = compared(context)
    assert found
    assert (found.theirs, found.more, found.unclear) == (found.ours, Money(), Money())
    assert found.ours > CLONE
    (figures,) = spending.figures(context, ADA, None)
    assert (figures.service, figures.compared) == (NANOGPT, None)
    assert figures.balance


def test_what_somebody_else_spends_with_the_key_is_a_difference(
    story: Story, context: Context
) -> None:
    story.service.next("clone", loses_the_answer)
    lost = clone_as(context, ADA, 1)
    story.until(context, lambda: state(context, lost) is JobState.UNKNOWN)
    story.live(context, 2 * HOUR)
    found = compared(context)
    assert found
    assert (found.theirs, found.ours, found.unclear) == (CLONE, Money(), CLONE)


def test_a_service_is_asked_once_an_hour_and_for_the_last_month_two_days_more(
    story: Story, context: Context
) -> None:
    keeper.one_pass(context)
    keeper.one_pass(context)
    assert story.service.count("usage") == 1
    story.clock.advance(HOUR)
    keeper.one_pass(context)
    assert story.service.count("usage") == 2
    story.clock.advance(datetime(2026, 12, 2, tzinfo=UTC) - story.clock.now())
    keeper.one_pass(context)
    assert story.service.count("usage") == 4
    assert compared(context, NOVEMBER)
    assert compared(context, DECEMBER)
    story.clock.advance(2 * DAY)
    keeper.one_pass(context)
    assert story.service.count("usage") == 5


@pytest.mark.parametrize(
    "trouble", [refuses(503, "Not yet", "usage_not_ready"), says({"totals": {"costUsd": "?"}})]
)
def test_what_it_said_before_holds_while_it_says_nothing(
    story: Story, context: Context, trouble: Any
) -> None:
    keeper.one_pass(context)
    before = compared(context)
    story.service.always("usage", trouble)
    story.clock.advance(HOUR + MINUTE)
    summary = keeper.one_pass(context)
    assert not summary.failed
    assert before
    assert compared(context) == before


def test_what_it_said_of_another_key_is_not_told(story: Story, context: Context) -> None:
    keeper.one_pass(context)
    other = story.context(NANOGPT_API_KEY=NEW_KEY)
    assert compared(other) is None
    keeper.one_pass(other)
    assert compared(other)
    assert standpoint_of(other).account(NANOGPT) != standpoint_of(context).account(NANOGPT)
