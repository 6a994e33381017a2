"""What somebody does with a recording before it is paid for: made well, cut, told apart, kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, expect

from lib.demo.embedding import embedding
from lib.recordings.inspect import inspect
from lib.recordings.reasons import How
from tests.journeys.conftest import Enter
from tests.journeys.servers import App, running_app
from tests.journeys.visitor import Visitor
from tests.parts.browser import hearing
from tests.parts.processes import free_port
from tests.sentences import BACKED_UP

pytestmark = pytest.mark.slow

PASSPHRASE = "correct horse battery staple"
RATE = 48_000
RAW = {"autoGainControl": False, "echoCancellation": False, "noiseSuppression": False}
NOTE_MICROPHONE = """
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await open(wanted);
    window.microphone = stream.getAudioTracks()[0].getSettings();
    return stream;
};
"""
FIRST_WAIT = 20_000
"""Milliseconds: four times as long as three clones of the demo take."""


class Demo:
    """A running app with nothing but the demo, and the folder of its vault."""

    def __init__(self, app: App, folder: Path) -> None:
        self.url = app.url
        self._voices = folder / "data" / "vault" / "voices"

    def voice(self, name: str) -> tuple[dict[str, Any], Path]:
        """The manifest of the one voice of this name, and its folder."""
        found = [
            (story, file.parent)
            for file in self._voices.glob("*/voice.json")
            if (story := json.loads(file.read_bytes()))["voice"]["name"] == name
        ]
        assert len(found) == 1
        return found[0]

    def names(self) -> set[str]:
        return {
            json.loads(file.read_bytes())["voice"]["name"]
            for file in self._voices.glob("*/voice.json")
        }


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    with running_app(folder) as app:
        yield Demo(app, folder)


def speech(sample: Path, seconds: float) -> np.ndarray[Any, np.dtype[np.int16]]:
    """The beginning of a recording, 48 kHz mono."""
    blocks = []
    with av.open(str(sample)) as source:
        resampler = av.AudioResampler("s16", "mono", RATE)
        for frame in source.decode(audio=0):
            blocks += [found.to_ndarray()[0] for found in resampler.resample(frame)]
    return np.concatenate(blocks)[: int(seconds * RATE)]


def write(path: Path, kind: str, codec: str, samples: np.ndarray[Any, np.dtype[np.int16]]) -> None:
    """A file with this sound; a video has a picture that grows brighter, five times a second."""
    with av.open(str(path), "w", format=kind) as target:
        film: Any = target.add_stream("mpeg4", rate=5) if kind == "mp4" else None
        if film:
            film.width, film.height, film.pix_fmt = 320, 240, "yuv420p"
        sound: Any = target.add_stream(codec, rate=RATE)
        sound.layout = "mono"
        for number in range(5 * len(samples) // RATE if film else 0):
            picture = np.full((240, 320, 3), number % 256, np.uint8)
            target.mux(film.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
        frame.sample_rate = RATE
        target.mux(sound.encode(frame))
        for stream in filter(None, (film, sound)):
            target.mux(stream.encode(None))


def handles(visitor: Visitor) -> tuple[Locator, Locator]:
    """Of the picture of a recording, once it shows."""
    start = visitor.page.get_by_role("slider", name="Start of the part")
    start.wait_for()
    return start, visitor.page.get_by_role("slider", name="End of the part")


def cannot_be_ordered(visitor: Visitor) -> None:
    expect(visitor.part("clone_confirm").get_by_role("button")).to_be_disabled()


def test_somebody_reads_a_text_aloud_and_clones_the_take(
    demo: Demo, enter: Enter, samples: Path, tmp_path: Path, chromium: Browser
) -> None:
    heard = tmp_path / "heard.wav"
    write(heard, "wav", "pcm_s16le", speech(samples / "sonnet-53s-stereo-cbr.mp3", 30))
    with hearing(heard, beside=chromium) as browser:
        visitor = enter(browser, permissions=["microphone"], locale="en-GB")
        page = visitor.page
        page.add_init_script(NOTE_MICROPHONE)
        visitor.open(demo.url("/clone"))
        page.get_by_role("tab", name="Record").click()
        text = page.locator("p.text")
        expect(text).to_have_attribute("lang", "en")
        assert 60 <= len(text.inner_text().split()) <= 180
        ours = page.get_by_test_id("stBidiComponentIsolated")
        ours.get_by_role("button", name="Record", exact=True).click()
        expect(page.get_by_text("Keep reading")).to_be_visible()
        expect(page.get_by_text("0:12", exact=True)).to_be_visible()
        ours.get_by_role("button", name="Stop").click()
        told = page.evaluate("window.microphone")
        assert {name: told[name] for name in RAW} == RAW
        page.get_by_role("button", name="Use this take").click()
        expect(page.locator(".stMarkdownBadge").filter(has_text="Good")).to_be_visible()
        visitor.type("clone_name", "Read aloud")
        visitor.agree()
        visitor.pays("clone_confirm")
        visitor.sees("Its first sound:")
        visitor.hears()
    story, folder = demo.voice("Read aloud")
    [sent] = (folder / "reference").iterdir()
    kept = inspect(sent.read_bytes())
    assert 12 <= kept.seconds < 30
    assert kept.sample_rate >= 44_100
    assert story["voice"]["consent"]["attested_by"]


def test_a_phones_video_is_cut_by_keyboard_and_only_that_part_is_sent(
    demo: Demo, visitor: Visitor, samples: Path, tmp_path: Path
) -> None:
    video = tmp_path / "IMG_2231.mp4"
    write(video, "mp4", "aac", speech(samples / "sonnet-53s-stereo-cbr.mp3", 24))
    visitor.open(demo.url("/clone"))
    visitor.bring(video)
    visitor.sees("Accepted after conversion")
    start, end = handles(visitor)
    start.focus()
    for key in ("PageUp", "Shift+ArrowRight", "ArrowRight"):
        visitor.page.keyboard.press(key)
    visitor.page.keyboard.press("Tab")
    expect(end).to_be_focused()
    visitor.page.keyboard.press("PageDown")
    visitor.page.keyboard.press("Tab")
    begins = float(start.get_attribute("aria-valuenow") or 0)
    ends = float(end.get_attribute("aria-valuenow") or 0)
    assert 0 < begins < ends < 24
    visitor.sees("As it will be used")
    expect(visitor.page.locator("audio")).to_have_count(2)
    visitor.settle()
    cards = visitor.part("clone_service").get_by_role("radio")
    cards.first.focus()
    visitor.page.keyboard.press("ArrowDown")
    expect(cards.nth(1)).to_be_checked()
    visitor.part("clone_transcript").wait_for()
    visitor.settle()
    visitor.type("clone_name", "Cut by keyboard")
    visitor.settle()
    visitor.agree()
    visitor.settle()
    visitor.pays("clone_confirm")
    visitor.sees(BACKED_UP)

    story, folder = demo.voice("Cut by keyboard")
    [order] = [job for job in story["jobs"] if job["kind"] == "clone"]
    done = order["request"]["changes"]
    assert done == {"edit": {"part": pytest.approx([begins, ends], abs=0.05)}, "how": How.ENCODED}
    [original], [sent] = (folder / "original").iterdir(), (folder / "reference").iterdir()
    assert original.read_bytes() == video.read_bytes()
    part = sent.read_bytes()
    assert inspect(part).seconds == pytest.approx(ends - begins, abs=0.1)
    # The demo makes a voice file of the very bytes that it got.
    [voice_file] = (folder / "embedding").iterdir()
    assert voice_file.read_bytes() == embedding(part)


def test_where_nobody_speaks_nothing_is_ordered_without_a_tick(
    demo: Demo, visitor: Visitor, tmp_path: Path
) -> None:
    silence = tmp_path / "silence.wav"
    write(silence, "wav", "pcm_s16le", np.zeros(12 * RATE, np.int16))
    visitor.open(demo.url("/clone"))
    visitor.bring(silence)
    expect(visitor.page.locator(".stMarkdownBadge").filter(has_text="No speech")).to_be_visible()
    before = demo.names()
    visitor.type("clone_name", "No words")
    visitor.agree()
    visitor.settle()
    cannot_be_ordered(visitor)
    visitor.reads()
    button = visitor.part("clone_confirm").get_by_role("button")
    button.click(force=True)
    visitor.settle()
    cannot_be_ordered(visitor)
    accept = visitor.part("clone_no_speech").locator("label")
    accept.click()
    expect(button).to_be_enabled()
    accept.click()
    cannot_be_ordered(visitor)
    assert demo.names() == before
    accept.click()
    expect(button).to_be_enabled()
    visitor.pays("clone_confirm")
    visitor.sees("Its first sound:")
    assert demo.names() == before | {"No words"}


def fill_in_the_table(visitor: Visitor, *rows: tuple[str, str]) -> None:
    """Type names and speakers as one does who uses the keyboard: it is a picture with a field."""
    page, keyboard = visitor.page, visitor.page.keyboard
    page.get_by_test_id("stDataFrame").click(position={"x": 60, "y": 52})
    for row, cells in enumerate(rows):
        for column, (text, leave) in enumerate(zip(cells, ("Tab", "Enter"), strict=True)):
            keyboard.press("Enter")
            field = page.locator("textarea.gdg-input")
            field.fill(text)
            field.press(leave)
            expect(page.get_by_test_id(f"glide-cell-{column}-{row}")).to_have_text(text)
            visitor.settle()
        keyboard.press("ArrowLeft")


def _waits_for_all(visitor: Visitor, count: int) -> None:
    """Until each of the new voices is heard for the first time.

    On a busy computer Streamlit 1.67 may drop the timer of a part of the page, which stands still
    then: a look at another page and back is what a person would try.
    """
    sounds = visitor.page.get_by_text("Its first sound:")
    try:
        expect(sounds).to_have_count(count, timeout=FIRST_WAIT)
    except AssertionError:
        visitor.follow("Jobs")
        visitor.sees_title("Jobs")
        visitor.follow("Clone a voice")
    expect(sounds).to_have_count(count)


def test_a_cast_is_ordered_with_one_confirmation_and_a_tick_for_each_person(
    demo: Demo, visitor: Visitor, samples: Path
) -> None:
    visitor.open(demo.url("/clone"))
    names = ("jfk-11s-16k-mono.wav", "librispeech-12s.flac", "sonnet-53s-stereo-cbr.mp3")
    visitor.bring(*(samples / name for name in names))
    visitor.sees("3 recordings")
    cannot_be_ordered(visitor)
    fill_in_the_table(visitor, ("King", "Jack Doe"), ("Queen", "Jane Roe"), ("Page", "Jane Roe"))
    ticks = visitor.page.get_by_role("checkbox", name="agrees to have their voice cloned")
    expect(ticks).to_have_count(2)
    cannot_be_ordered(visitor)
    for person in ("Jack Doe", "Jane Roe"):
        visitor.page.locator("label").filter(has_text=f"{person} agrees").click()
        visitor.settle()
    button = visitor.part("clone_confirm").get_by_role("button")
    expect(button).to_have_text(re.compile(r"Clone 3 voices \(\$3\.0\d play money\)"))
    expect(button).to_be_enabled()
    visitor.pays("clone_confirm")
    visitor.sees("3 voices ordered")
    _waits_for_all(visitor, 3)
    expect(visitor.page.locator("audio")).to_have_count(6)  # each beside its recording
    visitor.hears()
    for name, speaker in {"King": "Jack Doe", "Queen": "Jane Roe", "Page": "Jane Roe"}.items():
        story, _ = demo.voice(name)
        assert story["voice"]["consent"]["speaker"] == speaker
    visitor.press("clone_again")
    expect(visitor.part("clone_upload")).to_be_visible()


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app for those who know the passphrase, with a service that does not answer."""
    settings = {
        "NANOGPT_API_KEY": "sk-nano-0123456789abcdef",
        "NANOGPT_BASE_URL": f"http://127.0.0.1:{free_port()}/api",
        "VOICEKEEP_SECRETS": f'[team]\npassphrase = "{PASSPHRASE}"',
    }
    with running_app(tmp_path_factory.mktemp("team"), settings) as app:
        yield app


def comes_in(visitor: Visitor, app: App, name: str) -> Visitor:
    visitor.page.goto(app.url("/clone"))
    visitor.signs_in(PASSPHRASE, name=name)
    visitor.sees_title("Clone a voice")
    visitor.page.wait_for_function("localStorage.getItem('voicekeep/sign-in') !== null")
    visitor.settle()
    return visitor


def test_what_was_brought_outlives_a_change_of_page_and_a_reload_for_one_person_only(
    team: App, enter: Enter, recording: Path
) -> None:
    ada = comes_in(enter(), team, "Ada")
    ada.bring(recording)
    start, _ = handles(ada)
    start.focus()
    ada.page.keyboard.press("Shift+ArrowRight")
    ada.page.keyboard.press("Tab")
    ada.sees("As it will be used: 10.0 s")
    for come_back in (
        lambda: (ada.follow("Jobs"), ada.sees_title("Jobs"), ada.follow("Clone a voice")),
        lambda: ada.page.reload(),
    ):
        come_back()
        ada.sees(recording.name)
        ada.sees("As it will be used: 10.0 s")
        expect(handles(ada)[0]).to_have_attribute("aria-valuenow", "1.0")

    grace = comes_in(enter(), team, "Grace")
    expect(grace.part("clone_upload")).to_be_visible()
    expect(grace.page.get_by_text(recording.name)).to_have_count(0)
    another_device = comes_in(enter(), team, "Ada")
    another_device.sees(recording.name)
    another_device.press("clone_another")
    expect(another_device.part("clone_upload")).to_be_visible()


def test_what_a_visitor_without_a_name_brought_outlives_a_change_of_page(
    demo: Demo, enter: Enter, recording: Path
) -> None:
    visitor = enter()
    visitor.open(demo.url("/clone"))
    visitor.bring(recording)
    visitor.follow("Jobs")
    visitor.sees_title("Jobs")
    visitor.follow("Clone a voice")
    visitor.sees(recording.name)
    somebody = enter()
    somebody.open(demo.url("/clone"))
    expect(somebody.part("clone_upload")).to_be_visible()
    expect(somebody.page.get_by_text(recording.name)).to_have_count(0)
