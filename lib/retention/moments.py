"""When a judgement changes by itself, so that it need not be made anew before. Pure.

Each limit here is one that the rules of `health.py`, `files.py` and `steps.py` compare the time
with; one too many costs a judgement, one that is missing would keep a judgement that is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from lib.models import Dossier, EvidenceKind, JobState
from lib.retention.files import PREVIEW_FOR, held
from lib.retention.health import deadline_of
from lib.retention.terms import (
    AT_RISK_BELOW,
    DUE_SOON_BELOW,
    REREAD_AFTER,
    SILENT_AFTER,
    STORED_WITHIN,
    Step,
    Terms,
    while_it_lives,
)

_LEAST = timedelta.resolution


def reads_alike_until(
    dossier: Dossier, terms: Terms, steps: tuple[Step, Step], now: datetime
) -> datetime | None:
    """The first moment from which this voice, judged `now`, may be judged otherwise although
    nothing happened; None: never. `steps` are the next ones, judged now as well.
    """
    ahead = []
    for limit in _limits(dossier, terms, steps):
        if limit > now:
            ahead.append(limit)
        elif limit == now:  # some rules count the very moment to what was before, some do not
            ahead.append(limit + _LEAST)
    return min(ahead, default=None)


def _limits(dossier: Dossier, terms: Terms, steps: tuple[Step, Step]) -> Iterator[datetime]:
    """All moments that the rules compare the time with."""
    yield from (step.at for step in steps if step.at)
    deadline = deadline_of(dossier, terms.rule)
    if deadline:
        yield from (deadline, deadline - AT_RISK_BELOW, deadline - DUE_SOON_BELOW)
    for use in dossier.valid_evidence(EvidenceKind.ACTIVATION):
        if not use.key:
            waits = while_it_lives(STORED_WITHIN, use.at, deadline)
            yield (use.read_back_at or use.at) + waits
    if making := dossier.making:
        if making.state is JobState.WAITING and making.submitted_at:
            yield making.submitted_at + SILENT_AFTER
        yield (making.finished_at or making.created_at) + PREVIEW_FOR
    for item in held(dossier, terms.vault)[:1]:
        yield (item.read_back_at or item.at) + REREAD_AFTER
