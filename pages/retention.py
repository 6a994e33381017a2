"""Retention: every voice by soonest loss, why it is believed safe, and what can be done."""

from lib.ui.front import enter, plain_failures

workshop = enter()

from collections import Counter

import streamlit as st

from lib import keeper
from lib.models import Health
from lib.retention import StepKind
from lib.services import retention_of
from lib.studio import library
from lib.studio.library import Entry
from lib.ui import voices, words
from lib.ui.live import live, reading_the_vault

CARDS = 10


def draw_counts(entries: list[Entry]) -> None:
    """How many voices stand where, worst first."""
    counts = Counter(item.standing.health for item in entries)
    badges = [
        f":{words.HEALTH[health].colour}-badge[{words.HEALTH[health].icon} "
        f"{counts[health]:,} {words.HEALTH[health].word.lower()}]"
        for health in Health
        if counts[health]
    ]
    st.markdown(" ".join(badges))


def draw_table(entries: list[Entry]) -> None:
    """All voices; a row that is chosen opens its story."""
    zone = st.context.timezone
    rows = [
        {
            "Voice": item.voice.name,
            "Health": words.HEALTH[item.standing.health].signed,
            "Deadline": words.local(item.standing.deadline, zone) if item.standing.deadline else "",
            "Left": words.until(item.standing.deadline, item.now) if item.standing.deadline else "",
            "What happens next": voices.next_words(item),
            "Why": item.standing.why,
            "Service": ("Demo " if item.is_demo else "") + words.KIND[item.voice.kind],
            "Owner": item.voice.owner,
        }
        for item in entries
    ]
    chosen = st.dataframe(
        rows,
        key="retention_table",
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        alt="All voices, the one that is lost soonest first",
        column_config={
            "Voice": st.column_config.TextColumn(width="medium", pinned=True),
            "What happens next": st.column_config.TextColumn(width="medium"),
            "Why": st.column_config.TextColumn(width="large"),
        },
    )
    picked = chosen.selection.rows
    if picked and picked[0] < len(entries):
        st.query_params["voice"] = entries[picked[0]].voice.id
        st.rerun()


def draw_story(item: Entry) -> None:
    """One voice: how it stands, what is believed and why, what is in storage."""
    voice = item.voice
    st.button("All voices", icon=":material/arrow_back:", on_click=st.query_params.clear)
    voices.card(workshop, item, place="story")
    if voice.description:
        st.write(words.plain(voice.description))
    st.subheader("Why this is believed", anchor=False)
    st.write(item.standing.why)
    voices.evidence(workshop, item.dossier)
    rule = retention_of(voice.service, voice.kind)
    st.subheader("The service's rule", anchor=False)
    hours = f" It has {rule.hours} hours." if rule.hours else ""
    st.write(f"{rule.expires}{hours} What stops it: {rule.stops}")
    st.caption(f"Source: {rule.source}. Read on {rule.checked_on:%d %b %Y}.")
    st.subheader("Its story", anchor=False)
    zone = st.context.timezone
    if voice.consent:
        st.caption(
            f"{words.plain(voice.consent.speaker)} speaks. "
            f"{words.plain(voice.consent.attested_by)} said on "
            f"{words.local(voice.consent.attested_at, zone)} that this person agrees."
        )
    for job in item.dossier.jobs:
        label = words.stage(job, item.now)
        st.markdown(
            f"{words.WORK[job.kind]} {label.badge} :gray[{words.local(job.created_at, zone)}]"
        )


def moving(entries: list[Entry]) -> bool:
    """Whether something is under way that changes what is shown."""
    return any(
        item.standing.health is Health.BEING_MADE
        or any(job.is_open for job in item.dossier.activations)
        or (item.step.kind in (StepKind.MIRROR, StepKind.VERIFY) and _due(item))
        for item in entries
    )


def _due(item: Entry) -> bool:
    return item.step.at is not None and item.step.at <= item.now


def draw_overview() -> bool:
    """Counts, the voices that somebody should look at, the table."""
    entries = library.entries(workshop)
    if not entries:
        st.info("No voice yet. Clone one, and this page shows how it is kept.")
        return False
    draw_counts(entries)
    worrying = [item for item in entries if item.needs_somebody]
    under_way = [item for item in entries if item not in worrying and moving([item])]
    for item in (*under_way, *worrying)[:CARDS]:
        voices.card(workshop, item, place="card")
    draw_table(entries)
    others = [item for item in entries if item not in worrying and item not in under_way]
    for item in others[:CARDS]:
        voices.card(workshop, item, place="card")
    if len(others) > CARDS:
        st.caption("Choose a row of the table for the buttons of any other voice.")
    return moving(entries)


def draw_one() -> bool:
    dossier = workshop.registry.voices.dossier(st.query_params.get("voice", ""))
    if dossier is None:
        return False
    item = library.entry(workshop, dossier)
    draw_story(item)
    return moving([item])


st.title("Retention", anchor=False)

with plain_failures():
    if reading_the_vault(workshop):
        st.stop()
    voices.last_pass(workshop, workshop.registry.notes.all().get(keeper.HEARTBEAT))
    one = workshop.registry.voices.dossier(st.query_params.get("voice", ""))
    if one and one.voice.service in workshop.settings.visible:
        live(draw_one, moving=moving([library.entry(workshop, one)]), key="retention_one")
    else:
        live(draw_overview, moving=moving(library.entries(workshop)), key="retention_all")
