"""Files are carried many at a time, and never more of them are in memory than there is room for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock

import pytest

from lib import keeper
from lib.models import Dossier, VoiceKind
from lib.studio.core.context import Context
from lib.studio.storage import files
from lib.studio.storage.in_memory import AT_ONCE, Room
from tests.pages import people


def test_what_is_held_at_once_never_needs_more_room_than_there_is() -> None:
    room, lock = Room(100), Lock()
    held, most = [0], [0]

    def carry(size: int) -> None:
        with room.taken(size):
            with lock:
                held[0] += min(size, 100)
                most[0] = max(most[0], held[0])
            with lock:
                held[0] -= min(size, 100)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(carry, [50, 50, 1_000, 30, 50, 50, 70, 1_000, 100, 1] * 20))
    assert most[0] == 100


def test_what_fits_goes_side_by_side() -> None:
    room, gate = Room(100), Barrier(2, timeout=20)

    def carry(size: int) -> None:
        with room.taken(size):
            gate.wait()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(carry, [50, 50]))


def test_room_is_given_back_when_the_work_fails() -> None:
    room = Room(10)
    for _ in range(3):
        with pytest.raises(ValueError, match="odd"), room.taken(10):
            raise ValueError("odd")
    with room.taken(10):
        pass


def test_a_pass_brings_the_files_of_many_voices_at_once(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = context.clock.now()
    people.move_in(
        context, [people.clone(number, now, kind=VoiceKind.QWEN) for number in range(AT_ONCE)]
    )
    gate = Barrier(AT_ONCE, timeout=20)

    def bring(_: Context, __: Dossier) -> bool:
        gate.wait()
        return True

    monkeypatch.setattr(files, "bring", bring)
    summary = keeper.one_pass(context)
    assert (summary.mirrored, summary.failed) == (AT_ONCE, [])
