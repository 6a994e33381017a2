"""`verify`, `export` and `import` on the command line: copies read again, a library in one file."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lib import keeper
from lib.models import Health, Role
from lib.studio.core.context import Context
from tests.parts.clock import SettableClock
from tests.studio.command_line import Command, process
from tests.studio.story import HOUR, Story, dossier, health


@pytest.fixture
def clock() -> SettableClock:
    """The command lives in real time; the story was told an hour ago."""
    return SettableClock(datetime.now(UTC) - HOUR)


@pytest.fixture
def pace() -> float:
    """Runs of the service end at once."""
    return 0.0


@pytest.fixture
def voices(story: Story, context: Context) -> tuple[str, str]:
    """Two voices that are safe: one by its copy, one by a use."""
    made = story.kept(context, "qwen"), story.kept(context, seed=2)
    for _ in range(2):
        keeper.one_pass(context)
    return made


def copy_of(story: Story, context: Context, voice_id: str, role: Role) -> Path:
    """The file of a copy in the team's vault."""
    copy = dossier(context, voice_id).copy(role, context.live_vault.name)
    assert copy is not None
    return story.folder / "vault" / copy.key


def test_verify_reads_every_copy_of_every_voice_now(
    context: Context, command: Command, voices: tuple[str, str]
) -> None:
    started = datetime.now(UTC)
    ran = command("verify", "--json")

    assert ran.code == 0
    assert set(ran.json) == {"copies", "good", "bad", "unread"}
    assert ran.json["good"] == ran.json["copies"] >= 4
    assert ran.json["bad"] == ran.json["unread"] == []
    for voice_id in voices:
        copies = [item for item in dossier(context, voice_id).evidence if item.key]
        assert all(item.read_back_at and item.read_back_at >= started for item in copies)
    assert {item.role for item in dossier(context, voices[0]).evidence} >= {
        Role.EMBEDDING,
        Role.REFERENCE,
    }


@pytest.mark.parametrize("role", [Role.EMBEDDING, Role.REFERENCE])
def test_verify_names_the_voice_of_a_bad_copy_which_counts_no_more(
    story: Story, context: Context, command: Command, voices: tuple[str, str], role: Role
) -> None:
    copy = copy_of(story, context, voices[0], role)
    data = copy.read_bytes()
    copy.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    ran = command("verify", "--json")

    assert ran.code == 1
    (bad,) = ran.json["bad"]
    assert (bad["id"], bad["name"], bad["role"]) == (voices[0], "Grace 1", role.value)
    assert ran.json["good"] == ran.json["copies"] - 1
    assert dossier(context, voices[0]).copy(role, context.live_vault.name) is None
    assert (health(context, voices[0]) is Health.SAFE) is (role is not Role.EMBEDDING)


def test_verify_tells_it_to_a_person_in_sentences(
    story: Story, context: Context, command: Command, voices: tuple[str, str]
) -> None:
    copy_of(story, context, voices[1], Role.REFERENCE).unlink()
    ran = command("verify")

    assert ran.code == 1
    first, second = ran.out.splitlines()
    assert "copies: " in first
    assert "4 good, 1 missing or damaged" in first
    assert second.startswith("Grace 2: the recording. It was missing or changed.")


def test_verify_where_the_vault_cannot_be_listed_judges_nothing(
    story: Story, context: Context, command: Command, voices: tuple[str, str]
) -> None:
    story.vault_breaks()
    ran = command("verify", "--json")

    assert (ran.code, ran.out) == (2, "")
    assert len(ran.err.splitlines()) == 1
    assert health(context, voices[0]) is Health.SAFE


def test_a_copy_that_could_not_be_read_is_neither_good_nor_bad(
    context: Context, command: Command, voices: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    leases = context.registry.leases
    with leases.hold(f"files:{voices[0]}", "another keeper", HOUR):
        ran = command("verify", "--json")

    assert ran.code == 1
    assert ran.json["bad"] == []
    assert {item["id"] for item in ran.json["unread"]} == {voices[0]}
    assert "Another keeper" in ran.json["unread"][0]["why"]
    assert ran.json["good"] + len(ran.json["unread"]) == ran.json["copies"]


def test_a_dry_verify_counts_and_reads_nothing(
    context: Context, command: Command, voices: tuple[str, str]
) -> None:
    before = [dossier(context, voice_id) for voice_id in voices]
    ran = command("verify", "--dry-run", "--json")

    assert ran.code == 0
    assert ran.json["copies"] >= 4
    assert ran.json["good"] == 0
    assert [dossier(context, voice_id) for voice_id in voices] == before


def test_a_library_goes_out_is_checked_and_comes_in_elsewhere(
    story: Story, context: Context, command: Command, voices: tuple[str, str]
) -> None:
    file = story.folder / "library.zip"
    written = command("export", str(file), "--json")
    assert (written.code, written.json["voices"], written.json["missing"]) == (0, 2, [])
    assert file.stat().st_mode & 0o077 == 0
    assert [path.name for path in story.folder.glob(".library*")] == []

    checked = command("verify", str(file), "--json", DATABASE_URL="nonsense://")
    assert (checked.code, checked.json["good"], checked.json["voices"]) == (0, True, 2)

    elsewhere = {
        "DATABASE_URL": f"sqlite:///{story.folder / 'new.db'}",
        "VAULT_URL": f"file://{story.folder / 'new-vault'}",
    }
    dry = command("import", str(file), "--dry-run", "--json", **elsewhere)
    assert (dry.code, dry.json["voices"]["new"]) == (0, 2)
    assert command("status", "--json", **elsewhere).json["voices"] == []
    assert not (story.folder / "new-vault").exists()

    taken = command("import", str(file), "--json", **elsewhere)
    assert (taken.code, taken.json["voices"]) == (0, dry.json["voices"])
    standing = command("status", "--json", **elsewhere).json["voices"]
    assert {voice["id"]: voice["health"] for voice in standing} == dict.fromkeys(voices, "safe")
    again = command("import", str(file), "--json", **elsewhere)
    assert again.json["voices"]["here"] == 2
    told = command("import", str(file), **elsewhere).out
    assert told.startswith("Voices: 0 new and 0 newer imported, 2 here already")


def test_what_is_not_taken_out_of_a_file_is_named_file_by_file(
    story: Story, command: Command, voices: tuple[str, str]
) -> None:
    written, again = story.folder / "library.zip", story.folder / "again.zip"
    command("export", str(written))
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(again, "w") as target:
        gone = sorted(name for name in source.namelist() if voices[0] in name)
        for name in source.namelist():
            if name not in gone:
                target.writestr(f"library/{name}", source.read(name))
        target.writestr("library/.DS_Store", b"x")
        target.writestr("library/notes.txt", b"x")

    for arguments in (["verify", str(again)], ["import", str(again), "--dry-run"]):
        found = command(*arguments, "--json")
        assert found.code == 1
        assert found.json["absent"] == gone
        assert found.json["added"] == ["library/.DS_Store"]
        assert found.json["faults"][0].startswith("notes.txt")
        lines = command(*arguments).out.splitlines()
        assert [line.split()[0] for line in lines[-len(gone) - 2 :]] == [
            "notes.txt", *gone, "library/.DS_Store",
        ]  # fmt: skip


def test_an_export_can_be_piped(story: Story, context: Context, voices: tuple[str, str]) -> None:
    piped = story.folder / "piped.zip"
    with process(context, story.folder / "elsewhere", "export", "-", "--json") as running:
        assert running.stdout is not None
        piped.write_bytes(running.stdout.buffer.read())  # type: ignore[attr-defined]
        err = running.stderr.read() if running.stderr else ""

    assert running.returncode == 0
    assert json.loads(err)["voices"] == len(voices)
    with zipfile.ZipFile(piped) as archive:
        assert archive.testzip() is None


def test_a_damaged_export_is_told_and_ends_with_one(
    story: Story, command: Command, voices: tuple[str, str]
) -> None:
    file = story.folder / "library.zip"
    command("export", str(file))
    data = bytearray(file.read_bytes())
    data[len(data) // 3] ^= 1
    file.write_bytes(data)
    ran = command("verify", str(file), "--json")

    assert ran.code == 1
    assert ran.json["good"] is False
    assert ran.json["faults"]


def test_what_cannot_be_exported_checked_or_imported_ends_with_two_and_a_sentence(
    story: Story, command: Command
) -> None:
    strange = story.folder / "strange.zip"
    strange.write_text("not a library")
    file = story.folder / "library.zip"
    tried = [
        command("export", str(file)),
        command("verify", str(story.folder / "nowhere.zip")),
        command("import", str(story.folder / "nowhere.zip")),
        command("import", str(strange), "--dry-run"),
        command("import", str(strange)),
    ]

    assert [ran.code for ran in tried] == [2] * len(tried)
    assert [ran.out for ran in tried] == [""] * len(tried)
    assert all(len(ran.err.splitlines()) == 1 for ran in tried)
    assert not file.exists()


@pytest.mark.usefixtures("voices")
def test_an_export_that_fails_leaves_the_earlier_one(
    story: Story, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = story.folder / "library.zip"
    file.write_text("the earlier one")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lib.studio.transfer.exporting.write", full)
    ran = command("export", str(file))

    assert ran.code == 2
    assert "No space left" in ran.err
    assert file.read_text() == "the earlier one"
    assert [path.name for path in story.folder.glob(".library*")] == []


@pytest.mark.parametrize("arguments", [["import", "x.zip"], ["verify"]])
def test_a_second_writer_of_a_bucket_is_refused(command: Command, arguments: list[str]) -> None:
    bucket = {"VAULT_URL": "s3://bucket/prefix", "AWS_REGION": "us-east-1", "DATABASE_URL": ""}
    ran = command(*arguments, **bucket)

    assert ran.code == 2
    assert "DATABASE_URL" in ran.err
