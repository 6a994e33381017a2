"""How what needs somebody is put into few lines: by table, without any I/O."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lib.models import (
    Dossier,
    ErrorKind,
    Evidence,
    EvidenceKind,
    Job,
    JobKind,
    JobState,
    KeepPolicy,
    Money,
    Source,
    Voice,
    VoiceKind,
)
from lib.retention import Reach, Terms, Urgency, judge, next_step
from lib.services import DEMO, NANOGPT, retention_of
from lib.studio.alerts.attention import FOLD_FROM, attention_groups
from lib.studio.library.bulk import BulkAction
from lib.studio.library.listing import Entry
from tests.parts.clock import START

WINDOW = timedelta(hours=168)
HOUR = timedelta(hours=1)
NOW = START + timedelta(days=30)


def entry(name: str, left: float, *, jobs: tuple[Job, ...] = (), **fields: Any) -> Entry:
    """A voice with so many hours left, that a person has to keep."""
    plain: dict[str, Any] = {
        "id": name.lower().replace(" ", "-"),
        "name": name,
        "kind": VoiceKind.MINIMAX,
        "source": Source.CLONED,
        "service": NANOGPT,
        "account": "one",
        "created_at": START,
        "clock_start": NOW + left * HOUR - WINDOW,
        "keep_policy": KeepPolicy.ASK,
    }
    voice = Voice(**(plain | fields))
    seen: tuple[Evidence, ...] = ()
    if voice.source is Source.ADOPTED:
        seen = (Evidence("use", voice.id, EvidenceKind.ACTIVATION, NOW, key="a/b"),)
    dossier = Dossier(voice, jobs, seen)
    terms = Terms(retention_of(voice.service, voice.kind), "vault", True)
    standing, step = judge(dossier, terms, NOW), next_step(dossier, terms, NOW)
    return Entry(dossier, standing, step, NOW, terms, use_price=Money(3_000))


def many(name: str, count: int, left: float, **fields: Any) -> list[Entry]:
    return [entry(f"{name} {n}", left + n * 0.1, **fields) for n in range(count)]


def waits(kind: ErrorKind) -> tuple[Job, ...]:
    """An order that keeps a voice and is held up."""
    return (
        Job(
            id="use",
            voice_id="any",
            kind=JobKind.ACTIVATION,
            state=JobState.CONFIRMED,
            order_key="use",
            service=NANOGPT,
            account="one",
            created_at=NOW,
            attempts=1,
            last_answer=f"It waits ({kind}).",
            answer_kind=kind,
        ),
    )


def test_equal_voices_are_one_line_and_what_can_be_saved_comes_first() -> None:
    everything = [
        *many("Gone", 20, -9),
        *many("Soon", 9, 30),
        *many("Listen", 4, 70, source=Source.ADOPTED),
        entry("Six hours", 6),
        *many("Risk", 5, 10),
    ]
    found = [
        (line.urgency, line.action, len(line.entries)) for line in attention_groups(everything)
    ]
    assert found == [
        (Urgency.AT_RISK, BulkAction.KEEP, 6),
        (Urgency.UNHEARD, None, 4),
        (Urgency.DUE_SOON, BulkAction.KEEP, 9),
        (Urgency.PROBABLY_LOST, BulkAction.KEEP, 20),
    ]
    assert attention_groups(everything)[0].first.voice.name == "Six hours"


def test_few_voices_stay_as_they_are() -> None:
    few = many("Risk", FOLD_FROM - 1, 10)
    assert [line.is_folded for line in attention_groups(few)] == [False] * len(few)
    assert [line.is_folded for line in attention_groups([*few, entry("One more", 1)])] == [True]


@pytest.mark.parametrize(
    "other",
    [
        {"left": 30},
        {"left": 10, "kind": VoiceKind.QWEN, "embedding_url": "https://host.example/x"},
        {"left": 10, "service": DEMO},
        {"left": 10, "jobs": waits(ErrorKind.BALANCE)},
    ],
)
def test_what_is_not_equal_is_not_folded(other: dict[str, Any]) -> None:
    here, there = many("Risk", 3, 10), [entry(f"Other {n}", **other) for n in range(3)]
    found = attention_groups([*here, *there])
    assert [len(line.entries) for line in found] == [3, 3]
    assert len({line.key for line in found}) == 2


def test_voices_of_another_account_have_no_button() -> None:
    def elsewhere(item: Entry) -> Entry:
        terms = replace(item.terms, reach=Reach.OTHER)
        return replace(item, terms=terms, step=next_step(item.dossier, terms, NOW))

    others = [elsewhere(item) for item in many("Other", 3, 11)]
    found = attention_groups([*many("Risk", 3, 10), *others])
    assert [line.action for line in found] == [BulkAction.KEEP, None]


def test_what_is_held_up_is_told_by_the_kind_of_its_reason() -> None:
    jobs = waits(ErrorKind.BALANCE)
    held = [
        entry(f"Held {n}", 10, jobs=(replace(jobs[0], last_answer=f"It needs $0.{n}."),))
        for n in range(3)
    ]
    (line,) = attention_groups([*held])
    assert (line.blocked_by, line.action) == (ErrorKind.BALANCE, None)


def test_a_line_goes_where_its_most_urgent_voice_does() -> None:
    files = many("File", 3, 5, kind=VoiceKind.QWEN, embedding_url="https://host.example/x")
    found = attention_groups([*many("Risk", 3, 10), *files, entry("Nearly over", 1)])
    assert [line.action for line in found] == [BulkAction.KEEP, BulkAction.BACK_UP]
    assert [line.first.voice.name for line in found] == ["Nearly over", "File 0"]
