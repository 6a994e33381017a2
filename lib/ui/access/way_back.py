"""Where a link led, kept in the browser while somebody signs in at a service.

Streamlit always lands at `/` after that (https://docs.streamlit.io, `st.login`, 2026-11), and a
host may hand on no cookie of ours, so the browser's tab keeps it for ten minutes. It is the
visitor's own input: it leads to a page of this app, with a query, or nowhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

import streamlit as st

LEAVING = "sign_in_at"
"""What the keys of the buttons begin with that lead to a service."""
LONGEST = 2_000
MAX_FIELDS = 10
STREAMLITS_OWN = frozenset({"embed", "embed_options"})
"""Streamlit lets no page set these."""


@dataclass(frozen=True)
class Place:
    """A page of this app, by the name of its path ("" for the main one), and its query."""

    page: str
    query: Mapping[str, str]


def keep(*, is_told: bool) -> bool:
    """Keep where this visitor wanted to go; whether they are back from a service and not signed in.

    `is_told`: whether they are told already why they are not in.
    """
    data = {"is_in": False, "is_told": is_told, "leaving": f'[class*="st-key-{LEAVING}"]'}
    return bool(_way_back(key="way_back", data=data, on_came_back_change=_heed).get("came_back"))


def followed(pages: Collection[str]) -> Place | None:
    """Where they wanted to go, once; None: nowhere else, or to no page of these."""
    said = _way_back(key="way_back_in", data={"is_in": True}, on_to_change=_heed).get("to")
    return place(said, pages)


def place(said: object, pages: Collection[str]) -> Place | None:
    """A page of these, with its query; None for anything else."""
    if not isinstance(said, str) or not 0 < len(said) <= LONGEST:
        return None
    page, _, query = said.partition("?")
    if page and page not in pages:
        return None
    try:
        fields = parse_qsl(query, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        return None
    return Place(page, {name: text for name, text in fields if name.lower() not in STREAMLITS_OWN})


def _heed() -> None:
    """Streamlit hands on what a component says only where something waits for it."""


_way_back = st.components.v2.component(
    "voicekeep_way_back", js=Path(__file__).with_suffix(".js").read_text("utf-8")
)
