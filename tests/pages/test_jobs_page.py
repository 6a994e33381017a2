"""Jobs: what is shown of an order, and the ways on where one stands still."""

from __future__ import annotations

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from lib.models import Job, JobKind, JobState
from lib.providers.base import CloneOrder
from lib.services import DEMO
from lib.studio import orders
from lib.studio.orders import CloneRequest
from lib.studio.workshop import Workshop
from tests.pages import people
from tests.pages.house import House, hum, said, shown

pytestmark = pytest.mark.usefixtures("no_showcase")


def order(workshop: Workshop, *, pitch: float = 140, kind: str = "minimax") -> Job:
    """A confirmed clone, as the Clone page commits it."""
    request = CloneRequest(
        service=DEMO,
        kind=kind,
        name=f"Voice at {pitch:g}",
        recording=hum(pitch=pitch),
        speaker="Ada",
        consent=True,
        person="Ada",
    )
    return orders.clone(workshop, request)


def lose_the_answer(house: House, job: Job) -> None:
    """The paid request left, and the answer never came."""
    registry, now = house.workshop.registry, house.clock.now()
    assert registry.jobs.submit(
        job.id, "somebody", now=now, until=now + timedelta(minutes=5), balance=None
    )
    assert registry.jobs.lose_sight(job.id, now=now, why="The answer never came.")


def state_of(house: House, job: Job) -> JobState:
    found = house.workshop.registry.jobs.get(job.id)
    assert found
    return found.state


def rows(visitor: AppTest) -> set[str]:
    """The ids of the orders in the list."""
    keys = [button.key or "" for button in visitor.button]
    return {key.removeprefix("job_open_") for key in keys if key.startswith("job_open_")}


@pytest.fixture
def unknown(house: House) -> Job:
    """A MiniMax clone whose outcome nobody knows."""
    house.open()
    job = order(house.workshop)
    lose_the_answer(house, job)
    return job


def test_the_filter_shows_orders_by_where_they_stand(house: House) -> None:
    house.open()
    done = order(house.workshop, pitch=100)
    house.until(lambda: state_of(house, done) is JobState.DONE)
    house.until(lambda: all(not job.is_open for job in house.jobs()))
    unknown, failed = order(house.workshop, pitch=110), order(house.workshop, pitch=120)
    lose_the_answer(house, unknown)
    orders.withdraw(house.workshop, failed, "Ada")
    under_way = order(house.workshop, pitch=130)
    visitor = house.enter("jobs")
    kept = {job.id for job in house.jobs() if job.kind is JobKind.ACTIVATION}
    for choice, expected in {
        "Under way": {under_way.id},
        "Not known": {unknown.id},
        "Failed": {failed.id},
        "Done": {done.id} | kept,
        "All": {under_way.id, unknown.id, failed.id, done.id} | kept,
    }.items():
        visitor.segmented_control(key="jobs_filter").set_value(choice).run()
        assert not visitor.exception
        assert rows(visitor) == expected, choice


def test_a_state_without_orders_says_so(house: House, unknown: Job) -> None:
    visitor = house.enter("jobs")
    visitor.segmented_control(key="jobs_filter").set_value("Done").run()
    assert "No order is in this state." in shown(visitor)


def test_an_unknown_outcome_is_explained_with_its_ways_on(house: House, unknown: Job) -> None:
    for visitor in (house.enter("jobs"), house.enter("jobs", job=unknown.id)):
        assert "Nobody knows whether this was done." in said(visitor)
        assert "It is not sent again by itself." in said(visitor)
        labels = [button.label for button in visitor.button]
        assert "Try the voice ($0.01 play money)" in labels
        assert "Send it once more ($1.00 play money)" in labels
        assert "Give it up" in labels


def test_an_unknown_order_is_not_sent_again_by_itself(house: House, unknown: Job) -> None:
    for _ in range(3):
        house.clock.advance(timedelta(minutes=20))
        house.look()
    assert state_of(house, unknown) is JobState.UNKNOWN


def test_it_can_be_sent_once_more(house: House, unknown: Job) -> None:
    visitor = house.enter("jobs")
    visitor.button(key=f"again_{unknown.id}").click().run()
    assert not visitor.exception
    assert state_of(house, unknown) is JobState.FAILED
    again = next(job for job in house.jobs() if job.id != unknown.id)
    assert again.voice_id == unknown.voice_id
    house.until(lambda: state_of(house, again) is JobState.DONE)


def test_it_can_be_given_up(house: House, unknown: Job) -> None:
    visitor = house.enter("jobs")
    visitor.button(key=f"giveup_{unknown.id}").click().run()
    assert not visitor.exception
    assert state_of(house, unknown) is JobState.FAILED
    assert "nobody knows whether it was made and charged" in said(visitor)


def test_a_try_of_a_voice_that_was_made_after_all_proves_it(house: House, unknown: Job) -> None:
    _make_it_behind_our_back(house, unknown)
    house.clock.advance(timedelta(seconds=10))
    visitor = house.enter("jobs")
    visitor.button(key=f"test_{unknown.id}").click().run()
    house.until(lambda: state_of(house, unknown) is JobState.DONE)
    shown_now = shown(house.enter("retention", voice=unknown.voice_id))
    assert "Safe" in shown_now
    assert "Used in a real speech" in shown_now


def test_a_try_of_a_voice_that_was_never_made_leaves_it_unknown(house: House, unknown: Job) -> None:
    visitor = house.enter("jobs")
    visitor.button(key=f"test_{unknown.id}").click().run()
    house.until(lambda: len(house.jobs()) == 2 and not house.jobs()[0].is_open)
    assert state_of(house, unknown) is JobState.UNKNOWN
    assert house.jobs()[0].state is JobState.FAILED


def test_an_order_not_sent_in_time_waits_for_a_word(house: House) -> None:
    house.open()
    job = order(house.workshop)
    house.clock.advance(timedelta(minutes=16))
    house.look()
    visitor = house.enter("jobs")
    assert "This order was not sent in time" in said(visitor)
    assert state_of(house, job) is JobState.CONFIRMED
    visitor.button(key=f"send_{job.id}").click().run()
    house.until(lambda: state_of(house, job) is JobState.DONE)


def test_an_order_not_sent_in_time_can_be_withdrawn(house: House) -> None:
    house.open()
    job = order(house.workshop)
    house.clock.advance(timedelta(minutes=16))
    visitor = house.enter("jobs")
    visitor.button(key=f"withdraw_{job.id}").click().run()
    assert state_of(house, job) is JobState.FAILED
    assert "Nothing was spent." in said(visitor)
    assert "nothing spent" in shown(visitor)


def test_check_now_asks_at_the_next_pass_without_spending(house: House) -> None:
    house.open()
    job = order(house.workshop)
    house.until(lambda: state_of(house, job) is JobState.WAITING)
    waiting = house.workshop.registry.jobs.get(job.id)
    assert waiting
    assert waiting.next_check_at
    assert waiting.next_check_at > house.clock.now()
    house.enter("jobs").button(key=f"job_check_{job.id}").click().run()
    assert house.look().polled == 1
    assert _requests(house, "clone") == 1


def test_polls_are_the_same_for_one_viewer_and_for_fifty(house: House) -> None:
    house.open()
    polls = []
    for viewers, pitch in ((1, 140.0), (50, 180.0)):
        before = _requests(house, "clone_status")
        job = order(house.workshop, pitch=pitch)
        house.look()
        audience = [house.enter("jobs") for _ in range(viewers)]
        while state_of(house, job) is not JobState.DONE:
            house.clock.advance(timedelta(seconds=2))
            house.look()
            assert not any(viewer.run().exception for viewer in audience)
        polls.append(_requests(house, "clone_status") - before)
    assert polls[0] == polls[1] > 0


def test_the_newest_are_shown_and_the_rest_is_counted(house: House) -> None:
    house.open()
    now = house.clock.now()
    people.move_in(house.workshop, [people.clone(n, now, service=DEMO) for n in range(60)])
    visitor = house.enter("jobs")
    assert len(rows(visitor)) == 50
    assert "The newest 50 of 60 are shown." in shown(visitor)


def _requests(house: House, kind: str) -> int:
    """How many requests of this kind reached the demo."""
    assert house.workshop.demo
    return sum(request["kind"] == kind for request in house.workshop.demo.requests())


def _make_it_behind_our_back(house: House, job: Job) -> None:
    """The demo makes the voice of this order, and nobody here hears of it."""
    voice = house.workshop.registry.voices.get(job.voice_id)
    assert voice
    house.workshop.provider(DEMO).clone(
        CloneOrder(
            kind=voice.kind,
            audio=hum(),
            file_name="recording.wav",
            media_type="audio/wav",
            voice_id=voice.provider_voice_id,
            model="speech-02-hd",
        )
    )
