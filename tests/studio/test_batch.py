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
from lib.studio.orders.batch import Outcome, Wanted, clone_all
from lib.studio.orders.cloning import CloneRequest
from lib.studio.orders.confirming import OrderRefused
from lib.studio.orders.wording import Reason, sentence
from lib.team import Team
from lib.vault.base import VaultError, VaultTrouble
from tests.parts.persons import ADA, named
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


def cast(*seeds: int, **more: Any) -> list[Wanted]:
    return [wanted(seed=seed, **more) for seed in seeds or (1, 2, 3)]


def wanted(kind: str = "minimax", seed: int = 1, **more: Any) -> Wanted:
    return lambda: clone_request(kind, seed, **more)


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
    jobs = ordered(clone_all(context, cast(), ADA))
    assert len(set(jobs)) == 3
    story.live(context, MINUTE)
    assert {job.id for job in all_jobs(context) if job.state is JobState.DONE} >= set(jobs)
    assert story.service.count("clone") == 3


def test_two_services_at_once(story: Story, context: Context) -> None:
    requests = [wanted("minimax"), wanted("qwen")]
    assert len(ordered(clone_all(context, requests, ADA))) == 2


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"consent": False}, "Tick that the person"),
        ({"speaker": " "}, "Say who speaks"),
        ({"name": ""}, "Give the voice a name"),
        ({"voice_id": "1"}, "This voice ID is not valid"),
        ({"recording": b"nothing"}, "."),
        ({"service": "acme"}, "not connected"),
    ],
)
def test_one_that_cannot_be_ordered_holds_up_all_and_says_why(
    context: Context, changes: dict[str, Any], why: str
) -> None:
    requests = [*cast(1), wanted(seed=2, **changes), *cast(3)]
    first, second, third = sayings(clone_all(context, requests, ADA))
    assert (first, third) == ("", "")
    assert why in second
    assert all_jobs(context) == []
    assert list(context.live_vault.keys("voices/")) == []


def test_all_that_is_wrong_is_said_at_once(context: Context) -> None:
    outcomes = clone_all(context, cast(1, 2, consent=False), ADA)
    assert all("agrees" in why for why in sayings(outcomes))


def test_the_budget_has_to_reach_for_all_of_them(story: Story, database: str) -> None:
    price = price_of_one()
    story.team = Team(monthly_budget=price * 3 - Money.usd("0.01"))
    context = story.context()
    with pytest.raises(OrderRefused, match=re.escape(f"This costs {price * 3}, and")):
        clone_all(context, cast(), ADA)
    assert all_jobs(context) == []
    assert len(ordered(clone_all(context, cast(1, 2), ADA))) == 2


def test_the_balance_has_to_reach_for_all_of_them(context: Context) -> None:
    price = price_of_one()
    spend(context, price * 2)
    with pytest.raises(OrderRefused, match="Top it up"):
        clone_all(context, cast(), ADA)
    assert len(ordered(clone_all(context, cast(1, 2), ADA))) == 2


def price_of_one() -> Money:
    offer = SERVICES[NANOGPT].clone_offer("minimax")
    assert offer is not None
    return clone_price(offer)


def test_a_double_click_makes_and_charges_each_once(story: Story, on_both: Context) -> None:
    context = on_both
    found: list[tuple[Outcome, ...]] = []
    together(lambda: found.append(clone_all(context, cast(), ADA)), times=4)
    assert len({tuple(ordered(outcomes)) for outcomes in found}) == 1
    assert len(all_jobs(context)) == 3
    kept = {key.split("/")[1] for key in context.live_vault.keys("voices/")}
    assert kept == {job.voice_id for job in all_jobs(context)}
    story.live(context, MINUTE)
    assert story.service.count("clone") == 3


def test_the_same_recording_twice_in_a_list_is_refused(context: Context) -> None:
    requests = [wanted(), wanted(name="Somebody else")]
    assert sayings(clone_all(context, requests, ADA)) == ["", sentence(Reason.RECORDING_TWICE)]


def test_one_recording_may_go_to_two_kinds_of_voices(context: Context) -> None:
    requests = [wanted("minimax"), wanted("qwen", recording=recording())]
    assert len(ordered(clone_all(context, requests, ADA))) == 2


def test_two_voices_cannot_have_one_id(context: Context) -> None:
    requests = cast(1, 2, voice_id="GraceHopper1")
    assert sayings(clone_all(context, requests, ADA)) == ["", sentence(Reason.ID_TWICE)]


def test_what_was_ordered_lately_is_asked_about_before_anything_is_ordered(
    story: Story, context: Context
) -> None:
    first = story.made(context)
    outcomes = clone_all(context, cast(1, 2), ADA)
    assert outcomes[0].another == 1
    assert outcomes[0].why_not
    assert outcomes[1] == Outcome()
    again = clone_all(context, [*cast(1, another=1), *cast(2)], ADA)
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
            clone_all(context, cast(1, 2, 3, 4), ADA)
    assert len(all_jobs(context)) == 2

    jobs = ordered(clone_all(context, cast(1, 2, 3, 4), ADA))
    assert len(set(jobs)) == 4
    story.live(context, MINUTE)
    assert story.service.count("clone") == 4
    assert all(state(context, job) is JobState.DONE for job in all_jobs(context) if job.id in jobs)


def test_ended_half_way_and_tried_again_later_nothing_is_paid_twice_unasked(
    story: Story, context: Context
) -> None:
    clone_all(context, cast(1, 2), ADA)
    story.live(context, MINUTE)
    outcomes = clone_all(context, cast(1, 2, 3), ADA)
    assert [outcome.another for outcome in outcomes] == [1, 1, 0]
    story.live(context, MINUTE)
    assert story.service.count("clone") == 2
    assert len(ordered(clone_all(context, cast(3), ADA))) == 1


def test_a_vault_that_fails_in_between_stops_no_other(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, turns = context.live_vault.put_verified, iter(range(9))

    def failing(*given: Any) -> Any:
        if next(turns) == 1:
            raise VaultError(VaultTrouble.UNREACHABLE, "No answer.")
        return put(*given)

    monkeypatch.setattr(context.live_vault, "put_verified", failing)
    first, second, third = clone_all(context, cast(), ADA)
    assert first.job
    assert third.job
    assert second.job is None
    assert "No answer." in second.why_not
    monkeypatch.undo()
    assert len(set(ordered(clone_all(context, cast(), ADA)))) == 3
    assert len(all_jobs(context)) == 3


def test_a_cast_is_bounded(context: Context) -> None:
    with pytest.raises(OrderRefused, match="at once"):
        clone_all(context, cast(1) * (batch.MOST + 1), ADA)


def test_who_may_not_clone_has_nothing_made(context: Context) -> None:
    made: list[CloneRequest] = []

    def want() -> CloneRequest:
        made.append(clone_request())
        return made[-1]

    with pytest.raises(NotPermitted):
        clone_all(context, [want], named("Vi", TeamRole.VIEWER))
    assert not made
    assert all_jobs(context) == []


class Sound(bytes):
    """A recording that knows how many of its kind are in memory."""

    alive = 0

    def __new__(cls, data: bytes) -> Sound:
        cls.alive += 1
        return super().__new__(cls, data)

    def __del__(self) -> None:
        Sound.alive -= 1


def test_one_recording_is_in_memory_at_a_time(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside: list[int] = []

    def want(seed: int) -> Wanted:
        def made() -> CloneRequest:
            beside.append(Sound.alive)
            return clone_request(seed=seed, recording=Sound(recording(seed)))

        return made

    stored: list[type] = []
    put = context.live_vault.put_verified

    def noting(key: str, data: bytes, kind: str) -> Any:
        stored.append(type(data))
        return put(key, data, kind)

    monkeypatch.setattr(context.live_vault, "put_verified", noting)
    ordered(clone_all(context, [want(seed) for seed in (1, 2, 3)], ADA))
    assert stored == [Sound] * 3
    assert beside == [0] * 6
    assert Sound.alive == 0


def test_what_is_not_what_was_checked_is_not_ordered_and_stops_no_other(context: Context) -> None:
    turns = iter((2, 9))
    first, second, third = clone_all(
        context,
        [wanted(), lambda: clone_request(seed=2, recording=recording(next(turns))), wanted(seed=3)],
        ADA,
    )
    assert first.job
    assert third.job
    assert second == Outcome(why_not=sentence(Reason.NOT_AS_CHECKED))
    assert {job.id for job in all_jobs(context)} == {first.job.id, third.job.id}
    kept = {key.split("/")[1] for key in context.live_vault.keys("voices/")}
    assert kept == {first.job.voice_id, third.job.voice_id}


@pytest.mark.parametrize("times", [0, 1])
def test_what_cannot_be_made_any_more_is_refused_with_its_sentence(
    context: Context, times: int
) -> None:
    """At first it holds up all; once all were looked at, no other."""
    left = iter([clone_request(seed=2)] * times)

    def gone() -> CloneRequest:
        for request in left:
            return request
        raise OrderRefused("It is gone.")

    first, second = clone_all(context, [wanted(), gone], ADA)
    assert second == Outcome(why_not="It is gone.")
    assert bool(first.job) is bool(times)
    assert len(all_jobs(context)) == times


def test_nothing_is_ordered_of_an_empty_list(context: Context) -> None:
    assert clone_all(context, [], ADA) == ()
