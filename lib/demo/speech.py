"""Text to speech that a person can write down, by espeak-ng in a process of its own.

A speaker is 32 bytes (a hash). Variant, pitch and pace are drawn from it, so that one speaker
always sounds the same and two differ. Sound is WAV, 22.05 kHz, mono, 16 bit.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore

MAX_CHARACTERS = 10_000

_PROGRAM = Path(__file__).with_name("espeak.py")
_TIMEOUT = 30  # seconds; 10,000 characters take about two
_SLOWEST, _FASTEST = 80, 450  # words per minute that espeak-ng can do
_at_once = BoundedSemaphore(4)

LANGUAGES = {
    "English": "en-us",
    "Chinese": "cmn",
    "Japanese": "ja",
    "Spanish": "es",
    "French": "fr",
    "German": "de",
    "Italian": "it",
    "Korean": "ko",
    "Portuguese": "pt",
    "Russian": "ru",
}
"""Language labels to espeak-ng's voices. Its Japanese reads kana, not kanji."""

_SCRIPTS = (
    ("Korean", re.compile(r"[\uac00-\ud7a3]")),
    ("Japanese", re.compile(r"[\u3040-\u30ff]")),
    ("Chinese", re.compile(r"[\u4e00-\u9fff]")),
    ("Russian", re.compile(r"[\u0400-\u04ff]")),
)

_VARIANTS = (
    "m1", "m2", "m3", "m4", "m5", "m6", "m7", "f1", "f4", "f1", "f4", "Annie",
    "Andrea", "Annie", "Michael", "edward", "robert", "steph",
)  # fmt: skip
"""espeak-ng's clear variants: no whisper, no robot, no croak.

Not f2, f3 and f5: now and then they speak the same text with other samples.
"""

_OF_GENDER = {
    "male": ("m1", "m2", "m3", "m4", "m5", "m6", "m7", "Michael", "edward", "robert"),
    "female": ("f1", "f4", "Annie", "Andrea", "steph"),
}
_OF_AGE = {
    "": ((20, 75), (160, 180)),
    "child": ((66, 75), (168, 180)),
    "young": ((46, 62), (166, 180)),
    "middle-aged": ((32, 48), (163, 174)),
    "elderly": ((20, 34), (160, 164)),
}
"""Pitch and words per minute from and to, within what `timbre` draws."""
_LOWEST_PITCH, _LEAST_WORDS = 20, 160


class SpeechError(Exception):
    """The synthesizer did not speak."""


@dataclass(frozen=True)
class Timbre:
    """How a speaker sounds: an espeak-ng variant, pitch and its range 0-99, words per minute."""

    variant: str
    pitch: int
    pitch_range: int
    words_per_minute: int


def timbre(speaker: bytes) -> Timbre:
    """The timbre drawn from a speaker's bytes (at least four)."""
    return Timbre(
        variant=_VARIANTS[speaker[0] % len(_VARIANTS)],
        pitch=_LOWEST_PITCH + speaker[1] % 56,
        pitch_range=40 + speaker[2] % 25,
        words_per_minute=_LEAST_WORDS + speaker[3] % 21,
    )


def designed_speaker(description: str, gender: str = "", age_group: str = "") -> bytes:
    """The speaker that these words mean: always the same for the same words.

    `gender` is male, female or empty, `age_group` child, young, middle-aged, elderly or empty.
    """
    drawn = hashlib.sha256("\0".join((description, gender, age_group)).encode()).digest()
    variants = _OF_GENDER.get(gender, _VARIANTS)
    pitches, words = _OF_AGE[age_group]
    chosen = (
        _VARIANTS.index(variants[drawn[0] % len(variants)]),
        _between(drawn[1], *pitches) - _LOWEST_PITCH,
        drawn[2],
        _between(drawn[3], *words) - _LEAST_WORDS,
    )
    return bytes(chosen) + drawn[4:]


def speak(text: str, speaker: bytes, *, language: str = "", speed: float = 1.0) -> bytes:
    """The text as a WAV, as long as the text is; the same bytes for the same arguments.

    `language` is a label of `LANGUAGES`; empty or "Auto" looks at the script of the text.
    Raises ValueError for a text over `MAX_CHARACTERS`, SpeechError when nothing was spoken.
    """
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"at most {MAX_CHARACTERS} characters can be spoken at once")
    sound = timbre(speaker)
    rate = min(max(round(sound.words_per_minute * speed), _SLOWEST), _FASTEST)
    return _run(
        {
            "voice": f"{LANGUAGES[_spoken_language(text, language)]}+{sound.variant}",
            "rate": rate,
            "pitch": sound.pitch,
            "range": sound.pitch_range,
            "text": text.replace("\0", " "),  # a C string ends there
        }
    )


def _between(drawn: int, low: int, high: int) -> int:
    return low + drawn % (high - low + 1)


def _spoken_language(text: str, label: str) -> str:
    if label in LANGUAGES:
        return label
    return next((name for name, script in _SCRIPTS if script.search(text)), "English")


def _run(order: dict[str, str | int]) -> bytes:
    # -P keeps this folder off the program's import path.
    command = [sys.executable, "-P", str(_PROGRAM)]
    try:
        with _at_once:
            done = subprocess.run(  # noqa: S603 - our own program, no shell
                command,
                input=json.dumps(order).encode(),
                capture_output=True,
                timeout=_TIMEOUT,
                check=False,
            )
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise SpeechError("The demo's voice did not answer in time.") from exc
    if done.returncode != 0 or not done.stdout.startswith(b"RIFF"):
        last_line = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise SpeechError(f"The demo's voice did not speak: {last_line[:200]}")
    return done.stdout
