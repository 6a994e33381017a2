"""How long a recording takes to be judged, against decoding it."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import partial

import av
import numpy as np

from lib.recordings.inspect import inspect
from lib.recordings.judge import judge
from lib.services import SERVICES
from tests.bench.houses import Houses
from tests.bench.lines import Line, quickest, slower
from tests.bench.processor import worked
from tests.parts.sounds import RATE, encoded
from tests.parts.speech import spoken


def judging(houses: Houses) -> Iterator[Line]:
    """What a recording is and which service takes it, against FFmpeg's own decoding of it."""
    minutes = houses.scale.minutes_of_sound
    mp3 = _mp3(minutes)
    decode, by = _decoder(mp3, houses)
    took = quickest(
        {"judge": partial(worked, partial(_judge, mp3)), "decode": decode},
        houses.scale.rounds,
        houses.scale.patience,
    )
    name = f"judging: a recording of {minutes:g} minutes (MP3)"
    yield slower(name, 1.5, took["judge"], took["decode"], f"decoded by {by}")


def _mp3(minutes: float) -> bytes:
    """Somebody who speaks for so long."""
    said = np.frombuffer(spoken(20.0)[44:], "<i2") / 32_768
    return encoded(np.resize(said, int(minutes * 60 * RATE)), "mp3", "libmp3lame")


def _judge(data: bytes) -> None:
    recording = inspect(data)
    for service in SERVICES.values():
        for offer in service.clones:
            judge(recording, offer, len(data))


def _decoder(data: bytes, houses: Houses) -> tuple[Callable[[], float], str]:
    """FFmpeg's program where there is one, otherwise its libraries."""
    program = shutil.which("ffmpeg")
    if program is None:
        return partial(worked, partial(_decode, data)), "FFmpeg's libraries"
    file = houses.folder / "recording.mp3"
    file.write_bytes(data)
    command = [program, "-v", "error", "-threads", "1", "-i", str(file), "-f", "null", "-"]
    run = partial(subprocess.run, command, check=True)
    return partial(worked, run), "the ffmpeg program"


def _decode(data: bytes) -> None:
    with av.open(io.BytesIO(data), format="mp3") as file:
        for _ in file.decode(audio=0):
            pass
