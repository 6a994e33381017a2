"""What comes first wherever voices are shown, told of or worked on. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import IntEnum, auto

from lib.models import Dossier, Health
from lib.retention.health import unheard_use
from lib.retention.terms import Standing, Terms

_FAR = timedelta.max


class Urgency(IntEnum):
    """What can still be saved, soonest loss first; then what is probably gone; then all else."""

    AT_RISK = auto()
    UNHEARD = auto()
    """Its test call waits for somebody's ear, which may save it even after its time."""
    DUE_SOON = auto()
    UNREADABLE = auto()
    """Its story in the vault cannot be read: nobody knows how long it has, or whether it is safe.
    Such a voice has no dossier, so that `urgency_of` never says this.
    """
    OPEN = auto()
    """Not kept yet, or its end is not known; no danger is seen."""
    PROBABLY_LOST = auto()
    LOST = auto()
    SETTLED = auto()
    """Kept, without an end, or archived."""


Rank = tuple[Urgency, timedelta]
"""The smaller, the earlier: its urgency, and how far its deadline is."""

_OF_HEALTH = {
    Health.AT_RISK: Urgency.AT_RISK,
    Health.DUE_SOON: Urgency.DUE_SOON,
    Health.PROBABLY_LOST: Urgency.PROBABLY_LOST,
    Health.LOST: Urgency.LOST,
    Health.SAFE: Urgency.SETTLED,
    Health.PERSISTENT: Urgency.SETTLED,
}


def urgency_of(dossier: Dossier, terms: Terms, standing: Standing, now: datetime) -> Urgency:
    """How urgent one voice is at this moment."""
    if dossier.voice.archived_at:
        return Urgency.SETTLED
    by_health = _OF_HEALTH.get(standing.health, Urgency.OPEN)
    # Not for a lost voice: no ear brings back what the service has denied twice.
    waits_for_an_ear = standing.health is not Health.LOST and unheard_use(dossier, terms, now)
    return min(by_health, Urgency.UNHEARD) if waits_for_an_ear else by_health


def rank_of(dossier: Dossier, terms: Terms, standing: Standing, now: datetime) -> Rank:
    """Where a voice stands among others. Of those whose time is over, the latest comes first: it
    is the likeliest to be there still.
    """
    return urgency_of(dossier, terms, standing, now), distance(standing, now)


def distance(standing: Standing, now: datetime) -> timedelta:
    """How far the deadline is, ahead or behind; without one it is as far as can be."""
    return abs(standing.deadline - now) if standing.deadline else _FAR
