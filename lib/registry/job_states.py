"""Which state of a job may follow which. Pure: the moves themselves are made in `job_moves.py`.

Nothing but these moves is legal (`TRANSITIONS`):

confirmed  → submitting | failed
submitting → confirmed | waiting | unknown | done | failed
waiting    → unknown | done | failed
unknown    → waiting | done | failed
failed     → done
"""

from __future__ import annotations

from collections.abc import Sequence

from lib.models import JobState

_S = JobState
TRANSITIONS: dict[JobState, tuple[JobState, ...]] = {
    # Withdrawn, or refused while it was prepared: nothing was sent.
    _S.CONFIRMED: (_S.SUBMITTING, _S.FAILED),
    # Back again where the answer proves that nothing ran.
    _S.SUBMITTING: (_S.CONFIRMED, _S.WAITING, _S.UNKNOWN, _S.DONE, _S.FAILED),
    # Let go, so that a next use of its voice may be sent: its ticket is still asked after.
    _S.WAITING: (_S.UNKNOWN, _S.DONE, _S.FAILED),
    _S.UNKNOWN: (_S.WAITING, _S.DONE, _S.FAILED),
    _S.DONE: (),
    # A sound or a voice that came after all: what is in our hands wins.
    _S.FAILED: (_S.DONE,),
}
"""Which state may follow which. A job that stays in its state makes no move."""

SENT = (JobState.SUBMITTING, JobState.WAITING, JobState.UNKNOWN)
"""States in which an answer of the service may still arrive; a late one always wins."""
ENDING = (JobState.CONFIRMED, *SENT)
"""States from which a job may end badly."""
LOOKED_AT = (JobState.UNKNOWN, JobState.DONE, JobState.FAILED)
"""A job that does not move by itself may be looked at again, at its `next_check_at`."""


class IllegalTransition(Exception):
    """The program wanted to move a job where no job may go: a defect of ours."""


def check_move(states: Sequence[JobState], new: JobState) -> None:
    """Raises `IllegalTransition` if one of these states may not be followed by that one."""
    for old in states:
        if new not in TRANSITIONS[old]:
            raise IllegalTransition(f"A job that is {old} cannot become {new}.")
