"""A phone held upright, by day and by night; and names that try to be something else."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from lib.services import DEMO
from lib.ui.words import WORD_JOINER, short
from tests.journeys.conftest import Enter
from tests.journeys.servers import inhabit, running_app
from tests.journeys.visitor import TITLES
from tests.pages import people
from tests.parts.length import mostly_slow

PHONE = {"width": 390, "height": 844}
BACKGROUND = {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 20, 28)"}
STORIES = {"/retention?voice=demo-safe": "Retention", "/jobs?job=demo-safe-job": "Jobs"}
NAMES = (
    "**bold** _it_ `code` [link](https://evil.example) # head",
    "<img src=x onerror=alert(1)><script>alert(1)</script>",
    "$x^2$ and $$y$$ -> <- -- >= ~~gone~~",
    ":red[alarm] :material/delete: :smile: &lt;b&gt; &amp;",
    "www.evil.example and a@evil.example 1. 2.",
    "W" * 80,
)


@pytest.mark.parametrize("scheme", mostly_slow(BACKGROUND, "dark"))
def test_nothing_is_wider_than_a_phone_by_day_or_by_night(
    tmp_path: Path, enter: Enter, scheme: str
) -> None:
    with running_app(tmp_path) as app:
        visitor = enter(viewport=PHONE, color_scheme=scheme, is_mobile=True, has_touch=True)
        for path, title in (TITLES | STORIES).items():
            visitor.open(app.url(path))
            visitor.sees_title(title)
            visitor.settle()
            visitor.sees_no_sideways_scrolling()
            app_view = visitor.page.get_by_test_id("stApp")
            shown = app_view.evaluate("it => getComputedStyle(it).backgroundColor")
            assert shown == BACKGROUND[scheme]


@pytest.mark.parametrize("width", mostly_slow([390, 1280], 390))
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
            "/jobs": body,
            "/playground": body,
            "/retention": body,
        }.items():
            visitor.open(app.url(path))
            visitor.sees_title(TITLES[path])
            # Retention tells of two of them in one line with the showcase's, cut short.
            names = [short(name) for name in NAMES] if path == "/retention" else list(NAMES)
            visitor.sees(names[-1])
            visitor.settle()
            told = place.inner_text().replace(WORD_JOINER, "")
            assert not [name for name in names if name not in told], path
            visitor.sees_no_sideways_scrolling()
