"""Orders at Kyma that take their time or come to nothing: what the pages say meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from lib.models import Job, JobState, LongText, TextState, Voice
from lib.services import KYMA
from lib.studio.jobs import long_texts
from lib.studio.jobs.long_texts import Reading
from lib.studio.orders import cloning
from lib.studio.orders.cloning import CloneRequest
from tests.pages.house import LOOPBACK, House, read, said, texts
from tests.parts.persons import ADA
from tests.parts.speech import spoken
from tests.studio.service import PretendService, Reply, loses_the_answer, refuses, resets

STORY = " ".join(f"This is sentence {n} of a story that is told in one go." for n in range(1, 116))
"""Over 6,000 characters: four parts."""
IN_PART_2 = "sentence 50 "


def clone(house: House, seed: int = 140) -> Job:
    """An order for a clone at Kyma."""
    request = CloneRequest(
        service=KYMA,
        kind="minimax",
        name=f"Voice {seed}",
        recording=spoken(seed=seed),
        speaker="Ada",
        consent=True,
        person=ADA,
    )
    return cloning.clone(house.context, request)


def stands(house: House, job: Job) -> Job:
    found = house.context.registry.jobs.get(job.id)
    assert found
    return found


def panel(house: House, job: Job) -> str:
    """What the panel of an order says below its bar."""
    visitor = house.enter("clone", address=LOOPBACK, job=job.id)
    assert not visitor.exception
    return read("\n".join(texts(visitor.caption)))


@pytest.fixture
def voice(house: House, kyma: PretendService) -> Voice:
    """A voice that was cloned at Kyma and is kept."""
    house.open(address=LOOPBACK)
    job = clone(house)
    house.until(lambda: len(kyma.charges("speech")) == 1)
    found = house.context.registry.voices.get(job.voice_id)
    assert found
    return found


def order_text(house: House, voice: Voice) -> tuple[AppTest, LongText]:
    """The story, ordered in the Playground: the visitor, and the long text."""
    visitor = house.open("playground", address=LOOPBACK, voice=voice.id)
    visitor.text_area(key="speak_text").set_value(STORY).run()
    visitor.button(key="speak_go").click().run()
    return visitor, house.long_texts()[0]


def text_of(house: House, whole: LongText) -> Reading:
    found = house.context.registry.long_texts.get(whole.id)
    assert found is not None
    return long_texts.find(house.context, found)


def test_both_of_two_orders_wait_for_the_pause_that_the_service_asked_for(
    house: House, kyma: PretendService
) -> None:
    house.open(address=LOOPBACK)
    first = clone(house, seed=140)
    house.clock.advance(timedelta(seconds=1))
    second = clone(house, seed=150)
    kyma.next("kyma_clone", refuses(429, code="rate_limit", Retry_After="4"))
    house.look()
    assert "Kyma asks for a short pause." in panel(house, first)
    assert "Kyma asked this key to slow down" in panel(house, second)
    house.until(lambda: stands(house, second).state is JobState.DONE)
    assert "slow down" not in panel(house, second)


@pytest.mark.parametrize(
    ("trouble", "afterwards"),
    [
        (loses_the_answer, "Afterwards: $97.90."),
        (resets, "Afterwards the balance was the same."),
    ],
)
def test_the_balances_around_an_order_that_nobody_knows_of_are_shown(
    house: House, kyma: PretendService, trouble: object, afterwards: str
) -> None:
    house.open(address=LOOPBACK)
    kyma.next("kyma_clone", trouble)  # type: ignore[arg-type]
    job = clone(house)
    house.until(lambda: stands(house, job).balance_after is not None)
    assert stands(house, job).state is JobState.UNKNOWN
    told = panel(house, job)
    assert f"The balance before was $100.00, the price is $2.10. {afterwards}" in told


def test_a_part_that_nobody_knows_of_shows_the_balances_around_it(
    house: House, kyma: PretendService, voice: Voice
) -> None:
    kyma.where(IN_PART_2, loses_the_answer)
    visitor, whole = order_text(house, voice)
    house.until(lambda: text_of(house, whole).long_text.state is TextState.FAILED)
    part = text_of(house, whole).parts[1].latest
    before, after = part.balance_before, part.balance_after
    assert before is not None
    assert after is not None
    assert after < before
    told = said(visitor.run())
    assert "Part 2: we don't know if it went through." in told
    assert (
        f"The balance before was {before.exact}, the price is {part.estimate.exact}. "
        f"Afterwards: {after.exact}."
    ) in told
    assert "Part 1:" not in told


def test_a_part_that_sounds_cut_off_is_told_and_spoken_again_alone(
    house: House, kyma: PretendService, voice: Voice
) -> None:
    breaks_off = Reply(
        200, (("Content-Type", "audio/wav"), ("X-Kyma-Cost-USD", "0.2")), spoken(3.0)
    )
    kyma.where(IN_PART_2, lambda ask: breaks_off)
    visitor, whole = order_text(house, voice)
    house.until(lambda: text_of(house, whole).long_text.state is TextState.DONE)
    told = said(visitor.run())
    assert "Part 2 sounds cut off: 3.0 s for a text of about 2 min" in told
    assert told.count("sounds cut off") == 1

    house.clock.advance(timedelta(minutes=1))  # somebody listens to it
    kyma.where(IN_PART_2, None)
    before = kyma.count("kyma_speech")
    part = text_of(house, whole).parts[1]
    again = visitor.button(key=f"part_again_{whole.id}_2")
    assert read(again.label) == "Generate part 2 again ($0.20)"
    again.click().run()
    assert "cut off" not in said(visitor)  # it is on its way: nobody is to pay for it twice
    house.until(lambda: text_of(house, whole).parts[1].job.id != part.job.id)
    house.until(lambda: text_of(house, whole).long_text.state is TextState.DONE)
    assert kyma.count("kyma_speech") == before + 1
    assert kyma.of_kind("kyma_speech")[-1].field("input") == part.text
    assert "cut off" not in said(visitor.run())
