"""Five hundred voices are due, and two keepers and the app look after them at the same time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from lib import manifest
from lib.models import Dossier, EvidenceKind, JobState, Money
from lib.services import ACTIVATION_ATTEMPTS
from lib.studio.core.context import Context
from tests.parts.clock import SettableClock
from tests.parts.postgres import PostgresServer
from tests.studio.crowd import (
    Crowded,
    Worked,
    elsewhere,
    hurried,
    known_at_the_service,
    settle_in,
    voices_made,
    work,
)
from tests.studio.service import Trouble, loses_the_answer, refuses
from tests.studio.story import HOUR, MINUTE, Story, recording

CROWDS = [
    pytest.param(60, marks=pytest.mark.slow),  # shorter: the orders of test_keeper_command.py
    pytest.param(500, marks=pytest.mark.long),
]
FAILING = 20


@pytest.fixture
def service(
    tmp_path: Path, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Crowded]:
    """It has one sound for everybody: else it would be the slowest of all, and the keepers would
    hardly meet."""
    monkeypatch.setattr("lib.demo.speeches.speak", lambda *_, **__: recording(1, 1))
    pretend = Crowded(tmp_path / "service.db", clock, pace=3.0, balance=Decimal(100))
    with pretend.open():
        yield pretend


def troubles(failing: list[Dossier]) -> dict[str, Trouble]:
    """Half of them are charged and never answered, the others refused in two ways."""
    kinds = (
        loses_the_answer,
        refuses(400, "Voice not found: Grace", code="invalid_voice"),
        loses_the_answer,
        refuses(400, "Not this", code="content_policy_violation"),
    )
    return {
        found.voice.provider_voice_id: kinds[number % len(kinds)]
        for number, found in enumerate(failing)
    }


PAUSES = (0 * HOUR, 20 * MINUTE, 70 * MINUTE, 7 * HOUR, 7 * HOUR, 7 * HOUR)
"""Between the moments at which all are told to work: in each something is due, but in the last."""


@pytest.mark.parametrize("voices", CROWDS)
def test_two_keepers_and_the_app_keep_a_crowd_of_voices_and_pay_once_for_each(
    story: Story, service: Crowded, postgres_server: PostgresServer, voices: int
) -> None:
    story.database = postgres_server.new_database()
    app = hurried(story.context("app"))
    dossiers = voices_made(voices, story.clock.now() - HOUR)
    settle_in(dossiers, app.registry)
    known_at_the_service(dossiers, story.folder / "service.db")
    failing, good = dossiers[:FAILING], dossiers[FAILING:]
    service.fails(troubles(failing))

    done = _work_together(story, app)

    paid = Counter(charge.voice_id for charge in service.charges("speech"))
    asked = service.asked
    after = {found.voice.id: found for found in app.registry.voices.dossiers()}
    assert service.most_open == 1
    for before in good:
        found = after[before.voice.id]
        name = before.voice.provider_voice_id
        assert [job.state for job in found.activations] == [JobState.DONE]
        assert len(found.valid_evidence(EvidenceKind.ACTIVATION)) == 1
        assert paid[name] == asked[name] == 1
    for before in failing:
        found = after[before.voice.id]
        name = before.voice.provider_voice_id
        assert asked[name] == len(found.activations) == ACTIVATION_ATTEMPTS
        assert not any(job.is_open for job in found.activations)
        assert found.valid_evidence(EvidenceKind.ACTIVATION) == ()
    kept = sum(worked.activated for worked in done)
    assert kept == len(good)
    assert [line for worked in done for line in worked.failed] == []

    made = [job for found in after.values() for job in found.activations]
    charged = Money.usd(sum(charge.cost for charge in service.charges("speech")))
    assert Money.total(job.cost for job in made) == charged
    assert service.count("clone") == 0
    first = max(worked.seconds for worked in done[:3])
    print(
        f"\n{len(dossiers)} voices in {first} s by three keepers: "
        f"{60 * len(dossiers) / first:.0f} a minute; "
        f"{len(made) / len(dossiers):.2f} paid calls a voice, {service.count('balance')} questions"
    )
    _stories_are_saved(story, app)


def _work_together(story: Story, app: Context) -> list[Worked]:
    """The app here, and two keepers on machines of their own, at the same moments."""
    known = dict(app.settings.values)
    done: list[Worked] = []
    with (
        elsewhere(known, story.folder / "first") as first,
        elsewhere(known, story.folder / "second") as second,
    ):
        for pause in PAUSES:
            story.clock.advance(pause)
            for other in (first, second):
                other.begin(story.clock.now())
            done += [work(app), first.end(), second.end()]
    return done


def _stories_are_saved(story: Story, app: Context) -> None:
    """What lies in the vault in the end is the newest of what three have written there."""
    work(app)
    assert app.registry.voices.unsaved(1) == []
    for voice_id, revision in app.registry.voices.revisions().items():
        path = story.folder / "vault" / manifest.story_key("voices", voice_id)
        assert json.loads(path.read_bytes())["voice"]["revision"] == revision, voice_id
