"""Chromium, without a window, that can reach nothing but this computer and hears a test sound."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.parts.processes import find_program

REBOUND = "evil.example"
"""A stranger's name that leads to this computer."""
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_GRANTS_ALL = "--use-fake-ui-for-media-stream"
_RATE = 48_000
_SECONDS = 5
FLAGS = (
    "--no-sandbox",  # CI runs as root, for whom the sandbox does not work
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    f"--host-resolver-rules=MAP {REBOUND} 127.0.0.1, "
    "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--use-fake-device-for-media-stream",
    _GRANTS_ALL,
)


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser; take `chromium.new_context(permissions=["microphone"])` for each test."""
    program = find_program(*PROGRAMS)
    microphone = tmp_path_factory.mktemp("microphone") / "speech.wav"
    write_speech_like_sound(microphone)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=[*FLAGS, f"--use-file-for-fake-audio-capture={microphone}"],
        )
        yield browser
        browser.close()


@pytest.fixture
def wary_chromium(chromium: Browser) -> Iterator[Browser]:
    """A browser that lets no page use its microphone unless a test grants it."""
    browser = chromium.browser_type.launch(
        executable_path=find_program(*PROGRAMS),
        args=[flag for flag in FLAGS if flag != _GRANTS_ALL],
    )
    yield browser
    browser.close()


@contextmanager
def hearing(microphone: Path, beside: Browser) -> Iterator[Browser]:
    """A browser of the same kind whose microphone hears this WAV file, over and over."""
    browser = beside.browser_type.launch(
        executable_path=find_program(*PROGRAMS),
        args=[*FLAGS, f"--use-file-for-fake-audio-capture={microphone}"],
    )
    yield browser
    browser.close()


def write_speech_like_sound(path: Path) -> None:
    """A hum with overtones that swells four times a second, as syllables do; WAV, 48 kHz."""
    t = np.arange(_RATE * _SECONDS) / _RATE
    hum = sum(np.sin(2 * np.pi * 140 * n * t) / n for n in range(1, 9))
    syllables = np.sin(np.pi * 4 * t) ** 2
    samples = (hum * syllables * 8_000).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(samples.tobytes())
