"""Recording in the browser: a text to read aloud, our recorder, and a simple one beside it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lib.ui.clone.reading_texts import TEXTS
from lib.ui.clone.recorder import Recorded, recorder
from lib.ui.shared import fields

RATE = 48_000
"""Hertz; the default of Streamlit's recorder would be too coarse for cloning."""
OWN_TEXT = "My own text"


def draw(
    key: str, *, on_recorded: Callable[[Recorded], None], on_sound: Callable[[], None]
) -> None:
    """The text and the recorder. `on_recorded` gets a take of our recorder; `on_sound` is told that
    Streamlit's own, under `key`, holds one: it stands in where ours cannot work.
    """
    chosen = fields.one_of(
        "Text to read aloud", [*(text.title for text in TEXTS), OWN_TEXT], key="clone_reading"
    )
    text = next((text for text in TEXTS if text.title == chosen), None)
    own = "" if text else fields.lines("Your own text", key="clone_reading_own", height=150)
    unavailable = recorder(
        f"{key}_own",
        text=text.words if text else own,
        language=text.language if text else "",
        on_recorded=on_recorded,
    )
    if unavailable is not None:
        fields.sound("Simple recorder", key=key, sample_rate=RATE, on_change=on_sound)
