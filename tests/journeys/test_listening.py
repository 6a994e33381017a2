"""A library is heard where it stands, narrowed down by an address, and spoken with from there."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.servers import running_app
from tests.journeys.visitor import Visitor

_PLAYS = "document.querySelector('.st-key-now_playing audio')?.currentTime > 0.2"


@pytest.mark.slow  # shorter: what each button does, in the tests of the pages
def test_a_voice_is_found_heard_by_keyboard_and_spoken_with(
    tmp_path: Path, visitor: Visitor
) -> None:
    page = visitor.page
    with running_app(tmp_path) as app:
        visitor.open(app.url())
        page.get_by_role("button", name="Play Clara Bell", exact=True).press("Enter")
        page.wait_for_function(_PLAYS)
        player = visitor.part("now_playing")
        expect(player.get_by_role("link", name="Clara Bell")).to_be_visible()
        page.keyboard.press("Enter")  # the focus is where it was
        expect(player).to_have_count(0)

        visitor.press("home_filters")
        visitor.part("home_language").get_by_role("combobox").click()
        page.get_by_role("option", name="Spanish").click()
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        voices = visitor.part("home_library").get_by_role("link")
        expect(voices.filter(has_text="Lucía Ferrer")).to_have_count(1)
        expect(voices.filter(has_text="Clara Bell")).to_have_count(0)
        page.reload()
        visitor.settle()
        expect(voices.filter(has_text="Lucía Ferrer")).to_have_count(1)
        expect(voices.filter(has_text="Clara Bell")).to_have_count(0)
        page.get_by_role("button", name="Spanish").click()
        expect(voices.filter(has_text="Clara Bell")).to_have_count(1)
        visitor.type("home_search", "daily news")
        expect(voices.filter(has_text="Lucía Ferrer")).to_have_count(0)
        visitor.click(voices.filter(has_text="Generate"))

        visitor.sees_title("Playground")
        visitor.has_chosen("speak_voice", "Clara Bell")
        visitor.chooses("speak_voice", "museum", "Lucía Ferrer")
        page.get_by_role("button", name="Play Lucía Ferrer", exact=True).click()
        page.wait_for_function(_PLAYS)
        visitor.pays("speak_go")
        result = visitor.part("speak_result")
        result.locator("audio").wait_for()
        expect(result.get_by_role("link", name="Lucía Ferrer")).to_be_visible()
