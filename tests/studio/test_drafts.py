"""What was brought waits on this disk: for its owner alone, bounded, and not for ever."""

from __future__ import annotations

import json
import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from lib.keeper.passes import one_pass
from lib.roles import NotPermitted, TeamRole
from lib.studio.core import drafts
from lib.studio.core.context import Context
from lib.studio.core.drafts import KEPT, LEFT_ALONE, UNFINISHED, Draft, DraftGone, Drafts
from lib.studio.core.drafts import DraftRefused as Refused
from tests.parts.clock import SettableClock
from tests.parts.persons import BEN, named

ANN, BOB = "ann@example.com", "bob"
SOUND = b"RIFF" + bytes(range(256)) * 8


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "drafts"


@pytest.fixture
def kept(folder: Path, clock: SettableClock) -> Drafts:
    return Drafts(folder, clock)


def bring(kept: Drafts, data: bytes = SOUND, name: str = "Ann.wav", owner: str = ANN) -> Draft:
    return kept.bring(owner, data, name, person=BEN)


def test_what_was_brought_is_there_after_a_restart_with_what_was_decided(
    kept: Drafts, folder: Path, clock: SettableClock
) -> None:
    first = bring(kept)
    clock.advance(timedelta(minutes=1))
    second = bring(kept, b"other", "Ben.wav")
    changed = kept.change(first, name="Rowan", edit={"part": [0.5, 12.25], "mono": True})

    again = Drafts(folder, clock)

    assert again.of(ANN) == (changed, second)
    assert changed.decided == {"name": "Rowan", "edit": {"part": [0.5, 12.25], "mono": True}}
    assert (again.read(first), again.read(second)) == (SOUND, b"other")
    assert (changed.file_name, changed.size) == ("Ann.wav", len(SOUND))
    with again.open(first) as file:
        assert file.read() == SOUND


def test_nobody_else_sees_it_changes_it_or_deletes_it(kept: Drafts, folder: Path) -> None:
    mine = bring(kept)
    stolen = Draft(mine.id, BOB, mine.file_name, mine.sha256, mine.size, mine.brought_at)

    assert kept.of(BOB) == ()
    for use in (kept.read, kept.open, kept.change):
        with pytest.raises(DraftGone):
            use(stolen)
    kept.drop(stolen)
    kept.drop_all(BOB)

    assert kept.of(ANN) == (mine,)
    assert ANN not in " ".join(path.name for path in folder.iterdir())
    assert all(ANN.encode() not in path.read_bytes() for path in folder.iterdir())


def test_an_owner_without_a_name_or_an_id_with_a_path_in_it_is_a_defect(kept: Drafts) -> None:
    mine = bring(kept)
    with pytest.raises(ValueError, match="everybody"):
        kept.of("")
    for id_ in ("../../etc/passwd", f"{mine.id}/..", "*", ""):
        forged = Draft(id_, ANN, "", mine.sha256, mine.size, mine.brought_at)
        with pytest.raises(ValueError, match="id"):
            kept.read(forged)


@pytest.mark.skipif(os.name != "posix", reason="the modes of POSIX")
def test_only_this_program_can_read_it(kept: Drafts, folder: Path) -> None:
    kept.change(bring(kept), name="Rowan")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_the_same_bytes_once_more_are_the_same_draft(kept: Drafts) -> None:
    first = bring(kept)
    assert bring(kept, name="again.wav") == first
    assert bring(kept, owner=BOB) != first
    assert kept.of(ANN) == (first,)


def test_two_tabs_decide_different_things_of_one_draft(kept: Drafts, folder: Path) -> None:
    mine = bring(kept)
    others = Drafts(folder, kept._clock)
    kept.change(mine, name="Rowan", speaker="Ann")
    others.change(mine, transcript="What I say.")
    kept.change(mine, speaker=None)
    (found,) = kept.of(ANN)
    assert found.decided == {"name": "Rowan", "transcript": "What I say."}


def test_viewers_bring_nothing(kept: Drafts, folder: Path) -> None:
    with pytest.raises(NotPermitted):
        kept.bring(ANN, SOUND, "Ann.wav", person=named("Eve", TeamRole.VIEWER))
    assert not folder.exists()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Ann\\My voice.wav", "My voice.wav"),
        ("a\x00b\u202ec\nd.wav", "abc d.wav"),
        ("\ud800.wav", ".wav"),
        ("", "Recording"),
        ("x" * 300 + ".flac", "x" * 115 + ".flac"),
    ],
)
def test_a_files_name_is_made_fit_to_be_shown(kept: Drafts, given: str, shown: str) -> None:
    bring(kept, name=given)
    assert [draft.file_name for draft in kept.of(ANN)] == [shown]


def test_what_is_a_day_old_is_gone(kept: Drafts, folder: Path, clock: SettableClock) -> None:
    old = bring(kept)
    clock.advance(KEPT - timedelta(seconds=1))
    assert kept.of(ANN) == (old,)
    clock.advance(timedelta(seconds=1))
    assert kept.of(ANN) == ()
    new = bring(kept, b"new")
    assert {path.name.split(".")[1] for path in folder.iterdir()} == {new.id}


def test_the_keeper_deletes_what_nobody_comes_back_for(
    context: Context, clock: SettableClock
) -> None:
    old = bring(context.drafts)
    one_pass(context)
    assert context.drafts.of(ANN) == (old,)
    clock.advance(KEPT)
    one_pass(context)
    assert list((context.settings.data_folder / "drafts").iterdir()) == []


def test_what_is_removed_leaves_nothing(kept: Drafts, folder: Path) -> None:
    first, second = bring(kept), bring(kept, b"2")
    bobs = bring(kept, owner=BOB)
    kept.drop(first)
    kept.drop(first)
    with pytest.raises(DraftGone):
        kept.read(first)
    assert kept.of(ANN) == (second,)
    kept.drop_all(ANN)
    assert {path.name.split(".")[1] for path in folder.iterdir()} == {bobs.id}


@pytest.mark.parametrize("note", [b"", b"{", b"[1]", b"\xff", b"[" * 90_000, b'{"size": "x"}'])
def test_a_damaged_note_hides_one_draft_and_stops_nothing(
    kept: Drafts, folder: Path, clock: SettableClock, note: bytes
) -> None:
    damaged, good = bring(kept), bring(kept, b"good")
    (path,) = folder.glob(f"*{damaged.id}.json")
    path.write_bytes(note)
    assert kept.of(ANN) == (good,)
    with pytest.raises(DraftGone):
        kept.change(damaged, name="Rowan")
    clock.advance(KEPT)
    kept.sweep()
    assert list(folder.iterdir()) == []


def test_a_damaged_or_cut_sound_is_never_handed_out(kept: Drafts, folder: Path) -> None:
    mine = bring(kept)
    (path,) = folder.glob("*.sound")
    path.write_bytes(SOUND[:-1] + b"?")
    with pytest.raises(DraftGone):
        kept.read(mine)
    path.write_bytes(SOUND[:-1])
    assert kept.of(ANN) == ()
    with pytest.raises(DraftGone):
        kept.open(mine)


def test_what_a_crash_left_half_way_is_no_draft_and_is_swept(
    kept: Drafts, folder: Path, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = bring(kept)
    with monkeypatch.context() as patched:
        killed_at(patched, drafts.NOTE)
        with pytest.raises(KeyboardInterrupt):
            bring(kept, b"half")
    killed = next(folder.glob(f"*{good.id}.sound"))
    (folder / f"{killed.name}.0a0a0a0a.part").write_bytes(b"half of it")
    assert kept.of(ANN) == (good,)
    assert len(list(folder.iterdir())) == 4
    clock.advance(UNFINISHED)
    kept.sweep()
    assert {path.name.split(".")[1] for path in folder.iterdir()} == {good.id}
    assert kept.of(ANN) == (good,)
    assert len(list(folder.iterdir())) == 2


def killed_at(patched: pytest.MonkeyPatch, kind: str) -> None:
    """The process ends when it is about to write a file of this kind."""
    write = Drafts._write

    def dying(self: Drafts, path: Path, data: bytes) -> None:
        if path.suffix == f".{kind}":
            raise KeyboardInterrupt
        write(self, path, data)

    patched.setattr(Drafts, "_write", dying)


def test_a_disk_that_is_full_is_told_of_and_keeps_nothing(
    kept: Drafts, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lib.studio.core.drafts.os.fsync", full)
    with pytest.raises(Refused, match="disk"):
        bring(kept)
    assert list(folder.iterdir()) == []


def test_one_owner_has_room_for_so_many_files_and_bytes(
    kept: Drafts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "MOST_FILES", 3)
    monkeypatch.setattr(drafts, "MOST_BYTES", 1_000)
    first = bring(kept, b"1" * 600)
    with pytest.raises(Refused, match="Your waiting recordings have reached the limit"):
        bring(kept, b"2" * 401)
    bring(kept, b"2" * 200)
    bring(kept, b"3" * 100)
    with pytest.raises(Refused):
        bring(kept, b"4")
    bring(kept, b"4" * 900, owner=BOB)
    kept.drop(first)
    bring(kept, b"4")


def test_what_others_left_here_gives_way_and_what_they_just_brought_does_not(
    kept: Drafts, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "ALL_FILES", 3)
    bring(kept, b"oldest", owner=BOB)
    mine = bring(kept, b"mine")
    clock.advance(timedelta(minutes=1))
    later = bring(kept, b"later", owner=BOB)
    with pytest.raises(Refused, match="no room"):
        bring(kept, b"one more")
    clock.advance(LEFT_ALONE)
    new = bring(kept, b"one more")
    assert kept.of(BOB) == (later,)
    assert kept.of(ANN) == (mine, new)


@pytest.mark.parametrize(
    ("data", "why"), [(b"", "empty"), (bytes(drafts.LARGEST + 1), "over 200 MB")]
)
def test_what_is_no_recording_by_its_size_is_not_kept(
    kept: Drafts, folder: Path, data: bytes, why: str
) -> None:
    with pytest.raises(Refused, match=why):
        bring(kept, data)
    assert not folder.exists()


def test_what_is_noted_of_a_draft_is_bounded(kept: Drafts) -> None:
    mine = bring(kept)
    with pytest.raises(Refused):
        kept.change(mine, transcript="x" * drafts.MAX_DECIDED)
    kept.change(mine, nonsense=float("nan"), half="\ud800")
    (found,) = kept.of(ANN)
    assert json.dumps(found.decided, allow_nan=False) == '{"half": "?"}'


def test_many_at_once_keep_to_the_bounds_and_lose_nothing(
    kept: Drafts, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "MOST_FILES", 5)
    refused: list[Refused] = []

    def brings(number: int) -> None:
        try:
            bring(kept, bytes([number]) * 10)
        except Refused as problem:
            refused.append(problem)

    threads = [threading.Thread(target=brings, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(kept.of(ANN)), len(refused)) == (5, 3)
    assert len(list(folder.iterdir())) == 10


def test_foreign_files_in_the_folder_are_left_alone(
    kept: Drafts, folder: Path, clock: SettableClock
) -> None:
    bring(kept)
    foreign = [folder / "README", folder / "a.b.c", folder / "x.99999999t999999999999-ab.sound"]
    for path in foreign:
        path.write_text("not ours")
    clock.advance(KEPT)
    kept.sweep()
    assert sorted(folder.iterdir()) == sorted(foreign)
