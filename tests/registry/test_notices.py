"""Notices: reserved once, whoever asks; released, told, seen and forgotten."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import JSON, Connection, Table, column, event, insert, inspect, table, text

from lib.consent import Consent, ConsentState
from lib.registry import Registry, database, schema
from lib.registry.database import Database
from lib.registry.notices import RESERVED_FOR
from lib.registry.schema import columns_of
from tests.parts.clock import START
from tests.registry.records import a_job, a_voice

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MIGRATIONS = Path(database.__file__).parent / "migrations"


def test_a_notice_is_reserved_once(registry: Registry, neighbour: Registry) -> None:
    assert registry.notices.reserve(["a", "b", "b"], "one", START) == {"a", "b"}
    assert neighbour.notices.reserve(["b", "c"], "two", START) == {"c"}
    assert registry.notices.all()["b"].told_at is None


def test_what_was_told_is_not_reserved_again(registry: Registry) -> None:
    registry.notices.reserve(["a"], "one", START)
    registry.notices.mark_sent(["a"], "one", START)
    assert registry.notices.reserve(["a"], "two", START + 100 * DAY) == set()
    assert registry.notices.all()["a"].told_at == START


def test_thousands_of_notices_are_taken_back_in_a_few_statements(registry: Registry) -> None:
    """A rebuilt library has up to 10,000, and its database may be far away."""
    inserts: list[str] = []

    @event.listens_for(registry.database.engine, "before_cursor_execute")
    def _note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        inserts.extend(line for line in [statement] if line.startswith("INSERT"))

    registry.notices.take_back({f"n{number}": START for number in range(1_200)})
    assert len(inserts) == 3
    assert len(registry.notices.all()) == 1_200


def test_what_was_released_may_be_reserved_again(registry: Registry) -> None:
    registry.notices.reserve(["a", "b"], "one", START)
    registry.notices.release(["a"], "one")
    assert registry.notices.reserve(["a", "b"], "two", START) == {"a"}


def test_nobody_releases_or_tells_for_another(registry: Registry) -> None:
    registry.notices.reserve(["a"], "one", START)
    registry.notices.release(["a"], "two")
    registry.notices.mark_sent(["a"], "two", START)
    assert registry.notices.all()["a"].told_at is None


def test_what_was_told_is_not_released(registry: Registry) -> None:
    registry.notices.reserve(["a"], "one", START)
    registry.notices.mark_sent(["a"], "one", START)
    registry.notices.release(["a"], "one")
    assert "a" in registry.notices.all()


def test_what_a_dead_keeper_reserved_is_told_by_the_next(registry: Registry) -> None:
    registry.notices.reserve(["a"], "dead", START)
    soon = START + RESERVED_FOR - timedelta(seconds=1)
    assert registry.notices.reserve(["a"], "next", soon) == set()
    assert registry.notices.reserve(["a"], "next", START + RESERVED_FOR) == {"a"}
    assert registry.notices.reserve(["a"], "third", START + RESERVED_FOR) == set()
    registry.notices.mark_sent(["a"], "dead", START)
    assert registry.notices.all()["a"].told_at is None


def test_many_keepers_reserve_each_notice_once(registry: Registry, address: str) -> None:
    others = [Registry(address) for _ in range(4)]
    wanted = [f"notice-{number:03}" for number in range(60)]
    with ThreadPoolExecutor(4) as pool:
        found = list(
            pool.map(
                lambda pair: pair[1].notices.reserve(
                    wanted[pair[0] * 5 :] + wanted[: pair[0] * 5], f"keeper-{pair[0]}", START
                ),
                enumerate(others),
            )
        )
    assert sorted(notice for ours in found for notice in ours) == wanted
    for other in others:
        other.close()


def test_what_is_over_is_forgotten_and_what_is_still_true_is_not(registry: Registry) -> None:
    registry.notices.reserve(["blocked:a", "blocked:b", "blocked_c", "half:v"], "one", START)
    registry.notices.still_true(["blocked:b"], START + 2 * HOUR)
    registry.notices.forget("blocked:", START + HOUR, all_before=START - DAY)
    assert set(registry.notices.all()) == {"blocked:b", "blocked_c", "half:v"}
    registry.notices.forget("blocked:", START, all_before=START + HOUR)
    assert set(registry.notices.all()) == {"blocked:b"}


def test_thousands_of_notices_fit_into_one_go(registry: Registry) -> None:
    wanted = {f"half:{number}" for number in range(2_500)}
    assert registry.notices.reserve(wanted, "one", START) == wanted
    registry.notices.mark_sent(wanted, "one", START)
    registry.notices.still_true(wanted, START)
    registry.notices.release(wanted, "one")
    assert {told.told_at for told in registry.notices.all().values()} == {START}


def at_the_first_release(address: str) -> Database:
    """A database as the first release made it."""
    base = Database(address)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with base.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    return base


def insert_then(connection: Connection, now: Table, values: dict[str, Any]) -> None:
    """A row with the columns that the database has; what is not in a table any more is JSON."""
    known = [found["name"] for found in inspect(connection).get_columns(now.name)]
    types = {name: now.c[name].type if name in now.c else JSON() for name in known}
    then = table(now.name, *(column(name, types[name]) for name in known))
    connection.execute(insert(then).values({name: values[name] for name in known}))


def test_a_library_of_the_first_release_is_brought_along(empty_address: str) -> None:
    base = at_the_first_release(empty_address)
    voice = a_voice()
    with base.write() as connection:
        assert "notices" not in inspect(connection).get_table_names()
        ticked = {"speaker": "Ann", "attested_by": "Bob", "attested_at": START.isoformat()}
        insert_then(connection, schema.voices, columns_of(voice) | {"consent": ticked})
        insert_then(connection, schema.jobs, columns_of(a_job(voice)))
    base.close()
    registry = Registry(empty_address)
    with registry.database.read() as connection:
        versions = connection.scalars(text("SELECT version_num FROM alembic_version")).all()
    assert versions != ["0001"]
    (dossier,) = registry.voices.dossiers()
    consent = Consent("Ann", "Bob", START, id=voice.id)
    assert dossier.voice == replace(voice, consent=consent)
    assert dossier.voice.consent_state(START) is ConsentState.NOT_RECORDED
    assert len(dossier.jobs) == 1
    assert registry.notices.reserve(["a"], "one", START) == {"a"}
    registry.close()


OPENER = """
import sys
from lib.registry import Registry
Registry(sys.argv[1]).close()
"""


@pytest.mark.parametrize("empty_address", ["sqlite", "postgresql"], indirect=True)
def test_two_processes_may_bring_a_library_along_at_once(empty_address: str) -> None:
    at_the_first_release(empty_address).close()
    openers = [
        subprocess.Popen(
            [sys.executable, "-c", OPENER, empty_address], stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for opener in openers:
        _, trouble = opener.communicate(timeout=60)
        assert (opener.returncode, trouble) == (0, "")
