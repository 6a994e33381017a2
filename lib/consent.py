"""Consent: who speaks in a recording, what that person agreed to, and who says so. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum


class Relation(StrEnum):
    """What the one who speaks is to whoever says that they agree."""

    NOT_SAID = ""
    """Noted by a version that did not ask: somebody ticked a box, and no more is known."""
    SELF = "self"
    AGREED = "agreed"
    """Somebody else, who agreed."""
    ON_BEHALF = "on_behalf"
    """Somebody agreed for them: a parent, a guardian, an estate."""
    LICENSED = "licensed"
    """A contract or a licence allows it."""


class ConsentState(StrEnum):
    """How it stands with the consent to a voice at some moment."""

    NOT_NEEDED = "not_needed"
    RECORDED = "recorded"
    NOT_RECORDED = "not_recorded"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


STOPS_SPEECH = frozenset({ConsentState.ENDED, ConsentState.WITHDRAWN})
"""What keeps anything new from being spoken."""


@dataclass(frozen=True)
class Consent:
    """One record of consent, which any number of voices share.

    `use`: what the voice may be used for, "" for anything that the team makes. `until`: the first
    moment at which it does not hold any more; None for no end. A record never changes, but for
    being withdrawn: whoever agrees to something else has another one. One without an `id` is that
    of its voice alone.
    """

    speaker: str
    attested_by: str
    attested_at: datetime
    id: str = ""
    relation: Relation = Relation.NOT_SAID
    use: str = ""
    until: datetime | None = None
    withdrawn_at: datetime | None = None
    withdrawn_by: str = ""

    @property
    def last_day(self) -> date | None:
        """The last day on which it holds."""
        return (self.until - timedelta(microseconds=1)).date() if self.until else None


def state_of(consent: Consent | None, now: datetime) -> ConsentState:
    """How this consent stands at that moment."""
    if consent and consent.withdrawn_at:
        return ConsentState.WITHDRAWN
    if consent is None or consent.relation is Relation.NOT_SAID:
        return ConsentState.NOT_RECORDED
    if consent.until and consent.until <= now:
        return ConsentState.ENDED
    return ConsentState.RECORDED


def is_same_person(one: str, other: str) -> bool:
    """Whether two names are one person's: people of one name are told apart by their full names."""
    return one.casefold() == other.casefold()
