"""Long lists, a page at a time."""

from __future__ import annotations

from typing import cast

import streamlit as st


def skip(key: str, of: object, size: int, total: int) -> int:
    """How many lie before the page that is open. `key` is where the session keeps its number; `of`
    is what is listed: another list begins with its first page.
    """
    last = max(total - 1, 0) // size
    page = min(skipped(key, of, size) // size, last)
    st.session_state[key] = of, page
    return page * size


def skipped(key: str, of: object, size: int) -> int:
    """The same before it is known how many there are."""
    known, page = cast("tuple[object, int]", st.session_state.get(key, (of, 0)))
    return page * size if known == of else 0


def draw(
    key: str,
    size: int,
    shown: int,
    total: int,
    *,
    labels: tuple[str, str] = ("Previous", "Next"),
    is_all: bool = True,
) -> None:
    """The ways to the pages before and after, and what this one shows. `is_all`: whether `total` is
    the number of all, and not as far as they were counted.
    """
    _, page = st.session_state[key]
    first = page * size + 1
    for label, to, is_open in (
        (labels[0], page - 1, page > 0),
        (labels[1], page + 1, first + shown <= total),
    ):
        st.button(
            label,
            key=f"{key.removesuffix('_page')}_{label.lower()}",
            disabled=not is_open,
            on_click=_turn,
            args=(key, to),
        )
    whole = f"{total:,}" if is_all else f"more than {total - 1:,}"
    st.caption(f"{first:,} to {first + shown - 1:,} of {whole}", width="content")


def _turn(key: str, page: int) -> None:
    of, _ = st.session_state[key]
    st.session_state[key] = of, page
