"""Each page is told apart by the title of its tab, whatever a voice is called."""

from __future__ import annotations

import pytest
import streamlit as st

from lib.ui import words
from tests.pages.house import House, go, is_inside, team


@pytest.fixture
def titles(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All titles that a visitor's tab was given."""
    told: list[str] = []
    configure = st.set_page_config

    def noted(*, page_title: str | None = None, **options: object) -> None:
        if page_title is not None:
            told.append(page_title)
        configure(page_title=page_title, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(st, "set_page_config", noted)
    return told


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Playground", "Playground · Voicekeep"),
        ("", "Voicekeep"),
        ("Voicekeep", "Voicekeep"),
        (" \n ", "Voicekeep"),
        ("**Grace** <script>", "**Grace** <script> · Voicekeep"),
        ("two\n lines\t", "two lines · Voicekeep"),
        ("turned \u202egnp.exe", "turned gnp.exe · Voicekeep"),
        ("\u2066\u2066\x00\x1b]0;x\x07", "]0;x · Voicekeep"),
        ("می\u200cخواهم", "می\u200cخواهم · Voicekeep"),
        ("👩\u200d🚀", "👩\u200d🚀 · Voicekeep"),
        ("a" * 80, "a" * 39 + "… · Voicekeep"),
    ],
)
def test_the_title_of_a_tab_begins_with_the_name(name: str, title: str) -> None:
    assert words.tab_title(name) == title


def test_the_tab_of_a_voice_bears_its_name(house: House, titles: list[str]) -> None:
    visitor = house.open()
    assert titles[-1] == words.tab_title("Home")
    (voice, *_) = (item.voice for item in house.context.registry.voices.dossiers(services=["demo"]))
    go(visitor, "voice")
    assert titles[-1] == words.tab_title("Voice")
    go(visitor, "voice", id=voice.id)
    assert titles[-1] == words.tab_title(voice.name)


@pytest.mark.usefixtures("live_key")
def test_the_tab_of_a_closed_door_names_no_page(
    house: House, titles: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    team(monkeypatch, 'passphrase = "correct horse battery staple"')
    assert not is_inside(house.enter())
    assert set(titles) == {"Voicekeep"}
