"""A check of an export believes nothing: what was changed, cut, swollen or slipped in is told."""

from __future__ import annotations

import io
import json
import os
import stat
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.models import Dossier, EvidenceKind, Role
from lib.studio.storage.manifests import copy_evidence
from lib.studio.transfer import archive, importing
from lib.vault.base import Stored, sha256_hex
from tests.parts.clock import START
from tests.studio.archives import EditableArchive, a_voice, opened_archive

VOICE = a_voice(id="grace")
SOUND = bytes(range(256)) * 4
KEY = f"voices/grace/reference/{sha256_hex(SOUND)}.wav"
STORY = "voices/grace/voice.json"


def whole() -> io.BytesIO:
    """An export with one voice and its recording."""
    stored = Stored("file:///vault", KEY, sha256_hex(SOUND), len(SOUND), START)
    proof = copy_evidence("grace", Role.REFERENCE, stored, "wav", START)
    return EditableArchive.of(Dossier(VOICE, (), (proof,)), {KEY: SOUND})


def faults(file: io.BytesIO) -> str:
    return "\n".join(importing.check(file).faults)


def packed(
    change: Callable[[zipfile.ZipFile], None], *, without: str = "", sums: bytes | None = None
) -> io.BytesIO:
    """The whole export, written anew with something more or less in it."""
    source, out = zipfile.ZipFile(whole()), io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in source.namelist():
            if name != without:
                is_list = name == "SHA256SUMS" and sums is not None
                archive.writestr(name, sums if is_list else source.read(name))  # type: ignore[arg-type]
        change(archive)
    return out


def test_a_whole_export_is_good() -> None:
    assert importing.check(whole()) == importing.Checked(1, 0, 1, START)


def test_an_export_packed_anew_by_another_program_is_still_good() -> None:
    source, out = zipfile.ZipFile(whole()), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in reversed(source.namelist()):
            archive.writestr(name, source.read(name))
    assert importing.check(out).is_good


@pytest.mark.parametrize("name", [KEY, STORY, "voicekeep.json"])
def test_a_changed_entry_is_found(name: str) -> None:
    changed = opened_archive(whole())
    data = changed.entries[name]
    changed.replace(name, data[:-1] + bytes([data[-1] ^ 1]), list_it=False)
    told = faults(changed.file)
    assert "checksum differs" in told or "is not readable" in told


def test_an_entry_that_is_gone_is_named() -> None:
    changed = opened_archive(whole())
    del changed.entries[KEY]
    found = importing.check(changed.file)
    assert (found.faults, found.absent, found.is_good) == ((), (KEY,), False)
    del changed.sums[KEY]
    assert f"{KEY} is missing, though {STORY} lists it." in faults(changed.file)


def test_an_entry_that_nobody_listed_is_named() -> None:
    changed = opened_archive(whole())
    changed.replace("voices/grace/reference/more.wav", b"x", list_it=False)
    assert "more.wav is not in the list of checksums" in faults(changed.file)
    changed = opened_archive(whole())
    del changed.sums["voicekeep.json"]
    assert "voicekeep.json is not in the list of checksums" in faults(changed.file)


def test_another_file_in_the_place_of_a_copy_is_found() -> None:
    changed = opened_archive(whole())
    changed.replace(KEY, b"another recording")
    assert "is not the file that" in faults(changed.file)


def test_a_manifest_that_cannot_be_used_is_named_with_the_reason() -> None:
    changed = opened_archive(whole())
    changed.replace(STORY, b"{}")
    assert "does not know" in faults(changed.file)
    changed = opened_archive(whole())
    changed.replace("voices/other/voice.json", changed.entries[STORY])
    assert "in the folder of something else" in faults(changed.file)
    changed = opened_archive(whole())
    changed.replace("voices/grace/take.json", b"{}")
    assert "in the wrong place" in faults(changed.file)


def test_counts_that_do_not_fit_are_told() -> None:
    changed = opened_archive(whole())
    told = json.loads(changed.entries["voicekeep.json"]) | {"voices": 7}
    changed.replace("voicekeep.json", json.dumps(told).encode())
    assert "It claims to hold 7 voices, and lists 1." in faults(changed.file)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"format": 2}', b'{"format": 1}', b"[" * 100_000, b"\xff"]
)
def test_a_file_that_does_not_say_what_it_is_is_refused(body: bytes) -> None:
    changed = opened_archive(whole())
    changed.replace("voicekeep.json", body)
    assert len(importing.check(changed.file).faults) == 1


@pytest.mark.parametrize("body", [b"", b"PK\x05\x06", b"no zip at all", SOUND, b"PK\x03\x04" * 50])
def test_what_is_no_zip_is_told(body: bytes) -> None:
    assert faults(io.BytesIO(body)) == "This is not a ZIP file, or a part of it is missing."


def test_a_zip_of_something_else_is_no_export() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("holiday.jpg", b"x")
    assert "This is not an export from Voicekeep" in faults(out)


def test_an_export_that_broke_off_is_told_wherever_it_was_cut() -> None:
    data = whole().getvalue()
    for length in range(0, len(data) - 1, 97):
        assert not importing.check(io.BytesIO(data[:length])).is_good


def test_an_export_ended_early_has_no_list_of_checksums() -> None:
    assert "interrupted" in faults(packed(lambda archive: None, without="SHA256SUMS"))


@pytest.mark.parametrize(
    "sums", [b"\xff\xfe", b"abc", b"0" * 64 + b"  a\n" + b"0" * 64 + b"  a\n", b"\0" * 1000]
)
def test_a_damaged_list_of_checksums_is_told(sums: bytes) -> None:
    assert "list of checksums in this file is damaged" in faults(
        packed(lambda archive: None, sums=sums)
    )


NAMES = [
    "../../etc/passwd",
    "/etc/passwd",
    "voices/../voices/grace/voice.json",
    "voices//a.wav",
    "..\\..\\etc\\passwd",
    "C:/a.wav",
    "Voices/grace/a.wav",
    "exports/a.zip",
    "voices/grace/\u202egnp.wav",
    "voices/" + "a" * 600,
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_is_not_ours_is_told_and_never_read(name: str) -> None:
    told = faults(packed(lambda archive: archive.writestr(name, b"x")))
    assert "has a name that no file of an export has" in told
    assert told.isprintable()


def test_a_name_with_a_hidden_end_is_told() -> None:
    data = packed(lambda archive: archive.writestr("voices/grace/a.wavX.exe", b"x")).getvalue()
    hidden = data.replace(b"voices/grace/a.wavX.exe", b"voices/grace/a.wav\0.exe")
    assert "has a name that no file of an export has" in faults(io.BytesIO(hidden))


def test_an_entry_that_is_there_twice_is_not_believed_either_time() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        file = packed(lambda archive: archive.writestr(KEY, b"other"))
    found = importing.check(file)
    assert found.faults == (f"{KEY} is in it twice.",)
    assert found.files == 0


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFDIR])
def test_what_is_no_ordinary_file_is_told(kind: int) -> None:
    info = zipfile.ZipInfo("voices/grace/link.wav")
    info.external_attr = (kind | 0o777) << 16
    told = faults(packed(lambda archive: archive.writestr(info, b"/etc/passwd")))
    assert "voices/grace/link.wav is no ordinary file." in told


def test_a_locked_entry_is_told() -> None:
    data = bytearray(whole().getvalue())
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    assert "is locked with a password" in faults(io.BytesIO(bytes(data)))


def test_a_way_of_packing_that_is_not_ours_is_told() -> None:
    told = faults(
        packed(lambda archive: archive.writestr("voices/grace/a.wav", b"x", zipfile.ZIP_LZMA))
    )
    assert "packed in a way that Voicekeep does not read" in told


def bomb(name: str, size: int) -> io.BytesIO:
    """An entry that unpacks to so many zeros."""

    source, out = zipfile.ZipFile(whole()), io.BytesIO()
    lines = source.read("SHA256SUMS") + b"0" * 64 + b"  " + name.encode() + b"\n"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("voicekeep.json", source.read("voicekeep.json"))
        for kept in (KEY, STORY):
            archive.writestr(kept, source.read(kept))
        archive.writestr("SHA256SUMS", lines)
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED
        with archive.open(info, "w") as entry:
            for _ in range(size // 1_000_000):
                entry.write(bytes(1_000_000))
    return out


@pytest.mark.parametrize("name", ["voices/grace/a.wav", "voices/bomb/voice.json"])
def test_a_bomb_is_left_before_it_goes_off(name: str) -> None:
    file = bomb(name, 110_000_000)
    tracemalloc.start()
    told = faults(file)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert f"{name} holds more than an export may." in told
    assert peak < 10_000_000


def test_many_small_bombs_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_GROWTH_FREE", 1_000_000)
    assert "holds more than an export may" in faults(bomb("voices/grace/a.wav", 3_000_000))


def test_a_size_in_the_head_is_not_believed() -> None:
    file = bomb("voices/grace/a.wav", 70_000_000)
    data = file.getvalue().replace(struct.pack("<L", 70_000_000), struct.pack("<L", 9))
    assert not importing.check(io.BytesIO(data)).is_good


def test_entries_that_share_their_bytes_are_refused() -> None:
    """Thousands of entries over the same packed bytes: a small file, endless to read."""
    data = bytearray(whole().getvalue())
    at = data.index(b"PK\x01\x02")
    data[at + 20 : at + 24] = struct.pack("<L", len(data) * 2)
    assert "claims to hold more than it does" in faults(io.BytesIO(bytes(data)))


def test_a_file_with_more_entries_than_an_export_has_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(archive, "MAX_ENTRIES", 3)
    assert "lists more contents" in faults(whole())


def test_a_list_of_contents_that_would_fill_the_memory_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(archive, "MAX_LIST_BYTES", 100)
    assert "lists more contents" in faults(whole())


def test_of_endless_faults_only_the_first_are_told() -> None:
    def put(archive: zipfile.ZipFile) -> None:
        for number in range(1_000):
            archive.writestr(f"Voices/{number}", b"")

    found = importing.check(packed(put)).faults
    assert len(found) == 101
    assert found[-1] == "There is more of this kind."


def test_a_file_that_cannot_be_read_at_any_place_is_told() -> None:
    end, start = os.pipe()
    with open(start, "wb"), open(end, "rb") as pipe:
        assert not importing.check(pipe).is_good


@settings(
    max_examples=150,
    deadline=timedelta(seconds=5),
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=6))
def test_bytes_changed_anywhere_never_break_the_check(changes: list[tuple[int, int]]) -> None:
    """Sentences, whatever comes; and never another sound taken for ours."""
    original = whole().getvalue()
    data = bytearray(original)
    for at, value in changes:
        data[at % len(data)] = value
    checked = importing.check(io.BytesIO(bytes(data)))
    assert all(sentence.isprintable() for sentence in checked.faults)
    if checked.is_good:
        assert zipfile.ZipFile(io.BytesIO(bytes(data))).read(KEY) == SOUND


def test_the_evidence_in_the_example_is_a_copy() -> None:
    """What the other tests stand on."""
    story = json.loads(opened_archive(whole()).entries[STORY])
    assert [item["kind"] for item in story["evidence"]] == [EvidenceKind.COPY]
