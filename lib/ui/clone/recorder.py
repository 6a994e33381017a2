"""A recorder in the browser that leaves the sound of the microphone as it is.

Streamlit's own has the browser even out, filter and gate what it hears, which spoils a reference.
Takes stay in the browser, to be compared; the one that is used is handed over once, by triggers: a
value of a widget would travel again with every later click. A message that takes a minute to arrive
ends the connection, as the server hears no sign of life meanwhile; over a slow line it therefore
comes in pieces. What arrives is a visitor's input.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

import streamlit as st

from lib.recordings.hearing import FULL
from lib.recordings.quality import CLIPPED_SHARE, QUIET_DB
from lib.ui.access.uninterrupted import uninterrupted

BEST_SECONDS = (30, 60)
"""What the recorder asks for."""
MAX_SECONDS = 120
"""After which it stops by itself."""
HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
"""Of a WAV file with one `fmt ` and one `data` chunk
(https://www.mmsp.ece.mcgill.ca/Documents/AudioFormats/WAVE/WAVE.html, 2026-11)."""
MAX_BYTES = HEADER.size + MAX_SECONDS * 48_000 * 2
"""11.5 MB: two minutes at 48 kHz, less at a higher rate."""
MAX_TEXT = (MAX_BYTES + 2) // 3 * 4
"""Characters of it in Base64: 15.4 MB, of the 25 MB that a message of Streamlit may have
(`server.maxWidgetStateSize`)."""
RATES = range(8_000, 192_001)
LARGEST = 2**53
"""Above which a browser's numbers are no longer exact."""

PROCESSING = ("autoGainControl", "echoCancellation", "noiseSuppression", "voiceIsolation")
"""What a browser may do to the sound, by its names in `MediaTrackSettings`
(https://www.w3.org/TR/mediacapture-streams/ and its extensions, 2026-11)."""


class Unavailable(StrEnum):
    """Why the recorder cannot work, as its script says it."""

    PLAIN_HTTP = "plain_http"
    OLD_BROWSER = "old_browser"
    NO_MICROPHONE = "no_microphone"
    REFUSED = "refused"
    BUSY = "busy"
    FAILED = "failed"


SENTENCES = {
    Unavailable.PLAIN_HTTP: "Browsers only let secure pages (https) use a microphone, and this "
    "page isn't one. Record with another program and upload the file.",
    Unavailable.OLD_BROWSER: "This browser is too old for our recorder. Update it, or use the "
    "simple recorder below.",
    Unavailable.NO_MICROPHONE: "No microphone found. Plug one in and try again, or upload a file.",
    Unavailable.REFUSED: "Your browser blocks the microphone on this page. Allow it with the icon "
    "beside the address and try again, or upload a file.",
    Unavailable.BUSY: "The microphone didn't start. Another program may be using it: close that "
    "and try again.",
    Unavailable.FAILED: "Recording didn't work here. Try again, or use the simple recorder below.",
}


@dataclass(frozen=True)
class Recorded:
    """A take: a WAV file, 16 bit mono at the rate of the microphone.

    `settings`: by the names of `PROCESSING`, what the browser says it does to the sound. It does
    not know all of them, and nothing is said of a take from a simpler recorder.
    """

    data: bytes = field(repr=False)
    settings: Mapping[str, bool] = field(default_factory=dict)

    @property
    def altered_by(self) -> tuple[str, ...]:
        """What the browser did all the same."""
        return tuple(name for name in PROCESSING if self.settings.get(name))


@dataclass(frozen=True)
class Arriving:
    """The take of this number as far as it is here: so much of its Base64, `whole` characters."""

    number: int = 0
    text: str = field(default="", repr=False)
    whole: int = 1

    @property
    def is_whole(self) -> bool:
        return len(self.text) == self.whole


@dataclass(frozen=True)
class _Known:
    """What the recorder of a key said in this session."""

    used: int = 0
    unavailable: Unavailable | None = None
    arriving: Arriving = Arriving()


def recorder(
    key: str,
    *,
    text: str = "",
    language: str = "",
    on_recorded: Callable[[Recorded], None],
) -> Unavailable | None:
    """Draw it, below a text to read aloud; say why it cannot work, or None while it can.

    `on_recorded` is called once for a take that somebody uses, in a callback that is not
    interrupted. `language`: of the text, as in "de"; "" where it is not known.
    """
    known = _known(key)
    _recorder(
        key=key,
        data={
            "text": text,
            "language": language,
            "best": list(BEST_SECONDS),
            "longest": MAX_SECONDS,
            "bytes": MAX_BYTES,
            "quiet": QUIET_DB,
            "clipped": FULL,
            "clipped_share": CLIPPED_SHARE,
            "used": known.used,
            "received": [known.arriving.number, len(known.arriving.text)],
            "unavailable": known.unavailable,
            "sentences": SENTENCES,
        },
        on_take_change=lambda: _take(key, on_recorded),
        on_unavailable_change=lambda: _note_unavailable(key),
    )
    return known.unavailable


def with_piece(so_far: Arriving, said: object) -> Arriving | None:
    """A take with the next piece of it, or the first of another one; None for anything else."""
    if not isinstance(said, Mapping):
        return None
    number, at, whole, text = (said.get(name) for name in ("id", "at", "of", "wav"))
    if type(number) is not int or type(at) is not int or type(whole) is not int:
        return None
    if not isinstance(text, str) or not 0 < whole <= MAX_TEXT or not 0 < number < LARGEST:
        return None
    before = "" if at == 0 else so_far.text
    if at and (number, whole) != (so_far.number, so_far.whole):
        return None
    if at != len(before) or not 0 < len(text) <= whole - at:
        return None
    return Arriving(number, before + text, whole)


def read_take(said: object) -> tuple[int, Recorded] | None:
    """A take as the script sends it, whole, with its number; None for anything else."""
    if not isinstance(said, Mapping):
        return None
    number, text, settings = said.get("id"), said.get("wav"), said.get("settings")
    if type(number) is not int or not isinstance(text, str) or not 0 < number < LARGEST:
        return None
    if len(text) > MAX_TEXT:
        return None
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    if not _is_take(data):
        return None
    told = settings if isinstance(settings, Mapping) else {}
    is_on = {name: told[name] for name in PROCESSING if isinstance(told.get(name), bool)}
    return number, Recorded(data, is_on)


def read_unavailable(said: object) -> Unavailable | None:
    """The reason that the script gives; None for "" and for anything else."""
    return Unavailable(said) if isinstance(said, str) and said in set(Unavailable) else None


def _is_take(data: bytes) -> bool:
    """Whether these are the bytes of a WAV file as the script writes it, and nothing more."""
    if not HEADER.size < len(data) <= MAX_BYTES:
        return False
    riff, after, wave, fmt, size, coding, channels, rate, per_second, block, bits, name, length = (
        HEADER.unpack_from(data)
    )
    return (
        (riff, wave, fmt, name) == (b"RIFF", b"WAVE", b"fmt ", b"data")
        and (size, coding, channels, block, bits) == (16, 1, 1, 2, 16)
        and rate in RATES
        and per_second == 2 * rate
        and length % 2 == 0
        and length == len(data) - HEADER.size
        and after == len(data) - 8
    )


def _known(key: str) -> _Known:
    found: _Known = st.session_state.get(f"{key}_known", _Known())
    return found


def _know(key: str, known: _Known) -> None:
    st.session_state[f"{key}_known"] = known


def _take(key: str, on_recorded: Callable[[Recorded], None]) -> None:
    with uninterrupted():
        known, said = _known(key), st.session_state[key].get("take")
        arriving = with_piece(known.arriving, said)
        if arriving is None or arriving.number == known.used:
            return
        if not arriving.is_whole:
            _know(key, replace(known, arriving=arriving))
            return
        _know(key, replace(known, arriving=Arriving()))
        read = read_take({**said, "wav": arriving.text})
        if read is not None:
            on_recorded(read[1])
            _know(key, _Known(used=read[0]))


def _note_unavailable(key: str) -> None:
    with uninterrupted():
        reason = read_unavailable(st.session_state[key].get("unavailable"))
        _know(key, replace(_known(key), unavailable=reason))


def _part(kind: str) -> str:
    return Path(__file__).with_suffix(kind).read_text("utf-8")


_recorder = st.components.v2.component(
    "voicekeep_recorder", html=_part(".html"), css=_part(".css"), js=_part(".js")
)
