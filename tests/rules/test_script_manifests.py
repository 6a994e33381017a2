"""The manifest of a script, and what that of a take tells of its line: read back as written, and
never trusted.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from lib import manifest
from lib.manifest import BadManifest, TakeStory
from lib.models import Job, JobKind, JobState
from lib.scripts import MAX_LINE_CHARS, MAX_LINES, Line, LineOrder, Script, Speaker
from tests.parts.clock import START

PLAY = Script(
    "play-1",
    "Die Nacht „im“ Zug",
    START,
    START,
    "Ada",
    1.5,
    (Speaker("ANNA", "voice-1", "hd", "English", 1.25), Speaker("太郎")),
    (Line("line-1", "ANNA", "Hello.\nYou?", 0.0, "take-1"), Line("line-2", "太郎", "はい。")),
    revision=7,
)
GONE = replace(PLAY, name="", speakers=(), lines=(), deleted_at=START, revision=8)
ORDER = Job("take-1", "voice-1", JobKind.SPEECH, JobState.DONE, "key", "nanogpt", "one", START)
LINE = LineOrder("take-1", "play-1", "line-1", START, 3)
PLACE = "scripts/play-1/script.json"


@pytest.mark.parametrize("script", [PLAY, GONE])
def test_a_script_is_read_as_it_was_written(script: Script) -> None:
    kept = manifest.read(PLACE, manifest.write_checked(replace(script, saved_revision=5)))
    assert kept == replace(script, saved_revision=0)


def test_a_take_tells_of_its_line() -> None:
    story = TakeStory(ORDER, None, LINE)
    assert manifest.read("takes/take-1/take.json", manifest.write_checked(story)) == story
    assert b'"line"' not in manifest.write(TakeStory(ORDER))


def with_changes(**changes: Any) -> bytes:
    body = json.loads(manifest.write(PLAY))
    body["script"] |= changes
    return json.dumps(body).encode()


def with_line(**changes: Any) -> bytes:
    return with_changes(lines=[{"id": "line-1", "speaker": "A", "text": "Hi."} | changes])


@pytest.mark.parametrize(
    "data",
    [
        with_changes(id="other"),
        with_changes(id="../voices"),
        with_changes(pause=1e9),
        with_changes(pause=-1.0),
        with_changes(speakers=[{"name": "A", "speed": 0.0}]),
        with_changes(speakers=[{"name": "A", "voice_id": "../x"}]),
        with_changes(speakers=[{"voice_id": "voice-1"}]),
        with_changes(speakers="ANNA"),
        with_changes(lines=[{"id": "line-1", "speaker": "A", "text": "Hi."}] * 2),
        with_changes(
            lines=[{"id": f"line-{n}", "speaker": "A", "text": ""} for n in range(MAX_LINES + 1)]
        ),
        with_line(text="a" * (MAX_LINE_CHARS + 1)),
        with_line(text=["Hi."]),
        with_line(pause=31),
        with_line(pause=float("inf")),
        with_line(take_id="no id"),
        with_line(id="LINE"),
        with_changes(revision=-1),
        b'{"format": 1}',
        b'{"format": 1, "script": []}',
    ],
)
def test_a_script_that_could_not_be_made_here_is_refused(data: bytes) -> None:
    with pytest.raises(BadManifest):
        manifest.read(PLACE, data)


@pytest.mark.parametrize("line", [{"order_id": "other"}, {"script_id": "../x"}, {"line_id": ""}])
def test_a_line_that_is_not_that_of_the_take_is_refused(line: dict[str, str]) -> None:
    body = json.loads(manifest.write(TakeStory(ORDER, None, LINE)))
    body["line"] |= line
    with pytest.raises(BadManifest):
        manifest.read("takes/take-1/take.json", json.dumps(body).encode())
