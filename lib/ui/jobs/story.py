"""All that is known about one order, beside the table."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from lib.models import Job, JobKind, JobState
from lib.studio.core.context import Context
from lib.studio.core.records import PartsSum
from lib.studio.jobs import overview
from lib.studio.jobs.overview import Followed
from lib.ui import words
from lib.ui.jobs import facts
from lib.ui.jobs.cards import check_button, draw_name, stage_badges
from lib.ui.jobs.choosing import close
from lib.ui.shared.live import job_progress
from lib.ui.shared.progress import follow

CLOSE = ":material/close:"


def draw(context: Context, found: Followed) -> None:
    """What it is, how far it is with its ways on, and the facts for who wants to know more."""
    order = found.order
    kind = facts.kind_of(order)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(words.WORK[kind], anchor=False, width="content")
        draw_name(kind, found.voice)
        with st.container(horizontal_alignment="right", width="stretch"):
            st.button("Close", key="job_close", type="tertiary", icon=CLOSE, on_click=close)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(stage_badges(context, order), width="stretch")
        check_button(context, order)
    if order.text and kind is JobKind.SPEECH:
        st.caption(f"“{words.plain(words.short(order.text, 400))}”")
    rows = {"Ordered": f"{_moment(order.created_at)} by {order.person or facts.NOBODY}"}
    if isinstance(order, Job):
        job_progress(context, order.id)
        cost = facts.cost_words(order, PartsSum())
        rows |= {"Sent": _moment(order.submitted_at), **_answers(order)}
        if next_look := facts.next_look(context, order):
            rows["Next check"] = next_look
        rows["Ended"] = _ended(order)
        rows |= {"Cost": cost, "Order ID": order.id, **_numbers(order)}
    else:
        follow(context, order.id)
        cost = facts.cost_words(order, overview.sum_of_parts(context, order))
        rows |= {"Ended": _moment(order.finished_at), "Cost": cost, "Order ID": order.id}
    facts_of_it = [{"What": name, "Known": words.plain(value)} for name, value in rows.items()]
    st.table(facts_of_it, hide_header=True, hide_index=True)


def _moment(at: datetime | None) -> str:
    return words.local(at, st.context.timezone) if at else "not yet"


def _ended(job: Job) -> str:
    if job.state is JobState.UNKNOWN:
        return f"Unconfirmed since {_moment(job.finished_at)}" if job.finished_at else "Unconfirmed"
    took = facts.took(job)
    return _moment(job.finished_at) + (f", took {took}" if took else "")


def _answers(job: Job) -> dict[str, str]:
    """What the service said of an order, and what went wrong with it."""
    told = {"What happened": job.error} if job.error else {}
    if job.last_answer or not job.error:
        told["Last answer"] = job.last_answer or "none yet"
    return told


def _numbers(job: Job) -> dict[str, str]:
    """By what the service's support knows it, as far as it told."""
    numbers = {"Run ID": str(job.ticket.get("run_id") or ""), "Request ID": job.request_id}
    return {name: number for name, number in numbers.items() if number}
