"""Jobs: what is shown of an order, and the ways on where one stands still."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.models import Job, JobKind, JobState, Money
from lib.providers.base import CloneOrder
from lib.services import DEMO
from lib.studio.core.context import Context
from lib.studio.orders import cloning, confirming
from lib.studio.orders.cloning import CloneRequest
from tests.pages import people
from tests.pages.house import LOOPBACK, House, read, said, shown, texts
from tests.pages.saving import Saved, fetch
from tests.parts.length import mostly_slow
from tests.parts.persons import ADA
from tests.parts.sending import send
from tests.parts.speech import spoken
from tests.parts.statements import counted
from tests.registry.records import a_long_text

pytestmark = pytest.mark.usefixtures("no_showcase")


def order(context: Context, *, seed: int = 140, kind: str = "minimax") -> Job:
    """A confirmed clone, as the Clone page commits it."""
    request = CloneRequest(
        service=DEMO,
        kind=kind,
        name=f"Voice {seed}",
        recording=spoken(seed=seed),
        speaker="Ada",
        consent=True,
        person=ADA,
    )
    return cloning.clone(context, request)


def lose_the_answer(house: House, job: Job) -> None:
    """The paid request left, and the answer never came."""
    registry, now = house.context.registry, house.clock.now()
    assert registry.jobs.submit(
        job.id,
        "somebody",
        now=now,
        until=now + timedelta(minutes=5),
        account=job.account,
        balance=None,
    )
    assert registry.jobs.mark_unknown(job.id, now=now, why="The answer never came.", next_at=None)


def state_of(house: House, job: Job) -> JobState:
    found = house.context.registry.jobs.get(job.id)
    assert found
    return found.state


def rows(visitor: AppTest) -> set[str]:
    """The ids of the orders in the table."""
    return set(visitor.session_state["jobs_rows"][0]) if visitor.dataframe else set()


def cells(visitor: AppTest) -> list[dict[str, Any]]:
    """The table, row by row."""
    return list(visitor.dataframe[0].value.to_dict("records")) if visitor.dataframe else []


def told(visitor: AppTest) -> str:
    """The lines that are told of single orders, as they are read."""
    lines = [text for part in (visitor.markdown, visitor.caption) for text in texts(part)]
    return read("\n".join([*lines, *(card.label for card in visitor.expander)]))


def facts(visitor: AppTest) -> dict[str, str]:
    """The table of an order's details."""
    table = visitor.table[0].value
    return {what: read(known) for what, known in zip(table["What"], table["Known"], strict=True)}


def long_text(house: House, number: int = 0, parts: int = 10) -> str:
    """A long text of a voice of its own, every part of it in line at $0.10; the id of the whole."""
    dossier = people.clone(number, house.clock.now(), name="Ann", service=DEMO)
    people.move_in(house.context, [dossier])
    now = house.context.demo_clock.now()
    one = people.speech(number, dossier, "A long story.", vault="").job
    text = a_long_text(
        dossier.voice,
        id=f"text-{number:05d}",
        service=DEMO,
        created_at=now,
        person=one.person,
        text="A long story.",
        parts=parts,
        next_check_at=now + timedelta(minutes=5),
        last_answer=f"2 of {parts} parts are ready.",
    )
    made = [
        replace(
            one,
            id=f"{text.id}-{part:03d}",
            state=JobState.CONFIRMED,
            order_key=f"{text.id} {part}",
            created_at=now,
            request={"text": "A story."},
            estimate=Money.usd("0.10"),
            finished_at=None,
            charged=None,
            long_text_id=text.id,
            part=part,
        )
        for part in range(1, parts + 1)
    ]
    house.context.registry.long_texts.order((text, made))
    return text.id


def speak(house: House, reading: str, parts: int, charged: str = "0.10") -> None:
    """The first so many parts are ready."""
    registry = house.context.registry
    for part in registry.long_texts.parts(reading)[:parts]:
        send(registry, part.id, house.context.demo_clock.now())
        registry.jobs.move(
            part.id, (JobState.SUBMITTING,), house.context.demo_clock.now(), "", "test",
            state=JobState.DONE, charged=Money.usd(charged),
        )  # fmt: skip


@pytest.fixture
def unknown(house: House) -> Job:
    """A MiniMax clone whose outcome nobody knows."""
    house.open()
    job = order(house.context)
    lose_the_answer(house, job)
    return job


def test_the_filter_shows_orders_by_where_they_stand(house: House) -> None:
    house.open()
    done = order(house.context, seed=100)
    house.until(lambda: state_of(house, done) is JobState.DONE)
    house.until(lambda: all(not job.is_open for job in house.jobs()))
    unknown, failed = order(house.context, seed=110), order(house.context, seed=120)
    lose_the_answer(house, unknown)
    confirming.withdraw(house.context, failed, ADA)
    under_way = order(house.context, seed=130)
    visitor = house.enter("jobs")
    kept = {job.id for job in house.jobs() if job.kind is JobKind.ACTIVATION}
    for choice, expected in {
        "In progress": {under_way.id},
        "Needs a decision": {unknown.id},
        "Unconfirmed": {unknown.id},
        "Failed": {failed.id},
        "Done": {done.id} | kept,
        "All": {under_way.id, unknown.id, failed.id, done.id} | kept,
    }.items():
        visitor.segmented_control(key="jobs_filter").set_value(choice).run()
        assert not visitor.exception
        assert rows(visitor) == expected, choice


def test_a_state_without_orders_says_so_and_leads_back(house: House, unknown: Job) -> None:
    visitor = house.enter("jobs")
    visitor.segmented_control(key="jobs_filter").set_value("Done").run()
    assert "No order matches these filters." in shown(visitor)
    visitor.button(key="jobs_clear").click().run()
    assert rows(visitor) == {unknown.id}


def test_an_unknown_outcome_is_explained_with_its_ways_on(house: House, unknown: Job) -> None:
    for visitor in (house.enter("jobs"), house.enter("jobs", job=unknown.id)):
        assert "We don't know if this went through." in said(visitor)
        assert "It won't be sent again automatically." in said(visitor)
        labels = [button.label for button in visitor.button]
        assert "Try the voice ($0.01 play money)" in labels
        assert "Send it again ($1.00 play money)" in labels
        assert "Cancel" in labels


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
    assert "Needs a decision" not in texts(visitor.subheader)
    opened = house.enter("jobs", job=unknown.id)
    assert "We don't know if it was made and charged" in said(opened)


def test_a_try_of_a_voice_that_was_made_after_all_proves_it(house: House, unknown: Job) -> None:
    _make_it_behind_our_back(house, unknown)
    house.clock.advance(timedelta(seconds=10))
    visitor = house.enter("jobs")
    visitor.button(key=f"test_{unknown.id}").click().run()
    house.until(lambda: state_of(house, unknown) is JobState.DONE)
    shown_now = shown(house.enter("voice", id=unknown.voice_id))
    assert "Safe" in shown_now
    assert "Used to generate speech" in shown_now


def test_a_voice_whose_clone_failed_can_be_tried(house: House, unknown: Job) -> None:
    _make_it_behind_our_back(house, unknown)
    house.clock.advance(timedelta(seconds=10))
    house.context.registry.jobs.move(
        unknown.id,
        (JobState.UNKNOWN,),
        house.clock.now(),
        "",
        "failed",
        state=JobState.FAILED,
        error="The demo service could not finish this.",
        error_kind="input",
        finished_at=house.clock.now(),
        ticket={"run_id": "run-1", "kind": "minimax", "for_speech": False},
        charged=Money.usd("1.00"),
    )
    visitor = house.enter("jobs")
    assert visitor.button(key=f"test_{unknown.id}").label == "Try the voice ($0.01 play money)"
    visitor.button(key=f"test_{unknown.id}").click().run()
    house.until(lambda: state_of(house, unknown) is JobState.DONE)


def test_a_try_of_a_voice_that_was_never_made_leaves_it_unknown(house: House, unknown: Job) -> None:
    visitor = house.enter("jobs")
    visitor.button(key=f"test_{unknown.id}").click().run()
    house.until(lambda: len(house.jobs()) == 2 and not house.jobs()[0].is_open)
    assert state_of(house, unknown) is JobState.UNKNOWN
    assert house.jobs()[0].state is JobState.FAILED


def test_an_order_not_sent_in_time_waits_for_a_word(house: House) -> None:
    house.open()
    job = order(house.context)
    house.clock.advance(timedelta(minutes=16))
    house.look()
    visitor = house.enter("jobs")
    assert "This order was not sent in time" in said(visitor)
    assert state_of(house, job) is JobState.CONFIRMED
    visitor.button(key=f"send_{job.id}").click().run()
    house.until(lambda: state_of(house, job) is JobState.DONE)


def test_an_order_not_sent_in_time_can_be_withdrawn(house: House) -> None:
    house.open()
    job = order(house.context)
    house.clock.advance(timedelta(minutes=16))
    visitor = house.enter("jobs")
    visitor.button(key=f"withdraw_{job.id}").click().run()
    assert state_of(house, job) is JobState.FAILED
    assert [row["Cost"] for row in cells(visitor)] == [0.0]
    opened = house.enter("jobs", job=job.id)
    assert "Nothing was spent." in said(opened)
    assert facts(opened)["Cost"] == "nothing spent"


@pytest.mark.parametrize("tells_cost", [True, False])
def test_money_is_told_once_for_an_order_that_failed(house: House, tells_cost: bool) -> None:
    """Whether its reason tells of money is stored with it, whatever its words are."""
    house.open()
    job = order(house.context)
    house.context.registry.jobs.fail(
        job.id, now=house.clock.now(), error="That is not possible, and it was free.",
        error_tells_cost=tells_cost, charged=Money(),
    )  # fmt: skip
    visitor = house.enter("jobs", job=job.id)
    assert "it was free" in said(visitor)
    assert ("Nothing was spent." in told(visitor)) is not tells_cost


def test_check_now_asks_at_the_next_pass_without_spending(house: House) -> None:
    house.open()
    job = order(house.context)
    house.until(lambda: state_of(house, job) is JobState.WAITING)
    waiting = house.context.registry.jobs.get(job.id)
    assert waiting
    assert waiting.next_check_at
    assert waiting.next_check_at > house.clock.now()
    house.enter("jobs").button(key=f"job_check_{job.id}").click().run()
    assert house.look().polled == 1
    assert _requests(house, "clone") == 1


@pytest.mark.parametrize("many", mostly_slow([5, 50], 5, long=[50]))
def test_polls_are_the_same_for_one_viewer_and_for_many(house: House, many: int) -> None:
    house.open()
    polls = []
    for viewers, seed in ((1, 140), (many, 180)):
        before = _requests(house, "clone_status")
        job = order(house.context, seed=seed)
        house.look()
        audience = [house.enter("jobs") for _ in range(viewers)]
        while state_of(house, job) is not JobState.DONE:
            house.clock.advance(timedelta(seconds=2))
            house.look()
            assert not any(viewer.run().exception for viewer in audience)
        polls.append(_requests(house, "clone_status") - before)
    assert polls[0] == polls[1] > 0


def test_the_newest_are_shown_and_more_on_demand(house: House) -> None:
    house.open()
    now = house.clock.now()
    people.move_in(house.context, [people.clone(n, now, service=DEMO) for n in range(60)])
    visitor = house.enter("jobs")
    assert len(rows(visitor)) == 50
    assert "The newest 50 of 60 are shown." in texts(visitor.caption)
    assert "60 orders" in told(visitor)
    visitor.button(key="jobs_more").click().run()
    assert len(rows(visitor)) == 60
    assert not [button for button in visitor.button if button.key == "jobs_more"]


def test_a_long_text_counts_its_parts_itself_whenever_it_is_drawn(house: House) -> None:
    house.open()
    whole = long_text(house)
    visitor = house.enter("jobs")
    assert "0 of 10 parts are ready" in shown(visitor)
    assert "Next check" not in told(visitor)
    speak(house, whole, 6)  # and the keeper does not look
    assert "6 of 10 parts are ready" in shown(visitor.run())
    assert "2 of 10" not in shown(visitor)
    speak(house, whole, 10)
    assert "All 10 parts are ready" in shown(visitor.run())


def test_a_long_text_that_cannot_be_joined_yet_says_why_and_when_it_is_tried(house: House) -> None:
    house.open()
    whole = long_text(house)
    speak(house, whole, 10)
    house.context.registry.long_texts.later(
        whole,
        next_at=house.context.demo_clock.now() + timedelta(minutes=5, seconds=30),
        answer="All parts are ready, but cannot be joined yet: The disk is full.",
    )
    visitor = house.enter("jobs")
    assert "cannot be joined yet: The disk is full" in read(shown(visitor).replace("\\\\", "\\"))
    assert "Next check in 5 min" in told(visitor)


def test_the_row_of_a_long_text_has_the_sum_of_all_orders_of_its_parts(house: House) -> None:
    house.open()
    whole = long_text(house)
    visitor = house.enter("jobs")
    assert "[in 10 parts, $1.00 play money as far as known]" in told(visitor)
    speak(house, whole, 10, "0.09")
    assert "[in 10 parts, $0.90 play money]" in told(visitor.run())
    registry = house.context.registry
    first = registry.long_texts.parts(whole)[0]
    registry.jobs.order(replace(first, id=f"{whole}-001-again", order_key="again"))
    assert "[in 10 parts, $0.99 play money]" in told(visitor.run())
    costs = {row["What"]: row["Cost"] for row in cells(visitor)}
    assert costs["Speech, 10 parts"] == 0.99
    assert facts(house.enter("jobs", job=whole))["Cost"] == "in 10 parts, $0.99 play money"


def test_a_long_text_none_of_which_was_charged_has_cost_nothing(house: House) -> None:
    house.open()
    whole = long_text(house, parts=3)
    registry, now = house.context.registry, house.context.demo_clock.now()
    for part in registry.long_texts.parts(whole):
        registry.jobs.fail(part.id, now=now, error="Not this text.")
    registry.long_texts.fail(whole, now=now, error="All parts are missing.")
    visitor = house.enter("jobs")
    assert "[in 3 parts, nothing spent]" in told(visitor)
    assert "All parts are missing." in said(visitor)


def test_only_orders_that_a_service_is_asked_about_can_be_checked(house: House) -> None:
    house.open()
    job = order(house.context)
    house.until(lambda: state_of(house, job) is JobState.WAITING)
    whole = long_text(house)
    visitor = house.enter("jobs")
    assert {job.id, whole} <= rows(visitor)
    checks = [b.key for b in visitor.button if (b.key or "").startswith("job_check_")]
    assert checks == [f"job_check_{job.id}"]


def test_long_texts_are_so_many_queries_however_many_there_are(house: House) -> None:
    house.open()
    counts = []
    for more in (range(4), range(4, 12)):  # more than are told of one by one
        for number in more:
            long_text(house, number, parts=2 + number)
        visitor = house.enter("jobs")
        with counted(house.context) as statements:
            visitor.run()
        assert not visitor.exception
        counts.append(len(statements))
    assert "Speech, 13 parts" in {row["What"] for row in cells(visitor)}
    assert counts[0] == counts[1]


def test_details_of_an_unknown_outcome_say_since_when_and_what_happened(
    house: House, unknown: Job
) -> None:
    known = facts(house.enter("jobs", job=unknown.id))
    assert known["Ended"].startswith("Unconfirmed since ")
    assert known["What happened"] == "The answer never came."
    assert "Last answer" not in known


def test_details_of_an_order_say_what_is_not_there_yet(house: House) -> None:
    house.open()
    known = facts(house.enter("jobs", job=order(house.context).id))
    assert (known["Sent"], known["Ended"], known["Last answer"]) == (
        "not yet",
        "not yet",
        "none yet",
    )
    assert "What happened" not in known


def test_details_of_a_long_text_speak_of_no_service(house: House) -> None:
    house.open()
    visitor = house.enter("jobs", job=long_text(house))
    assert list(facts(visitor)) == ["Ordered", "Ended", "Cost", "Order ID"]
    assert "0 of 10 parts are ready" in shown(visitor)


def test_a_row_tells_what_for_whom_where_it_stands_and_what_it_costs(
    house: House, unknown: Job
) -> None:
    now = house.clock.now()
    grace = people.clone(1, now, name="Grace", service=DEMO, hours_ago=5)
    people.move_in(house.context, [grace], [people.speech(1, grace, "Good morning", vault="")])
    orders = {(row["What"], row["Voice"]): row for row in cells(house.enter("jobs"))}
    assert set(orders) == {("Clone", "Voice 140"), ("Clone", "Grace"), ("Speech", "Grace")}
    mine, hers = orders["Clone", "Voice 140"], orders["Clone", "Grace"]
    assert (list(mine["State"]), mine["Cost"], mine["Person"]) == (["? Unconfirmed"], 1.0, "Ada")
    assert (list(hers["State"]), hers["Cost"]) == (["✓ Done"], 1.0)
    assert now - hers["Age"] >= timedelta(hours=4)
    assert orders["Speech", "Grace"]["Cost"] == 0.01


def test_play_money_is_told_apart_where_there_is_real_money(
    house: House, live_key: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEMO", "1")
    house.open(address=LOOPBACK)
    now = house.clock.now()
    mixed = [people.clone(1, now), people.clone(2, now, service=DEMO)]
    people.move_in(house.context, mixed)
    visitor = house.enter("jobs", address=LOOPBACK)
    amounts = {row["Voice"]: (row["Cost"], row["Play money"]) for row in cells(visitor)}
    (live_cost, no_play), (no_cost, play) = amounts["Person 1"], amounts["Person 2"]
    assert (live_cost, play) == (1.0, 1.0)
    assert no_play != no_play
    assert no_cost != no_cost
    assert "2 orders · $1.00 and $1.00 play money charged" in told(visitor)
    assert {row["Voice"]: row["Demo"] for row in cells(visitor)} == {
        "Person 1": "",
        "Person 2": "Demo",
    }


@pytest.fixture
def mixture(house: House) -> House:
    """Orders of two people in two months, for two voices."""
    house.open()
    now = house.clock.now()
    grace = people.clone(1, now, name="Grace 100%", service=DEMO, hours_ago=5)
    alan = people.clone(2, now, name="Alan", service=DEMO, hours_ago=24 * 40)
    said_by_grace = people.speech(1, grace, "Good morning", vault="")
    order = replace(alan.jobs[0], person="Ben", ticket={"run_id": "run-77"})
    people.move_in(house.context, [grace, replace(alan, jobs=(order,))], [said_by_grace])
    return house


def test_a_link_keeps_the_filters(mixture: House) -> None:
    month = f"{mixture.clock.now() - timedelta(hours=24 * 40):%B %Y}"
    grace, alan, speech = "clone-00001", "clone-00002", "speech-00001"
    for query, expected in (
        ({}, {grace, alan, speech}),
        ({"jobs_filter": "Done"}, {grace, alan, speech}),
        ({"jobs_filter": "Failed"}, set()),
        ({"jobs_kind": "Speech"}, {speech}),
        ({"jobs_person": "Ben"}, {alan}),
        ({"jobs_month": month}, {alan}),
        ({"jobs_search": "GRACE"}, {grace, speech}),
        ({"jobs_search": "100%"}, {grace, speech}),
        ({"jobs_search": "morning"}, {speech}),
        ({"jobs_search": "run-77"}, {alan}),
        ({"jobs_search": "grace", "jobs_kind": "Clone"}, {grace}),
    ):
        visitor = mixture.enter("jobs", **query)
        assert not visitor.exception
        assert rows(visitor) == expected, query


def test_each_filter_in_use_is_taken_away_with_one_press_or_all_at_once(mixture: House) -> None:
    month = f"{mixture.clock.now() - timedelta(hours=24 * 40):%B %Y}"
    visitor = mixture.enter("jobs", jobs_person="Ben", jobs_month=month, jobs_kind="Clone")
    labels = {button.label: button for button in visitor.button}
    assert {"Clone", "Ben", month} <= set(labels)
    labels["Ben"].click().run()
    assert "jobs_person" not in visitor.query_params
    assert visitor.query_params["jobs_kind"] == "Clone"
    visitor.button(key="jobs_drop_all").click().run()
    assert len(rows(visitor)) == 3
    assert not [name for name in visitor.query_params if name in ("jobs_kind", "jobs_month")]


def test_strange_filters_in_an_address_are_harmless(mixture: House) -> None:
    for text in ("", "' OR 1=1 --", "%", "x" * 5_000, "<script>", "99999-99", "\u202e\u0000"):
        for name in ("filter", "kind", "person", "month", "search"):
            visitor = mixture.enter("jobs", **{f"jobs_{name}": text})
            assert not visitor.exception, (name, text)
            assert not visitor.error, (name, text)


def test_sums_are_those_of_what_the_filters_let_through(mixture: House) -> None:
    visitor = mixture.enter("jobs")
    assert "3 orders · $2.01 charged" in told(visitor)
    visitor.multiselect(key="jobs_kind").set_value(["clone"]).run()
    assert "2 orders · $2.00 charged" in told(visitor)


def test_the_order_of_the_address_is_open_beside_its_row_and_another_can_be_picked(
    mixture: House,
) -> None:
    visitor = mixture.enter("jobs", job="clone-00002")
    (row,) = visitor.session_state["jobs_table"]["selection"]["rows"]
    assert cells(visitor)[row]["Voice"] == "Alan"
    assert facts(visitor)["Order ID"] == "clone-00002"
    assert facts(visitor)["Run ID"] == "run-77"
    visitor.selectbox(key="jobs_open").select("speech-00001").run()
    assert facts(visitor)["Order ID"] == "speech-00001"
    assert visitor.query_params["job"] == "speech-00001"
    visitor.button(key="job_close").click().run()
    assert not visitor.table
    assert "job" not in visitor.query_params
    assert visitor.session_state["jobs_table"]["selection"]["rows"] == []


def test_a_chosen_row_is_followed_when_newer_orders_come(mixture: House) -> None:
    visitor = mixture.enter("jobs", job="clone-00002")
    people.move_in(mixture.context, [people.clone(9, mixture.clock.now(), service=DEMO)])
    visitor.run()
    assert facts(visitor)["Order ID"] == "clone-00002"
    (row,) = visitor.session_state["jobs_table"]["selection"]["rows"]
    assert cells(visitor)[row]["Voice"] == "Alan"


def test_many_that_stand_still_are_five_lines_and_a_way_to_all_of_them(house: House) -> None:
    house.open()
    now = house.clock.now()
    lost = [people.with_unknown_outcome(people.clone(n, now, service=DEMO)) for n in range(8)]
    people.move_in(house.context, [*lost, people.clone(9, now, service=DEMO)])
    visitor = house.enter("jobs")
    assert len([b for b in visitor.button if (b.key or "").startswith("giveup_")]) == 5
    visitor.button(key="jobs_more_to_decide").click().run()
    assert not visitor.exception
    assert rows(visitor) == {f"clone-{n:05d}" for n in range(8)}
    assert "3 more are in the table." in texts(visitor.caption)
    visitor = house.enter("jobs", job="clone-00003")
    assert len([b for b in visitor.button if (b.key or "").startswith("giveup_")]) == 1
    assert "7 other orders need a decision" in told(visitor)
    visitor.button(key="jobs_show_to_decide").click().run()
    assert len([b for b in visitor.button if (b.key or "").startswith("giveup_")]) == 5


def test_a_use_that_kept_a_voice_says_so(house: House) -> None:
    house.open()
    made = order(house.context, seed=150)
    house.until(lambda: any(job.kind is JobKind.ACTIVATION for job in house.jobs()))
    (use,) = (job for job in house.jobs() if job.kind is JobKind.ACTIVATION)
    house.until(lambda: state_of(house, use) is JobState.DONE)
    opened = house.enter("jobs", job=use.id)
    assert "Kept by speaking one sentence." in said(opened)
    assert said(opened) != said(house.enter("jobs", job=made.id))


def test_a_csv_has_all_that_the_filters_let_through_and_nothing_that_is_computed(
    house: House, saved: Saved
) -> None:
    house.open()
    now = house.clock.now()
    names = ["=1+1", "+1", "-1", "@sum", " =1", "\t=1", "\u200b=1", "＝1", "−1", "Ödön, “q”"]
    dossiers = [people.clone(n, now, name=name, service=DEMO) for n, name in enumerate(names)]
    dossiers += [people.clone(n, now, name="Plain", service=DEMO) for n in range(50, 110)]
    people.move_in(house.context, dossiers)
    visitor = house.enter("jobs")
    name, kind, body = fetch(visitor, saved, "jobs_save")
    assert (name, kind) == ("voicekeep-jobs.csv", "text/csv")
    assert body.startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    assert len(lines) == 70
    told_names = {line["Voice"] for line in lines}
    assert told_names == {*(f"'{name}" for name in names[:-1]), names[-1], "Plain"}
    line = next(line for line in lines if line["Order ID"] == "clone-00009")
    assert (line["What"], line["State"], line["Person"]) == ("Clone", "Done", "Ada")
    assert (line["Cost"], line["Charged"], line["Refunded"]) == ("1", "1", "0")
    assert (line["Not charged yet"], line["Currency"]) == ("0", "Play money")
    assert datetime.fromisoformat(line["Ordered (UTC)"])
    visitor.text_input(key="jobs_search").set_value("plain").run()
    _, _, body = fetch(visitor, saved, "jobs_save")
    assert len(body.decode("utf-8-sig").splitlines()) == 61


def test_a_page_of_orders_is_so_many_queries_however_many_there_are(house: House) -> None:
    house.open()
    now = house.clock.now()
    counts = []
    for numbers in (range(24), range(24, 400)):  # more than are told of one by one
        kinds = [people.clone(n, now, service=DEMO) for n in numbers]
        kinds[::4] = map(people.with_unknown_outcome, kinds[::4])
        people.move_in(house.context, kinds)
        visitor = house.enter("jobs")
        with counted(house.context) as statements:
            visitor.run()
        counts.append(len(statements))
    assert counts[0] == counts[1]


def _requests(house: House, kind: str) -> int:
    """How many requests of this kind reached the demo."""
    assert house.context.demo
    return sum(request["kind"] == kind for request in house.context.demo.requests())


def _make_it_behind_our_back(house: House, job: Job) -> None:
    """The demo makes the voice of this order, and nobody here hears of it."""
    voice = house.context.registry.voices.get(job.voice_id)
    assert voice
    house.context.provider(DEMO).clone(
        CloneOrder(
            kind=voice.kind,
            audio=spoken(),
            file_name="recording.wav",
            media_type="audio/wav",
            voice_id=voice.provider_voice_id,
            model="speech-02-hd",
        )
    )
