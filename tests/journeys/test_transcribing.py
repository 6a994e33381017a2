"""Somebody has a recording transcribed, edits the words, and sees them go out of date."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.servers import running_app
from tests.journeys.visitor import Visitor
from tests.sentences import BACKED_UP

WORDS = "This is a demo transcript. It does not say what your recording says."
STALE = "Out of date: the part you use has changed."


@pytest.mark.slow
def test_words_are_transcribed_edited_go_out_of_date_and_are_spoken(
    tmp_path: Path, visitor: Visitor, recording: Path, samples: Path
) -> None:
    with running_app(tmp_path) as app:
        visitor.open(app.url("/clone"))
        visitor.bring(recording)
        visitor.choose_service("Qwen voice · Demo")
        visitor.pays("clone_transcribe")
        box = visitor.part("clone_transcript").locator("textarea")
        expect(box).to_have_value(WORDS)
        visitor.type("clone_transcript", "Ask not.")
        visitor.settle()
        expect(visitor.page.get_by_text(STALE)).to_have_count(0)

        start = visitor.page.get_by_role("slider", name="Start of the part")
        start.focus()
        visitor.page.keyboard.press("Shift+ArrowRight")
        visitor.page.keyboard.press("Tab")
        visitor.sees(STALE)
        visitor.press("clone_undo")
        expect(visitor.page.get_by_text(STALE)).to_have_count(0)

        visitor.bring(samples / "ljspeech-boundary-10s.mp3")
        visitor.sees(STALE)
        expect(box).to_have_value("Ask not.")
        visitor.pays("clone_transcribe")
        expect(box).to_have_value(WORDS)
        expect(visitor.page.get_by_text(STALE)).to_have_count(0)

        visitor.type("clone_name", "Jane")
        visitor.agree()
        visitor.pays("clone_confirm")
        visitor.sees(BACKED_UP)
        visitor.follow("Generate speech")
        visitor.has_chosen("speak_voice", "Jane")
        visitor.press("speak_transcript")
        said = visitor.part("speak_text").locator("textarea")
        expect(said).to_have_value(WORDS)
