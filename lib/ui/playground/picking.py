"""The Playground's pickers: which voices can speak, which are chosen, what each is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from lib.consent import STOPS_SPEECH
from lib.models import Health
from lib.studio.core.context import Context
from lib.studio.core.reasons import Reason
from lib.studio.core.wording import sentence
from lib.studio.library import samples, takes
from lib.studio.library.listing import Entry
from lib.studio.library.together import once
from lib.ui import words
from lib.ui.access.front import seen
from lib.ui.shared import fields, finding, now_playing, voices

FINDABLE, NAMES = "speak_findable", "speak_names"
"""What each of the two pickers calls each voice while this page is open."""
LATELY = "speak_lately"
"""With which voices somebody had spoken when they came: no picker changes its order meanwhile."""
SEARCH = "speak_search"
ADDRESS = "speak_address"
"""The voice that the page itself wrote into its address last."""
MOST_MUTE = 3
"""Voices that cannot speak and are named."""
MOST_BESIDE = 2
"""Voices besides the first."""


def _lately(context: Context, known: Mapping[str, Entry]) -> list[Entry]:
    """With which of these voices this person spoke lately, the last one first."""
    if LATELY not in st.session_state or is_fresh_visit():
        st.session_state[LATELY] = takes.voices_lately(context, seen(context))
    found = [known[voice_id] for voice_id in st.session_state[LATELY] if voice_id in known]
    return [item for item in found if not finding.is_doubtful(item)]


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


def choose_voices(context: Context, items: Sequence[Entry]) -> list[Entry]:
    """One voice, whose id stays in the address, or two or three side by side."""
    known = once(items, finding.by_id)
    lately = _lately(context, known)
    if is_fresh_visit():
        st.session_state.pop(NAMES, None)  # no picker holds an older name
        st.session_state.pop(FINDABLE, None)
    is_searched = len(items) > finding.AT_ONCE
    left, right = st.columns([2, 5]) if is_searched else [st.container()] * 2
    with left:
        offered = finding.offered(items, key=SEARCH, first=lately)
    with right:
        first = _first_voice(context, known, offered)
    row = st.container(horizontal=True, vertical_alignment="center")
    states = row.container(gap=None)
    is_compared = len(items) > 1 and row.toggle(
        "Compare voices", key="speak_compare", persist_state="session"
    )
    beside = _voices_beside(known, first, offered) if is_compared else []
    chosen = [known[voice_id] for voice_id in (first, *beside)]
    with states:
        for item in chosen:
            _show_state(item)
    return chosen


def _first_voice(context: Context, known: Mapping[str, Entry], offered: Mapping[str, Entry]) -> str:
    wanted = st.query_params.get("voice", "")
    by_link = wanted in known and wanted != st.session_state.get(ADDRESS)
    if by_link or st.session_state.get("speak_voice") not in known:
        # Written down, not left to the picker: only so the browser shows what is chosen here.
        usual = next(iter(offered), next(iter(known)))
        st.session_state["speak_voice"] = wanted if wanted in known else usual
    chosen: str = st.session_state["speak_voice"]
    # What is chosen stays so, whatever is searched for.
    options = offered if chosen in offered else {chosen: known[chosen], **offered}
    named = fields.labels(FINDABLE, {name: finding.label(item) for name, item in options.items()})
    with st.container(horizontal=True, vertical_alignment="bottom", wrap=False):
        chosen = st.selectbox(
            "Voice",
            list(options),
            key="speak_voice",
            format_func=named.__getitem__,
            help="Type to search by name, tag, description, kind, service or ID.",
            filter_mode="contains",
            persist_state="session",
        )
        item = known[chosen]
        is_heard = samples.sample(context, item.dossier) is not None
        now_playing.button(item.voice, is_heard=is_heard)
    st.session_state[ADDRESS] = chosen
    if chosen != wanted:
        st.query_params["voice"] = chosen
    return chosen


def _voices_beside(
    known: Mapping[str, Entry], first: str, offered: Mapping[str, Entry]
) -> list[str]:
    before = st.session_state.get("speak_beside", [])
    kept = [voice_id for voice_id in before if voice_id in known and voice_id != first]
    if kept != before:
        st.session_state["speak_beside"] = kept
    options = dict.fromkeys([*(name for name in kept if name not in offered), *offered])
    options.pop(first, None)
    titles = {voice_id: voices.full_name(known[voice_id]) for voice_id in options}
    named = fields.labels(NAMES, titles)
    return st.multiselect(
        "Side by side with",
        list(options),
        key="speak_beside",
        max_selections=MOST_BESIDE,
        placeholder="One or two more voices",
        format_func=named.__getitem__,
        persist_state="session",
    )


def _show_state(item: Entry) -> None:
    """The name that the voice has now, which leads to its page, and how it is doing."""
    health = words.HEALTH[item.standing.health]
    word = "Ready, not kept yet" if item.standing.health is Health.WAITING else health.word
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        voices.name_link(item.voice)
        st.caption(f"{health.icon} {word}", width="content")


def explain_mute(items: Sequence[Entry], wanted: str) -> None:
    """Why the voice that a link named is not offered."""
    for item in items:
        if item.voice.id == wanted:
            is_over = item.consent_state in STOPS_SPEECH
            again = f" {sentence(Reason.CONSENT_OVER)}" if is_over else ""
            wording = f"{item.voice.name} cannot generate speech here. {item.why_mute}{again}"
            st.info(words.plain(wording), icon=":material/volume_off:")


def show_mute(items: Sequence[Entry]) -> None:
    """Voices that are not offered, and why."""
    if items:
        named = [f"{item.voice.name} ({item.why_mute.rstrip('.')})" for item in items[:MOST_MUTE]]
        more = f", and {len(items) - MOST_MUTE:,} more" if len(items) > MOST_MUTE else ""
        st.caption(words.plain(f"Not offered: {', '.join(named)}{more}."))
