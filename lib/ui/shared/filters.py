"""Finding voices among many: a search, filters behind one button, and which of them are in use.

All of it is kept in the address.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from lib.consent import ConsentState
from lib.models import Health
from lib.services import SERVICES
from lib.studio.library.listing import Entry
from lib.studio.library.together import fact
from lib.ui import words
from lib.ui.shared import finding, in_use
from lib.ui.shared.in_use import InUse

FAVOURITES = "favourites"


@dataclass(frozen=True)
class Filter:
    """What voices can be narrowed down by: the values that a voice has there, and their names."""

    name: str
    label: str
    values: Callable[[Entry], Iterable[str]]
    named: Callable[[str], str] = str
    order: Callable[[str], Any] = str.casefold

    def options(self, items: Iterable[Entry]) -> list[str]:
        """All values that there are."""
        return sorted({value for item in items for value in self.values(item)}, key=self.order)

    def lets_through(self, item: Entry, chosen: Collection[str]) -> bool:
        """Whether the voice has one of the chosen values."""
        return any(value in chosen for value in self.values(item))


FILTERS = (
    Filter(
        "health",
        "Health",
        lambda item: (item.standing.health,),
        lambda health: words.HEALTH[Health(health)].word,
        lambda health: list(Health).index(Health(health)),
    ),
    Filter("language", "Language", lambda item: filter(None, (item.voice.language,))),
    Filter("tag", "Tag", lambda item: item.voice.tags),
    Filter("owner", "Owner", lambda item: (item.voice.owner,), lambda name: name or "Nobody"),
    Filter(
        "consent",
        "Consent",
        lambda item: (item.consent_state,),
        lambda state: words.CONSENT[ConsentState(state)].word,
    ),
    Filter(
        "service",
        "Service",
        lambda item: (item.voice.service,),
        lambda name: SERVICES[name].title if name in SERVICES else name,
    ),
)


def draw(items: Sequence[Entry], place: str, *, without: Collection[str] = ()) -> Sequence[Entry]:
    """Draw search and filters; returns the voices that they let through, in the same order.

    `place` begins the keys of the fields, which are their names in the address. `without`: names of
    filters that this place has in another form.
    """
    searching = in_use.search(
        place, "Search voices", key=f"{place}_search", placeholder="Name, tag or ID"
    )
    with searching as search:
        favourites = fact(items, _have_favourites) and st.toggle(
            "Favourites only", key=f"{place}_{FAVOURITES}", bind="query-params"
        )
        chosen = {
            each: in_use.choice(each.label, options, key=f"{place}_{each.name}", named=each.named)
            for each, options in fact(items, _options).items()
            if each.name not in without and len(options) > 1
        }
    starred = [InUse("Favourites", f"{place}_{FAVOURITES}")] if favourites else []
    in_use.draw(place, starred + _in_use(place, chosen))
    found = finding.matching(items, search)
    if favourites:
        found = [item for item in found if item.voice.favourite]
    for each, values in chosen.items():
        if values:
            found = [item for item in found if each.lets_through(item, values)]
    return found


def asked_for(place: str) -> tuple[object, ...]:
    """What search and filters ask for right now."""
    names = ("search", FAVOURITES, *(each.name for each in FILTERS))
    return tuple(st.session_state.get(f"{place}_{name}") for name in names)


def clear(place: str) -> None:
    """Let all voices through."""
    st.session_state[f"{place}_search"] = ""
    in_use.drop_all(f"{place}_{name}" for name in (FAVOURITES, *(each.name for each in FILTERS)))


def _have_favourites(items: Sequence[Entry]) -> bool:
    return any(item.voice.favourite for item in items)


def _options(items: Sequence[Entry]) -> dict[Filter, list[str]]:
    """What can be chosen in each filter."""
    return {each: each.options(items) for each in FILTERS}


def _in_use(place: str, chosen: dict[Filter, list[str]]) -> list[InUse]:
    return [
        InUse(each.named(value), f"{place}_{each.name}", value)
        for each, values in chosen.items()
        for value in values
    ]
