"""Several voices with one confirmation: all looked at before one is ordered, none paid twice."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lib.models import JobState, Money
from lib.pricing import clone_price
from lib.roles import NotPermitted, TeamRole
from lib.services import NANOGPT, SERVICES
from lib.studio.core.context import Context
from lib.studio.orders import batch, cloning
from lib.studio.orders.batch import Outcome, clone_all
from lib.studio.orders.cloning import CloneRequest
from lib.studio.orders.confirming import OrderRefused
from lib.team import Team
from lib.vault.base import VaultError, VaultTrouble
from tests.parts.persons import named
from tests.studio.service import together
from tests.studio.story import (
    MINUTE,
    Story,
    all_jobs,
    clone_request,
    recording,
    spend,
    state,
)


def cast(*seeds: int, **more: Any) -> list[CloneRequest]:
    return [clone_request(seed=seed, **more) for seed in seeds or (1, 2, 3)]


def ordered(outcomes: tuple[Outcome, ...]) -> list[str]:
    """The ids of the jobs; all were ordered."""
    assert [outcome.why_not for outcome in outcomes] == [""] * len(outcomes)
    return [outcome.job.id for outcome in outcomes if outcome.job]


def sayings(outcomes: tuple[Outcome, ...]) -> list[str]:
    """Why each was not ordered; none was."""
    assert [outcome.job for outcome in outcomes] == [None] * len(outcomes)
    return [outcome.why_not for outcome in outcomes]


def test_each_voice_is_a_job_of_its_own(story: Story, on_both: Context) -> None:
    context = on_both
    jobs = ordered(clone_all(context, cast()))
    assert len(set(jobs)) == 3
    story.live(context, MINUTE)
    assert {job.id for job in all_jobs(context) if job.state is JobState.DONE} >= set(jobs)
    assert story.service.count("clone") == 3


def test_two_services_at_once(story: Story, context: Context) -> None:
    requests = [clone_request("minimax", 1), clone_request("qwen", 1)]
    assert len(ordered(clone_all(context, requests))) == 2


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"consent": False}, "Tick that the person"),
        ({"speaker": " "}, "Say who speaks"),
        ({"name": ""}, "Give the voice a name"),
        ({"voice_id": "1"}, "This voice ID will not do"),
        ({"recording": b"nothing"}, "."),
        ({"service": "acme"}, "not connected"),
    ],
)
def test_one_that_cannot_be_ordered_holds_up_all_and_says_why(
    context: Context, changes: dict[str, Any], why: str
) -> None:
    requests = [*cast(1), clone_request(seed=2, **changes), *cast(3)]
    first, second, third = sayings(clone_all(context, requests))
    assert (first, third) == ("", "")
    assert why in second
    assert all_jobs(context) == []
    assert list(context.live_vault.keys("voices/")) == []


def test_all_that_is_wrong_is_said_at_once(context: Context) -> None:
    outcomes = clone_all(context, cast(1, 2, consent=False))
    assert all("agrees" in why for why in sayings(outcomes))


def test_the_budget_has_to_reach_for_all_of_them(story: Story, database: str) -> None:
    price = price_of_one()
    story.team = Team(monthly_budget=price * 3 - Money.usd("0.01"))
    context = story.context()
    with pytest.raises(OrderRefused, match=re.escape(f"This costs {price * 3}, and")):
        clone_all(context, cast())
    assert all_jobs(context) == []
    assert len(ordered(clone_all(context, cast(1, 2)))) == 2


def test_the_balance_has_to_reach_for_all_of_them(context: Context) -> None:
    price = price_of_one()
    spend(context, price * 2)
    with pytest.raises(OrderRefused, match="Top it up"):
        clone_all(context, cast())
    assert len(ordered(clone_all(context, cast(1, 2)))) == 2


def price_of_one() -> Money:
    offer = SERVICES[NANOGPT].clone_offer("minimax")
    assert offer is not None
    return clone_price(offer)


def test_a_double_click_makes_and_charges_each_once(story: Story, on_both: Context) -> None:
    context = on_both
    found: list[tuple[Outcome, ...]] = []
    together(lambda: found.append(clone_all(context, cast())), times=4)
    assert len({tuple(ordered(outcomes)) for outcomes in found}) == 1
    assert len(all_jobs(context)) == 3
    kept = {key.split("/")[1] for key in context.live_vault.keys("voices/")}
    assert kept == {job.voice_id for job in all_jobs(context)}
    story.live(context, MINUTE)
    assert story.service.count("clone") == 3


def test_the_same_recording_twice_in_a_list_is_refused(context: Context) -> None:
    requests = [clone_request(seed=1), clone_request(seed=1, name="Somebody else")]
    assert sayings(clone_all(context, requests)) == ["", batch.TWICE]


def test_one_recording_may_go_to_two_kinds_of_voices(context: Context) -> None:
    requests = [clone_request("minimax"), clone_request("qwen", recording=recording())]
    assert len(ordered(clone_all(context, requests))) == 2


def test_two_voices_cannot_have_one_id(context: Context) -> None:
    requests = cast(1, 2, voice_id="GraceHopper1")
    assert sayings(clone_all(context, requests)) == ["", batch.ID_TWICE]


def test_what_was_ordered_lately_is_asked_about_before_anything_is_ordered(
    story: Story, context: Context
) -> None:
    first = story.made(context)
    outcomes = clone_all(context, cast(1, 2))
    assert outcomes[0].another == 1
    assert outcomes[0].why_not
    assert outcomes[1] == Outcome()
    again = clone_all(context, [*cast(1, another=1), *cast(2)])
    assert len(ordered(again)) == 2
    assert first not in {outcome.job.voice_id for outcome in again if outcome.job}


def test_ended_half_way_those_that_are_ordered_go_on_and_the_rest_is_ordered_once(
    story: Story, on_both: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = on_both
    make, made = cloning.make, iter(range(9))

    def killed(*given: Any) -> Any:
        if next(made) == 2:
            raise KeyboardInterrupt
        return make(*given)

    with monkeypatch.context() as dying:
        dying.setattr(cloning, "make", killed)
        with pytest.raises(KeyboardInterrupt):
            clone_all(context, cast(1, 2, 3, 4))
    assert len(all_jobs(context)) == 2

    jobs = ordered(clone_all(context, cast(1, 2, 3, 4)))
    assert len(set(jobs)) == 4
    story.live(context, MINUTE)
    assert story.service.count("clone") == 4
    assert all(state(context, job) is JobState.DONE for job in all_jobs(context) if job.id in jobs)


def test_ended_half_way_and_tried_again_later_nothing_is_paid_twice_unasked(
    story: Story, context: Context
) -> None:
    clone_all(context, cast(1, 2))
    story.live(context, MINUTE)
    outcomes = clone_all(context, cast(1, 2, 3))
    assert [outcome.another for outcome in outcomes] == [1, 1, 0]
    story.live(context, MINUTE)
    assert story.service.count("clone") == 2
    assert len(ordered(clone_all(context, cast(3)))) == 1


def test_a_vault_that_fails_in_between_stops_no_other(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, turns = context.live_vault.put_verified, iter(range(9))

    def failing(*given: Any) -> Any:
        if next(turns) == 1:
            raise VaultError(VaultTrouble.UNREACHABLE, "No answer.")
        return put(*given)

    monkeypatch.setattr(context.live_vault, "put_verified", failing)
    first, second, third = clone_all(context, cast())
    assert first.job
    assert third.job
    assert second.job is None
    assert "No answer." in second.why_not
    monkeypatch.undo()
    assert len(set(ordered(clone_all(context, cast())))) == 3
    assert len(all_jobs(context)) == 3


def test_a_cast_is_bounded(context: Context) -> None:
    with pytest.raises(OrderRefused, match="at once"):
        clone_all(context, cast(1) * (batch.MOST + 1))


def test_one_person_who_may_not_stops_all(context: Context) -> None:
    viewer = named("Vi", TeamRole.VIEWER)
    with pytest.raises(NotPermitted):
        clone_all(context, [*cast(1), clone_request(seed=2, person=viewer)])
    assert all_jobs(context) == []


def test_nothing_is_ordered_of_an_empty_list(context: Context) -> None:
    assert clone_all(context, []) == ()
