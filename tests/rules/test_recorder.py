"""What the recorder's script says is a visitor's input: only a take as it writes one is taken."""

from __future__ import annotations

import base64
import io
import wave
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.ui.clone.reading_texts import LANGUAGES
from lib.ui.clone.recorder import (
    HEADER,
    MAX_BYTES,
    MAX_TEXT,
    SENTENCES,
    Arriving,
    Unavailable,
    read_take,
    read_unavailable,
    with_piece,
)

RAW = {"autoGainControl": False, "echoCancellation": False, "noiseSuppression": False}


def sound(seconds: float = 1.0, *, rate: int = 48_000, channels: int = 1, width: int = 2) -> bytes:
    """A WAV file as the standard library writes it."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(channels)
        written.setsampwidth(width)
        written.setframerate(rate)
        written.writeframes(bytes(int(seconds * rate) * channels * width))
    return file.getvalue()


def said(data: bytes, **other: Any) -> dict[str, Any]:
    return {"id": 1, "wav": base64.b64encode(data).decode(), "settings": RAW} | other


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_a_take_arrives_with_what_the_browser_says_of_it(rate: int) -> None:
    data = sound(rate=rate)
    number, recorded = read_take(said(data, id=7)) or (0, None)
    assert number == 7
    assert recorded is not None
    assert recorded.data == data
    assert recorded.settings == RAW
    assert recorded.altered_by == ()


def test_two_minutes_are_taken_and_no_sample_more() -> None:
    longest = sound(120)
    assert len(longest) == MAX_BYTES
    assert read_take(said(longest)) is not None
    assert read_take(said(sound(120 + 1 / 48_000))) is None


def test_what_the_browser_did_all_the_same_is_told_and_what_it_invents_is_not() -> None:
    told = RAW | {"noiseSuppression": True, "echoCancellation": "all", "deviceId": "secret"}
    _, recorded = read_take(said(sound(), settings=told)) or (0, None)
    assert recorded is not None
    assert recorded.altered_by == ("noiseSuppression",)
    assert recorded.settings == {"autoGainControl": False, "noiseSuppression": True}
    _, silent = read_take(said(sound(), settings="none")) or (0, None)
    assert silent is not None
    assert silent.settings == {}


WHOLE = sound()
BROKEN = {
    "nothing": b"",
    "no sound": sound(0),
    "cut": WHOLE[:-2],
    "something behind": WHOLE + bytes(2),
    "half a sample": WHOLE[:-1],
    "two channels": sound(channels=2),
    "8 bits": sound(width=1),
    "24 bits": sound(width=3),
    "no rate": WHOLE[:24] + bytes(8) + WHOLE[32:],
    "another kind": b"OggS" + WHOLE[4:],
    "another coding": WHOLE[:20] + b"\x03\x00" + WHOLE[22:],
    "header alone": WHOLE[: HEADER.size],
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_bytes_that_are_no_take_are_not_taken(data: bytes) -> None:
    assert read_take(said(data)) is None


@pytest.mark.parametrize(
    "other",
    [
        {"id": 0}, {"id": -1}, {"id": True}, {"id": 1.5}, {"id": "1"}, {"id": 10**400},
        {"id": None}, {"wav": None}, {"wav": 5}, {"wav": said(WHOLE)["wav"] + "\n"},
        {"wav": "data:audio/wav;base64," + said(WHOLE)["wav"]}, {"wav": "ÄÖÜ="},
    ],
)  # fmt: skip
def test_a_message_of_another_shape_is_not_taken(other: dict[str, Any]) -> None:
    assert read_take(said(WHOLE, **other)) is None


def piece(text: str, at: int, of: int, number: int = 3) -> dict[str, Any]:
    return {"id": number, "at": at, "of": of, "wav": text, "settings": RAW}


def test_pieces_make_a_take_in_their_order() -> None:
    first = with_piece(Arriving(), piece("abcd", 0, 12))
    assert first
    assert not first.is_whole
    second = with_piece(first, piece("efgh", 4, 12))
    assert second
    last = with_piece(second, piece("ijkl", 8, 12))
    assert last
    assert last.is_whole
    assert last.text == "abcdefghijkl"
    assert with_piece(last, piece("mnop", 12, 12)) is None


def test_a_take_may_begin_anew_and_another_one_takes_its_place() -> None:
    first = with_piece(Arriving(), piece("abcd", 0, 12))
    assert first
    assert with_piece(first, piece("xy", 0, 12)) == Arriving(3, "xy", 12)
    assert with_piece(first, piece("xy", 0, 2, number=4)) == Arriving(4, "xy", 2)


@pytest.mark.parametrize(
    "said",
    [
        piece("efgh", 5, 12), piece("efgh", 3, 12), piece("efgh", 4, 13), piece("efgh", 4, 12, 4),
        piece("efghijklm", 4, 12), piece("", 4, 12), piece("a", 0, MAX_TEXT + 1), piece("a", 0, 0),
        piece("a", -1, 12), piece("a", 0, 12, 0), piece("a", 0, 12, 10**400), {}, None, "abcd",
        {**piece("a", 0, 12), "wav": 5}, {**piece("a", 0, 12), "at": False},
        {**piece("a", 0, 12), "of": 12.0}, {**piece("a", 0, 12), "id": "3"},
    ],
)  # fmt: skip
def test_what_is_no_next_piece_is_not_taken(said: object) -> None:
    assert with_piece(Arriving(3, "abcd", 12), said) is None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=5,
)


@given(_JSON)
def test_anything_else_is_nothing(message: object) -> None:
    assert read_take(message) is None
    assert read_unavailable(message) is None or message in set(Unavailable)


def test_each_reason_has_a_sentence_and_what_is_none_has_none() -> None:
    for reason in Unavailable:
        assert read_unavailable(reason.value) is reason
        assert SENTENCES[reason].endswith(".")
    assert read_unavailable("") is None


@pytest.mark.parametrize(
    "text", [text for language in LANGUAGES for text in language.texts], ids=lambda text: text[:12]
)
def test_a_text_takes_half_a_minute_to_a_minute_and_rises_and_falls(text: str) -> None:
    words = len(text.split())
    assert 30 <= words / 150 * 60 <= 60
    assert "?" in text
    assert "!" in text
    assert text == " ".join(text.split())
