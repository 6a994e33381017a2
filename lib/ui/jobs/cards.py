"""Orders that are told of without opening them: those that stand still, and those that move."""

from __future__ import annotations

import streamlit as st

from lib import units
from lib.models import Job, JobKind, JobState, LongText, TextState, Voice
from lib.services import DEMO
from lib.studio.core.context import Context
from lib.studio.jobs import overview
from lib.studio.jobs.overview import Board, Line
from lib.studio.orders.confirming import TO_ORDER
from lib.ui import words
from lib.ui.access.front import may, person
from lib.ui.jobs import facts, filters
from lib.ui.jobs.choosing import choose, close
from lib.ui.shared import voices
from lib.ui.shared.live import show_waiting, trouble

EXCERPT = 120
OPEN_CARDS = 2
"""So many that stand still are told in full; of more each is a line that opens."""


def draw(context: Context, board: Board, *, with_moving: bool, is_all: bool) -> None:
    """What stands still, each with its ways on, and what is under way, each with its progress.

    `is_all`: whether the table shows all that stand still, and nothing else.
    """
    if board.standing_still:
        st.subheader(words.TO_DECIDE, anchor=False)
        for line in board.standing_still:
            _draw_standing_still(context, line, is_folded=board.still_count > OPEN_CARDS)
        more = board.still_count - len(board.standing_still)
        if more and is_all:
            st.caption(f"{more:,} more are in the table.")
        elif more:
            st.button(
                f"And {more:,} more",
                key="jobs_more_to_decide",
                type="tertiary",
                icon=":material/arrow_downward:",
                on_click=filters.only_to_decide,
            )
    if with_moving and board.moving:
        st.subheader("In progress", anchor=False)
        for line in board.moving:
            _draw_moving(context, line)
        if more := board.moving_count - len(board.moving):
            st.caption(f"{more:,} more are in the table.")


def draw_folded(board: Board, chosen: str) -> None:
    """How many stand still, while one order is open; the way back to them."""
    others = board.still_count - any(line.order.id == chosen for line in board.standing_still)
    if not others:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        need = units.count(others, "other order needs", "other orders need")
        wording = f"{need} a decision"
        st.markdown(f":orange-badge[:material/help: {wording}]", width="content")
        st.button("Show", key="jobs_show_to_decide", type="tertiary", on_click=close)


def check_button(context: Context, order: Job | LongText) -> None:
    """Ask the service about it at once, where that can be asked."""
    if (
        isinstance(order, Job)
        and order.state is JobState.WAITING
        and may(context, TO_ORDER[order.kind])
        and st.button("Check now", key=f"job_check_{order.id}", icon=":material/refresh:")
    ):
        overview.check_now(context, order, person(context))
        st.toast("Asking the service now.", icon=":material/refresh:")


def draw_name(kind: JobKind, voice: Voice | None) -> None:
    """What an order is about; a voice's name leads to its page."""
    if voice:
        voices.name_link(voice)
    else:
        st.markdown(words.plain(words.subject(kind, "")), width="content")


def stage_badges(context: Context, order: Job | LongText) -> str:
    """Where it stands, as Markdown; and that it is the demo's, where others are not."""
    demo = words.demo_badge(demo=order.service == DEMO and not context.settings.has_only_demo)
    return f"{facts.stage_of(order, context.now(order.service)).badge}{demo}"


def _draw_standing_still(context: Context, line: Line, *, is_folded: bool) -> None:
    """One order that waits for a person. Where they are many, one press opens it in its place."""
    order, kind = line.order, facts.kind_of(line.order)
    name = words.short(words.subject(kind, line.voice.name if line.voice else ""))
    label = f"**{words.WORK[kind]}** · {words.plain(name)} · {_state(context, line)}"
    with st.expander(label, expanded=not is_folded, key=f"row_{order.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(_told(context, line), width="stretch")
            if line.voice:
                voices.name_link(line.voice)
            _details_button(order)
        if isinstance(order, Job):
            trouble(context, order, line.voice)
        elif order.state is TextState.FAILED:
            st.error(words.plain(order.error), icon=":material/error:")


def _draw_moving(context: Context, line: Line) -> None:
    order, kind = line.order, facts.kind_of(line.order)
    with st.container(border=True, key=f"row_{order.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{words.WORK[kind]}**", width="content")
            draw_name(kind, line.voice)
            st.markdown(_state(context, line), width="stretch")
            check_button(context, order)
            _details_button(order)
        if isinstance(order, Job):
            show_waiting(order, context.now(order.service))
            return
        wording = words.plain(facts.progress_words(order, line.parts))
        st.progress(min(line.parts.spoken / max(order.parts, 1), 1.0), wording)
        if next_look := facts.next_look(context, order):
            st.caption(f"Next check {next_look}")


def _told(context: Context, line: Line) -> str:
    """Who ordered it and when, and what is to be spoken, as Markdown."""
    order = line.order
    told = words.plain(facts.origin_words(context, order))
    # The sentence of a use is one of a few of ours, and says nothing about the order.
    if order.text and facts.kind_of(order) is JobKind.SPEECH:
        told += f" · “{words.plain(words.short(order.text, EXCERPT))}”"
    return told


def _state(context: Context, line: Line) -> str:
    """Where it stands, and what it costs, as Markdown."""
    cost = words.plain(facts.cost_words(line.order, line.parts))
    return f"{stage_badges(context, line.order)} :gray[{cost}]"


def _details_button(order: Job | LongText) -> None:
    st.button(
        "Details", key=f"job_open_{order.id}", type="tertiary", on_click=choose, args=(order.id,)
    )
