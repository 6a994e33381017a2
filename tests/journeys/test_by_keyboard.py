"""Without a mouse: rows are chosen, kept and opened, a voice speaks; and the table on a phone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from lib.ui.shared.table import WIDTHS
from tests.journeys.servers import running_app
from tests.journeys.visitor import Visitor

PHONE = {"width": 390, "height": 844}
TICKS = 37
"""Pixels of the column of boxes that choose the rows."""
FAR = 60
"""Presses of a key after which nobody would go on."""


def tab_to(visitor: Visitor, selector: str, *, back: bool = False) -> None:
    """Press Tab until this has the focus."""
    for _ in range(FAR):
        visitor.page.keyboard.press("Shift+Tab" if back else "Tab")
        if visitor.page.evaluate("it => document.activeElement.matches(it)", selector):
            return
    pytest.fail(f"Tab does not lead to {selector}.")


@pytest.mark.slow
def test_voices_are_chosen_kept_and_opened_by_keyboard(tmp_path: Path, visitor: Visitor) -> None:
    with running_app(tmp_path) as app:
        visitor.open(app.url("/retention"))
        visitor.sees("1 at risk")
        expect(visitor.part("retention_table").locator("canvas").first).to_be_visible()
        keyboard = visitor.page.keyboard
        tab_to(visitor, ".st-key-retention_table canvas")
        keyboard.press("ArrowDown")
        keyboard.press("Shift+Space")
        panel = visitor.part("retention_panel")
        expect(panel.get_by_role("link", name="Pixel")).to_be_visible()
        visitor.settle()
        keyboard.press("ArrowDown")
        keyboard.press("Shift+Space")
        visitor.sees("2 voices chosen")
        visitor.settle()
        tab_to(visitor, ".st-key-bulk_keep button", back=True)
        keyboard.press("Enter")
        visitor.sees("Keep 2 voices?")
        visitor.settle()
        tab_to(visitor, ".st-key-bulk_confirm button")
        keyboard.press("Enter")
        visitor.sees("2 of 2 voices safe")
        visitor.settle()

        visitor.page.set_viewport_size(PHONE)
        table = visitor.part("retention_table").get_by_test_id("stDataFrame")
        first_three = [WIDTHS[name] for name in ("Voice", "Health", "Left")]
        assert list(WIDTHS)[:3] == ["Voice", "Health", "Left"]
        assert (table.bounding_box() or {})["width"] >= TICKS + sum(first_three) - 1
        visitor.sees_no_sideways_scrolling()

        tab_to(visitor, ".st-key-retention_go_to input", back=True)
        keyboard.type("Clara")
        keyboard.press("Enter")
        visitor.sees_title("Clara Bell")
        visitor.settle()

        star = visitor.part("icon_star_demo-safe").get_by_role("button")
        tab_to(visitor, ".st-key-icon_star_demo-safe button")
        for then in ("Remove from favourites", "Add to favourites"):
            keyboard.press("Enter")
            expect(star).to_have_accessible_name(re.compile(then))
            expect(star).to_be_focused()

        tab_to(visitor, ".st-key-speak_text textarea")
        keyboard.press("Control+A")
        keyboard.type("Good morning.")
        keyboard.press("Control+Enter")
        visitor.sees("13 characters")
        visitor.settle()
        visitor.reads()
        tab_to(visitor, ".st-key-speak_go button")
        keyboard.press("Enter")
        expect(visitor.page.get_by_label("Speech: Good morning.")).to_be_visible()


def test_what_the_keyboard_does_is_told_and_the_panel_closes_with_it(
    tmp_path: Path, visitor: Visitor
) -> None:
    with running_app(tmp_path) as app:
        visitor.open(app.url("/settings"))
        tab_to(visitor, ".st-key-keyboard_help button")
        visitor.page.keyboard.press("Enter")
        panel = visitor.page.get_by_role("dialog")
        expect(panel.get_by_text("Shift + Space")).to_be_visible()
        visitor.page.keyboard.press("Escape")
        expect(panel).to_have_count(0)
