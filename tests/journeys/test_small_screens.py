"""A phone held upright, by day and by night; and names that try to be something else."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect

from lib.services import DEMO
from lib.ui import words
from lib.ui.words import WORD_JOINER
from tests.journeys.conftest import Enter
from tests.journeys.servers import inhabit, running_app
from tests.journeys.visitor import TITLES
from tests.pages import people
from tests.parts.accessibility import grave_faults
from tests.parts.length import mostly_slow

PHONE = {"width": 390, "height": 844}
BACKGROUND = {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 20, 28)"}
STORIES = {
    "/voice?id=demo-safe": "Clara Bell",
    "/jobs?job=demo-safe-job": "Jobs",
    "/scripts?id=demo-script": "Example: The lighthouse",
}
FINGER = 40
"""Pixels of a button that a finger hits."""
FIRST_BOX = {"x": 17, "y": 52}
"""Pixels to the box of the first row, which is painted on a canvas."""
NAMES = (
    "**bold** _it_ `code` [link](https://evil.example) # head",
    "<img src=x onerror=alert(1)><script>alert(1)</script>",
    "$x^2$ and $$y$$ -> <- -- >= ~~gone~~",
    ":red[alarm] :material/delete: :smile: &lt;b&gt; &amp;",
    "www.evil.example and a@evil.example 1. 2.",
    "W" * 80,
)


@pytest.mark.parametrize("scheme", mostly_slow(BACKGROUND, "dark"))
def test_nothing_is_wider_than_a_phone_or_hard_to_read_by_day_or_by_night(
    tmp_path: Path, enter: Enter, scheme: str
) -> None:
    with running_app(tmp_path) as app:
        visitor = enter(viewport=PHONE, color_scheme=scheme, is_mobile=True, has_touch=True)
        tabs = set()
        for path, title in (TITLES | STORIES).items():
            visitor.open(app.url(path))
            visitor.sees_title(title)
            tabs.add(visitor.page.title())
            visitor.settle()
            visitor.sees_no_sideways_scrolling()
            app_view = visitor.page.get_by_test_id("stApp")
            shown = app_view.evaluate("it => getComputedStyle(it).backgroundColor")
            assert shown == BACKGROUND[scheme]
            assert grave_faults(visitor.page) == [], path
        assert tabs >= set(map(words.tab_title, ("Home", "Voice", "Clara Bell")))
        assert len(tabs) == len(TITLES) + 2

        visitor.open(app.url())
        for name in ("play", "star"):
            button = visitor.part(f"icon_{name}_demo-safe").get_by_role("button")
            assert (button.bounding_box() or {})["width"] >= FINGER


@pytest.mark.parametrize("width", mostly_slow([390, 1280], 390, long=[1280]))
def test_a_name_shows_as_it_was_written(tmp_path: Path, enter: Enter, width: int) -> None:
    now = datetime.now(UTC)
    dossiers = [
        people.clone(number, now, name=name, service=DEMO, hours_ago=(125, 160, 170)[number % 3])
        for number, name in enumerate(NAMES)
    ]
    vault = f"file://{tmp_path}/data/vault"
    takes = [
        people.speech(number, dossier, "Good morning", vault=vault)
        for number, dossier in enumerate(dossiers)
    ]
    inhabit(tmp_path, dossiers, takes)
    with running_app(tmp_path) as app:
        visitor = enter(viewport={"width": width, "height": 844})
        visitor.page.on("dialog", lambda _: pytest.fail("A name ran as a program."))
        body = visitor.page.locator("body")
        for path, place in {
            "/": visitor.part("home_library"),
            "/jobs?job=clone-00005": visitor.part("jobs_story"),
            "/playground": body,
        }.items():
            visitor.open(app.url(path))
            visitor.sees_title(TITLES[path.partition("?")[0]])
            names = NAMES[-1:] if "job=" in path else NAMES
            visitor.sees(names[-1])
            visitor.settle()
            told = place.inner_text().replace(WORD_JOINER, "")
            assert not [name for name in names if name not in told], path
            visitor.sees_no_sideways_scrolling()
        visitor.open(app.url(f"/retention?retention_search={NAMES[-1]}"))
        table = visitor.part("retention_table").get_by_test_id("stDataFrame")
        table.click(position=FIRST_BOX)
        expect(visitor.part("retention_panel").get_by_text(NAMES[-1])).to_be_visible()
        visitor.settle()
        visitor.sees_no_sideways_scrolling()
