"""A voice from words on the clone page: price first, one order, its first sound kept."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from lib.models import Health, JobKind, JobState, Role, Source
from lib.studio.library import listing
from lib.ui.clone import designing
from tests.pages.house import House, bound_to, read, said, shown, texts

WORDS = "A calm old sailor who tells of storms."

pytestmark = pytest.mark.usefixtures("no_showcase")


def described(house: House, words: str = WORDS, name: str = "Sailor") -> AppTest:
    """The form, filled in."""
    visitor = house.open("clone")
    visitor.segmented_control(key="clone_way").set_value(designing.WAY).run()
    visitor.text_area(key="design_description").set_value(words)
    visitor.text_input(key="design_name").set_value(name)
    visitor.selectbox(key="design_gender").set_value("male")
    return visitor.run()


def test_price_and_what_is_kept_are_shown_before_anything_is_ordered(house: House) -> None:
    visitor = described(house)
    assert not visitor.exception
    assert "($4.21 play money)" in visitor.button(key="design_confirm").label
    assert "It cannot be made again" in read(shown(visitor))
    assert house.jobs() == []


def test_what_all_tries_may_cost_is_told_as_well(house: House) -> None:
    told = read("\n".join(texts(described(house).caption)))
    assert "for under $0.01 play money: that keeps it" in told
    assert "there are up to 5 in all, for $0.03 play money at most" in told


def test_the_first_words_of_the_voice_can_be_given(house: House) -> None:
    visitor = described(house)
    visitor.text_area(key="design_preview").set_value("Ahoy, my friends.").run()
    visitor.button(key="design_confirm").click().run()
    assert not visitor.exception
    (order,) = house.jobs()
    assert order.request["preview_text"] == "Ahoy, my friends."
    assert visitor.query_params["job"] in (order.id, [order.id])


def test_gender_and_age_go_into_the_order(house: House) -> None:
    visitor = described(house)
    visitor.selectbox(key="design_age").set_value("elderly").run()
    visitor.button(key="design_confirm").click().run()
    (order,) = house.jobs()
    assert (order.request["gender"], order.request["age_group"]) == ("male", "elderly")


def test_what_is_left_open_is_not_ordered(house: House) -> None:
    visitor = described(house)
    visitor.selectbox(key="design_gender").set_value(designing.OPEN).run()
    visitor.button(key="design_confirm").click().run()
    (order,) = house.jobs()
    assert not {"gender", "age_group"} & order.request.keys()


def test_other_first_words_are_another_order_that_nobody_has_to_be_asked_about(
    house: House,
) -> None:
    described(house).button(key="design_confirm").click().run()
    house.until(lambda: house.jobs()[-1].state is JobState.DONE)
    again = described(house)
    again.button(key="design_confirm").click().run()
    assert "Make another one" in again.button(key="design_confirm").label
    again.text_area(key="design_preview").set_value("Ahoy, my friends.").run()
    assert "Make this voice" in again.button(key="design_confirm").label


def test_a_described_voice_is_made_once_and_its_first_sound_is_kept(house: House) -> None:
    visitor = described(house)
    visitor.button(key="design_confirm").click().run()
    assert not visitor.exception
    (order,) = house.jobs()
    assert (order.kind, order.state) == (JobKind.DESIGN, JobState.CONFIRMED)

    def is_safe() -> bool:
        (item,) = listing.entries(house.context)
        return item.standing.health is Health.SAFE

    house.until(is_safe)
    (item,) = listing.entries(house.context)
    assert item.voice.source is Source.DESIGNED
    assert item.voice.description == WORDS
    sounds = [seen for seen in item.dossier.evidence if seen.role == Role.ACTIVATION]
    assert [bool(seen.key) for seen in sounds] == [True]
    visitor.run()
    assert visitor.success


@pytest.mark.parametrize(
    ("words", "name", "says"),
    [("", "Sailor", "Describe the voice"), (WORDS, "", "Give the voice a name")],
)
def test_what_is_missing_is_said_and_nothing_is_ordered(
    house: House, words: str, name: str, says: str
) -> None:
    visitor = described(house, words, name)
    visitor.button(key="design_confirm").click().run()
    assert says in said(visitor)
    assert house.jobs() == []


def test_the_same_words_again_are_asked_about_first(house: House) -> None:
    described(house).button(key="design_confirm").click().run()
    house.until(lambda: house.jobs()[-1].state is JobState.DONE)
    again = described(house)
    again.button(key="design_confirm").click().run()
    assert "Make another one" in again.button(key="design_confirm").label
    again.button(key="design_confirm").click().run()
    assert sum(job.kind is JobKind.DESIGN for job in house.jobs()) == 2
    assert not texts(again.exception)


@pytest.mark.usefixtures("live_key")
def test_where_no_service_makes_voices_from_words_the_page_names_who_does(house: House) -> None:
    with bound_to("127.0.0.1"):
        visitor = house.open("clone", address="127.0.0.1")
        visitor.segmented_control(key="clone_way").set_value(designing.WAY).run()
    assert "Settings shows what to paste for Kyma." in said(visitor)
