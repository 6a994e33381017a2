"""A voice is opened from Home by its name, heard, spoken with, described, and left again."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Route, expect

from tests.journeys.servers import running_app
from tests.journeys.visitor import Visitor

FILTERED = "/?home_search=Clara"
TEXT_AREA = re.compile(r"/TextArea\.[\w-]+\.js$")
"""What the browser loads as a page shows its first text area."""
TEXT = "Good morning from a page of my own."


def test_a_voice_has_a_home(tmp_path: Path, visitor: Visitor) -> None:
    with running_app(tmp_path) as app:
        visitor.open(app.url(FILTERED))
        visitor.page.wait_for_function("window.voicekeepGoesBack")
        late: list[Route] = []
        visitor.page.route(TEXT_AREA, lambda it: late.append(it))
        with visitor.page.expect_request(TEXT_AREA):
            visitor.click(visitor.part("home_library").get_by_role("link", name="Clara Bell"))
        visitor.sees_title("Clara Bell")
        tabs = visitor.page.get_by_role("tablist")
        place = tabs.bounding_box()
        for request in late:
            request.continue_()
        visitor.part("speak_text").locator("textarea").wait_for()
        assert tabs.bounding_box() == place, "the code of a field came late, and the page jumped"
        expect(visitor.page).to_have_url(app.url("/voice?id=demo-safe"))
        visitor.hears()

        visitor.type("speak_text", TEXT)
        visitor.pays("speak_go")
        take = visitor.page.get_by_label(f"Speech: {TEXT}")
        expect(take).to_be_visible()
        expect(take).to_have_js_property("paused", False)

        visitor.type("description_demo-safe", "Warm, and never in a hurry.")
        visitor.opens_tab("Proof")
        visitor.sees("changed its description")
        visitor.opens_tab("For developers")
        code = visitor.page.get_by_test_id("stCode")
        expect(code).to_contain_text("clara4f9s2e7u")
        code.hover()
        expect(code.get_by_role("button", name="Copy to clipboard")).to_be_visible()

        visitor.page.go_back()
        visitor.sees_title("Your voices")
        expect(visitor.page).to_have_url(app.url(FILTERED))
        expect(visitor.part("home_search").get_by_role("textbox")).to_have_value("Clara")
        visitor.sees("Warm, and never in a hurry.")
