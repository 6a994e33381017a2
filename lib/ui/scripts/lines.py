"""The lines of a script: what each costs, how far it is, its sound and its takes; drawn anew by
themselves while something is under way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from lib import units
from lib.models import Job, JobState, Money, Take
from lib.roles import Permission
from lib.scripts import MAX_PAUSE, Script
from lib.services import DEMO
from lib.studio.core.context import Context
from lib.studio.core.money import Sum
from lib.studio.library.listing import Entry
from lib.studio.scripts import editing, generating
from lib.studio.scripts.standing import LineStanding, LineState, Standing, find, stand
from lib.ui import words
from lib.ui.access.front import may, page_file, person
from lib.ui.scripts.changes import change, key_for, show_as_kept
from lib.ui.shared import budget, confirming, paging, progress, speaking
from lib.ui.shared.live import balances_of, money_of, watch
from lib.ui.shared.player import play_take
from lib.ui.words import Label

PER_PAGE = 25
PAGE = "script_lines_page"
LISTENING = "script_listening"
"""The line that is heard: one at a time."""
WHY_NOT = "script_why_not"
"""Why the last press ordered nothing, and of which line or script."""
NOT_NOW = (LineState.WORKING, LineState.UNKNOWN)
"""Of a line that is not to be ordered once more: what became of its order comes first."""
READABLE = 500
"""Characters of a line that are shown; a longer one is folded up."""
STATES = {
    LineState.NO_TEXT: Label("No text", ":material/notes:", "gray"),
    LineState.NO_VOICE: Label("No voice", ":material/person_off:", "orange"),
    LineState.CANNOT: Label("Voice unavailable", ":material/volume_off:", "red"),
    LineState.READY: Label("Not generated", ":material/radio_button_unchecked:", "gray"),
    LineState.CHANGED: Label("Out of date", ":material/update:", "orange"),
    LineState.WORKING: words.STATE[JobState.WAITING],
    LineState.SPOKEN: Label("Generated", ":material/check_circle:", "green"),
    LineState.FAILED: words.STATE[JobState.FAILED],
    LineState.UNKNOWN: words.STATE[JobState.UNKNOWN],
}


def draw(context: Context, standing: Standing, by_id: Mapping[str, Entry]) -> None:
    """All lines, a page of them at a time, below the button that generates what is missing."""
    script_id = standing.script.id
    first: list[Standing] = [standing]

    def load() -> Standing | None:
        if first:
            return first.pop()
        script = find(context, script_id)
        return stand(context, script) if script else None

    watch(
        load,
        lambda found: _draw(context, found, by_id) if found else st.rerun(),
        is_in_progress=lambda found: found is not None and found.is_working,
        key="script_lines",
    )


def _draw(context: Context, standing: Standing, by_id: Mapping[str, Entry]) -> None:
    may_speak = may(context, Permission.SPEAK)
    # One place for what comes and goes: if the lines moved by one, a slow connection would show
    # some of them twice, and the state of one on another, until the last one has arrived.
    with st.container():
        st.subheader("Lines", anchor=False)
        _draw_spoken(standing)
        if may_speak:
            _generate_button(context, standing)
    skip = paging.skip(PAGE, standing.script.id, PER_PAGE, len(standing.lines))
    shown = standing.lines[skip : skip + PER_PAGE]
    for line in shown:
        with st.container(border=True, gap="xsmall", key=f"script_line_{line.line.id}"):
            _draw_line(context, standing, line, may_speak=may_speak)
            if line.take and st.session_state.get(LISTENING) == line.line.id:
                _play(context, line.take, by_id.get(line.take.voice_id))
    if len(standing.lines) > PER_PAGE:
        with st.container(horizontal=True, vertical_alignment="center"):
            paging.draw(PAGE, PER_PAGE, len(shown), len(standing.lines))


def _draw_spoken(standing: Standing) -> None:
    """How many lines have a sound."""
    total = len(standing.lines)
    told = f"{standing.spoken:,} of {units.count(total, 'line')} generated"
    if standing.is_working:
        st.progress(standing.spoken / max(total, 1), told)
    elif standing.spoken:
        st.caption(told)


def _generate_button(context: Context, standing: Standing) -> None:
    """All that is missing or out of date, at one price, and what stays out."""
    wanted = standing.to_generate
    if wanted:
        prices = [(line.voice.service, line.price or Money()) for line in wanted if line.voice]
        price = words.total(Sum.of(prices))
        facts = budget.facts(context, *dict.fromkeys(service for service, _ in prices))
        if confirming.paid_button(
            words.plain(f"Generate {units.count(len(wanted), 'line')} ({price})"),
            key="script_generate",
            price=standing.price,
            icon=":material/graphic_eq:",
            what=tuple(line.line.id for line in wanted),
        ):
            _generate(context, standing, "")
        confirming.draw_refusal(WHY_NOT, standing.script.id)
        if facts:
            st.caption(words.plain(" · ".join(facts)))
    voiceless = sum(line.state is LineState.NO_VOICE for line in standing.lines)
    if voiceless == len(standing.lines):
        st.caption("Give each name a voice, and the price shows here.")
    elif voiceless:
        left = units.count(voiceless, "line without a voice is", "lines without a voice are")
        st.caption(f"{left} left out.")


def _generate(context: Context, standing: Standing, line_id: str) -> None:
    """Order this line, or all that are to be generated."""
    with confirming.keep_refusals(WHY_NOT, line_id or standing.script.id):
        generating.generate(context, person(context), standing, [line_id] if line_id else None)
        st.rerun()


def _draw_line(
    context: Context, standing: Standing, line: LineStanding, *, may_speak: bool
) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        head = f"{line.number:,} · **{words.plain(line.line.speaker)}**"
        st.markdown(head, width="stretch")
        st.markdown(_badge(context, line), width="content")
    _draw_text(line.line.text)
    _draw_trouble(line)
    confirming.draw_refusal(WHY_NOT, line.line.id)
    take = line.take
    with st.container(horizontal=True, vertical_alignment="center"):
        if take and take.key:
            st.button(
                f"Listen ({units.seconds(take.seconds)})",
                key=f"script_listen_{line.line.id}",
                icon=":material/play_arrow:",
                on_click=st.session_state.update,
                args=({LISTENING: line.line.id},),
            )
        if may_speak:
            if len(line.takes) > 1:
                _take_choice(context, standing.script, line)
            _edit_popover(context, standing.script, line)
            with st.container(key=f"wide_again_{line.line.id}"):  # or a phone cuts off its price
                _again_button(context, standing, line)


def _play(context: Context, take: Take, speaker: Entry | None) -> None:
    """`speaker`: the voice that spoke it, which may not be the one that the name has now."""
    voice = speaker.voice if speaker else None
    play_take(context, take, voice.service if voice else "", autoplay=True)
    progress.show_cut(take, voice)


def _badge(context: Context, line: LineStanding) -> str:
    order = line.order
    if line.state is LineState.WORKING and isinstance(order, Job):
        return words.stage(order, context.now(order.service)).badge
    return STATES[line.state].badge


def _draw_text(text: str) -> None:
    if not text:
        return
    st.markdown(words.plain(words.short(text, READABLE)))
    if len(text) > READABLE:
        with st.expander("The whole text"):
            st.text(text)


def _draw_trouble(line: LineStanding) -> None:
    """What stands against a line or happened to it, and whether money was spent."""
    order = line.order
    if line.state is LineState.UNKNOWN:
        _draw_unknown(line)
    elif line.state is LineState.CHANGED:
        st.caption("The text, voice or settings have changed since this take.")
    elif line.state is LineState.CANNOT:
        st.caption(f":material/warning: {words.plain(line.why)}")
    elif line.state is LineState.WORKING:
        if order and order.last_answer:
            st.caption(words.plain(order.last_answer))
    elif line.why:  # also where an earlier take fits
        wording = words.plain(line.why)
        if isinstance(order, Job) and not order.error_tells_cost:
            wording += f" {words.plain(money_of(order))}"
        st.error(wording, icon=":material/error:")
    voice = line.voice
    signs = (
        speaking.markup_words(line.line.text, voice.kind) if voice and line.is_to_generate else ""
    )
    if signs:
        st.caption(f":material/record_voice_over: {signs}")


def _draw_unknown(line: LineStanding) -> None:
    """What is known of an order without an answer, and the way to decide what becomes of it."""
    order = line.order
    balances = f" {balances_of(order)}" if isinstance(order, Job) else ""
    st.warning(words.plain(f"{line.why}{balances}"), icon=":material/help:")
    if order:
        st.page_link(
            page_file("jobs"),
            label="Open its order",
            icon=":material/pending_actions:",
            query_params={"job": order.id},
        )


def _again_button(context: Context, standing: Standing, line: LineStanding) -> None:
    if line.price is None or line.voice is None or line.state in NOT_NOW:
        return
    play = " play money" if line.voice.service == DEMO else ""
    price = f"{line.price.exact}{play}"
    verb = "Generate again" if line.orders else "Generate"
    if confirming.paid_button(
        words.plain(f"{verb} ({price})"),
        key=f"script_again_{line.line.id}",
        price=line.price,
        icon=":material/replay:" if line.orders else ":material/graphic_eq:",
        what=(line.orders, line.voice.id, line.line.text),
        primary=False,
    ):
        _generate(context, standing, line.line.id)


def _take_choice(context: Context, script: Script, line: LineStanding) -> None:
    """Which of its takes is heard and exported."""
    key = f"script_take_{line.line.id}"
    count = len(line.takes)
    names = {take.id: _take_name(count - at, take) for at, take in enumerate(line.takes)}
    show_as_kept(key, line.take.id if line.take else line.takes[0].id)
    st.selectbox(
        "Take",
        list(names),
        key=key,
        format_func=names.__getitem__,
        label_visibility="collapsed",
        width=170,
        on_change=_choose_take,
        args=(context, script.id, line.line.id, key),
    )


def _take_name(number: int, take: Take) -> str:
    return f"Take {number} ({units.seconds(take.seconds)})"


def _choose_take(context: Context, script_id: str, line_id: str, key: str) -> None:
    take_id = str(st.session_state[key] or "")
    change(
        context,
        script_id,
        lambda script: editing.choose_take(context, person(context), script, line_id, take_id),
    )


def _edit_popover(context: Context, script: Script, line: LineStanding) -> None:
    """The words of a line, and the silence after it."""
    line_id = line.line.id
    text_key = key_for(f"script_text_{line_id}", line.line.text)
    pause_key = key_for(f"script_pause_{line_id}", line.line.pause)
    with st.popover("Edit", icon=":material/edit:", key=f"script_edit_{line_id}"):
        st.text_area(
            "Line",
            value=line.line.text,
            key=text_key,
            height=120,
            on_change=_rewrite,
            args=(context, script.id, line_id, text_key),
        )
        st.number_input(
            "Pause after it, in seconds",
            min_value=0.0,
            max_value=MAX_PAUSE,
            value=line.line.pause,
            step=0.1,
            format="%.1f",
            key=pause_key,
            placeholder=f"{script.pause:g}, as after the others",
            on_change=_set_pause,
            args=(context, script.id, line_id, pause_key),
        )


def _rewrite(context: Context, script_id: str, line_id: str, key: str) -> None:
    text = str(st.session_state[key] or "")

    def write(script: Script) -> None:
        lines = [replace(line, text=text) if line.id == line_id else line for line in script.lines]
        editing.write_lines(context, person(context), script, lines)

    if text.strip():  # without words it would be deleted
        change(context, script_id, write)


def _set_pause(context: Context, script_id: str, line_id: str, key: str) -> None:
    pause = st.session_state[key]
    change(
        context,
        script_id,
        lambda script: editing.set_pause(context, person(context), script, pause, line_id=line_id),
    )
