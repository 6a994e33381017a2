"""Somebody describes a voice, hears it, and speaks with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.servers import running_app
from tests.journeys.visitor import Visitor

WORDS = "A warm, calm woman in her fifties who tells stories by the fire."


@pytest.mark.slow
def test_a_voice_from_words_is_heard_kept_and_spoken_with(tmp_path: Path, visitor: Visitor) -> None:
    with running_app(tmp_path) as app:
        visitor.open(app.url("/clone"))
        visitor.click(visitor.part("clone_way").get_by_text("Describe a voice"))
        visitor.type("design_description", WORDS)
        visitor.type("design_name", "Fireside")
        visitor.sees("It cannot be made again")
        visitor.pays("design_confirm")
        visitor.sees("Its first sound:")
        visitor.hears()

        visitor.follow("Open its page")
        visitor.sees_title("Fireside")
        visitor.sees(WORDS)
        visitor.opens_tab("Proof")
        visitor.sees("Used to generate speech on")

        visitor.follow("Playground")
        visitor.has_chosen("speak_voice", "Fireside")
        visitor.type("speak_text", "Once upon a time there was a fire.")
        visitor.pays("speak_go")
        visitor.part("speak_result").locator("audio").wait_for()
        visitor.hears()
