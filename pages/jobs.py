"""Jobs: everything that was ordered, from confirmed to done, renewed on screen by itself."""

from lib.ui.access.front import enter, plain_failures

context = enter()

from datetime import datetime

import streamlit as st

from lib.clock import span
from lib.models import Job, JobKind, JobState, LongText, TextState, Voice
from lib.services import DEMO
from lib.studio.core.records import PartsSum
from lib.studio.jobs import overview
from lib.studio.jobs.overview import Followed
from lib.ui import words
from lib.ui.shared.live import job_progress, reading_the_vault, trouble, watch
from lib.ui.shared.progress import follow

SHOWN = 50
FILTERS = {
    "All": tuple(JobState),
    "Under way": (JobState.CONFIRMED, JobState.SUBMITTING, JobState.WAITING),
    "Not known": (JobState.UNKNOWN,),
    "Done": (JobState.DONE,),
    "Failed": (JobState.FAILED,),
}


def draw_row(job: Job, voice: Voice | None) -> None:
    """One order: what, for whom, where it stands, since when, what it costs."""
    now = context.now(job.service)
    with st.container(border=True, key=f"row_{job.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            draw_head(job, words.WORK[job.kind], words.stage(job, now), voice, cost_words(job))
            if job.state is JobState.WAITING and st.button(
                "Check now", key=f"job_check_{job.id}", icon=":material/refresh:"
            ):
                overview.check_now(context, job)
            details_button(job)
        st.caption(time_words(job))
        if job.kind is JobKind.SPEECH:
            draw_excerpt(job)
        if job.state in (JobState.UNKNOWN, JobState.FAILED) or words.needs_a_word(job, now):
            trouble(context, job, voice)


def draw_text_row(text: LongText, voice: Voice | None, parts: PartsSum) -> None:
    """One long text, in the same way, with what its parts cost together."""
    with st.container(border=True, key=f"row_{text.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            label = words.STATE[JobState(text.state)]
            cost = cost_of_parts(text, parts)
            draw_head(text, words.WORK[JobKind.SPEECH], label, voice, cost)
            details_button(text)
        st.caption(time_words_of_text(text, parts))
        draw_excerpt(text)
        if text.state is TextState.FAILED:
            st.error(words.plain(text.error), icon=":material/error:")
            st.caption("Each of its parts is an order of its own, and says what it cost.")


def draw_head(
    order: Job | LongText, work: str, label: words.Label, voice: Voice | None, cost: str
) -> None:
    name = words.plain(voice.name) if voice else "A voice that is gone"
    demo = " :violet-badge[:material/science: Demo]" if order.service == DEMO else ""
    st.markdown(f"**{work}** · {name} {label.badge}{demo}", width="stretch")
    st.markdown(f":gray[{cost}]".replace("$", r"\$"))


def details_button(order: Job | LongText) -> None:
    if st.button("Details", key=f"job_open_{order.id}", type="tertiary"):
        st.query_params["job"] = order.id
        st.rerun()


def draw_excerpt(order: Job | LongText) -> None:
    if order.text:
        st.caption(f"“{words.plain(order.text[:120])}”")


def cost_of_parts(text: LongText, parts: PartsSum) -> str:
    """What all orders of its parts cost as far as is known."""
    split = f"in {words.count(text.parts, 'part')}"
    if text.state is TextState.FAILED and not parts.cost.micros:
        return f"{split}, nothing spent"
    known = "" if parts.is_final else " as far as known"
    return f"{split}, {words.price(parts.cost, demo=text.service == DEMO)}{known}"


def cost_words(job: Job) -> str:
    """What it costs as far as is known."""
    demo = job.service == DEMO
    if job.charged is not None and job.refunded is not None:
        return f"{job.charged}, refunded {job.refunded}"
    if job.state is JobState.FAILED and not job.cost.micros:
        return "nothing spent"
    if job.charged is None:
        return f"about {words.price(job.estimate, demo=demo)}"
    return words.price(job.charged, demo=demo)


def progress_words(text: LongText, parts: PartsSum) -> str:
    """How far a long text is at this moment; what keeps it from being joined, if that is so."""
    if parts.spoken < text.parts:
        return f"{parts.spoken} of {text.parts} parts are spoken"
    if text.attempts and text.last_answer:
        return words.plain(text.last_answer.rstrip("."))
    return f"all {text.parts} parts are spoken"


def ordered_words(order: Job | LongText, now: datetime) -> str:
    return f"ordered {words.until(order.created_at, now)} by {words.plain(order.person)}"


def time_words(job: Job) -> str:
    """Age, last answer, next look."""
    now = context.now(job.service)
    facts = [ordered_words(job, now)]
    if job.is_sum:
        return f"first {facts[0]}, {words.count(job.stands_for, 'use')} summed up"
    if job.is_open and not words.needs_a_word(job, now):
        if job.last_answer:
            facts.append(words.plain(job.last_answer.rstrip(".")))
        if job.next_check_at and job.next_check_at > now:
            facts.append(f"next look {words.until(job.next_check_at, now)}")
    elif job.finished_at and job.state is JobState.DONE:
        asked = job.submitted_at or job.created_at
        facts.append(f"took {span(job.finished_at - asked)}")
    return " · ".join(facts)


def time_words_of_text(text: LongText, parts: PartsSum) -> str:
    """Age of a long text, and how far it is. The end of a part makes it due, so that its next look
    is told only where something holds it up.
    """
    now = context.now(text.service)
    facts = [ordered_words(text, now)]
    if text.state is TextState.WAITING:
        facts.append(progress_words(text, parts))
        if text.attempts and text.next_check_at and text.next_check_at > now:
            facts.append(f"next look {words.until(text.next_check_at, now)}")
    elif text.finished_at and text.state is TextState.DONE:
        facts.append(f"took {span(text.finished_at - text.created_at)}")
    return " · ".join(facts)


def draw_story(found: Followed) -> None:
    """All that is known about one order."""
    order, voice = found.order, found.voice
    zone = st.context.timezone
    work = words.WORK[order.kind if isinstance(order, Job) else JobKind.SPEECH]
    st.button("All jobs", icon=":material/arrow_back:", on_click=st.query_params.clear)
    st.subheader(f"{work}: {words.plain(voice.name) if voice else ''}", anchor=False)
    rows = {"Ordered": words.local(order.created_at, zone), "By": order.person}
    if isinstance(order, Job):
        job_progress(context, order.id)
        rows |= {**sent_and_ended(order, zone), "Cost": cost_words(order), **answers(order)}
    else:
        follow(context, order.id, named=False)
        rows["Ended"] = words.local(order.finished_at, zone) if order.finished_at else "not yet"
        rows["Cost"] = cost_of_parts(order, overview.sum_of_parts(context, order))
    st.table(
        [{"What": name, "Known": words.plain(value)} for name, value in rows.items()],
    )


def sent_and_ended(job: Job, zone: str | None) -> dict[str, str]:
    """When it was sent, and over."""
    facts = {"Sent": words.local(job.submitted_at, zone) if job.submitted_at else "not yet"}
    over = words.local(job.finished_at, zone) if job.finished_at else ""
    if job.state is JobState.UNKNOWN:
        facts["Ended"] = f"Not known since {over}" if over else "Not known"
    else:
        facts["Ended"] = over or "not yet"
    return facts


def answers(job: Job) -> dict[str, str]:
    """What the service said of an order, and what went wrong with it."""
    facts = {"What happened": job.error} if job.error else {}
    if job.last_answer or not job.error:
        facts["Last answer"] = job.last_answer or "none yet"
    facts["The service's number for this run"] = str(job.ticket.get("run_id", "")) or "none"
    facts["Number for the service's support"] = job.request_id or "none"
    return facts


def is_in_progress(order: Job | LongText) -> bool:
    """Whether it goes on by itself."""
    if isinstance(order, LongText):
        return order.state is TextState.WAITING
    return order.is_open and not words.needs_a_word(order, context.now(order.service))


def open_now(orders: list[Job | LongText]) -> bool:
    return any(map(is_in_progress, orders))


def draw_list(orders: list[Job | LongText]) -> None:
    """The newest orders."""
    wanted = FILTERS.get(st.session_state.get("jobs_filter") or "All", FILTERS["All"])
    shown = [order for order in orders if JobState(order.state) in wanted]
    if not orders:
        st.info("Nothing was ordered yet. Clone a voice, and follow it here.")
    elif not shown:
        st.write("No order is in this state.")
    for line in overview.lines(context, shown[:SHOWN]):
        if isinstance(line.order, Job):
            draw_row(line.order, line.voice)
        else:
            draw_text_row(line.order, line.voice, line.parts)
    if len(shown) > SHOWN:
        st.caption(f"The newest {SHOWN} of {len(shown):,} are shown.")


st.title("Jobs", anchor=False)

with plain_failures():
    if reading_the_vault(context):
        st.stop()
    if chosen := overview.find(context, st.query_params.get("job", "")):
        draw_story(chosen)
    else:
        st.segmented_control(
            "Show",
            list(FILTERS),
            key="jobs_filter",
            default="All",
            required=True,
            label_visibility="collapsed",
        )
        watch(lambda: overview.latest(context), draw_list, is_in_progress=open_now, key="jobs_list")
