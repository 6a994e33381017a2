"""A search with filters behind one button; those in use, each as a button that takes it away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

from lib.ui import words

_T = TypeVar("_T")


@dataclass(frozen=True)
class InUse:
    """A filter that lets less than everything through: what it says, and the field it comes from.

    `value`: the one of several that are chosen in a field; None where it holds but one.
    """

    title: str
    key: str
    value: str | None = None


@contextmanager
def search(place: str, label: str, *, key: str, placeholder: str) -> Iterator[str]:
    """Draw a search, kept in the address, and the button that holds the filters drawn inside.

    Gives what is searched for; "" for nothing.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        typed = st.text_input(
            label,
            key=key,
            placeholder=placeholder,
            icon=":material/search:",
            label_visibility="collapsed",
            bind="query-params",
        )
        with st.popover("Filters", icon=":material/tune:", key=f"{place}_filters"):
            yield typed or ""


def choice(
    label: str,
    options: Sequence[_T],
    *,
    key: str,
    named: Callable[[_T], str],
    placeholder: str = "All",
) -> list[_T]:
    """A filter over what there is, kept in the address; nothing chosen lets all through."""
    return st.multiselect(
        label,
        options,
        key=key,
        format_func=named,
        placeholder=placeholder,
        bind="query-params",
    )


def draw(place: str, found: Sequence[InUse]) -> None:
    """Draw these; nothing where there are none. `place` begins the keys of the buttons."""
    if not found:
        return
    with st.container(horizontal=True, key=f"{place}_in_use", gap="xsmall"):
        for each in found:
            st.button(
                words.plain(each.title),
                key=f"{place}_drop_{each.key}_{each.value}",
                icon=":material/close:",
                icon_position="right",
                help="Remove this filter",
                on_click=_drop,
                args=(each,),
            )
        if len(found) > 1:
            st.button(
                "Clear filters",
                key=f"{place}_drop_all",
                type="tertiary",
                on_click=drop_all,
                args=([each.key for each in found],),
            )


def drop_all(keys: Iterable[str]) -> None:
    """Nothing is chosen in these fields any more."""
    for key in keys:
        if key in st.session_state:
            st.session_state[key] = _emptied(st.session_state[key])


def _drop(one: InUse) -> None:
    chosen = st.session_state.get(one.key)
    if isinstance(chosen, list):
        st.session_state[one.key] = [each for each in chosen if each != one.value]
    else:
        drop_all([one.key])


def _emptied(value: object) -> object:
    """What a list, a switch or a choice holds where nothing is chosen."""
    if isinstance(value, list):
        return []
    return False if isinstance(value, bool) else None
