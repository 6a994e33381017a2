"""The Playground's pickers: which voices can speak, which are chosen, what each is called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import streamlit as st

from lib.models import Health
from lib.services import KIND_TITLES, SERVICES
from lib.studio.library.listing import Entry
from lib.ui import words

NAMES = "speak_names"
"""What the pickers call each voice while this page is open."""
ADDRESS = "speak_address"
"""The voice that the page itself wrote into its address last."""
SHORT_ID = 4
MOST_MUTE = 3
"""Voices that cannot speak and are named."""
MOST_BESIDE = 2
"""Voices besides the first."""
DOUBTFUL = (Health.PROBABLY_LOST, Health.UNKNOWN)


def able(entries: Sequence[Entry]) -> list[Entry]:
    """Everything that speaks, the newest first; what may be lost would only disappoint."""
    found = [item for item in entries if item.can_speak and not item.is_archived]
    return sorted(
        found,
        key=lambda item: (
            item.standing.health in DOUBTFUL or item.is_denied,
            -item.voice.created_at.timestamp(),
        ),
    )


def mute(entries: Sequence[Entry]) -> list[Entry]:
    """What is there and cannot speak from here."""
    gone = (Health.BEING_MADE, Health.LOST)
    return [
        item
        for item in entries
        if item.why_mute and not item.is_archived and item.standing.health not in gone
    ]


def is_fresh_visit() -> bool:
    """Whether somebody has just come to this page: its address is not the one written here."""
    return st.query_params.get("voice", "") != st.session_state.get(ADDRESS)


def choose_voices(items: Sequence[Entry]) -> list[Entry]:
    """One voice, whose id stays in the address, or two or three side by side."""
    by_id = {item.voice.id: item for item in items}
    if is_fresh_visit():
        st.session_state.pop(NAMES, None)  # no picker holds an older name
    named = labels(NAMES, {item.voice.id: name_of(item) for item in items})
    first = _first_voice(by_id, named)
    beside: list[str] = []
    if len(items) > 1 and st.toggle("Compare voices", key="speak_compare", persist_state="session"):
        rest = [voice_id for voice_id in by_id if voice_id != first]
        kept = st.session_state.get("speak_beside", [])
        if not set(kept) <= set(rest):
            st.session_state["speak_beside"] = [voice_id for voice_id in kept if voice_id in rest]
        beside = st.multiselect(
            "Side by side with",
            rest,
            key="speak_beside",
            max_selections=MOST_BESIDE,
            placeholder="One or two more voices",
            format_func=named.__getitem__,
            persist_state="session",
        )
    chosen = [by_id[voice_id] for voice_id in (first, *beside)]
    st.caption("  \n".join(map(_state_of, chosen)))
    return chosen


def _first_voice(by_id: dict[str, Entry], named: Mapping[str, str]) -> str:
    wanted = st.query_params.get("voice", "")
    by_link = wanted in by_id and wanted != st.session_state.get(ADDRESS)
    if by_link or st.session_state.get("speak_voice") not in by_id:
        # Written down, not left to the picker: only so the browser shows what is chosen here.
        st.session_state["speak_voice"] = wanted if wanted in by_id else next(iter(by_id))
    chosen = st.selectbox(
        "Voice",
        list(by_id),
        key="speak_voice",
        format_func=named.__getitem__,
        help="Type to search by name, kind or service.",
        persist_state="session",
    )
    st.session_state[ADDRESS] = chosen
    if chosen != wanted:
        st.query_params["voice"] = chosen
    return chosen


def labels(key: str, titles: Mapping[str, str], *, short: int = SHORT_ID) -> dict[str, str]:
    """A label for each id, none twice, and the same one as long as they are kept under this key.

    The browser says what was chosen by its label alone: under a new label it would be lost.
    """
    found: dict[str, str] = st.session_state.setdefault(key, {})
    often, taken = Counter(titles.values()), set(found.values())
    for name, title in titles.items():
        if name in found:
            continue
        label = title
        while label in taken or (often[title] > 1 and label == title):
            label += f" · {name[-short:]}"
        found[name] = label
        taken.add(label)
    return found


def name_of(item: Entry) -> str:
    """Name, kind and service; what changes by itself has no place in a label."""
    voice = item.voice
    service = SERVICES[voice.service].title if voice.service in SERVICES else voice.service
    return f"{voice.name} ({KIND_TITLES[voice.kind]}, {service})"


def _state_of(item: Entry) -> str:
    """How the voice is doing, under the name it has now."""
    health = words.HEALTH[item.standing.health]
    word = "ready, not kept yet" if item.standing.health is Health.WAITING else health.word.lower()
    return f"{health.icon} {words.plain(f'{item.voice.name}: {word}')}"


def show_mute(items: Sequence[Entry], wanted: str) -> None:
    """Voices that are not offered, and why; the one that a link named stands out."""
    for item in items:
        wording = f"{item.voice.name} cannot speak from here. {item.why_mute}"
        if item.voice.id == wanted:
            st.info(words.plain(wording), icon=":material/volume_off:")
    if items:
        named = [f"{item.voice.name} ({item.why_mute.rstrip('.')})" for item in items[:MOST_MUTE]]
        more = f", and {len(items) - MOST_MUTE:,} more" if len(items) > MOST_MUTE else ""
        st.caption(words.plain(f"Not offered: {', '.join(named)}{more}."))
