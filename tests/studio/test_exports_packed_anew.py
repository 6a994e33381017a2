"""An export that was unpacked and packed again by people's programs is read as it was."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
import unicodedata
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.models import Dossier, Health, Role
from lib.studio.core.context import Context
from lib.studio.orders import speaking
from lib.studio.storage.manifests import copy_evidence
from lib.studio.transfer import archive, importing
from lib.studio.transfer.importing import Checked, Outcome
from lib.vault.base import Stored, sha256_hex
from tests.parts.clock import START
from tests.parts.processes import absent
from tests.studio.archives import EditableArchive, a_voice, exported, take
from tests.studio.story import MINUTE, Story, health, text_order

SOUND = bytes(range(256)) * 4
KEYS = {name: f"voices/{name}/reference/{sha256_hex(SOUND)}.wav" for name in ("ada", "grace")}
STORIES = {name: f"voices/{name}/voice.json" for name in KEYS}
WHOLE = Checked(voices=2, files=2, written_at=START)
FOLDER = "Bücherei, 2. Kopie"
ZIPPED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def library() -> dict[str, bytes]:
    """The files of an export with two voices and their recordings, by their names."""
    made = EditableArchive()
    for name, key in KEYS.items():
        stored = Stored("file:///vault", key, sha256_hex(SOUND), len(SOUND), START)
        proof = copy_evidence(name, Role.REFERENCE, stored, "wav", START)
        one = EditableArchive.of(Dossier(a_voice(id=name, name=name), (), (proof,)), {key: SOUND})
        entries = files_of(one)
        index = entries["voicekeep.json"].replace(b'"voices": 1', b'"voices": 2')
        for place in (key, STORIES[name]):
            made.replace(place, entries[place])
        made.replace("voicekeep.json", index)
    return files_of(made.file)


def files_of(file: io.BytesIO) -> dict[str, bytes]:
    source = zipfile.ZipFile(file)
    return {name: source.read(name) for name in source.namelist()}


def zipped(files: Mapping[str, bytes], way: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", way) as target:
        for name, data in files.items():
            target.writestr(name, data)
    return out


def check(files: Mapping[str, bytes]) -> Checked:
    return importing.check(zipped(files))


def on_top(folder: str) -> dict[str, bytes]:
    return {folder + name: data for name, data in library().items()}


TOPS = {
    "a folder": "voicekeep-2026-11-29/",
    "folders in a folder": "home/ada/Downloads/voicekeep (2)/",
    "a dot": "./",
    "composed letters": unicodedata.normalize("NFC", f"{FOLDER}/"),
    "letters as on macOS": unicodedata.normalize("NFD", f"{FOLDER}/"),
    "another script": "声音备份/",
    "a name like ours": "voices/",
}


@pytest.mark.parametrize("top", TOPS.values(), ids=TOPS)
def test_a_folder_on_top_is_seen_through(top: str) -> None:
    assert check(on_top(top)) == WHOLE


@pytest.mark.parametrize("top", ["", f"{FOLDER}\\", "C\\Users\\"])
def test_backslashes_separate_as_slashes_do(top: str) -> None:
    files = {top + name.replace("/", "\\"): data for name, data in library().items()}
    assert check(files | {f"{top}voices\\": b"", f"{top}voices\\ada\\": b""}) == WHOLE


def test_folders_that_are_listed_themselves_are_no_files() -> None:
    folders = dict.fromkeys(("lib/", "lib/voices/", "lib/voices/ada/", "lib/empty/"), b"")
    assert check(folders | on_top("lib/")) == WHOLE


ADDED = [
    "__MACOSX/._lib",
    "__MACOSX/lib/voices/ada/._voice.json",
    "lib/.DS_Store",
    "lib/voices/ada/.DS_Store",
    "lib/voices/Thumbs.db",
    "lib/voices/THUMBS.DB",
    "lib/voices/grace/desktop.ini",
    "lib/._SHA256SUMS",
    "lib/voices/@eaDir/ada/voice.json",
    "lib/voices/ada/voice.json:Zone.Identifier",
    "lib/Icon\r",
    ".Trashes/lib/voices/ada/voice.json",
    "$RECYCLE.BIN/S-1-5/voicekeep.json",
    "lib/.directory",
]


def test_what_systems_keep_for_themselves_is_passed_over_by_name() -> None:
    found = check(on_top("lib/") | dict.fromkeys(ADDED, b"of no use"))
    assert found.is_good
    assert found.added == tuple(name.replace("\r", "?") for name in ADDED)
    assert (found.voices, found.files) == (2, 2)


@pytest.mark.parametrize("name", ["notes.txt", "lib/notes.txt", "lib/voices/ada/Notes.txt"])
def test_what_a_person_added_is_named_and_not_read(name: str) -> None:
    (fault,) = check(on_top("lib/") | {name: b"hello"}).faults
    assert fault == f"{name.removeprefix('lib/')} has a name that no file of an export has."


def test_what_lies_beside_the_folder_cannot_push_out_what_is_in_it() -> None:
    found = check({STORIES["ada"]: b"{}"} | on_top("lib/") | {KEYS["ada"]: b"?"})
    assert len(found.faults) == 2
    assert (found.voices, found.files, found.absent) == (2, 2, ())


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.permutations(sorted(library())),
    st.sampled_from(sorted(TOPS.values())),
    st.sampled_from("/\\"),
    st.sampled_from(ZIPPED),
    st.sets(st.sampled_from(ADDED)),
)
def test_in_any_order_and_shape_it_is_the_same_library(
    order: list[str], top: str, separator: str, way: int, added: set[str]
) -> None:
    files = library()
    packed = {(top + name).replace("/", separator): files[name] for name in order}
    found = importing.check(zipped(packed | dict.fromkeys(sorted(added), b"x"), way))
    assert found.is_good
    assert set(found.added) == {name.replace("\r", "?") for name in added}
    assert (found.voices, found.takes, found.files) == (2, 0, 2)


@pytest.mark.parametrize(
    "gone", [[STORIES["ada"], KEYS["ada"]], [KEYS["grace"]], [*KEYS.values(), *STORIES.values()]]
)
def test_of_a_part_each_file_that_is_not_in_it_is_named(gone: list[str]) -> None:
    found = check({name: data for name, data in library().items() if name not in gone})
    assert (found.faults, found.absent) == ((), tuple(sorted(gone)))
    assert found.voices + found.files == 4 - len(gone)


def test_a_list_of_checksums_that_an_editor_saved_is_read() -> None:
    files = library()
    sums = files["SHA256SUMS"].replace(b"\n", b"\r\n")
    assert check(files | {"SHA256SUMS": b"\xef\xbb\xbf" + sums}) == WHOLE


@pytest.mark.parametrize("name", [KEYS["ada"], STORIES["grace"]])
def test_what_was_changed_is_found_in_a_folder_as_well(name: str) -> None:
    (fault,) = check(on_top("lib/") | {f"lib/{name}": b"changed"}).faults
    assert fault == f"{name} has changed since the export: its checksum differs."


@pytest.mark.parametrize(
    "top", ["../", "lib/../", "/", "//server/", "C:/", "..\\", "\\\\server\\", "c:lib/"]
)
def test_a_folder_that_climbs_or_starts_at_a_root_is_none(top: str) -> None:
    assert not check(on_top(top)).is_good
    found = check(library() | {f"{top}{STORIES['ada']}": b"{}"})
    assert (len(found.faults), found.voices) == (1, 2)


def test_the_same_file_with_both_separators_is_not_believed_either_time() -> None:
    found = check(library() | {KEYS["ada"].replace("/", "\\"): b"other"})
    (fault,) = found.faults
    assert fault.startswith(KEYS["ada"])
    assert (found.files, found.absent) == (1, ())


def test_two_exports_in_one_file_are_told_apart_by_name() -> None:
    (fault,) = check(on_top("May/") | on_top("June/")).faults
    assert fault.startswith("This file holds more than one export: June and May.")
    inner = check(library() | on_top("older/"))
    assert (inner.voices, inner.files, len(inner.faults)) == (2, 2, 6)


def test_a_zip_in_a_zip_is_named() -> None:
    inner = {"voicekeep.zip": zipped(library()).getvalue()}
    assert check(inner).faults[0].startswith("This ZIP file holds another one, voicekeep.zip.")


@pytest.mark.parametrize("name", ["voicekeep.json", "SHA256SUMS"])
def test_without_what_describes_it_it_says_what_to_pack_with_it(name: str) -> None:
    files = on_top("lib/")
    del files[f"lib/{name}"]
    (fault,) = check(files).faults
    assert name in fault
    assert "pack" in fault


def test_a_voices_folder_alone_says_what_lies_beside_it() -> None:
    (fault,) = check({name: data for name, data in on_top("lib/").items() if "ada" in name}).faults
    assert "pack both together" in fault


def test_a_file_with_a_password_says_so() -> None:
    data = bytearray(zipped(on_top("lib/")).getvalue())
    at = -1
    while (at := data.find(b"PK\x01\x02", at + 1)) >= 0:
        data[at + 8] |= 1
    (fault,) = importing.check(io.BytesIO(bytes(data))).faults
    assert fault.startswith("voicekeep.json is locked with a password.")


def test_what_is_passed_over_is_never_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = {"__MACOSX/lib/._voice.json": bytes(5_000_000)}
    monkeypatch.setattr(archive, "_GROWTH_FREE", 1_000_000)
    assert check(on_top("lib/") | bomb).is_good
    monkeypatch.setattr(archive, "MAX_ENTRIES", 6)
    assert check(on_top("lib/") | bomb).voices == 0


def test_what_systems_added_counts_when_a_file_claims_more_than_it_holds() -> None:
    data = bytearray(zipped(library() | {".DS_Store": b"x"}).getvalue())
    at = data.rindex(b"PK\x01\x02")
    data[at + 20 : at + 24] = struct.pack("<L", len(data) * 2)
    assert "claims to hold more" in importing.check(io.BytesIO(bytes(data))).faults[0]


@pytest.mark.parametrize("options", [["-r"], ["-r", "-0"], ["-r", "-D", "-fd"], ["-r", "-9", "-X"]])
def test_unzip_and_zip_change_nothing(tmp_path: Path, options: list[str]) -> None:
    for program in ("zip", "unzip"):
        if shutil.which(program) is None:
            absent(f"the program {program} is not installed")
    (tmp_path / "library.zip").write_bytes(zipped(library()).getvalue())
    folder = tmp_path / unicodedata.normalize("NFD", FOLDER)
    subprocess.run(["unzip", "-q", "library.zip", "-d", folder], cwd=tmp_path, check=True)
    (folder / ".DS_Store").write_bytes(b"Bud1")
    subprocess.run(["zip", "-q", *options, "again.zip", folder.name], cwd=tmp_path, check=True)
    with (tmp_path / "again.zip").open("rb") as again:
        found = importing.check(again)
    assert found.is_good
    assert (found.voices, found.files, len(found.added)) == (2, 2, 1)


@pytest.fixture
def other(story: Story) -> Context:
    """Another container with a folder of its own."""
    vault = f"file://{story.folder}/vault-elsewhere"
    return story.context(
        "elsewhere", database=f"sqlite:///{story.folder}/elsewhere.db", VAULT_URL=vault
    )


def test_what_was_packed_again_comes_in_and_what_is_not_in_it_is_named(
    story: Story, context: Context, other: Context
) -> None:
    whole, bare, left = (
        story.kept(context, "qwen"),
        story.kept(context, seed=2),
        story.kept(context, seed=3),
    )
    speaking.order(context, text_order(bare))
    story.live(context, MINUTE)
    files = files_of(exported(context)[0])
    gone = [
        name
        for name in files
        if name.startswith(f"voices/{left}/") or (bare in name and "/reference/" in name)
    ]
    packed = {
        f"My library\\{name}".replace("/", "\\"): data
        for name, data in reversed(files.items())
        if name not in gone
    }
    file = zipped(packed | {"__MACOSX/My library/._voicekeep.json": b"x"})

    assert take(other, file, dry_run=True).absent == tuple(sorted(gone))
    taken = take(other, file)
    assert {item.id: item.outcome for item in taken.items if item.folder == "voices"} == {
        whole: Outcome.NEW,
        bare: Outcome.NEW,
    }
    assert taken.count(Outcome.NEW, "takes") == 1
    assert (taken.faults, taken.added) == ((), ("__MACOSX/My library/._voicekeep.json",))
    (lacking,) = [item for item in taken.items if item.why]
    assert (lacking.id, "the recording" in lacking.why) == (bare, True)
    assert health(other, whole) is Health.SAFE
    assert other.registry.voices.get(left) is None
    assert not [key for key in other.live_vault.keys("") if "My library" in key]
