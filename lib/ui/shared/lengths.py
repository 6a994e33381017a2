"""Lists that grow on demand: how much of one is shown."""

from __future__ import annotations

import streamlit as st


def shown(key: str, of: object, first: int) -> int:
    """How many lines are shown: the `first` ones until somebody wants more, and again once it is
    another list. `of`: which list it is.
    """
    known, length = st.session_state.get(key, (of, first))
    return int(length) if known == of else first


def more(key: str, of: object, length: int, step: int, total: int, *, noun: str) -> None:
    """The button that shows `step` more, and how many there are; nothing where all are shown."""
    if length >= total:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        button(key, of, length + step)
        st.caption(f"The newest {length:,} of {total:,} {noun}.", width="content")


def button(key: str, of: object, length: int) -> None:
    """The button alone: so many are shown once it is pressed."""
    name = f"{key.removesuffix('_shown')}_more"
    st.button("Show more", key=name, on_click=_grow, args=(key, of, length))


def _grow(key: str, of: object, length: int) -> None:
    st.session_state[key] = of, length
