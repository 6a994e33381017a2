"""An adopted voice is believed when a person has heard it; and whose key may speak with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from lib import manifest
from lib.models import Dossier, Evidence, EvidenceKind, Health, Heard, JobState, KeepPolicy, Source
from lib.retention import (
    Reach,
    Reason,
    StepKind,
    Terms,
    Why,
    judge,
    next_step,
    proof_of,
    steps,
    unheard_use,
    use_is_news,
)
from lib.services.minimax import MINIMAX_RETENTION
from tests.parts.clock import START
from tests.registry.records import VAULT, a_job, a_voice, evidence_of

HOUR = timedelta(hours=1)
TERMS = Terms(MINIMAX_RETENTION, VAULT, vault_counts=True)
ADOPTED = replace(a_voice(), source=Source.ADOPTED, id_made_here=False, clock_start=None)
DEADLINE = START + 168 * HOUR


def used(at: datetime = START, **fields: Any) -> Evidence:
    return replace(
        evidence_of(ADOPTED, kind=EvidenceKind.ACTIVATION), id=f"use-{at:%d%H%M}", at=at, **fields
    )


def said(verdict: Heard, at: datetime = START + HOUR, **fields: Any) -> Evidence:
    return used(heard=verdict, heard_by="Ada", heard_at=at, **fields)


def test_a_use_of_an_adopted_voice_proves_nothing_before_somebody_listened() -> None:
    dossier = Dossier(ADOPTED, (), (used(),))
    standing = judge(dossier, TERMS, START + HOUR)
    assert standing.health is Health.UNKNOWN
    assert standing.why == Why(Reason.UNHEARD)
    assert proof_of(dossier, TERMS) is None
    assert unheard_use(dossier, TERMS, START + HOUR) == dossier.evidence[0]
    step = next_step(dossier, TERMS, START + HOUR)
    assert (step.kind, step.at) == (StepKind.ASK, None)
    assert step.why == Why(Reason.TO_HEAR)


def test_a_yes_makes_it_safe_and_later_uses_speak_for_themselves() -> None:
    dossier = Dossier(ADOPTED, (), (said(Heard.YES),))
    assert judge(dossier, TERMS, START + 2 * HOUR).health is Health.SAFE
    later = Dossier(ADOPTED, (), (said(Heard.YES), used(START + 300 * HOUR)))
    assert judge(later, TERMS, START + 301 * HOUR).evidence == later.evidence[1]


def test_a_no_leaves_it_unknown_and_nothing_is_spent_by_itself() -> None:
    no = said(Heard.NO, withdrawn_at=START + HOUR, withdrawn_why="Another voice.")
    running = replace(ADOPTED, clock_start=START, keep_policy=KeepPolicy.AT_ONCE)
    assert judge(Dossier(ADOPTED, (), (no,)), TERMS, START + 2 * HOUR).health is Health.UNKNOWN
    step = steps(Dossier(running, (), (no,)), TERMS, START + 2 * HOUR)[0]
    assert (step.kind, step.at) == (StepKind.ASK, None)
    assert step.why == Why(Reason.TO_COMPARE)
    again = Dossier(ADOPTED, (), (no, used(START + 3 * HOUR)))
    assert judge(again, TERMS, START + 4 * HOUR).health is Health.UNKNOWN
    assert unheard_use(again, TERMS, START + 4 * HOUR) == again.evidence[1]


def test_a_running_clock_goes_on_while_nobody_listens() -> None:
    heard_by_nobody = used(key="voices/a/activation/b.wav")
    dossier = Dossier(replace(ADOPTED, clock_start=START), (), (heard_by_nobody,))
    assert judge(dossier, TERMS, DEADLINE - HOUR).health is Health.AT_RISK
    assert judge(dossier, TERMS, DEADLINE + HOUR).health is Health.PROBABLY_LOST
    assert steps(dossier, TERMS, DEADLINE - HOUR)[0].kind is StepKind.ASK


@pytest.mark.parametrize("source", [Source.CLONED, Source.DESIGNED])
def test_a_voice_made_here_with_a_typed_id_needs_no_ear(source: Source) -> None:
    dossier = Dossier(replace(ADOPTED, source=source, clock_start=START), (), (used(),))
    assert judge(dossier, TERMS, START + HOUR).health is Health.SAFE


def test_one_unheard_use_is_enough() -> None:
    assert use_is_news(Dossier(ADOPTED), TERMS, START)
    heard_by_nobody = used(key="voices/a/activation/b.wav")
    assert not use_is_news(Dossier(ADOPTED, (), (heard_by_nobody,)), TERMS, START + HOUR)


@pytest.mark.parametrize(
    ("clock_start", "hours", "is_waited_for"),
    [(None, 23, True), (None, 25, False), (START - 160 * HOUR, 1, True),
     (START - 160 * HOUR, 3, False)],
)  # fmt: skip
def test_a_use_whose_sound_is_gone_makes_room_for_another(
    clock_start: datetime | None, hours: int, *, is_waited_for: bool
) -> None:
    voice = replace(ADOPTED, clock_start=clock_start, keep_policy=KeepPolicy.AT_ONCE)
    dossier, now = Dossier(voice, (), (used(START),)), START + hours * HOUR
    assert use_is_news(dossier, TERMS, now) is not is_waited_for
    assert (unheard_use(dossier, TERMS, now) is not None) is is_waited_for
    waits = steps(dossier, TERMS, now)[0].why == Why(Reason.TO_HEAR)
    assert waits is is_waited_for


def test_an_id_that_the_service_does_not_know_is_said_to_be_that() -> None:
    gone = replace(evidence_of(ADOPTED, kind=EvidenceKind.NOT_FOUND), id="gone")
    standing = judge(Dossier(ADOPTED, (), (gone,)), TERMS, START + HOUR)
    assert standing.health is Health.UNKNOWN
    assert standing.why == Why(Reason.NOT_FOUND)


def test_what_was_heard_survives_the_vault() -> None:
    dossier = Dossier(ADOPTED, (), (said(Heard.YES), used(START + HOUR)))
    assert manifest.read_dossier(manifest.write(dossier)) == dossier


def waiting(reach: Reach, **fields: Any) -> tuple[Dossier, Terms]:
    voice = replace(a_voice(clock_start=START, keep_policy=KeepPolicy.AT_ONCE), **fields)
    return Dossier(voice), replace(TERMS, reach=reach)


def test_a_new_key_is_tried_in_the_last_48_hours_and_not_before() -> None:
    dossier, terms = waiting(Reach.ASKED)
    step = steps(dossier, terms, START + HOUR)[0]
    assert (step.kind, step.at) == (StepKind.ACTIVATE, DEADLINE - 48 * HOUR)
    assert (step.why, step.blocked) == (Why(Reason.ACCOUNT_ASKED), True)
    over = steps(dossier, terms, DEADLINE + HOUR)[0]
    assert (over.kind, over.why) == (StepKind.ASK, Why(Reason.ACCOUNT_ASKED))


def test_a_key_of_another_account_is_never_tried() -> None:
    dossier, terms = waiting(Reach.OTHER)
    for hours in (1, 150, 167, 200):
        step = steps(dossier, terms, START + hours * HOUR)[0]
        assert (step.kind, step.at, step.why) == (StepKind.NOTHING, None, Why(Reason.OTHER_ACCOUNT))


@pytest.mark.parametrize("reach", [Reach.ASKED, Reach.OTHER])
def test_a_kept_voice_is_not_used_again_by_a_key_that_is_not_its_own(reach: Reach) -> None:
    voice = a_voice(clock_start=START, refresh_days=6)
    use = replace(evidence_of(voice, kind=EvidenceKind.ACTIVATION), at=START)
    dossier = Dossier(voice, (a_job(voice, state=JobState.DONE),), (use,))
    terms = replace(TERMS, reach=reach)
    assert steps(dossier, terms, START + 300 * HOUR)[0].kind is StepKind.NOTHING
    assert judge(dossier, terms, START + 300 * HOUR).health is Health.SAFE
