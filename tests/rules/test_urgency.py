"""What comes first wherever voices are shown, told of or worked on: by table."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lib.models import Dossier, Evidence, EvidenceKind, Source, Voice, VoiceKind
from lib.retention import Terms, Urgency, judge, rank_of
from lib.services import NANOGPT, retention_of
from tests.parts.clock import START

WINDOW = timedelta(hours=168)
HOUR = timedelta(hours=1)
NOW = START + timedelta(days=60)
TERMS = Terms(retention_of(NANOGPT, VoiceKind.MINIMAX), "vault", True)


def a_voice(left: timedelta | None) -> Dossier:
    """A voice that was cloned, and of which nothing else is known, with so much time left."""
    start = None if left is None else NOW + left - WINDOW
    return Dossier(
        Voice(
            id="ann",
            name="Ann",
            kind=VoiceKind.MINIMAX,
            source=Source.CLONED,
            service=NANOGPT,
            account="one",
            created_at=START,
            clock_start=start,
        )
    )


def seen(dossier: Dossier, kind: EvidenceKind, *hours_ago: float) -> Dossier:
    found = [Evidence(f"seen-{n}", "ann", kind, NOW - n * HOUR, key="a/b") for n in hours_ago]
    return replace(dossier, evidence=tuple(found))


def unheard(left: timedelta | None) -> Dossier:
    """An adopted voice, with a test call that nobody has listened to."""
    cloned = a_voice(left)
    adopted = replace(cloned, voice=replace(cloned.voice, source=Source.ADOPTED))
    return seen(adopted, EvidenceKind.ACTIVATION, 1)


AT_RISK = a_voice(6 * HOUR)
IN_ORDER = (
    (Urgency.AT_RISK, a_voice(timedelta(minutes=5))),
    (Urgency.AT_RISK, AT_RISK),
    (Urgency.AT_RISK, unheard(7 * HOUR)),
    (Urgency.UNHEARD, unheard(-HOUR)),
    (Urgency.UNHEARD, unheard(30 * HOUR)),
    (Urgency.UNHEARD, unheard(None)),
    (Urgency.DUE_SOON, a_voice(25 * HOUR)),
    (Urgency.DUE_SOON, a_voice(47 * HOUR)),
    (Urgency.OPEN, a_voice(100 * HOUR)),
    (Urgency.OPEN, a_voice(None)),
    (Urgency.PROBABLY_LOST, a_voice(-HOUR)),
    (Urgency.PROBABLY_LOST, a_voice(-500 * HOUR)),
    (Urgency.LOST, seen(a_voice(-9 * HOUR), EvidenceKind.NOT_FOUND, 5, 1)),
    (Urgency.SETTLED, replace(AT_RISK, voice=replace(AT_RISK.voice, archived_at=START))),
    (Urgency.SETTLED, seen(a_voice(None), EvidenceKind.ACTIVATION, 2)),
)


@pytest.mark.parametrize(("urgency", "dossier"), IN_ORDER)
def test_each_voice_has_its_urgency(urgency: Urgency, dossier: Dossier) -> None:
    assert rank_of(dossier, TERMS, judge(dossier, TERMS, NOW), NOW)[0] is urgency


def test_what_can_still_be_saved_comes_before_what_is_probably_lost() -> None:
    ranks = [rank_of(one, TERMS, judge(one, TERMS, NOW), NOW) for _, one in IN_ORDER]
    assert ranks == sorted(ranks)


def test_a_story_that_cannot_be_read_has_its_place_between_those_that_can_be_saved() -> None:
    assert Urgency.DUE_SOON < Urgency.UNREADABLE < Urgency.PROBABLY_LOST
