"""Jobs: everything that was ordered, from confirmed to done, renewed on screen by itself."""

from lib.ui.access.front import enter, may, person, plain_failures

context = enter()

from datetime import datetime

import streamlit as st

from lib.clock import span
from lib.models import Job, JobKind, JobState, LongText, TextState
from lib.services import DEMO
from lib.studio.core.records import PartsSum
from lib.studio.jobs import overview
from lib.studio.jobs.overview import Followed, Line
from lib.studio.orders.confirming import TO_ORDER
from lib.ui import words
from lib.ui.shared.live import job_progress, reading_the_vault, trouble, watch
from lib.ui.shared.progress import follow

SHOWN = 50
STOPPED = (JobState.UNKNOWN, JobState.FAILED)
FILTERS = {
    "All": tuple(JobState),
    "Under way": (JobState.CONFIRMED, JobState.SUBMITTING, JobState.WAITING),
    "Not known": (JobState.UNKNOWN,),
    "Done": (JobState.DONE,),
    "Failed": (JobState.FAILED,),
}


def kind_of(order: Job | LongText) -> JobKind:
    return order.kind if isinstance(order, Job) else JobKind.SPEECH


def draw_row(line: Line) -> None:
    """One order: what, for whom, where it stands, since when, what it costs."""
    order = line.order
    with st.container(border=True, key=f"row_{order.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            draw_head(line)
            if (
                order.state is JobState.WAITING
                and may(context, TO_ORDER[order.kind])
                and st.button("Check now", key=f"job_check_{order.id}", icon=":material/refresh:")
            ):
                overview.check_now(context, order, person(context))
            if st.button("Details", key=f"job_open_{order.id}", type="tertiary"):
                st.query_params["job"] = order.id
                st.rerun()
        st.caption(time_words(order, line.parts))
        # The sentence of a use is one of a few of ours, and says nothing about the order.
        if order.text and kind_of(order) is JobKind.SPEECH:
            st.caption(f"“{words.plain(order.text[:120])}”")
        if isinstance(order, Job):
            if order.state in STOPPED or order.is_expired(context.now(order.service)):
                trouble(context, order, line.voice)
        elif order.state is TextState.FAILED:
            st.error(words.plain(order.error), icon=":material/error:")
            st.caption("Each of its parts is an order of its own, and says what it cost.")


def draw_head(line: Line) -> None:
    order = line.order
    if isinstance(order, Job):
        label = words.stage(order, context.now(order.service))
    else:
        label = words.STATE[JobState(order.state)]
    name = words.plain(words.subject(kind_of(order), line.voice))
    demo = words.demo_badge(demo=order.service == DEMO)
    work = words.WORK[kind_of(order)]
    st.markdown(f"**{work}** · {name} {label.badge}{demo}", width="stretch")
    cost = cost_words(order, line.parts)
    st.markdown(f":gray[{cost}]".replace("$", r"\$"))


def cost_words(order: Job | LongText, parts: PartsSum) -> str:
    """What it costs as far as is known; a long text, all orders of its parts together."""
    demo = order.service == DEMO
    if isinstance(order, LongText):
        split = f"in {words.count(order.parts, 'part')}"
        if order.state is TextState.FAILED and not parts.cost.micros:
            return f"{split}, nothing spent"
        known = "" if parts.is_final else " as far as known"
        return f"{split}, {words.price(parts.cost, demo=demo)}{known}"
    if order.charged is not None and order.refunded is not None:
        return f"{order.charged}, refunded {order.refunded}"
    if order.state is JobState.FAILED and not order.cost.micros:
        return "nothing spent"
    if order.charged is None:
        return f"about {words.price(order.estimate, demo=demo)}"
    return words.price(order.charged, demo=demo)


def progress_words(text: LongText, parts: PartsSum) -> str:
    """How far a long text is at this moment; what keeps it from being joined, if that is so."""
    if parts.spoken < text.parts:
        return f"{parts.spoken} of {text.parts} parts are spoken"
    if text.attempts and text.last_answer:
        return words.plain(text.last_answer.rstrip("."))
    return f"all {text.parts} parts are spoken"


def time_words(order: Job | LongText, parts: PartsSum) -> str:
    """Age, last answer, next look."""
    now = context.now(order.service)
    facts = [f"ordered {words.until(order.created_at, now)} by {words.plain(order.person)}"]
    if isinstance(order, Job) and order.is_sum:
        return f"first {facts[0]}, {words.count(order.stands_for, 'use')} summed up"
    if is_in_progress(order):
        if isinstance(order, LongText):
            facts.append(progress_words(order, parts))
        elif order.last_answer:
            facts.append(words.plain(order.last_answer.rstrip(".")))
        # The end of a part makes a long text due: its next look matters once something failed.
        is_looked_after = isinstance(order, Job) or order.attempts
        if is_looked_after and order.next_check_at and order.next_check_at > now:
            facts.append(f"next look {words.until(order.next_check_at, now)}")
    elif order.finished_at and JobState(order.state) is JobState.DONE:
        sent_at = order.submitted_at if isinstance(order, Job) else None
        facts.append(f"took {span(order.finished_at - (sent_at or order.created_at))}")
    return " · ".join(facts)


def draw_story(found: Followed) -> None:
    """All that is known about one order."""
    order, voice = found.order, found.voice
    st.button("All jobs", icon=":material/arrow_back:", on_click=st.query_params.clear)
    name = words.plain(words.subject(kind_of(order), voice))
    st.subheader(f"{words.WORK[kind_of(order)]}: {name}", anchor=False)
    rows = {"Ordered": moment(order.created_at), "By": order.person}
    if isinstance(order, Job):
        job_progress(context, order.id)
        rows |= {"Sent": moment(order.submitted_at), "Ended": ended(order)}
        rows |= {"Cost": cost_words(order, PartsSum()), **answers(order)}
    else:
        follow(context, order.id, named=False)
        parts = overview.sum_of_parts(context, order)
        rows |= {"Ended": moment(order.finished_at), "Cost": cost_words(order, parts)}
    st.table([{"What": name, "Known": words.plain(value)} for name, value in rows.items()])


def moment(at: datetime | None) -> str:
    return words.local(at, st.context.timezone) if at else "not yet"


def ended(job: Job) -> str:
    if job.state is not JobState.UNKNOWN:
        return moment(job.finished_at)
    return f"Not known since {moment(job.finished_at)}" if job.finished_at else "Not known"


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
    return order.is_in_progress(context.now(order.service))


def draw_list(orders: list[Job | LongText]) -> None:
    """The newest orders."""
    wanted = FILTERS.get(st.session_state.get("jobs_filter") or "All", FILTERS["All"])
    shown = [order for order in orders if JobState(order.state) in wanted]
    if not orders:
        st.info("Nothing was ordered yet. Clone a voice, and follow it here.")
    elif not shown:
        st.write("No order is in this state.")
    for line in overview.lines(context, shown[:SHOWN]):
        draw_row(line)
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
        watch(
            lambda: overview.latest(context),
            draw_list,
            is_in_progress=lambda orders: any(map(is_in_progress, orders)),
            key="jobs_list",
        )
