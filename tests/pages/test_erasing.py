"""Erasing a voice from its page, and a person's data from Settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from lib.models import Role
from lib.roles import Person, TeamRole
from lib.studio.erasure.asking import Plan
from lib.ui.shared.erasing import AT_ONCE, LATER, goes
from tests.pages.house import House, buttons, go, in_house, press, said, sentences, team
from tests.parts.persons import named

NAME = "Captain Rowan"
VOICE = "demo-lost"
ADMINS = "only admins know this one"


@pytest.fixture
def demo(house: House) -> House:
    """The exhibition: one voice in each state of health."""
    house.open()
    return house


def asked(visitor: AppTest, voice_id: str = VOICE, name: str = NAME) -> AppTest:
    """The question is open and the name typed."""
    press(go(visitor, "voice", id=voice_id), f"erase_{voice_id}")
    return visitor.text_input(key=f"erase_{voice_id}_name").set_value(name).run()


def test_an_admin_types_the_name_waits_a_day_and_may_keep_it_after_all(demo: House) -> None:
    visitor = asked(demo.open(), name="Captain Row")
    button = visitor.button(key=f"erase_{VOICE}_go")
    assert (button.label, button.disabled) == (LATER, True)
    visitor.text_input(key=f"erase_{VOICE}_name").set_value(f" {NAME.lower()} ").run()
    press(visitor, f"erase_{VOICE}_go")
    assert "will be erased in 1 d" in sentences(visitor)
    assert f"erase_{VOICE}" not in buttons(visitor)
    press(visitor, "erase_cancel")
    assert "will be erased" not in sentences(visitor)
    demo.clock.advance(timedelta(days=2))
    demo.look()
    assert NAME in in_house(demo)


def test_what_was_erased_is_gone_its_page_says_so_and_settings_has_a_receipt(demo: House) -> None:
    visitor = asked(demo.open())
    visitor.checkbox(key=f"erase_{VOICE}_hurry").check().run()
    assert visitor.button(key=f"erase_{VOICE}_go").label == AT_ONCE
    press(visitor, f"erase_{VOICE}_go")
    demo.look()
    assert NAME not in in_house(demo)
    assert "This voice was erased on" in said(go(visitor, "voice", id=VOICE))
    go(visitor, "settings")
    assert VOICE in sentences(visitor)
    demo.look()
    assert NAME not in in_house(demo)
    for page in ("home", "jobs", "retention", "playground", "activity"):
        assert not go(visitor, page).exception


def test_what_goes_is_counted_over_all_voices() -> None:
    one = Plan(
        {Role.REFERENCE: 1}, 2, 1, exports=True, old_storage=0, at_service=True, in_bucket=True
    )
    assert goes([one]) == "the voice, 1 recording, 2 takes, 1 shared link, the prepared export"
    assert goes([one, one]).startswith("2 voices, 2 recordings, 4 takes, 2 shared links")


def test_everything_of_a_person_is_erased_by_their_name(demo: House) -> None:
    visitor = demo.open("settings")
    speaker = in_house(demo)[NAME].voice.consent
    assert speaker is not None
    spoken = {
        item.voice.name
        for item in in_house(demo).values()
        if item.voice.consent and item.voice.consent.speaker == speaker.speaker
    }
    visitor.text_input(key="erase_person").set_value("Nobody at all").run()
    assert "erase_all_go" not in buttons(visitor)
    visitor.text_input(key="erase_person").set_value(speaker.speaker).run()
    visitor.text_input(key="erase_all_name").set_value(speaker.speaker).run()
    visitor.checkbox(key="erase_all_hurry").check().run()
    press(visitor, "erase_all_go")
    demo.look()
    assert not spoken & in_house(demo).keys()


def test_at_once_asks_for_the_admins_passphrase(
    house: House, monkeypatch: pytest.MonkeyPatch, act_as: Callable[[Person], None]
) -> None:
    team(monkeypatch, f'admin_passphrase = "{ADMINS}"', 'passphrase = "for the whole team"')
    act_as(named("Ada", TeamRole.ADMIN))
    visitor = asked(house.open())
    visitor.text_input(key=f"erase_{VOICE}_passphrase").set_value("a wrong one").run()
    press(visitor, f"erase_{VOICE}_go")
    assert "will be erased" not in sentences(visitor)
    assert visitor.error
    visitor.text_input(key=f"erase_{VOICE}_passphrase").set_value("").run()
    press(visitor, f"erase_{VOICE}_go")
    assert "will be erased in 1 d" in sentences(visitor)


@pytest.mark.parametrize("role", [TeamRole.VIEWER, TeamRole.MEMBER])
def test_who_is_no_admin_is_offered_nothing_to_erase(
    demo: House, act_as: Callable[[Person], None], role: TeamRole
) -> None:
    visitor = asked(demo.open())
    press(visitor, f"erase_{VOICE}_go")
    act_as(named("Ben", role))
    visitor = demo.open("voice", id=VOICE)
    assert "will be erased in" in sentences(visitor)
    assert not {"erase_cancel", f"erase_{VOICE}"} & buttons(visitor)
    assert "erase_person" not in {field.key for field in go(visitor, "settings").text_input}
