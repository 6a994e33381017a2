"""What judgements about voices stand on, how they are told, and the lengths of time they use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lib.backoff import Backoff
from lib.models import ErrorKind, Evidence, Health, Voice
from lib.retention.reasons import Why
from lib.services import Retention, retention_of

AT_RISK_BELOW = timedelta(hours=24)
DUE_SOON_BELOW = timedelta(hours=48)
MARGIN = timedelta(hours=1)
"""The next step is never planned for later than the deadline less this, unless a try ended there.

Then the next follows after a quarter of what is left.
"""
BETWEEN_TRIES = Backoff((timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6)), jitter=0.1)
"""Between tries to use a voice or to copy its file."""
SILENT_AFTER = timedelta(hours=24)
"""A clone that is still being made after this long may be there, or may never come."""
REREAD_AFTER = timedelta(days=30)
"""Copies are read back at least this often."""
STORED_WITHIN = timedelta(hours=24)
"""The sound of a test call that waits longer than this for the vault is not waited for."""
LOST_APART = timedelta(hours=1)
"""Two "not found" answers this far apart make a loss."""
TIME_RUNS = (Health.AT_RISK, Health.DUE_SOON, Health.WAITING)
"""States of a voice that is not kept and has a deadline, worst first."""


class StepKind(StrEnum):
    """What the keeper does next for a voice.

    `REFRESH`: a voice that was kept is used once more. `MIRROR` fetches a file from the service,
    `MOVE` from a vault of before, `VERIFY` reads copies again. `WAIT`: it is ordered, and held up
    until something outside is mended. `ASK` waits for a person, `NOTHING` for nobody.
    """

    ACTIVATE = "activate"
    REFRESH = "refresh"
    MIRROR = "mirror"
    MOVE = "move"
    VERIFY = "verify"
    WAIT = "wait"
    ASK = "ask"
    NOTHING = "nothing"


class Reach(StrEnum):
    """Whether the key in use is one of the account that made a voice.

    `ASKED`: the key is new, and nobody has said yet whose it is. `OTHER`: of another account.
    """

    OURS = "ours"
    ASKED = "asked"
    OTHER = "other"


@dataclass(frozen=True)
class Terms:
    """What a judgement stands on: the service's rule, the current vault, whether it counts, and
    whether the key in use may speak with the voice.
    """

    rule: Retention
    vault: str
    vault_counts: bool
    reach: Reach = Reach.OURS


@dataclass(frozen=True)
class Standing:
    """How a voice stands: one word, one deadline (None: none or not known), and the reason."""

    health: Health
    deadline: datetime | None
    why: Why
    evidence: Evidence | None = None


@dataclass(frozen=True)
class Step:
    """What happens next by itself, when (None: not by itself), and why.

    `blocked_by`: the kind of what has to be mended outside; it is tried again until that is so.
    """

    kind: StepKind
    at: datetime | None = None
    why: Why | None = None
    blocked_by: ErrorKind | None = None

    @property
    def blocked(self) -> bool:
        """Whether something outside has to be mended before it can succeed."""
        return self.blocked_by is not None


def rule_of(voice: Voice) -> Retention:
    """The retention rule that this voice lives by."""
    return retention_of(voice.service, voice.kind, voice.source)


def while_it_lives(pause: timedelta, start: datetime, deadline: datetime | None) -> timedelta:
    """A pause that begins at `start`: while there is time left, a quarter of that at most."""
    if deadline is None or deadline <= start:
        return pause
    return min(pause, quarter_left(start, deadline))


def quarter_left(start: datetime, deadline: datetime) -> timedelta:
    """A quarter of the time that is left, a minute at least."""
    return max((deadline - start) / 4, timedelta(minutes=1))
