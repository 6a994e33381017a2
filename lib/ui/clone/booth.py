"""Recording well: a text worth reading aloud, the recorder, and a simpler one if it fails."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lib.ui.access.uninterrupted import uninterrupted
from lib.ui.clone.reading_texts import LANGUAGES, Language
from lib.ui.clone.recorder import Recorded, Unavailable, recorder
from lib.ui.shared import fields

OWN = "Your own text"
SIMPLE_RATE = 48_000
"""Hertz; the simple recorder's own default would be too coarse for cloning."""
LONGEST_TEXT = 3_000


def booth(key: str, *, on_recorded: Callable[[Recorded], None]) -> None:
    """Draw all of it. `on_recorded` is called once for a take that somebody uses, in a callback.

    The controls have keys that begin with `key`: `…_language`, `…_another`, `…_own`, `…_recorder`
    and `…_simple`.
    """
    text, language = _chosen_text(key)
    unavailable = recorder(f"{key}_recorder", text=text, language=language, on_recorded=on_recorded)
    _simple(f"{key}_simple", unavailable, on_recorded)


def _chosen_text(key: str) -> tuple[str, str]:
    """What somebody wants to read, and the tag of its language ("" where it is not known)."""
    languages = {language.name: language for language in _visitors_first()}
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        chosen = fields.one_of("What you read", [*languages, OWN], key=f"{key}_language")
        language = languages.get(chosen)
        if language:
            st.button(
                "Another text",
                key=f"{key}_another",
                icon=":material/shuffle:",
                type="tertiary",
                on_click=_turn_over,
                args=(key,),
            )
    if language:
        return language.texts[_turned(key) % len(language.texts)], language.tag
    own = fields.lines(
        "Your own text",
        key=f"{key}_own",
        max_chars=LONGEST_TEXT,
        placeholder="Paste what you want to read: about 100 words, as you would say them.",
        label_visibility="collapsed",
    )
    return own.strip(), ""


def _visitors_first() -> list[Language]:
    """The language of the visitor's browser before the others."""
    tag = (st.context.locale or "").split("-")[0].lower()
    return sorted(LANGUAGES, key=lambda language: language.tag != tag)


def _turned(key: str) -> int:
    return int(st.session_state.get(f"{key}_turned", 0))


def _turn_over(key: str) -> None:
    st.session_state[f"{key}_turned"] = _turned(key) + 1


def _simple(
    key: str, unavailable: Unavailable | None, on_recorded: Callable[[Recorded], None]
) -> None:
    """Streamlit's recorder: always at hand, as ours may not show at all; open where ours fails."""
    with st.expander("Recorder not working?", expanded=unavailable is not None):
        st.caption(
            "A simpler recorder. The browser cleans up its sound, which can make the clone less "
            "lifelike."
        )
        fields.sound(
            "Speak for half a minute",
            key=key,
            sample_rate=SIMPLE_RATE,
            on_change=_take_simple,
            args=(key, on_recorded),
        )


def _take_simple(key: str, on_recorded: Callable[[Recorded], None]) -> None:
    with uninterrupted():
        given = st.session_state.get(key)
        if given is not None:
            on_recorded(Recorded(given.getvalue()))
