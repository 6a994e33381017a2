"""Kept speech as a list: found, heard again, named, saved, generated again, deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Literal

import streamlit as st

from lib import units
from lib.models import LongText, Take
from lib.recordings.writing import Form
from lib.roles import Permission
from lib.studio.core.catalogue import speech_model
from lib.studio.core.context import Context
from lib.studio.core.records import WantedTakes
from lib.studio.core.typed_text import MAX_NAME, file_stem
from lib.studio.jobs import long_texts
from lib.studio.library import takes
from lib.studio.library.listing import Entry
from lib.studio.scripts import standing
from lib.ui import words
from lib.ui.access.front import from_inside, may, person
from lib.ui.playground import chosen, sharing
from lib.ui.shared import fields, finding, paging, progress
from lib.ui.shared.confirming import answer, show_refusals
from lib.ui.shared.icon_button import icon_button
from lib.ui.shared.player import play_take, save_button
from lib.ui.shared.speaking import fill_in_again

PER_PAGE = 10
COUNTED = 1_000
"""Takes that are counted, from the open page on."""
PAGE, SEARCH, FAVOURITES = "takes_page", "takes_search", "takes_favourites"
VOICE, SCRIPT = "takes_voice", "takes_script"
VOICES, SCRIPTS = "takes_voices", "takes_scripts"
"""What each picker calls each voice or script."""
LISTENING = "takes_listening"
DELETING = "takes_deleting"
CLOSED = "takes_closed"
"""How often a choice closed what it was made in, which is of another key then: what was asked for
would be hidden behind it.
"""
EVEN = "takes_even"


def draw(context: Context, by_id: Mapping[str, Entry], *, with_form: bool = False) -> None:
    """All takes, newest first, a page of them at a time. `with_form`: the form stands above, to
    generate one again.
    """
    wanted = _wanted()
    most = paging.skipped(PAGE, wanted, PER_PAGE) + COUNTED
    found, voice_ids = takes.survey(context, wanted, most=most, most_voices=finding.AT_ONCE)
    speakers = _named(voice_ids, by_id)
    scripts = dict(standing.names(context, limit=finding.AT_ONCE))
    for key, chosen_id, known in (
        (VOICE, wanted.voice_id, speakers),
        (SCRIPT, wanted.script_id, scripts),
    ):
        if chosen_id and chosen_id not in known:  # its last take was deleted, or it was itself
            st.session_state[key] = None
            st.rerun()
    if not found and wanted == WantedTakes():
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Takes", anchor=False, width="stretch")
        _filter(speakers, scripts)
    if not found:
        st.write("No takes match.")
        return
    are_several = found > 1
    with st.container():  # one place for what comes and goes: the takes stay where they are
        if are_several:
            chosen.bar(context, wanted, by_id)
        skip = paging.skip(PAGE, wanted, PER_PAGE, found)
        shown = takes.latest(context, PER_PAGE, wanted, skip=skip)
        evened = _to_be_evened(context, shown)
    for take in shown:
        with st.container(border=True, key=f"take_{take.id}"):
            _draw_head(context, take, by_id.get(take.voice_id), wanted if are_several else None)
            _draw_take(
                context,
                take,
                by_id.get(take.voice_id),
                even=take.id in evened,
                with_form=with_form,
            )
    if found > PER_PAGE:
        with st.container(horizontal=True, vertical_alignment="center"):
            paging.draw(
                PAGE,
                PER_PAGE,
                len(shown),
                found,
                labels=("Newer", "Older"),
                is_all=found < most,
            )


def _named(voice_ids: Sequence[str], by_id: Mapping[str, Entry]) -> dict[str, str]:
    """The names of these voices by their ids, in the order of the names."""
    names = {name: by_id[name].voice.name.strip() for name in voice_ids if name in by_id}
    return dict(sorted(names.items(), key=lambda pair: pair[1].casefold()))


def _wanted() -> WantedTakes:
    """What search and filters ask for."""
    return WantedTakes(
        search=str(st.session_state.get(SEARCH) or "").strip(),
        voice_id=st.session_state.get(VOICE) or "",
        script_id=st.session_state.get(SCRIPT) or "",
        favourites=bool(st.session_state.get(FAVOURITES)),
    )


def _filter(speakers: Mapping[str, str], scripts: Mapping[str, str]) -> None:
    st.toggle("Favourites only", key=FAVOURITES)
    if len(speakers) > 1:
        _choice("Voice of the takes", VOICE, VOICES, speakers, "All voices")
    if scripts:
        _choice("Script of the takes", SCRIPT, SCRIPTS, scripts, "All scripts")
    st.text_input(
        "Search takes",
        key=SEARCH,
        placeholder="Words, name or voice",
        icon=":material/search:",
        label_visibility="collapsed",
        width=240,
    )


def _choice(label: str, key: str, names: str, titles: Mapping[str, str], usual: str) -> None:
    """Only takes of one of these; `names` is where the session keeps what each is called."""
    st.selectbox(
        label,
        list(titles),
        index=None,
        key=key,
        format_func=fields.labels(names, titles).__getitem__,
        placeholder=usual,
        label_visibility="collapsed",
        width=200,
    )


def unfinished(context: Context, texts: Sequence[LongText], by_id: Mapping[str, Entry]) -> None:
    """Long texts that are not joined yet, whoever began them."""
    if not texts:
        return
    st.subheader("Not complete yet", anchor=False)
    for text in texts:
        with st.container(border=True, key=f"unfinished_{text.id}"):
            item = by_id.get(text.voice_id)
            progress.head(item.voice if item else None, text.text)
            progress.follow(context, text.id)
            _delete_button(context, text.id)
            _delete_question(context, text.id, "Delete this text and its parts?")


def _to_be_evened(context: Context, shown: Sequence[Take]) -> set[str]:
    """Of which takes the parts are saved with one loudness: all or none of the long ones."""
    joined = takes.spoken_in_parts(context, shown)
    if joined and st.toggle(
        "Even out the loudness of long takes when saving",
        key=EVEN,
        help=(
            "Long texts are generated in parts, and some come out louder than others. Saved files "
            "get the same loudness throughout. The takes here stay as they are."
        ),
    ):
        return joined
    return set()


def _draw_head(
    context: Context, take: Take, item: Entry | None, choosable_in: WantedTakes | None
) -> None:
    """The box that chooses it, what it is called, who says what, its star."""
    with st.container(horizontal=True, wrap=False, gap="small"):
        if choosable_in:
            chosen.box(take, choosable_in)
        with st.container(gap=None):
            if take.name:
                st.markdown(f"**{words.plain(take.name)}**")
            progress.head(item.voice if item else None, take.text)
        _star(context, take)


def _draw_take(
    context: Context, take: Take, item: Entry | None, *, even: bool, with_form: bool
) -> None:
    """What can be done with a take; it plays when somebody wants to hear it."""
    service = item.voice.service if item else ""
    now = item.now if item else context.clock.now()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            words.plain(f"{words.until(take.created_at, now)} · {_facts(context, take, service)}"),
            width="stretch",
        )
        with st.container(horizontal=True, width="content"):  # on a phone they stay side by side
            if take.key:
                st.button(
                    "Listen",
                    key=f"listen_{take.id}",
                    icon=":material/play_arrow:",
                    # Before the page is drawn: the take that played until now stops.
                    on_click=st.session_state.update,
                    args=({LISTENING: take.id},),
                )
                sharing.button(context, take.id)
            if take.key or may(context, Permission.SPEAK):
                closed = st.session_state.get(CLOSED, 0)
                with st.popover("More", key=f"takes_more_{closed}_{take.id}"):
                    _draw_more(context, take, item, even=even, with_form=with_form)
    _delete_question(context, take.id, "Delete this take?")
    sharing.panel(context, take, service)
    is_open = not take.key or st.session_state.get(LISTENING) == take.id
    if is_open:
        play_take(context, take, service, autoplay=True)
        progress.show_cut(take, item.voice if item else None)
    if is_open and len(take.text) >= progress.HEAD:
        with st.expander("The whole text"):
            st.text(take.text)


def _draw_more(
    context: Context, take: Take, item: Entry | None, *, even: bool, with_form: bool
) -> None:
    """What is done less often than listening."""
    may_change = may(context, Permission.SPEAK)
    if may_change:
        st.text_input(
            "Name",
            value=take.name,
            key=f"takes_name_{take.id}",
            max_chars=MAX_NAME,
            placeholder="What the team will call it",
            on_change=_rename,
            args=(context, take),
        )
    if take.key:
        _save_buttons(context, take, item, even=even)
    if may_change and with_form:
        st.button(
            "Generate again with…",
            key=f"takes_again_{take.id}",
            icon=":material/replay:",
            help=(
                "Fills in the form above with this text, voice and settings, so you can change "
                "them."
            ),
            on_click=_fill_in_again,
            args=(take,),
            width="stretch",
        )
    _delete_button(context, take.id, width="stretch")


def _save_buttons(context: Context, take: Take, item: Entry | None, *, even: bool) -> None:
    name = take.name or (item.voice.name if item else "")
    for form in Form:
        if form is not Form.WAV or take.seconds <= takes.LONGEST_WAV:
            # Converted when somebody asks for it, not before.
            save_button(
                f"Save as {form.upper()}",
                partial(long_texts.evened, context, take.id, form)
                if even
                else partial(
                    takes.converted, context, take, item.voice.service if item else "", form
                ),
                file_name=f"{file_stem(name) or 'Take'} {take.id[:6]}.{form}",
                mime=form.media_type,
                key=f"save_{form}_{take.id}",
                width="stretch",
            )


def _star(context: Context, take: Take) -> None:
    """The team's star: a small button that gives it or takes it away; viewers see it only."""
    if not may(context, Permission.SPEAK):
        if take.favourite:
            st.markdown(":orange-badge[:material/star: Favourite]", width="content")
        return
    icon_button(
        "Remove from favourites" if take.favourite else "Add to favourites",
        "⭐" if take.favourite else ":material/star:",
        key=f"star_{take.id}",
        on_click=_set_favourite,
        args=(context, take),
    )


def _close() -> None:
    st.session_state[CLOSED] = st.session_state.get(CLOSED, 0) + 1


def _fill_in_again(take: Take) -> None:
    _close()
    fill_in_again(take)


def _ask_to_delete(take_id: str) -> None:
    _close()
    st.session_state[DELETING] = take_id


@from_inside
def _set_favourite(context: Context, take: Take) -> None:
    takes.set_favourite(context, take, person(context), favourite=not take.favourite)


@from_inside
def _rename(context: Context, take: Take) -> None:
    name = str(st.session_state[f"takes_name_{take.id}"] or "")
    takes.rename(context, take, name, person(context))


def _facts(context: Context, take: Take, service: str) -> str:
    model = speech_model(context, service, take.model)
    settings = [str(take.settings["language"])] if "language" in take.settings else []
    if "speed" in take.settings:
        settings.append(f"{take.settings['speed']}×")
    title = model.title if model else take.model
    return " · ".join((units.seconds(take.seconds), title, *settings))


def _delete_button(
    context: Context, take_id: str, *, width: Literal["content", "stretch"] = "content"
) -> None:
    """Leads to the question, which stands below."""
    if not may(context, Permission.SPEAK):
        return
    if st.session_state.get(DELETING) != take_id:
        st.button(
            "Delete",
            key=f"delete_{take_id}",
            icon=":material/delete:",
            type="tertiary" if width == "content" else "secondary",
            width=width,
            on_click=_ask_to_delete,
            args=(take_id,),
        )


def _delete_question(context: Context, take_id: str, question: str) -> None:
    """What is deleted and what stays, where somebody wants that."""
    if st.session_state.get(DELETING) != take_id or not may(context, Permission.SPEAK):
        return
    st.markdown(
        f"**{question}** The audio and its text are deleted from your storage, and links to it "
        "end. What it cost stays in your spending."
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
