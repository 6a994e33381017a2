"""Each page starts, whatever there is to show, and says what to do where there is nothing."""

from __future__ import annotations

import ast

import pytest

from tests.pages.house import LOOPBACK, PAGES, ROOT, TITLES, House, bound_to, go, said, shown, texts

FIRST_STEPS = {
    "home": "No voices yet. Clone your first one",
    "clone": "1. Add a recording",
    "spending": "No spending yet. Clone a voice",
    "jobs": "No orders yet. Clone a voice",
    "playground": "No voice is ready yet. Clone one",
    "scripts": "Dialogues, lessons, ads: paste a script",
    "retention": "No voices yet. Clone",
    "voice": "No voices yet. Clone one, and",
    "activity": "No activity yet. Clone a voice",
    "settings": "Check now",
}

every_page = pytest.mark.parametrize("page", PAGES)


@every_page
def test_the_first_statement_of_a_page_lets_visitors_in(page: str) -> None:
    module = ast.parse((ROOT / "pages" / f"{page}.py").read_text())
    docstring, door, first, *_ = module.body
    assert isinstance(docstring, ast.Expr)
    assert isinstance(door, ast.ImportFrom)
    assert door.module == "lib.ui.access.front"
    assert "enter" in {alias.name for alias in door.names}
    assert ast.unparse(first) == "context = enter()"


def test_every_page_is_known_to_these_tests() -> None:
    assert {path.stem for path in (ROOT / "pages").glob("*.py")} == set(PAGES)


@every_page
def test_a_page_waits_for_the_first_reading_of_the_vault(house: House, page: str) -> None:
    visitor = house.enter(page)
    assert not visitor.exception
    assert texts(visitor.title) == [TITLES[page]]
    if page != "settings":
        assert "Preparing the demo" in shown(visitor)


@every_page
@pytest.mark.usefixtures("no_showcase")
def test_an_empty_page_says_what_to_do_first(house: House, page: str) -> None:
    visitor = house.open(page)
    assert not visitor.exception
    assert texts(visitor.title) == [TITLES[page]]
    assert FIRST_STEPS[page] in shown(visitor)
    assert not visitor.error


def test_each_page_shows_the_demo_with_its_exhibition(house: House) -> None:
    visitor = house.open()
    for page in PAGES:
        go(visitor, page)
        assert not visitor.exception, page
        assert not visitor.error, page
        assert texts(visitor.title) == [TITLES[page]]
        assert "Simulated service, play money" in shown(visitor), page


@every_page
@pytest.mark.usefixtures("live_key")
def test_a_page_starts_with_a_live_key_and_no_voice(house: House, page: str) -> None:
    visitor = house.open(page, address=LOOPBACK)
    assert not visitor.exception
    assert texts(visitor.title) == [TITLES[page]]
    assert FIRST_STEPS[page] in shown(visitor)
    assert "Simulated service" not in shown(visitor)


@pytest.mark.usefixtures("live_key")
def test_the_demo_beside_a_live_key_is_labelled(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEMO", "1")
    visitor = house.open(address=LOOPBACK)
    assert house.context.settings.services == ("nanogpt", "demo")
    for page in PAGES:
        with bound_to(LOOPBACK):
            go(visitor, page)
        assert not visitor.exception, page
        assert texts(visitor.title) == [TITLES[page]]
        if page != "activity":  # the exhibition was nobody's doing
            assert "demo" in shown(visitor).lower(), page
        assert "Simulated service" not in shown(visitor), page


def test_the_exhibition_has_a_voice_in_each_state(house: House) -> None:
    visitor = house.open("retention")
    badges = visitor.button_group(key="retention_health").options
    for word in ("lost", "probably lost", "at risk", "due soon", "waiting", "safe", "persistent"):
        assert any(badge.endswith((f" 1 {word}", f" 2 {word}")) for badge in badges)


def test_a_defect_of_ours_is_a_sentence_and_a_line_in_the_log(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    house.open()
    monkeypatch.setattr("lib.studio.library.listing.entries", lambda _: 1 / 0)
    visitor = house.enter("retention")
    assert not visitor.exception
    assert "Something went wrong on this page" in said(visitor)
    assert "ZeroDivisionError" not in shown(visitor)
    assert "ZeroDivisionError" in caplog.text
