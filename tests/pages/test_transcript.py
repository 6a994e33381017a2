"""The words of a recording on the Clone page: priced, ordered, edited, out of date, told of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from lib.models import Job, JobKind, JobState, Money, VoiceKind
from lib.registry import Budget, OverBudget, Used
from lib.services import DEMO, NANOGPT
from lib.studio.core.money import over_budget
from lib.ui import words
from tests.pages import people
from tests.pages.clone_form import MINIMAX, bring, confirm, fill_in
from tests.pages.house import KEY, LOOPBACK, House, bound_to, go, read, said, texts
from tests.parts.speech import spoken
from tests.studio.service import PretendService, answers_a_page, loses_the_answer, refuses, says

pytestmark = pytest.mark.usefixtures("no_showcase")

QWEN = "Qwen voice · Demo"
TEXT, GO = "clone_transcript", "clone_transcribe"
STALE = "Out of date: the part you use has changed."
SILENT = "No words were heard in this recording."
WORDS = "This is a demo transcript. It does not say what your recording says."


@pytest.fixture
def nanogpt(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[PretendService]:
    """NanoGPT on a socket, and a key for it in the settings."""
    state = house.folder / "nanogpt.db"
    service = PretendService(state, house.clock, pace=3.0, balance=Decimal(100))
    with service.open(), bound_to(LOOPBACK):
        monkeypatch.setenv("NANOGPT_API_KEY", KEY)
        monkeypatch.setenv("NANOGPT_BASE_URL", service.base_url)
        yield service


def at_qwen(house: House, *, service: str = QWEN, address: str = "") -> AppTest:
    """A form for a Qwen voice, with a recording of twelve seconds."""
    visitor = bring(house.open("clone", address=address), spoken())
    return visitor.radio(key="clone_service").set_value(service).run()


def at_nanogpt(house: House) -> AppTest:
    return at_qwen(house, service="Qwen voice · NanoGPT", address=LOOPBACK)


def press(visitor: AppTest) -> AppTest:
    return visitor.button(key=GO).click().run()


def text(visitor: AppTest) -> str:
    return str(visitor.text_area(key=TEXT).value)


def captions(visitor: AppTest) -> str:
    return read("\n".join(texts(visitor.caption)))


def has_button(visitor: AppTest) -> bool:
    return GO in [button.key for button in visitor.button]


def the_order(house: House) -> Job:
    (order,) = [job for job in house.jobs() if job.kind is JobKind.TRANSCRIPT]
    return order


def until_over(house: House) -> None:
    house.until(lambda: not house.jobs()[0].is_open)


def test_one_press_brings_the_words_for_the_price_that_was_shown(house: House) -> None:
    visitor = at_qwen(house)
    assert visitor.button(key=GO).label == "Transcribe the recording ($0.01 play money)"
    assert "By Whisper Large V3, $0.01 a minute. The demo does not listen" in captions(visitor)
    press(visitor)
    order = the_order(house)
    assert (order.state, order.service) == (JobState.CONFIRMED, DEMO)
    assert order.estimate == Money.usd("0.002")
    assert not has_button(visitor)
    assert "Waiting for its turn." in captions(visitor)
    until_over(house)
    visitor.run()
    assert text(visitor) == WORDS
    assert STALE not in said(visitor)
    assert visitor.query_params == {}
    assert "It replaces the text above." in captions(visitor)


def test_the_words_can_be_edited_and_go_with_the_clone(house: House) -> None:
    visitor = press(at_qwen(house))
    until_over(house)
    visitor.run()
    visitor.text_area(key=TEXT).set_value(f"{WORDS} Really.").run()
    confirm(fill_in(visitor, service=QWEN))
    voice = house.context.registry.voices.get(house.jobs()[0].voice_id)
    assert voice
    assert voice.transcript == f"{WORDS} Really."
    visitor.button(key="clone_again").click().run()
    visitor.radio(key="clone_service").set_value(QWEN).run()
    assert text(visitor) == ""


def test_another_recording_makes_them_out_of_date_until_they_are_written_anew(
    house: House,
) -> None:
    visitor = press(at_qwen(house))
    until_over(house)
    visitor.run()
    bring(visitor, spoken(seed=180))
    assert STALE in said(visitor)
    assert text(visitor) == WORDS
    assert visitor.button(key=GO).label == "Transcribe this part ($0.01 play money)"
    bring(visitor, spoken())
    assert STALE not in said(visitor)
    bring(visitor, spoken(seed=180))
    press(visitor)
    until_over(house)
    visitor.run()
    assert STALE not in said(visitor)
    assert len(house.jobs()) == 2


def test_words_that_come_for_a_part_that_is_used_no_more_are_out_of_date_at_once(
    house: House,
) -> None:
    visitor = press(at_qwen(house))
    bring(visitor, spoken(seed=180))
    until_over(house)
    visitor.run()
    assert text(visitor) == WORDS
    assert STALE in said(visitor)


def test_what_somebody_typed_is_of_the_part_that_was_there_then(house: House) -> None:
    visitor = at_qwen(house)
    visitor.text_area(key=TEXT).set_value("A hum.").run()
    assert STALE not in said(visitor)
    bring(visitor, spoken(seed=180))
    assert STALE in said(visitor)
    visitor.text_area(key=TEXT).set_value("A higher hum.").run()
    assert STALE not in said(visitor)
    visitor.text_area(key=TEXT).set_value("").run()
    bring(visitor, spoken())
    assert STALE not in said(visitor)


def test_what_was_typed_before_there_is_a_recording_is_of_the_first_one(house: House) -> None:
    visitor = house.open("clone")
    visitor.radio(key="clone_service").set_value(QWEN).run()
    assert not has_button(visitor)
    visitor.text_area(key=TEXT).set_value("A hum.").run()
    bring(visitor, spoken())
    assert STALE not in said(visitor)
    bring(visitor, spoken(seed=180))
    assert STALE in said(visitor)


def test_only_where_a_transcript_helps_it_is_offered(house: House) -> None:
    visitor = bring(house.open("clone"), spoken())
    visitor.radio(key="clone_service").set_value(MINIMAX).run()
    assert not has_button(visitor)
    visitor = bring(house.enter("clone"), b"no sound" * 99, "text.wav")
    visitor.radio(key="clone_service").set_value(QWEN).run()
    assert not has_button(visitor)


def test_a_second_tab_and_a_second_person_do_not_pay_again(house: House) -> None:
    first, second = at_qwen(house), at_qwen(house)
    press(first)
    press(second)
    until_over(house)
    third = press(at_qwen(house))
    for visitor in (first.run(), second.run(), third):
        assert text(visitor) == WORDS
    the_order(house)


def test_a_look_at_another_page_loses_nothing(house: House) -> None:
    visitor = press(at_qwen(house))
    go(visitor, "settings")
    until_over(house)
    go(visitor, "clone")
    visitor.radio(key="clone_service").set_value(QWEN).run()
    assert text(visitor) == WORDS


def test_the_page_asks_no_service_itself(house: House, nanogpt: PretendService) -> None:
    visitor = at_nanogpt(house)
    asked = len(nanogpt.seen)
    press(visitor).run()
    assert len(nanogpt.seen) == asked
    assert visitor.button(key="clone_confirm").label.startswith("Clone this voice ($0.25")
    until_over(house)
    assert text(visitor.run()) == WORDS
    assert nanogpt.count("transcript") == 1
    assert "balance $99.99" in captions(visitor) or "balance $100.00" in captions(visitor)


def test_an_unknown_outcome_is_told_with_the_money_and_the_ways_on(
    house: House, nanogpt: PretendService
) -> None:
    nanogpt.next("transcript", loses_the_answer)
    visitor = press(at_nanogpt(house))
    until_over(house)
    visitor.run()
    order = the_order(house)
    assert order.state is JobState.UNKNOWN
    assert "the price is $0.002. Afterwards: $99.997" in captions(visitor)
    assert not has_button(visitor)
    visitor.button(key=f"again_{order.id}").click().run()
    until_over(house)
    visitor.run()
    assert text(visitor) == WORDS
    assert nanogpt.count("transcript") == 2


def test_given_up_it_can_be_ordered_anew(house: House, nanogpt: PretendService) -> None:
    nanogpt.next("transcript", answers_a_page)
    visitor = press(at_nanogpt(house))
    until_over(house)
    visitor.run()
    visitor.button(key=f"giveup_{the_order(house).id}").click().run()
    assert "you may have been charged" in captions(visitor)
    assert has_button(visitor)


def test_a_refusal_is_told_and_the_button_is_there_again(
    house: House, nanogpt: PretendService
) -> None:
    nanogpt.next("transcript", refuses(400, "unreadable"))
    visitor = press(at_nanogpt(house))
    until_over(house)
    visitor.run()
    assert read(the_order(house).error) in said(visitor)
    press(visitor)
    until_over(house)
    visitor.run()
    assert text(visitor) == WORDS
    assert "unreadable" not in said(visitor)


def test_a_recording_without_words_says_so_and_keeps_what_was_typed(
    house: House, nanogpt: PretendService
) -> None:
    nanogpt.always("transcript", says({"transcription": " "}))
    visitor = press(at_nanogpt(house))
    until_over(house)
    assert SILENT in said(visitor.run())
    bring(visitor, spoken(seed=180))
    assert SILENT not in said(visitor)
    visitor.text_area(key=TEXT).set_value("A hum.").run()
    press(visitor)
    until_over(house)
    visitor.run()
    assert text(visitor) == "A hum."
    assert SILENT in said(visitor)


def test_over_the_budget_nothing_is_ordered(
    house: House, nanogpt: PretendService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICEKEEP_SECRETS", "[team]\nmonthly_budget_usd = 0.001")
    price, limit = Money.usd("0.002"), Money.usd("0.001")
    visitor = press(at_nanogpt(house))
    why = over_budget(OverBudget(Budget(), price, Used(), limit))
    assert read(why) in said(visitor)
    assert house.jobs() == []
    assert has_button(visitor)


def test_the_jobs_page_knows_a_transcript(house: House) -> None:
    press(at_qwen(house))
    order = the_order(house)
    visitor = house.enter("jobs")
    (row,) = visitor.dataframe[0].value.to_dict("records")
    assert (row["What"], row["Voice"]) == ("Transcript", "A recording")
    until_over(house)
    visitor = house.enter("jobs", job=order.id)
    assert texts(visitor.subheader) == [words.WORK[order.kind]]
    assert texts(visitor.text) == [WORDS]
    assert not visitor.exception


@pytest.mark.parametrize("service", [DEMO, NANOGPT])
def test_the_playground_offers_the_words_as_the_first_text(
    house: House, service: str, request: pytest.FixtureRequest
) -> None:
    address = ""
    if service == NANOGPT:
        request.getfixturevalue("nanogpt")
        address = LOOPBACK
    house.open(address=address)
    make = people.clone(1, house.clock.now(), name="Bob", service=service, kind=VoiceKind.QWEN)
    bob = replace(make, voice=replace(make.voice, transcript="What Bob said *first*."))
    people.move_in(house.context, [bob])
    visitor = house.enter("playground", address=address)
    offered = visitor.button(key="speak_transcript")
    assert offered.label == "Use the text of its recording"
    offered.click().run()
    assert visitor.text_area(key="speak_text").value == "What Bob said *first*."
    assert "speak_transcript" not in [button.key for button in visitor.button]
    visitor.text_area(key="speak_text").set_value("Something else.").run()
    assert "speak_transcript" not in [button.key for button in visitor.button]


def test_a_voice_without_words_offers_none(house: House) -> None:
    house.open()
    ann = people.clone(1, house.clock.now(), name="Ann", service=DEMO)
    people.move_in(house.context, [ann])
    visitor = house.enter("playground")
    assert "speak_transcript" not in [button.key for button in visitor.button]
