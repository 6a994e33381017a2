"""Leases keep workers apart; notes keep what was last seen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from threading import Barrier

from sqlalchemy import select, update

from lib.registry import Note, Registry, schema
from lib.registry.leases import _now
from tests.parts.clock import START
from tests.registry.records import everything

LONG = timedelta(hours=1)


def let_expire(registry: Registry, name: str) -> None:
    """As if the lease's time were over by the database's clock."""
    with registry.database.write() as connection:
        past = _now(connection) - timedelta(seconds=1)
        connection.execute(
            update(schema.leases).where(schema.leases.c.name == name).values(until=past)
        )


def holders(registry: Registry) -> list[str]:
    with registry.database.read() as connection:
        return list(connection.scalars(select(schema.leases.c.owner)))


def test_a_lease_is_held_by_one_at_a_time(registry: Registry, neighbour: Registry) -> None:
    with registry.leases.hold("files", "one", LONG) as mine:
        assert mine
        with neighbour.leases.hold("files", "two", LONG) as theirs:
            assert not theirs
        assert holders(registry) == ["one"]
    with neighbour.leases.hold("files", "two", LONG) as theirs:
        assert theirs


def test_leases_of_other_names_are_free(registry: Registry, neighbour: Registry) -> None:
    with (
        registry.leases.hold("files:a", "one", LONG) as mine,
        neighbour.leases.hold("files:b", "two", LONG) as theirs,
    ):
        assert mine
        assert theirs


def test_a_lease_whose_time_is_over_passes_on(registry: Registry, neighbour: Registry) -> None:
    with registry.leases.hold("files", "one", LONG) as mine:
        assert mine
        let_expire(registry, "files")
        with neighbour.leases.hold("files", "two", LONG) as theirs:
            assert theirs
            assert holders(registry) == ["two"]


def test_a_late_holder_does_not_end_the_next_ones_lease(
    registry: Registry, neighbour: Registry
) -> None:
    with ExitStack() as second:
        with registry.leases.hold("files", "one", LONG):
            let_expire(registry, "files")
            assert second.enter_context(neighbour.leases.hold("files", "two", LONG))
        assert holders(registry) == ["two"]


def test_a_lease_ends_also_when_the_work_fails(registry: Registry) -> None:
    try:
        with registry.leases.hold("files", "one", LONG):
            raise RuntimeError("stop")
    except RuntimeError:
        pass
    assert holders(registry) == []


def test_of_many_who_want_a_lease_one_gets_it(registry: Registry, neighbour: Registry) -> None:
    start, done = Barrier(16), Barrier(16)

    def want(number: int) -> bool:
        leases = (registry if number % 2 else neighbour).leases
        start.wait(30)
        with leases.hold("files", f"owner-{number}", LONG) as mine:
            done.wait(30)
        return mine

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(want, range(16))) == 1


def test_a_wish_for_a_look_stands_until_it_is_answered(
    registry: Registry, neighbour: Registry
) -> None:
    later = START + timedelta(minutes=1)
    registry.notes.ask("vault", START)
    assert neighbour.notes.all() == {"vault": Note("vault", asked_at=START)}
    registry.notes.write("vault", {"ok": True}, later)
    assert neighbour.notes.all() == {"vault": Note("vault", later, None, {"ok": True})}


def test_a_new_wish_keeps_what_was_seen(registry: Registry) -> None:
    later = START + timedelta(minutes=1)
    registry.notes.write("vault", {"ok": True}, START)
    registry.notes.ask("vault", later)
    registry.notes.write("keeper", {}, later)
    assert registry.notes.all() == {
        "vault": Note("vault", START, later, {"ok": True}),
        "keeper": Note("keeper", later),
    }


def test_many_may_write_the_same_note_at_once(registry: Registry, neighbour: Registry) -> None:
    start = Barrier(8)

    def write(number: int) -> None:
        notes = (registry if number % 2 else neighbour).notes
        start.wait(30)
        notes.write("keeper", {"pass": number}, START)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert len(everything(registry)["notes"]) == 1
    assert registry.notes.all()["keeper"].at == START
