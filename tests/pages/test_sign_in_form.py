"""The form of the door: a name and the passphrase, or the name alone; and how a sign-in ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from lib.studio.core import sign_ins
from lib.ui.access import device, names
from lib.ui.access.tokens import LASTS
from tests.pages import people
from tests.pages.clone_form import bring, confirm, fill_in
from tests.pages.house import (
    LOOPBACK,
    PAGES,
    House,
    bound_to,
    go,
    is_inside,
    said,
    shown,
    sign_in,
    team,
    tell_name,
    texts,
)
from tests.parts.speech import spoken
from tests.sentences import WRONG_PASSPHRASE

PASSPHRASE = "correct horse battery staple"
ASKS_A_NAME = "Enter your name"
SIGNED_OUT = "You have signed out."
NAME = "Wilhelmina Okonkwo"


@pytest.fixture
def door(house: House, live_key: None, monkeypatch: pytest.MonkeyPatch) -> House:
    """A team's app with a passphrase."""
    team(monkeypatch, f'passphrase = "{PASSPHRASE}"')
    return house


@pytest.fixture
def hosted(house: House, live_key: None, monkeypatch: pytest.MonkeyPatch) -> House:
    """A team's app whose host checks visitors."""
    team(monkeypatch, "trust_host = true")
    return house


def signs_out(visitor: AppTest) -> AppTest:
    return visitor.button(key="sign_out").click().run()


def can_sign_out(visitor: AppTest) -> bool:
    return "sign_out" in {button.key for button in visitor.sidebar.button}


def test_password_managers_can_tell_the_two_fields(door: House) -> None:
    visitor = door.enter()
    fields = {field.label: field.proto.autocomplete for field in visitor.text_input}
    assert fields == {"Your name": "username", "Passphrase": "current-password"}
    assert visitor.text_input(key="signin_name").proto.type != (
        visitor.text_input(key="signin_passphrase").proto.type
    )


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", ASKS_A_NAME),
        ("   ", ASKS_A_NAME),
        ("\u200b\u200d\u2060\ufeff", ASKS_A_NAME),
        ("\u3164\u115f", ASKS_A_NAME),
        ("\u2800", ASKS_A_NAME),
        ("\u202e", ASKS_A_NAME),
        ("...", ASKS_A_NAME),
        ("\u0301\u0301", ASKS_A_NAME),
        ("Voicekeep", "what the app calls itself"),
        (" voice\u200dkeep ", "what the app calls itself"),
        ("ＶＯＩＣＥ-ＫＥＥＰ", "what the app calls itself"),
    ],
)
def test_a_name_that_is_none_is_refused_in_a_sentence_and_is_no_try_at_the_passphrase(
    door: House, name: str, sentence: str
) -> None:
    visitor = door.enter()
    for _ in range(5):
        sign_in(visitor, "a wrong one", name=name)
    assert sentence in said(visitor)
    assert WRONG_PASSPHRASE not in said(visitor)
    assert is_inside(sign_in(visitor, PASSPHRASE))


@pytest.mark.parametrize("name", ["李", "أمينة", "Ngũgĩ", "O'Neill-Łukasz", "नमस्ते", "x" * 80, "R2"])
def test_a_name_of_any_script_stands_on_what_its_bearer_does(
    door: House, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    visitor = sign_in(door.enter(), PASSPHRASE, name=name)
    assert is_inside(visitor)
    assert f"**{name}**" in "\n".join(texts(visitor.sidebar.markdown)).replace("\\", "")


def test_the_name_stands_on_orders(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    team(monkeypatch, f'passphrase = "{PASSPHRASE}"')
    visitor = sign_in(house.enter(), PASSPHRASE, name="Grace Hopper")
    house.look()
    go(visitor, "clone")
    confirm(fill_in(bring(visitor, spoken())))
    assert [job.person for job in house.jobs()] == ["Grace Hopper"]


def test_a_sign_in_ends_after_thirty_days_in_an_open_tab_as_well(door: House) -> None:
    visitor = sign_in(door.enter(), PASSPHRASE)
    door.clock.advance(LASTS - timedelta(seconds=1))
    assert is_inside(visitor.run())
    door.clock.advance(timedelta(seconds=1))
    assert not is_inside(visitor.run())


def test_a_new_key_of_the_teams_asks_everybody_anew(
    door: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = sign_in(door.enter(), PASSPHRASE)
    monkeypatch.setenv("NANOGPT_API_KEY", "sk-nano-another")
    assert not is_inside(visitor.run())


def test_who_signs_out_reads_so_and_is_outside(door: House) -> None:
    visitor = sign_in(door.enter(), PASSPHRASE)
    people.move_in(door.context, [people.clone(1, door.clock.now(), name=NAME)])
    signs_out(visitor)
    assert SIGNED_OUT in said(visitor)
    assert visitor.text_input(key="signin_passphrase")
    assert not visitor.sidebar.button
    assert NAME not in shown(visitor)
    assert not is_inside(visitor.run())
    assert is_inside(sign_in(visitor, PASSPHRASE))
    assert SIGNED_OUT not in said(visitor)


def test_what_somebody_typed_is_gone_with_them(door: House) -> None:
    visitor = sign_in(door.enter(), PASSPHRASE)
    door.look()
    go(visitor, "clone")
    visitor.text_input(key="clone_name").set_value("A secret project").run()
    signs_out(visitor)
    sign_in(visitor, PASSPHRASE, name="Grace Hopper")
    go(visitor, "clone")
    assert visitor.text_input(key="clone_name").value == ""
    assert "A secret project" not in shown(visitor)


def test_a_sign_in_that_was_ended_elsewhere_is_over_at_the_next_run_and_in_callbacks(
    door: House,
) -> None:
    visitor = sign_in(door.enter(), PASSPHRASE)
    people.move_in(door.context, [people.clone(1, door.clock.now(), name=NAME)])
    door.look()
    go(visitor, "voice", id="voice-00001")
    visitor.text_input(key="rename_voice-00001").set_value("Renamed")
    token = visitor.session_state[device.HELD].token
    sign_ins.end(door.context, token.id, token.until)
    visitor.run()
    assert SIGNED_OUT in said(visitor)
    assert NAME not in shown(visitor)
    assert door.context.registry.voices.dossier("voice-00001").voice.name == NAME


def test_signing_out_ends_being_an_admin(door: House, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = sign_in(door.enter(), PASSPHRASE)
    visitor.session_state["access_elevated"] = ("a fingerprint", door.clock.now())
    signs_out(visitor)
    assert "access_elevated" not in visitor.session_state


def test_signing_out_forgives_no_wrong_tries(door: House) -> None:
    visitor = door.enter()
    for _ in range(3):
        sign_in(visitor, "wrong horse")
    door.clock.advance(timedelta(seconds=2))
    signs_out(sign_in(visitor, PASSPHRASE))
    sign_in(visitor, "wrong horse")
    assert "try again in 4 s" in said(visitor)


def test_where_the_host_checks_visitors_only_the_name_is_asked_and_once(hosted: House) -> None:
    visitor = hosted.stand_at_the_door()
    assert [field.label for field in visitor.text_input] == ["Your name"]
    assert "Who are you?" in texts(visitor.subheader)
    tell_name(visitor, "")
    assert ASKS_A_NAME in said(visitor)
    assert not is_inside(visitor)
    tell_name(visitor, "Grace Hopper")
    assert is_inside(visitor)
    for page in PAGES:
        go(visitor, page)
        assert "signin_name" not in [field.key for field in visitor.text_input]
    signs_out(visitor)
    assert SIGNED_OUT in said(visitor)
    assert [field.label for field in visitor.text_input] == ["Your name"]


@pytest.mark.parametrize(
    ("login", "name"),
    [
        ("ada", "ada"),
        ("Ada Lovelace", "Ada Lovelace"),
        ("voicekeep", names.AT_THIS_MACHINE),
        ("x" * 2_000, "x" * 80),
        ("\u200b", names.AT_THIS_MACHINE),
    ],
)
@pytest.mark.usefixtures("live_key")
def test_at_this_machine_the_operating_system_tells_who_it_is(
    house: House, monkeypatch: pytest.MonkeyPatch, login: str, name: str
) -> None:
    monkeypatch.setenv("LOGNAME", login)
    visitor = house.enter(address=LOOPBACK)
    assert is_inside(visitor)
    assert f"**{name}**" in texts(visitor.sidebar.markdown)
    assert not can_sign_out(visitor)


@pytest.mark.usefixtures("live_key")
def test_a_system_that_knows_no_name_lets_its_user_in_all_the_same(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr(names.getpass, "getuser", unknown)
    visitor = house.enter(address=LOOPBACK)
    assert f"**{names.AT_THIS_MACHINE}**" in texts(visitor.sidebar.markdown)


def test_the_open_demo_asks_nobody_who_they_are(house: House) -> None:
    with bound_to(""):
        visitor = house.enter()
    assert is_inside(visitor)
    assert f"**{names.VISITOR}**" in texts(visitor.sidebar.markdown)
    assert not can_sign_out(visitor)
