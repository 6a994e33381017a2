"""The checklist on Home: for newcomers, until all is done or somebody puts it away."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from lib.roles import Person, TeamRole
from lib.studio.library import first_steps, listing
from lib.studio.library.showcase import SAMPLES
from lib.ui.home.first_steps import DONE, STEPS
from tests.pages import people
from tests.pages.house import LOOPBACK, House, shown
from tests.parts.persons import named
from tests.parts.statements import counted

HIDE = "first_steps_hide"


def ticked(visitor: AppTest) -> list[bool]:
    """Whether each step is marked as done, in their order."""
    assert not visitor.exception
    drawn = shown(visitor)
    return [f"{DONE} {wording.title}" in drawn for wording in STEPS.values()]


def is_there(visitor: AppTest) -> bool:
    assert not visitor.exception
    return HIDE in {button.key for button in visitor.button}


def move_in(house: House, *numbers: int, kept: bool = False, spoken: bool = False) -> None:
    context, now = house.context, house.clock.now()
    vault = context.demo_vault.name
    made = [people.clone(number, now, service="demo", kept=kept, vault=vault) for number in numbers]
    takes = [people.speech(1, made[0], "Good morning.", vault=vault)] if spoken else []
    people.move_in(context, made, takes)


def test_a_newcomer_to_the_demo_is_led_on_until_all_is_done(house: House) -> None:
    assert SAMPLES
    visitor = house.open()
    assert is_there(visitor)
    assert ticked(visitor) == [False, False, False, False]
    move_in(house, 1)
    assert ticked(visitor.run()) == [False, True, False, False]
    assert "voice=voice-00001" in shown(visitor)
    assert "id=voice-00001" in shown(visitor)
    move_in(house, 2, kept=True)
    assert ticked(visitor.run()) == [False, True, False, True]
    move_in(house, 3, kept=True, spoken=True)
    assert not is_there(visitor.run())


def test_put_away_it_stays_away_after_a_restart(house: House) -> None:
    visitor = house.open()
    visitor.button(key=HIDE).click().run()
    assert not is_there(visitor)
    house.restart()
    assert not is_there(house.open())


@pytest.mark.usefixtures("live_key")
def test_a_team_with_voices_of_its_own_is_not_taught_and_not_asked(house: House) -> None:
    house.open(address=LOOPBACK)
    now = house.clock.now()
    count = first_steps.NEWCOMERS_HAVE
    people.move_in(house.context, [people.clone(number, now) for number in range(count)], [])
    assert is_there(house.enter(address=LOOPBACK))
    people.move_in(house.context, [people.clone(count, now)], [])
    visitor = house.enter(address=LOOPBACK)
    assert not is_there(visitor)
    entries = listing.entries(house.context)
    with counted(house.context) as statements:
        assert first_steps.find(house.context, entries) is None
    assert statements == []


@pytest.mark.usefixtures("live_key")
@pytest.mark.parametrize("role", TeamRole)
def test_only_those_who_may_take_the_steps_are_shown_them(
    house: House, act_as: Callable[[Person], None], role: TeamRole
) -> None:
    act_as(named("Vera", role))
    assert is_there(house.open(address=LOOPBACK)) is (role is not TeamRole.VIEWER)
