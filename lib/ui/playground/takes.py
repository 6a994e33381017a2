"""Kept speech as a list: searched, heard again, saved as WAV or MP3, deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from lib.models import LongText, Take
from lib.recordings.writing import Form
from lib.roles import Permission
from lib.studio.core.catalogue import speech_model
from lib.studio.core.context import Context
from lib.studio.jobs import long_texts
from lib.studio.library import takes
from lib.studio.library.listing import Entry
from lib.ui import words
from lib.ui.access.front import may, person
from lib.ui.shared import progress
from lib.ui.shared.confirming import answer, show_refusals
from lib.ui.shared.player import play_take, save_button

PER_PAGE = 10
PAGE = "takes_page"
LISTENING = "takes_listening"
DELETING = "takes_deleting"
EVEN = "takes_even"
EXCERPT = 161


def draw(context: Context, by_id: Mapping[str, Entry]) -> None:
    """All takes, newest first, a page of them at a time."""
    total = takes.count(context)
    if not total:
        return
    st.subheader("Takes", anchor=False)
    search = st.text_input(
        "Search takes",
        key="takes_search",
        placeholder="Words of the text, or a voice",
        icon=":material/search:",
        label_visibility="collapsed",
        on_change=st.session_state.update,
        args=({PAGE: 0},),
    ).strip()
    found = takes.count(context, search) if search else total
    if not found:
        st.write("No take has these words.")
        return
    skip = min(st.session_state.get(PAGE, 0) * PER_PAGE, (found - 1) // PER_PAGE * PER_PAGE)
    shown = takes.latest(context, PER_PAGE, search=search, skip=skip)
    evened = _to_be_evened(context, shown)
    for take in shown:
        _draw_take(context, take, by_id.get(take.voice_id), even=take.id in evened)
    if found > PER_PAGE:
        _turn_pages(skip, len(shown), found)


def unfinished(context: Context, texts: Sequence[LongText], by_id: Mapping[str, Entry]) -> None:
    """Long texts that are not joined yet, whoever began them."""
    if not texts:
        return
    st.subheader("Not whole yet", anchor=False)
    for text in texts:
        with st.container(border=True, key=f"unfinished_{text.id}"):
            item = by_id.get(text.voice_id)
            name = item.voice.name if item else "A voice that is gone"
            st.markdown(f"**{words.plain(name)}**: {words.plain(words.short(text.text, EXCERPT))}")
            progress.follow(context, text.id, named=False)
            _delete_button(context, text.id)
            _delete_question(context, text.id, "Delete this text and what is spoken of it?")


def _to_be_evened(context: Context, shown: Sequence[Take]) -> set[str]:
    """Of which takes the parts are saved with one loudness: all or none of the long ones."""
    joined = takes.spoken_in_parts(context, shown)
    if joined and st.toggle(
        "Even out the loudness of long takes when saving",
        key=EVEN,
        help="A long text is spoken in parts, and some come out louder than others. The files "
        "that you save get the same loudness throughout; the takes here stay as they are.",
    ):
        return joined
    return set()


def _draw_take(context: Context, take: Take, item: Entry | None, *, even: bool) -> None:
    """One kept take; it plays when somebody wants to hear it."""
    name = item.voice.name if item else "A voice that is gone"
    service = item.voice.service if item else ""
    now = item.now if item else context.clock.now()
    with st.container(border=True, key=f"take_{take.id}"):
        st.markdown(f"**{words.plain(name)}**: {words.plain(words.short(take.text, EXCERPT))}")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(
                words.plain(
                    f"{words.until(take.created_at, now)} · {_facts(context, take, service)}"
                ),
                width="stretch",
            )
            if take.key:
                _sound_buttons(context, take, service, name, even=even)
            _delete_button(context, take.id)
        _delete_question(context, take.id, "Delete this take?")
        is_open = not take.key or st.session_state.get(LISTENING) == take.id
        if is_open:
            play_take(context, take, service, autoplay=True)
            progress.show_cut(take, item.voice if item else None)
        if is_open and len(take.text) >= EXCERPT:
            with st.expander("The whole text"):
                st.text(take.text)


def _sound_buttons(context: Context, take: Take, service: str, name: str, *, even: bool) -> None:
    st.button(
        "Listen",
        key=f"listen_{take.id}",
        icon=":material/play_arrow:",
        # Before the page is drawn: the take that played until now stops.
        on_click=st.session_state.update,
        args=({LISTENING: take.id},),
    )
    for form in Form:
        if form is not Form.WAV or take.seconds <= takes.LONGEST_WAV:
            # Converted when somebody asks for it, not before.
            save_button(
                form.upper(),
                partial(long_texts.evened, context, take.id, form)
                if even
                else partial(takes.converted, context, take, service, form),
                file_name=f"{words.file_stem(name) or 'Take'} {take.id[:6]}.{form}",
                mime=form.media_type,
                key=f"save_{form}_{take.id}",
            )


def _facts(context: Context, take: Take, service: str) -> str:
    model = speech_model(context, service, take.model)
    settings = [str(take.settings["language"])] if "language" in take.settings else []
    if "speed" in take.settings:
        settings.append(f"{take.settings['speed']}×")
    title = model.title if model else take.model
    return " · ".join((words.seconds(take.seconds), title, *settings))


def _delete_button(context: Context, take_id: str) -> None:
    """Leads to the question, which stands below."""
    if not may(context, Permission.SPEAK):
        return
    if st.session_state.get(DELETING) != take_id and st.button(
        "Delete", key=f"delete_{take_id}", icon=":material/delete:", type="tertiary"
    ):
        st.session_state[DELETING] = take_id
        st.rerun()


def _delete_question(context: Context, take_id: str, question: str) -> None:
    """What is deleted and what stays, where somebody wants that."""
    if st.session_state.get(DELETING) != take_id or not may(context, Permission.SPEAK):
        return
    st.markdown(
        f"**{question}** The sound and its text are deleted from your storage. "
        "What it cost stays in the books."
    )
    if answer(
        DELETING,
        "Delete it",
        "Keep it",
        keys=(f"delete_sure_{take_id}", f"delete_leave_{take_id}"),
        icon=":material/delete:",
        primary=False,
    ):
        with show_refusals():
            takes.delete(context, take_id, person(context))
            st.toast("The take is deleted.", icon=":material/delete:")
            st.rerun()


def _turn_pages(skip: int, shown: int, found: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        page = skip // PER_PAGE
        for label, key, step, open_ in (
            ("Newer", "takes_newer", -1, page > 0),
            ("Older", "takes_older", 1, skip + shown < found),
        ):
            if st.button(label, key=key, disabled=not open_):
                st.session_state[PAGE] = page + step
                st.rerun()
        st.caption(f"{skip + 1:,} to {skip + shown:,} of {found:,}")
