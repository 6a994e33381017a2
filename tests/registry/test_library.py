"""The library in memory is at any time what a fresh reading would be."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

import pytest
from sqlalchemy import event, func, select

from lib.models import Dossier, JobKind
from lib.registry import Registry, library, schema
from lib.registry.database import Database
from tests.conftest import ROOT
from tests.registry.records import a_copy, a_job, a_voice
from tests.registry.scribble import Scribbler


def is_up_to_date(registry: Registry) -> bool:
    kept, fresh = registry.library.dossiers(max_age=0), registry.voices.dossiers()
    return list(kept.items()) == [(item.voice.id, item) for item in fresh]


def ordered(registry: Registry, **fields: object) -> str:
    voice = a_voice(**fields)
    registry.jobs.order(a_job(voice, service=voice.service), voice)
    return voice.id


@contextmanager
def dossiers_read(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The ids of the voices whose dossiers are read meanwhile."""
    found: list[str] = []
    read = registry.voices.dossiers

    def dossiers(**chosen: object) -> list[Dossier]:
        some = read(**chosen)  # type: ignore[arg-type]
        found.extend(item.voice.id for item in some)
        return some

    with monkeypatch.context() as patch:
        patch.setattr(registry.voices, "dossiers", dossiers)
        yield found


def test_one_reading_serves_many_and_knows_each_write_of_this_process(
    registry: Registry, neighbour: Registry
) -> None:
    voice_id = ordered(registry)
    first = registry.library.dossiers()
    assert registry.library.dossiers() is first
    neighbour.voices.change(voice_id, name="Changed")
    second = registry.library.dossiers()
    assert second[voice_id] == registry.voices.dossier(voice_id)
    assert second[voice_id].voice.name == "Changed"
    assert first[voice_id].voice.name != "Changed"
    assert registry.library.of(["another"]) == []


def test_what_another_process_wrote_is_read_a_second_later(
    registry: Registry, neighbour: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    voice_id = ordered(registry)
    now = time.monotonic()
    monkeypatch.setattr("lib.registry.library.time.monotonic", lambda: now)
    first = registry.library.dossiers()
    written = Database.last_write
    neighbour.voices.change(voice_id, name="Changed")
    monkeypatch.setattr(Database, "last_write", written)  # as it is for another process
    assert registry.library.dossiers() is first
    now += library.CACHED_FOR
    assert registry.library.dossiers()[voice_id].voice.name == "Changed"
    unchanged = registry.library.dossiers()
    now += library.CACHED_FOR
    assert registry.library.dossiers() is unchanged


def test_only_what_changed_is_read_again(
    registry: Registry, neighbour: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [ordered(registry) for _ in range(5)]
    before = registry.library.dossiers()
    with dossiers_read(registry, monkeypatch) as read:
        neighbour.voices.add_evidence(a_copy(ids[1]))
        (job,) = before[ids[3]].jobs
        neighbour.jobs.reserve(job.id, "worker", now=job.created_at, until=job.created_at)
        after = registry.library.dossiers()
        registry.notes.write("seen", {}, job.created_at)
        assert registry.library.dossiers() is after
    assert sorted(read) == [ids[1], ids[3]]
    assert all(after[each] is before[each] for each in (ids[0], ids[2], ids[4]))
    assert is_up_to_date(registry)


def test_speech_is_no_part_of_a_dossier_and_changes_none(registry: Registry) -> None:
    voice_id = ordered(registry)
    before = registry.library.dossiers()
    registry.jobs.order(a_job(voice_id, kind=JobKind.SPEECH))
    assert registry.library.dossiers() is before


def test_a_voice_that_is_gone_leaves_the_library(registry: Registry, neighbour: Registry) -> None:
    voice_id = ordered(registry)
    assert voice_id in registry.library.dossiers()
    with neighbour.database.write() as connection:
        connection.execute(schema.voices.delete().where(schema.voices.c.id == voice_id))
    assert voice_id not in registry.library.dossiers()


def test_of_many_who_ask_at_once_one_reads_and_the_others_use_what_is_there(
    registry: Registry,
) -> None:
    ids = [ordered(registry) for _ in range(3)]
    statements: list[str] = []
    event.listen(
        registry.database.engine,
        "before_cursor_execute",
        lambda _c, _cursor, statement, *_: statements.append(statement),
    )
    gate = Barrier(20)

    def look(_: int) -> list[str]:
        gate.wait()
        return list(registry.library.dossiers())

    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(look, range(20)))
    assert all(sorted(some) == sorted(ids) for some in found)
    assert sum("FROM voices" in each for each in statements if "FROM jobs" not in each) <= 2


def test_a_transaction_that_is_committed_late_is_not_missed(
    registry: Registry, neighbour: Registry
) -> None:
    """On SQLite nobody else writes while one does: there is no such transaction."""
    early, late = ordered(registry), ordered(registry)
    assert is_up_to_date(registry)
    if registry.database.is_sqlite:
        return
    rename = schema.voices.update().values(name="Changed")
    with neighbour.database.write() as connection:
        connection.execute(rename.where(schema.voices.c.id == late))
        registry.voices.change(early, name="Changed")
        assert is_up_to_date(registry)
        assert registry.library.dossiers(max_age=0)[late].voice.name != "Changed"
    assert registry.library.dossiers()[late].voice.name == "Changed"
    assert is_up_to_date(registry)


def test_a_reader_that_is_far_behind_reads_everything_again(
    registry: Registry, neighbour: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "NOTES_KEPT", 4)
    ids = [ordered(registry) for _ in range(3)]
    assert is_up_to_date(registry)
    for _ in range(4):
        for voice_id in ids:
            neighbour.voices.change(voice_id, name="Changed")
    neighbour.library.drop_old_notes()
    with registry.database.read() as connection:
        left = connection.scalar(select(func.count()).select_from(schema.library_changes))
    assert left == 5
    with dossiers_read(registry, monkeypatch) as read:
        assert registry.library.dossiers()[ids[0]].voice.name == "Changed"
    assert len(read) == 3
    with dossiers_read(registry, monkeypatch) as read:
        neighbour.library.drop_old_notes()
        neighbour.voices.change(ids[1], name="Once more")
        assert registry.library.dossiers()[ids[1]].voice.name == "Once more"
    assert read == [ids[1]]


def test_notes_of_another_server_are_dropped(registry: Registry) -> None:
    """A database that moved takes them along; on SQLite positions go on from there."""
    voice_id = ordered(registry)
    table = schema.library_changes
    with registry.database.write() as connection:
        connection.execute(table.insert().values(position=2**60, voice_id=voice_id))
    assert is_up_to_date(registry)
    registry.voices.change(voice_id, name="Changed")
    assert is_up_to_date(registry)
    registry.library.drop_old_notes()
    registry.voices.change(voice_id, name="Again")
    assert is_up_to_date(registry)
    with registry.database.read() as connection:
        highest = connection.scalar(select(func.max(table.c.position)))
    assert (highest > 2**60) is registry.database.is_sqlite


def test_after_each_of_many_changes_it_is_what_a_fresh_reading_would_be(
    registry: Registry, neighbour: Registry
) -> None:
    hands = [Scribbler(registry, "a"), Scribbler(neighbour, "b")]
    for turn in range(160):
        hands[turn % 2].change()
        if turn % 4 == 3:
            assert is_up_to_date(registry)
    assert is_up_to_date(neighbour)


@pytest.mark.parametrize(
    "turns",
    [pytest.param(1, marks=pytest.mark.slow), pytest.param(4, marks=pytest.mark.long)],
)
def test_many_changes_by_three_processes_are_all_seen(
    registry: Registry, address: str, turns: int
) -> None:
    url = registry.database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.registry.scribble", url]
    hand = Scribbler(registry, "here")
    for turn in range(turns):
        others = [
            subprocess.Popen([*command, f"{name}{turn}", "250"], cwd=ROOT) for name in ("a", "b")
        ]
        while any(other.poll() is None for other in others):
            hand.change()
            registry.library.dossiers(max_age=0)
        assert [other.wait() for other in others] == [0, 0]
        assert is_up_to_date(registry)
