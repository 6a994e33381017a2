"""The library on Home: heard by one player, found by search and filters, a page at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.models import Dossier, VoiceKind
from lib.roles import Person, TeamRole
from lib.services import DEMO
from tests.pages import people
from tests.pages.house import House, go, texts
from tests.parts.persons import named
from tests.parts.speech import spoken

pytestmark = pytest.mark.usefixtures("no_showcase")


def a_voice(house: House, number: int, **fields: Any) -> Dossier:
    """A demo voice with a preview, the newest number the newest."""
    vault = house.context.demo_vault.name
    made = people.clone(
        number, house.clock.now(), service=DEMO, kept=True, vault=vault, hours_ago=100 - number
    )
    return replace(made, voice=replace(made.voice, **fields))


@pytest.fixture
def home(house: House) -> House:
    """Three voices with a sound, one of them with a star, and one that never spoke."""
    house.open()
    silent = people.clone(9, house.clock.now(), service=DEMO, kind=VoiceKind.QWEN, hours_ago=50)
    move_in(
        house,
        a_voice(house, 1, name="Ann", language="German", tags=("radio",), owner="Ada"),
        a_voice(house, 2, name="Bob", language="English", tags=("radio", "news"), owner="Grace"),
        a_voice(house, 3, name="Cleo", language="English", owner="Ada", favourite=True),
        replace(silent, voice=replace(silent.voice, name="Dora", language="English")),
    )
    return house


def move_in(house: House, *dossiers: Dossier) -> None:
    people.move_in(house.context, dossiers)
    for dossier in dossiers:
        for seen in dossier.evidence:
            if seen.key.endswith(".wav"):
                house.context.demo_vault.put_verified(seen.key, spoken(), "audio/wav")


def tiles(visitor: AppTest) -> list[str]:
    """The voices on tiles, in their order, by what can be played or stopped."""
    keyed = [b for b in visitor.button if (b.key or "").startswith("icon_play_")]
    return [button.label.partition(" ")[2] for button in keyed]


def play(visitor: AppTest, number: int) -> AppTest:
    return visitor.button(key=f"icon_play_voice-{number:05d}").click().run()


def players(visitor: AppTest) -> list[str]:
    """What is said of the sounds at the foot of the window."""
    return [str(player.proto.alt) for player in visitor.get("audio")]


def test_favourites_stand_first_and_then_the_newest(home: House) -> None:
    assert tiles(home.enter()) == ["Cleo", "Dora", "Bob", "Ann"]


def test_one_player_plays_the_voice_that_was_chosen_last_until_it_is_closed(home: House) -> None:
    visitor = home.enter()
    assert players(visitor) == []
    assert players(play(visitor, 1)) == ["The voice Ann"]
    assert players(play(visitor, 2)) == ["The voice Bob"]
    assert visitor.button(key="icon_play_voice-00002").label == "Stop Bob"
    assert visitor.get("audio")[0].proto.autoplay
    next(b for b in visitor.button if b.label == "Close the player").click().run()
    assert players(visitor) == []
    assert players(play(visitor, 2)) == ["The voice Bob"]
    assert players(play(visitor, 2)) == []  # a second press stops it


def test_a_voice_that_never_spoke_cannot_be_played(home: House) -> None:
    visitor = home.enter()
    assert visitor.button(key="icon_play_voice-00009").disabled
    assert not visitor.button(key="icon_play_voice-00001").disabled


def test_nothing_plays_by_itself_on_another_page_or_where_somebody_comes_back(home: House) -> None:
    visitor = play(home.enter(), 1)
    assert players(go(visitor, "playground", voice="voice-00001")) == []
    play(go(visitor, "home"), 1)
    go(visitor, "jobs")
    assert players(go(visitor, "home")) == []


def test_only_the_chosen_voice_is_read_from_storage(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault, read = home.context.demo_vault, []
    get = type(vault).get
    monkeypatch.setattr(
        type(vault), "get", lambda self, key, **how: read.append(key) or get(self, key, **how)
    )
    visitor = home.enter()
    assert read == []
    play(visitor, 3)
    assert [key.split("/")[1] for key in read] == ["voice-00003"]


def test_a_viewer_listens(home: House, act_as: Callable[[Person], None]) -> None:
    act_as(named("Vera", TeamRole.VIEWER))
    visitor = home.enter()
    assert tiles(visitor)[0] == "Cleo"
    assert players(play(visitor, 3)) == ["The voice Cleo"]


def test_filters_narrow_the_library_together_and_each_is_taken_away_alone(home: House) -> None:
    visitor = home.enter()
    visitor.multiselect(key="home_language").set_value(["English"]).run()
    visitor.multiselect(key="home_tag").set_value(["radio"]).run()
    assert tiles(visitor) == ["Bob"]
    drop = next(b for b in visitor.button if b.label == "radio")
    drop.click().run()
    assert tiles(visitor) == ["Cleo", "Dora", "Bob"]
    visitor.toggle(key="home_favourites").set_value(True).run()
    assert tiles(visitor) == ["Cleo"]
    visitor.button(key="home_drop_all").click().run()
    assert len(tiles(visitor)) == 4


def test_search_and_filters_come_with_the_address(home: House) -> None:
    visitor = home.enter("home", home_search="voice", home_owner="Ada", home_tag="radio")
    assert tiles(visitor) == ["Ann"]


def test_what_nothing_matches_leads_back_to_all(home: House) -> None:
    visitor = home.enter("home", home_search="nobody", home_language="German")
    assert tiles(visitor) == []
    visitor.button(key="home_clear").click().run()
    assert len(tiles(visitor)) == 4


def test_many_voices_come_a_page_at_a_time_and_keep_the_search(house: House) -> None:
    house.open()
    people.move_in(house.context, [a_voice(house, number) for number in range(60)])
    visitor = house.enter("home", home_search="person")
    assert len(tiles(visitor)) == 12
    assert "12 of 60 voices" in texts(visitor.caption)
    visitor.button(key="home_more").click().run()
    assert len(tiles(visitor)) == 36
    visitor.text_input(key="home_search").set_value("person 5").run()
    assert len(tiles(visitor)) == 15
    assert "15 of 60 voices" in texts(visitor.caption)
