"""All that was done with a voice: often repeated things summed up, the newest lines, more on
demand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from lib import units
from lib.models import Job, JobKind
from lib.studio.core.records import DeedSum, Line
from lib.studio.library.listing import Entry
from lib.ui import words
from lib.ui.shared import consenting, lengths

SHOWN = "voice_history_shown"
FIRST, STEP = 20, 50
"""Lines at first; more with each press of "Show more"."""


@dataclass(frozen=True)
class Deeds:
    """What people did with a voice: the newest lines, and how often all there is was done."""

    newest: Sequence[Line]
    sums: Sequence[DeedSum]


def length(voice_id: str) -> int:
    """How many lines are shown."""
    return lengths.shown(SHOWN, voice_id, FIRST)


def draw(item: Entry, deeds: Deeds) -> None:
    """Who agreed, what was ordered, what people did, newest first."""
    if consent := item.voice.consent:
        told = words.CONSENT[item.consent_state]
        st.markdown(f"{told.badge} {words.plain(consenting.facts(consent))}")
    total = len(item.dossier.jobs) + sum(each.count for each in deeds.sums)
    shown = length(item.voice.id)
    if total > FIRST:
        st.caption(words.plain(" · ".join(_sums(item, deeds.sums))))
    for _, line in _newest(item, deeds.newest)[:shown]:
        st.markdown(line)
    lengths.more(SHOWN, item.voice.id, shown, STEP, total, noun="lines")


def _newest(item: Entry, lines: Sequence[Line]) -> list[tuple[datetime, str]]:
    """Orders and deeds in one list."""
    zone = st.context.timezone
    found = [(job.created_at, _order(item, job)) for job in item.dossier.jobs]
    for line in lines:
        who, when = words.plain(line.person), words.local(line.at, zone)
        found.append((line.at, f"{who} {words.plain(line.what)} :gray[{when}]"))
    return sorted(found, key=lambda pair: pair[0], reverse=True)


def _sums(item: Entry, deeds: Sequence[DeedSum]) -> Iterator[str]:
    """What was done how often: orders, then deeds."""
    for kind in JobKind:
        jobs = [job for job in item.dossier.jobs if job.kind is kind]
        if jobs:
            times = sum(job.stands_for for job in jobs)
            yield _often(words.WORK[kind], times, max(job.created_at for job in jobs))
    for each in deeds:
        yield _often(words.DEED[each.kind], each.count, each.last_at)


def _often(what: str, times: int, last_at: datetime) -> str:
    when = words.local(last_at, st.context.timezone)
    return f"{what}: {units.count(times, 'time')}, last on {when}" if times > 1 else what


def _order(item: Entry, job: Job) -> str:
    times = f", {job.stands_for:,} times" if job.is_sum else ""
    when = words.local(job.created_at, st.context.timezone)
    price = words.price(job.cost, demo=item.is_demo)
    cost = f"{words.plain(price)} · " if job.cost.micros else ""
    return f"{words.WORK[job.kind]}{times} {words.stage(job, item.now).badge} :gray[{cost}{when}]"
