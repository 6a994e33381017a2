"""A page with the components that bring and show a recording, and what the app gets from them."""

from __future__ import annotations

import io
import json
import math
import wave
from hashlib import sha256

import streamlit as st

from lib.recordings.spans import Span
from lib.ui.clone.booth import booth
from lib.ui.clone.recorder import Recorded
from lib.ui.clone.waveform import waveform

SECONDS = 34.0
SPEECH = (Span(1.2, 7.9), Span(8.6, 15.4), Span(16.5, 24.0), Span(25.1, 33.0))
CLIPPED = (Span(12.02, 12.05), Span(20.4, 20.43))


def take(recorded: Recorded) -> None:
    with wave.open(io.BytesIO(recorded.data)) as file:
        length = file.getnframes() / file.getframerate()
        told = f"{file.getframerate()} Hz, {file.getnchannels()} channel, {length:.3f} s"
    st.session_state.setdefault("got", []).append(
        f"{told}, {sha256(recorded.data).hexdigest()}, {json.dumps(recorded.settings)}"
    )


def choose(part: Span | None) -> None:
    st.session_state["part"] = part
    st.session_state["told"] = st.session_state.get("told", 0) + 1


def loudest(at: float) -> float:
    """Of a voice that says a syllable four times a second, in its stretches of speech."""
    if not any(span.start <= at < span.end for span in SPEECH):
        return 0.02
    clipped = any(span.start <= at + 0.05 and at - 0.05 < span.end for span in CLIPPED)
    return 1.0 if clipped else 0.2 + 0.5 * abs(math.sin(4 * math.pi * at) * math.cos(at * 1.7))


def draw_recorder() -> None:
    st.button("Another click", key="other", on_click=lambda: st.session_state.update(clicked=True))
    booth("booth", on_recorded=take)
    for number, line in enumerate(st.session_state.get("got", []), 1):
        st.text(f"Got {number}: {line}")
    st.text(f"Clicked: {st.session_state.get('clicked', False)}")


@st.fragment
def draw_waveform() -> None:
    st.button("The best", key="best", on_click=choose, args=(Span(8.6, 24.0),))
    waveform(
        "wave",
        envelope=[loudest((n + 0.5) / 1_200 * SECONDS) for n in range(1_200)],
        seconds=SECONDS,
        speech=SPEECH,
        clipped=CLIPPED,
        part=st.session_state.get("part"),
        on_change=choose,
    )
    part = st.session_state.get("part")
    chosen = f"{part.start:.1f} to {part.end:.1f}" if part else "the whole"
    st.text(f"Chosen {chosen}, told {st.session_state.get('told', 0)} times")


st.title("Recordings")
(draw_waveform if st.query_params.get("show") == "waveform" else draw_recorder)()
