"""Finding one voice among many: a picker is sent a list that a person can look through, and where
there are more voices than that, a search says which.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import streamlit as st

from lib import units
from lib.models import Health
from lib.studio.core.typed_text import searchable
from lib.studio.library.listing import Entry
from lib.studio.library.together import Together
from lib.ui import words
from lib.ui.shared import voices

AT_ONCE = 100
"""Voices in one picker; the browser searches these by itself."""
DOUBTFUL = (Health.PROBABLY_LOST, Health.UNKNOWN)
ABOUT = 80
"""Characters of a description in a picker."""


def able(entries: Sequence[Entry]) -> Sequence[Entry]:
    """Everything that speaks: favourites, the newest. What may be lost comes last: it would only
    disappoint.
    """
    found = (item for item in entries if item.can_speak and not item.is_archived)
    return Together(
        sorted(
            found,
            key=lambda item: (
                is_doubtful(item),
                not item.voice.favourite,
                -item.voice.created_at.timestamp(),
            ),
        )
    )


def is_doubtful(item: Entry) -> bool:
    """Whether a voice may be lost, or is not the right one."""
    return item.standing.health in DOUBTFUL or item.is_denied


def by_id(entries: Sequence[Entry]) -> Mapping[str, Entry]:
    """Voices by their ids."""
    return {item.voice.id: item for item in entries}


def matching(items: Sequence[Entry], search: str) -> Sequence[Entry]:
    """Those of which all words of the search are known, in the same order; itself for none."""
    wanted = searchable(search).split()
    if not wanted:
        return items
    return [item for item in items if all(word in item.wording for word in wanted)]


def offered(items: Sequence[Entry], *, key: str, first: Sequence[Entry] = ()) -> dict[str, Entry]:
    """Draw a search where there are more than a picker is sent; returns by id what it offers: those
    that are found, the `first` of them before all others. `key` is that of the search.
    """
    if len(items) <= AT_ONCE:
        return at_hand(first, items)
    typed = st.text_input(
        "Find a voice",
        key=key,
        placeholder=f"Search {len(items):,} voices",
        icon=":material/search:",
        help="By name, tag, description, owner or ID.",
    )
    found = matching(items, typed or "")
    if not found:
        st.caption("No voices match.")
    elif typed:
        more = f" The first {AT_ONCE} are listed." if len(found) > AT_ONCE else ""
        st.caption(f"{units.count(len(found), 'voice')} found.{more}")
    return at_hand(matching(first, typed or ""), found)


def at_hand(*items: Iterable[Entry]) -> dict[str, Entry]:
    """What a picker is sent, by id: the first of these, each once."""
    seen: dict[str, Entry] = {}
    for item in chain(*items):
        if len(seen) == AT_ONCE:
            break
        seen.setdefault(item.voice.id, item)
    return seen


def label(item: Entry) -> str:
    """The name of a voice, and behind it what else people remember it by: a picker searches its
    labels alone.
    """
    voice = item.voice
    more = (", ".join(voice.tags), words.short(voice.description, ABOUT), voice.provider_voice_id)
    return " · ".join((voices.full_name(item), *filter(None, more)))
