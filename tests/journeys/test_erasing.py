"""A voice is erased by its name, and stays away when the app starts anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.servers import running_app
from tests.journeys.visitor import Visitor

NAME = "Captain Rowan"


@pytest.mark.slow
def test_an_erased_voice_is_gone_and_does_not_come_back_with_a_restart(
    tmp_path: Path, visitor: Visitor
) -> None:
    with running_app(tmp_path) as app:
        visitor.open(app.url("/voice?id=demo-lost"))
        visitor.sees_title(NAME)
        visitor.opens_tab("Keeping")
        visitor.press("erase_demo-lost")
        visitor.type("erase_demo-lost_name", NAME)
        visitor.click(visitor.part("erase_demo-lost_hurry").locator("label").first)
        visitor.press("erase_demo-lost_go")
        visitor.sees("This voice was erased on")
    assert not [path for path in tmp_path.rglob("*") if "demo-lost" in path.name and path.is_file()]
    with running_app(tmp_path) as app:
        visitor.open(app.url("/"))
        visitor.sees("Clara Bell")
        assert visitor.page.get_by_text(NAME).count() == 0
