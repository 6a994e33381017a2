"""Being an admin for a while by a passphrase: how one becomes it, for how long, and who cannot."""

from __future__ import annotations

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from lib.studio.alerts import checks
from lib.ui.access import guessing
from lib.ui.access.elevation import ELEVATED_FOR
from tests.pages.house import House, go, said, sign_in, team
from tests.sentences import WRONG_PASSPHRASE

PASSPHRASE = "correct horse battery staple"
ADMINS = "the admins' own passphrase"
CHECK = "check_vault"
FIELD, GO = "elevate_passphrase", "elevate_go"


@pytest.fixture
def lines() -> list[str]:
    """What stands under [team]."""
    return [f'passphrase = "{PASSPHRASE}"']


@pytest.fixture
def settings(
    house: House, live_key: None, monkeypatch: pytest.MonkeyPatch, lines: list[str]
) -> AppTest:
    """A member on the page Settings."""
    team(monkeypatch, *lines)
    visitor = sign_in(house.enter(), PASSPHRASE)
    house.look()
    return go(visitor, "settings")


def elevate(visitor: AppTest, typed: str) -> AppTest:
    visitor.text_input(key=FIELD).set_value(typed)
    return visitor.button(key=GO).click().run()


def is_admin(visitor: AppTest) -> bool:
    """Whether an admin's controls are there; the way to them is, where they are not."""
    assert not visitor.exception
    found = {button.key for button in visitor.button}
    assert (CHECK in found) is (GO not in found)
    return CHECK in found


def asked_for(house: House) -> bool:
    note = house.context.registry.notes.get(checks.PREFIX + checks.VAULT)
    return note is not None and note.asked_at is not None


def test_the_teams_passphrase_once_more_makes_an_admin_where_there_is_no_other(
    house: House, settings: AppTest
) -> None:
    assert not is_admin(settings)
    elevate(settings, "another one altogether")
    assert WRONG_PASSPHRASE in said(settings)
    assert not is_admin(settings)
    assert is_admin(elevate(settings, PASSPHRASE))
    assert is_admin(go(go(settings, "home"), "settings"))
    assert not asked_for(house)
    settings.button(key=CHECK).click().run()
    assert asked_for(house)


def test_it_ends_by_itself_and_a_press_on_what_stands_there_still_is_none(
    house: House, settings: AppTest
) -> None:
    assert is_admin(elevate(settings, PASSPHRASE))
    house.clock.advance(ELEVATED_FOR - timedelta(seconds=1))
    assert is_admin(settings.run())
    house.clock.advance(timedelta(seconds=1))
    settings.button(key=CHECK).click().run()
    assert not is_admin(settings)
    assert not asked_for(house)


def test_it_is_this_visitors_alone(house: House, settings: AppTest) -> None:
    assert is_admin(elevate(settings, PASSPHRASE))
    assert not is_admin(go(sign_in(house.enter(), PASSPHRASE), "settings"))


@pytest.mark.parametrize(
    "lines", [[f'passphrase = "{PASSPHRASE}"', f'admin_passphrase = "{ADMINS}"']]
)
def test_where_admins_have_a_passphrase_of_their_own_the_teams_makes_none(
    settings: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not is_admin(elevate(settings, PASSPHRASE))
    assert is_admin(elevate(settings, ADMINS))
    team(monkeypatch, f'passphrase = "{PASSPHRASE}"', 'admin_passphrase = "another one altogether"')
    assert not is_admin(settings.run())


def test_after_several_wrong_tries_the_right_one_has_to_wait(
    house: House, settings: AppTest
) -> None:
    for _ in range(guessing.FREE_TRIES):
        elevate(settings, "another one altogether")
    assert not is_admin(elevate(settings, PASSPHRASE))
    assert "wait" in said(settings)
    house.clock.advance(guessing.WRONG.steps[0])
    assert is_admin(elevate(settings, PASSPHRASE))


@pytest.mark.parametrize(
    "lines",
    [
        [f'passphrase = "{PASSPHRASE}"', f"admin_passphrase = {value}"]
        for value in ('"too short"', "true", '"at least 12 characters"')
    ],
)
def test_an_admins_passphrase_that_cannot_be_used_makes_nobody_an_admin_and_says_so(
    settings: AppTest,
) -> None:
    found = {button.key for button in settings.button}
    assert not found & {CHECK, GO}
    assert "`admin_passphrase`" in said(settings)
