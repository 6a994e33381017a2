"""Jobs: everything that was ordered, from confirmed to done, renewed on screen by itself."""

from lib.ui.access.front import enter, plain_failures

context = enter()

import streamlit as st

from lib.models import Job, JobKind, JobState
from lib.services import DEMO
from lib.studio.core.records import PartsSum
from lib.studio.jobs import overview
from lib.studio.jobs.overview import Followed, Line
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


def draw_row(line: Line) -> None:
    """One order: what, for whom, where it stands, since when, what it costs."""
    job, voice, parts = line.job, line.voice, line.parts
    now = context.now(job.service)
    label = words.stage(job, now)
    name = words.plain(voice.name) if voice else "A voice that is gone"
    demo = " :violet-badge[:material/science: Demo]" if job.service == DEMO else ""
    with st.container(border=True, key=f"row_{job.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{words.WORK[job.kind]}** · {name} {label.badge}{demo}", width="stretch")
            st.markdown(f":gray[{cost_words(job, parts)}]".replace("$", r"\$"))
            asked = job.state is JobState.WAITING and not job.is_whole
            if asked and st.button(
                "Check now", key=f"job_check_{job.id}", icon=":material/refresh:"
            ):
                overview.check_now(context, job)
            if st.button("Details", key=f"job_open_{job.id}", type="tertiary"):
                st.query_params["job"] = job.id
                st.rerun()
        st.caption(time_words(job, parts))
        if job.kind is JobKind.SPEECH and job.request.get("text"):
            st.caption(f"“{words.plain(str(job.request['text'])[:120])}”")
        if job.state in (JobState.UNKNOWN, JobState.FAILED) or words.needs_a_word(job, now):
            trouble(context, job, voice)


def cost_words(job: Job, parts: PartsSum) -> str:
    """What it costs as far as is known."""
    demo = job.service == DEMO
    if job.is_whole:
        split = f"in {words.count(number_of_parts(job, parts), 'part')}"
        if job.state is JobState.FAILED and not parts.cost.micros:
            return f"{split}, nothing spent"
        known = "" if parts.is_final else " as far as known"
        return f"{split}, {words.price(parts.cost, demo=demo)}{known}"
    if job.charged is not None and job.refunded is not None:
        return f"{job.charged}, refunded {job.refunded}"
    if job.state is JobState.FAILED and not job.cost.micros:
        return "nothing spent"
    if job.charged is None:
        return f"about {words.price(job.estimate, demo=demo)}"
    return words.price(job.charged, demo=demo)


def number_of_parts(whole: Job, parts: PartsSum) -> int:
    """As many as were ordered, though the orders of some may not be here any more."""
    ordered = whole.request.get("parts")
    return ordered if isinstance(ordered, int) else parts.parts


def progress_words(whole: Job, parts: PartsSum) -> str:
    """How far a long text is at this moment; what keeps it from being joined, if that is so."""
    count = number_of_parts(whole, parts)
    if parts.spoken < count:
        return f"{parts.spoken} of {count} parts are spoken"
    if whole.attempts and whole.last_answer:
        return words.plain(whole.last_answer.rstrip("."))
    return f"all {count} parts are spoken"


def time_words(job: Job, parts: PartsSum) -> str:
    """Age, last answer, next look; of a long text, how far it is."""
    now = context.now(job.service)
    facts = [f"ordered {words.until(job.created_at, now)} by {words.plain(job.person)}"]
    if job.is_sum:
        return f"first {facts[0]}, {words.count(job.stands_for, 'use')} summed up"
    if job.is_open and not words.needs_a_word(job, now):
        if job.is_whole:
            facts.append(progress_words(job, parts))
        elif job.last_answer:
            facts.append(words.plain(job.last_answer.rstrip(".")))
        is_held_up = job.attempts > 0 or not job.is_whole  # the end of a part wakes its whole
        if is_held_up and job.next_check_at and job.next_check_at > now:
            facts.append(f"next look {words.until(job.next_check_at, now)}")
    elif job.finished_at and job.state is JobState.DONE:
        asked = job.submitted_at or job.created_at
        facts.append(f"took {words.span(job.finished_at - asked)}")
    return " · ".join(facts)


def draw_story(found: Followed) -> None:
    """All that is known about one order."""
    job, voice = found.job, found.voice
    parts = overview.lines(context, [job])[0].parts if job.is_whole else PartsSum()
    zone = st.context.timezone
    st.button("All jobs", icon=":material/arrow_back:", on_click=st.query_params.clear)
    st.subheader(
        f"{words.WORK[job.kind]}: {words.plain(voice.name) if voice else ''}", anchor=False
    )
    if job.is_whole:
        follow(context, job.id, named=False)
    else:
        job_progress(context, job.id)
    rows = {
        "Ordered": words.local(job.created_at, zone),
        "By": job.person,
        **sent_and_ended(job, zone),
        "Cost": cost_words(job, parts),
        **(answers(job) if not job.is_whole else {}),
    }
    st.table(
        [{"What": name, "Known": words.plain(value)} for name, value in rows.items()],
    )


def sent_and_ended(job: Job, zone: str | None) -> dict[str, str]:
    """When it was sent, and over; a long text as a whole is never sent."""
    facts = {}
    if not job.is_whole:
        facts["Sent"] = words.local(job.submitted_at, zone) if job.submitted_at else "not yet"
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


def open_now(jobs: list[Job]) -> bool:
    return any(
        job.is_open and not words.needs_a_word(job, context.now(job.service)) for job in jobs
    )


def draw_list(jobs: list[Job]) -> None:
    """The newest orders."""
    wanted = FILTERS.get(st.session_state.get("jobs_filter") or "All", FILTERS["All"])
    shown = [job for job in jobs if job.state in wanted]
    if not jobs:
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
        watch(lambda: overview.latest(context), draw_list, is_in_progress=open_now, key="jobs_list")
