"""What is told of an order in a few words: what it is, what it costs, when what happened."""

from __future__ import annotations

from datetime import datetime

from lib import units
from lib.models import Job, JobKind, JobState, LongText, TextState
from lib.services import DEMO
from lib.studio.core.context import Context
from lib.studio.core.records import PartsSum
from lib.ui import words
from lib.ui.words import Label
from lib.units import span

NOBODY = "an unknown person"


def kind_of(order: Job | LongText) -> JobKind:
    """What it is for: a long text is spoken."""
    return order.kind if isinstance(order, Job) else JobKind.SPEECH


def stage_of(order: Job | LongText, now: datetime) -> Label:
    """Where it stands."""
    if isinstance(order, Job):
        return words.stage(order, now)
    return words.STATE[JobState(order.state)]


def cost_words(order: Job | LongText, parts: PartsSum) -> str:
    """What it costs as far as is known; a long text, all orders of its parts together."""
    demo = order.service == DEMO
    if isinstance(order, LongText):
        split = f"in {units.count(order.parts, 'part')}"
        if order.state is TextState.FAILED and not parts.cost.micros:
            return f"{split}, nothing spent"
        known = "" if parts.is_final else " as far as known"
        return f"{split}, {words.price(parts.cost, demo=demo)}{known}"
    if order.charged is not None and order.refunded is not None:
        back = words.price(order.refunded, demo=demo)
        return f"{words.price(order.charged, demo=demo)}, refunded {back}"
    if order.state is JobState.FAILED and not order.cost.micros:
        return "nothing spent"
    if order.charged is None:
        return f"about {words.price(order.estimate, demo=demo)}"
    return words.price(order.charged, demo=demo)


def progress_words(text: LongText, parts: PartsSum) -> str:
    """How far a long text is at this moment; what keeps it from being joined, if that is so."""
    if parts.spoken < text.parts:
        return f"{parts.spoken} of {text.parts} parts are ready"
    if text.attempts and text.last_answer:
        return text.last_answer.rstrip(".")
    return f"All {text.parts} parts are ready"


def origin_words(context: Context, order: Job | LongText) -> str:
    """Who ordered it, and how long ago."""
    ago = words.until(order.created_at, context.now(order.service))
    return f"Ordered {ago} by {order.person or NOBODY}"


def next_look(context: Context, order: Job | LongText) -> str:
    """When it is looked at next, as far as that is known; "" where it is not."""
    now = context.now(order.service)
    # The end of a part makes a long text due: its next look matters once something failed.
    is_looked_after = isinstance(order, Job) or order.attempts
    if not is_looked_after or not _is_in_progress(order, now):
        return ""
    next_at = order.next_check_at
    return words.until(next_at, now) if next_at and next_at > now else ""


def took(order: Job | LongText) -> str:
    """How long it took, from its sending on; "" where it is not done."""
    if order.finished_at is None or JobState(order.state) is not JobState.DONE:
        return ""
    sent_at = order.submitted_at if isinstance(order, Job) else None
    return span(order.finished_at - (sent_at or order.created_at))


def _is_in_progress(order: Job | LongText, now: datetime) -> bool:
    if isinstance(order, LongText):
        return order.state is TextState.WAITING
    return order.is_in_progress(now)
