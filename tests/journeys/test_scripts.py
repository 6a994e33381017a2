"""A script of two people: cast, generated with a failure in line three, and taken along."""

from __future__ import annotations

import re
import wave
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from lib.clock import SystemClock
from lib.ui.scripts.cast import key_of
from tests.journeys.servers import KEY, running_app
from tests.journeys.visitor import Visitor
from tests.studio.service import PretendService, refuses

LINES = (
    ("MAYA", "Did you hear that?"),
    ("TOM", "Hear what?"),
    ("MAYA", "The door downstairs. Somebody is in the house."),
    ("TOM", "It is the wind, and nothing more."),
    ("MAYA", "The wind does not know my name."),
)
CAST = {"MAYA": "Grace", "TOM": "Jack"}
RECORDINGS = {"Grace": "librispeech-12s.flac", "Jack": "jfk-11s-16k-mono.wav"}
CUE = re.compile(r"\d+\n(\S+) --> (\S+)\n(.+?)(?:\n\n|\Z)", re.DOTALL)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[PretendService]:
    """A service that makes a voice in a second."""
    state = tmp_path / "service.db"
    pretend = PretendService(state, SystemClock(), pace=1.0, balance=Decimal(100))
    with pretend.open():
        yield pretend


def line(visitor: Visitor, number: int) -> Locator:
    """The frame of a line of the script."""
    frames = visitor.page.locator('[class*="st-key-script_line_"]')
    return frames.nth(number - 1).filter(has_text=LINES[number - 1][1])


def export(visitor: Visitor, what: str) -> None:
    visitor.press("script_export")
    visitor.click(visitor.page.get_by_role("button", name=what))


def seconds(moment: str) -> float:
    """A moment of a subtitle: 00:01:02,345."""
    hours, minutes, rest = moment.replace(",", ".").split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


@pytest.mark.slow
def test_a_script_is_spoken_mended_and_taken_along(
    tmp_path: Path, visitor: Visitor, samples: Path, service: PretendService
) -> None:
    settings = {"NANOGPT_API_KEY": KEY, "NANOGPT_BASE_URL": service.base_url}
    with running_app(tmp_path / "app", settings) as app:
        for voice, recording in RECORDINGS.items():
            visitor.open(app.url("/clone"))
            visitor.clones("MiniMax voice · NanoGPT", samples / recording, voice)
            visitor.sees("Its first sound:")
        before = service.count("speech")

        visitor.open(app.url("/scripts"))
        visitor.press("script_new")
        visitor.type("script_paste", "\n".join(f"{name}: {text}" for name, text in LINES))
        visitor.type("script_name", "The door")
        visitor.press("script_create")
        visitor.sees_title("The door")
        for name, voice in CAST.items():
            visitor.chooses(f"script_voice_{key_of(name)}", voice)
            visitor.settle()

        service.where(LINES[2][1], refuses(400, "That line is not for us"))
        button = visitor.part("script_generate")
        expect(button).to_contain_text(re.compile(r"Generate 5 lines \(\$0\.\d\d\)"))
        visitor.pays("script_generate")
        expect(line(visitor, 3)).to_contain_text("That line is not for us")
        expect(visitor.page.get_by_role("button", name="Listen")).to_have_count(4)
        assert service.count("speech") == before + len(LINES)

        service.where(LINES[2][1], None)
        visitor.reads()
        visitor.click(line(visitor, 3).get_by_role("button", name="Generate again"))
        expect(line(visitor, 3).get_by_role("button", name="Listen")).to_be_visible()
        expect(visitor.page.get_by_role("button", name="Listen")).to_have_count(5)
        asked = [request.field("text") for request in service.of_kind("speech")[before:]]
        assert asked.count(LINES[2][1]) == 2
        assert len(asked) == len(LINES) + 1
        visitor.click(line(visitor, 3).get_by_role("button", name="Listen"))
        visitor.hears()

        export(visitor, "One audio file (WAV)")
        sound = visitor.saves(visitor.part("script_export_save").get_by_role("button"))
        assert sound.suggested_filename == "The door.wav"
        with wave.open(str(sound.path())) as file:
            length = file.getnframes() / file.getframerate()
        visitor.press("script_export")
        subtitles = visitor.saves(visitor.part("script_export_srt").get_by_role("button"))
        cues = CUE.findall(Path(subtitles.path()).read_text("utf-8"))
        assert [re.sub(r"^\w+: ", "", " ".join(text.split())) for _, _, text in cues] == [
            text for _, text in LINES
        ]
        moments = [seconds(moment) for start, end, _ in cues for moment in (start, end)]
        assert moments == sorted(moments)
        assert length - 1 < moments[-1] <= length + 0.01

        visitor.press("script_all")
        visitor.click(visitor.page.get_by_role("button", name="The door"))
        visitor.sees_title("The door")
        visitor.click(line(visitor, 1).get_by_role("button", name="Listen"))
        visitor.hears()
        visitor.page.reload()
        visitor.sees_title("The door")
