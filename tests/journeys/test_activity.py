"""Who did what, in a browser: a filter that a link keeps, a line that leads to its voice, a CSV."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect

from lib.event_kinds import EventKind
from lib.services import DEMO
from lib.settings import Settings
from lib.studio.core.opening import open_context
from tests.journeys.servers import running_app
from tests.journeys.visitor import Visitor
from tests.pages import people

NAMES = ("Grace **Hopper**", "Alan")


def happen(folder: Path) -> None:
    """Two voices were archived in the library of an app that is to be started here."""
    context = open_context(Settings(data_folder=folder / "data"))
    now = datetime.now(UTC)
    for number, name in enumerate(NAMES):
        dossier = people.clone(number, now, name=name, service=DEMO)
        people.move_in(context, [dossier])
        context.registry.events.add(
            "Ada", f"archived {name}", dossier.voice.id, now, kind=EventKind.CHANGED
        )
    context.close()


@pytest.mark.slow
def test_a_filter_stays_in_the_link_and_a_line_leads_to_its_voice(
    tmp_path: Path, visitor: Visitor
) -> None:
    happen(tmp_path)
    with running_app(tmp_path) as app:
        visitor.open(app.url("/activity"))
        visitor.sees("2 lines.")
        visitor.type("activity_voice", "hopper")
        visitor.sees("1 line.")
        expect(visitor.page).to_have_url(re.compile("activity_voice=hopper"))

        visitor.open(visitor.page.url)
        visitor.sees("1 line.")
        saved = visitor.saves(visitor.part("activity_save").get_by_role("button"))
        table = saved.path().read_text("utf-8-sig")
        assert "Grace **Hopper**" in table
        assert "Alan" not in table

        lines = visitor.page.get_by_test_id("stDataFrame").bounding_box()
        assert lines is not None
        visitor.page.mouse.click(lines["x"] + 20, lines["y"] + 55)
        visitor.follow("Open Grace **Hopper**")
        visitor.sees_title("Grace **Hopper**")
        expect(visitor.page).to_have_url(re.compile(r"/voice\?id=voice-00000"))
