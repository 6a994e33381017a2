"""Consent on the pages: asked once for each person, told on the voice's page, ended there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from lib.consent import Consent, ConsentState, Relation
from lib.models import Voice
from tests.pages import people
from tests.pages.clone_form import agree, bring, confirm, fill_in, is_off
from tests.pages.house import House, buttons, in_house, press, read, said, sentences, shown, texts
from tests.parts.speech import spoken
from tests.sentences import WITHDREW

pytestmark = pytest.mark.usefixtures("no_showcase")

JACK = "Jack *Summers*"
SPEAK = "speak_go"
OTHER = "Somebody else, who has agreed"


def somebody_else(visitor: AppTest, name: str = JACK) -> AppTest:
    visitor.radio(key="clone_who").set_value(OTHER).run()
    return visitor.text_input(key="clone_speaker").set_value(name).run()


def cloned(house: House, name: str, seed: int = 1, **terms: str) -> Voice:
    """A voice of Jack, from the form to the shelf."""
    visitor = bring(house.enter("clone"), spoken(seed=seed))
    fill_in(visitor, name=name)
    somebody_else(visitor)
    for key, text in terms.items():
        visitor.text_input(key=f"clone_{key}").set_value(text).run()
    confirm(visitor)
    assert not visitor.exception
    house.until(lambda: name in in_house(house) and in_house(house)[name].can_speak)
    return in_house(house)[name].voice


@pytest.fixture
def jack(house: House) -> Voice:
    """His first voice, for one book."""
    house.open()
    return cloned(house, "Jack", use="The lighthouse book")


def consent_of(house: House, name: str) -> Consent:
    consent = in_house(house)[name].voice.consent
    assert consent
    return consent


def page_of(house: House, voice: Voice) -> AppTest:
    return house.enter("voice", id=voice.id)


def withdraw(house: House, voice: Voice) -> AppTest:
    visitor = press(page_of(house, voice), f"consent_withdraw_{voice.id}")
    return press(visitor, f"consent_withdraw_sure_{voice.id}")


def test_who_is_on_record_is_not_asked_again(house: House, jack: Voice) -> None:
    record = consent_of(house, "Jack")
    assert (record.speaker, record.relation, record.use) == (
        JACK,
        Relation.AGREED,
        "The lighthouse book",
    )
    visitor = bring(house.enter("clone"), spoken(seed=2))
    agree(visitor)
    assert "clone_use" in [field.key for field in visitor.text_input]
    somebody_else(visitor, JACK.upper())
    assert "clone_use" not in [field.key for field in visitor.text_input]
    box = visitor.checkbox(key="clone_consent")
    assert f"Only {JACK} speaks here. Use the consent" in read(box.label)
    assert "The lighthouse book" in read("\n".join(texts(visitor.caption)))
    visitor.text_input(key="clone_name").set_value("Jack too").run()
    assert not is_off(visitor)
    confirm(visitor)
    assert consent_of(house, "Jack too") == record


def test_nobody_is_cloned_after_a_withdrawal_unawares(house: House, jack: Voice) -> None:
    withdraw(house, jack)
    visitor = bring(house.enter("clone"), spoken(seed=2))
    assert not visitor.warning
    somebody_else(visitor)
    assert WITHDREW in said(visitor)
    assert is_off(visitor)


def test_a_withdrawal_asks_first_and_ends_new_speech_alone(house: House, jack: Voice) -> None:
    cloned(house, "Jack too", seed=2)
    visitor = page_of(house, jack)
    assert f"{JACK} · They agreed · The lighthouse book · No end date" in sentences(visitor)
    assert SPEAK in buttons(visitor)
    assert f"{JACK} agreed to: The lighthouse book" in sentences(visitor)
    press(visitor, f"consent_withdraw_{jack.id}")
    question = read("\n".join(texts(visitor.markdown)))
    assert "“Jack” and “Jack too”" in question or "“Jack too” and “Jack”" in question
    press(visitor, f"consent_withdraw_leave_{jack.id}")
    assert in_house(house)["Jack"].consent_state is ConsentState.RECORDED
    visitor = withdraw(house, jack)
    assert {item.consent_state for item in in_house(house).values()} == {ConsentState.WITHDRAWN}
    assert not in_house(house)["Jack too"].can_speak
    assert WITHDREW in said(visitor)
    assert "Consent withdrawn" in sentences(visitor)
    assert not {SPEAK, f"consent_withdraw_{jack.id}"} & buttons(visitor)


def test_consent_is_recorded_anew_on_the_page_of_the_voice(house: House, jack: Voice) -> None:
    visitor = withdraw(house, jack)
    form = f"consent_{jack.id}"
    assert visitor.text_input(key=f"{form}_speaker").value == JACK
    press(visitor, f"consent_save_{jack.id}")
    assert "Tick that" in said(visitor)
    visitor.toggle(key=f"{form}_shows").set_value(True).run()
    visitor.file_uploader(key=f"{form}_statement").upload("signed.pdf", b"%PDF-1.7 Jack")
    visitor.checkbox(key=f"{form}_consent").check()
    visitor.text_input(key=f"{form}_use").set_value("The second book")
    visitor.date_input(key=f"{form}_until").set_value(
        house.clock.now().date() + timedelta(days=9_000)
    )
    press(visitor, f"consent_save_{jack.id}")
    assert not visitor.exception
    assert in_house(house)["Jack"].can_speak
    record = consent_of(house, "Jack")
    assert record.use == "The second book"
    assert record.last_day == house.clock.now().date() + timedelta(days=9_000)
    assert "Consent recorded" in sentences(visitor)
    assert "The statement of consent" in shown(visitor)  # among its files


def test_a_voice_of_before_says_so_and_is_found_by_it(house: House, jack: Voice) -> None:
    old = people.clone(1, house.clock.now(), service=jack.service, name="From before")
    tick = Consent(JACK, "Ada", house.clock.now(), old.voice.id)
    people.move_in(house.context, [old])
    house.context.registry.consents.give([old.voice.id], tick)
    visitor = page_of(house, old.voice)
    assert "Consent not recorded" in sentences(visitor)
    assert f"Ada ticked on {house.clock.now().day} " in sentences(visitor)
    home = house.enter("home", home_consent=ConsentState.NOT_RECORDED)
    assert "From before" in read(str(home.main))
    assert "Jack too" not in read(str(home.main))
    box = visitor.checkbox(key=f"consent_{old.voice.id}_consent")
    assert "Use the consent recorded" in read(box.label)
    box.check().run()
    press(visitor, f"consent_save_{old.voice.id}")
    assert consent_of(house, "From before") == consent_of(house, "Jack")


def test_a_voice_from_words_needs_none(house: House, jack: Voice) -> None:
    made = people.clone(1, house.clock.now(), service=jack.service, name="Words")
    designed = replace(made, voice=replace(made.voice, source="designed"))
    people.move_in(house.context, [designed])
    visitor = page_of(house, designed.voice)
    assert "No consent needed" in sentences(visitor)
    assert f"consent_save_{designed.voice.id}" not in buttons(visitor)
