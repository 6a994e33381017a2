"""Everything leaves in one ZIP that any program can open and check, whatever is amiss with it."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import tracemalloc
import zipfile
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from lib.models import Dossier, EvidenceKind, Role, Source, Voice, VoiceKind, new_id
from lib.services import DEMO, NANOGPT
from lib.settings import Settings
from lib.studio import exports, imports, speaking
from lib.studio.exports import Written
from lib.studio.vaulting import copy_evidence
from lib.studio.workshop import Workshop, open_workshop
from lib.vault.base import Stored, VaultError, VaultTrouble, sha256_hex
from tests.parts.clock import START, SettableClock
from tests.parts.processes import find_program
from tests.parts.radosgw import S3Server
from tests.studio.story import MINUTE, Story, dossier, recording, text_order

MEGABYTE = 1_000_000


def exported(workshop: Workshop, *voice_ids: str) -> tuple[io.BytesIO, Written]:
    """An export of these voices, or of all."""
    target = io.BytesIO()
    written = exports.write(workshop, target, voice_ids=voice_ids or None)
    return target, written


def names(file: io.BytesIO) -> list[str]:
    return zipfile.ZipFile(file).namelist()


def vault_path(story: Story, workshop: Workshop, voice_id: str, role: Role) -> Path:
    """Where a voice's file lies on the disk."""
    copy = dossier(workshop, voice_id).copy(role, workshop.live_vault.name)
    assert copy is not None
    return story.folder / "vault" / copy.key


def with_a_take(story: Story, workshop: Workshop) -> tuple[str, str]:
    """A safe voice and a take of it."""
    voice_id = story.kept(workshop)
    job = speaking.order(workshop, text_order(voice_id))
    story.live(workshop, MINUTE)
    return voice_id, job.id


def test_an_export_holds_all_that_the_vault_holds_and_says_so(
    story: Story, workshop: Workshop
) -> None:
    with_a_take(story, workshop)
    story.kept(workshop, "qwen", 2)
    story.live(workshop, MINUTE)
    file, written = exported(workshop)

    archive = zipfile.ZipFile(file)
    held = {
        key for key in workshop.live_vault.keys("") if not key.startswith(("probe/", "events/"))
    }
    assert set(archive.namelist()) == held | {"voicekeep.json", "SHA256SUMS"}
    assert archive.namelist()[-1] == "SHA256SUMS"
    for key in held:
        if not key.endswith(".json"):
            assert archive.read(key) == workshop.live_vault.get(key, max_bytes=MEGABYTE)
    told = json.loads(archive.read("voicekeep.json"))
    assert (told["format"], told["voices"], told["takes"], told["missing"]) == (1, 2, 1, [])
    assert told["written_at"] == story.clock.now().isoformat()
    files = len([key for key in held if not key.endswith(".json")])
    assert written == Written(2, 1, files, len(file.getvalue()))
    assert imports.check(file) == imports.Checked(2, 1, files, story.clock.now())


def test_ordinary_programs_open_and_check_an_export(
    story: Story, workshop: Workshop, tmp_path: Path
) -> None:
    with_a_take(story, workshop)
    (tmp_path / "all.zip").write_bytes(exported(workshop)[0].getvalue())
    out = tmp_path / "out"
    unzip = [find_program("unzip"), "-q", str(tmp_path / "all.zip"), "-d", str(out)]
    subprocess.run(unzip, check=True)
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=out, capture_output=True, check=True
    )
    assert done.stdout.count(b": OK") == len(list(out.rglob("*.*")))


def test_sounds_are_stored_and_stories_packed_with_sane_heads(
    story: Story, workshop: Workshop
) -> None:
    with_a_take(story, workshop)
    now = story.clock.now()
    for info in zipfile.ZipFile(exported(workshop)[0]).infolist():
        is_text = info.filename.endswith((".json", "SUMS"))
        assert (info.compress_type == zipfile.ZIP_DEFLATED) is is_text
        assert info.date_time[:5] == (now.year, now.month, now.day, now.hour, now.minute)
        assert info.external_attr >> 16 == stat.S_IFREG | 0o600


def test_an_export_goes_through_a_pipe(story: Story, workshop: Workshop) -> None:
    with_a_take(story, workshop)
    end, start = os.pipe()
    received: list[bytes] = []

    def receive() -> None:
        with open(end, "rb") as pipe:
            received.append(pipe.read())

    reader = Thread(target=receive)
    reader.start()
    with open(start, "wb", buffering=0) as pipe:
        exports.write(workshop, pipe)  # type: ignore[arg-type]
    reader.join(10)
    assert received[0] == exported(workshop)[0].getvalue()


def test_one_voice_leaves_alone_with_all_that_is_its_own(story: Story, workshop: Workshop) -> None:
    voice_id, take_id = with_a_take(story, workshop)
    story.kept(workshop, seed=2)
    file, written = exported(workshop, voice_id)

    assert (written.voices, written.takes) == (1, 1)
    folders = {name.split("/")[1] for name in names(file) if "/" in name}
    assert folders == {voice_id, take_id}
    assert imports.check(file).is_good
    assert exported(workshop, "nobody")[1].voices == 0


def test_what_is_missing_or_damaged_is_named_and_the_rest_goes_along(
    story: Story, workshop: Workshop
) -> None:
    voices = [story.kept(workshop, seed=seed) for seed in (1, 2, 3)]
    vault_path(story, workshop, voices[0], Role.REFERENCE).unlink()
    damaged = vault_path(story, workshop, voices[1], Role.REFERENCE)
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
    file, written = exported(workshop)

    assert sorted(written.missing) == [
        "Grace 1: the recording is not in this export. This file is not in the vault.",
        "Grace 2: the recording is not in this export. It is damaged.",
    ]
    assert written.voices == 3
    told = json.loads(zipfile.ZipFile(file).read("voicekeep.json"))
    assert sorted(item["why"] for item in told["missing"]) == sorted(written.missing)
    checked = imports.check(file)
    assert checked.is_good
    assert sorted(checked.missing) == sorted(written.missing)


def test_a_file_in_another_vault_is_taken_from_there_or_named(
    story: Story, workshop: Workshop
) -> None:
    voice_id = story.made(workshop)
    (copy,) = dossier(workshop, voice_id).standing_evidence(EvidenceKind.COPY, Role.REFERENCE)
    data = workshop.live_vault.get(copy.key, max_bytes=MEGABYTE)
    workshop.live_vault.delete(copy.key)
    workshop.demo_vault.put_verified(copy.key, data, "audio/wav")
    workshop.registry.voices.change_evidence(copy, vault=workshop.demo_vault.name)
    file, written = exported(workshop)
    assert written.missing == ()
    assert copy.key in names(file)

    workshop.registry.voices.change_evidence(copy, vault="s3://gone/away")
    (sentence,) = exported(workshop)[1].missing
    assert sentence.endswith("It lies in a vault that is not connected.")


def test_a_vault_that_does_not_answer_is_not_waited_for_again_and_again(
    story: Story, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(1, 6):
        story.made(workshop, seed=seed)
    asked: list[str] = []

    def silent(key: str, *, max_bytes: int) -> bytes:
        asked.append(key)
        raise VaultError(VaultTrouble.UNREACHABLE, "No answer.")

    monkeypatch.setattr(workshop.live_vault, "get", silent)
    written = exported(workshop)[1]
    assert len(asked) == exports.PATIENCE
    assert written.voices == 5
    assert written.files == 0
    assert len(written.missing) >= 5


@pytest.mark.parametrize("place", ["voices/other/voice.json", "exports/a.zip", "../a", "x" * 900])
def test_a_story_cannot_make_an_export_read_other_files(
    story: Story, workshop: Workshop, place: str
) -> None:
    voice_id = story.made(workshop)
    for item in dossier(workshop, voice_id).evidence:
        workshop.registry.voices.change_evidence(item, key=place)
    file, written = exported(workshop)
    assert place not in names(file)
    assert "does not lie where files of this voice belong" in written.missing[0]
    assert imports.check(file).is_good


def test_no_secret_and_no_signed_address_leaves(
    story: Story, workshop: Workshop, s3_server: S3Server
) -> None:
    story.settings = s3_server.settings(s3_server.new_bucket())
    bucket = story.workshop("other", database=f"sqlite:///{story.folder}/other.db")
    voice_id = story.kept(bucket, "qwen")
    speaking.order(bucket, text_order(voice_id, model="Qwen-3-TTS-1.7B"))
    story.live(bucket, MINUTE)
    archive = zipfile.ZipFile(exported(bucket)[0])
    whole = b"".join(archive.read(name) for name in archive.namelist())
    for secret in (bucket.settings.get("NANOGPT_API_KEY"), s3_server.secret_key, "X-Amz"):
        assert secret.encode() not in whole


def test_the_demo_leaves_only_where_it_is_all_there_is(
    story: Story, workshop: Workshop, tmp_path: Path, clock: SettableClock
) -> None:
    mixed = story.workshop(DEMO="1")
    story.made(mixed)
    demo_voice = a_voice(service=DEMO)
    mixed.registry.voices.absorb(Dossier(demo_voice))
    assert exported(mixed)[1].voices == 1
    assert exported(mixed, demo_voice.id)[1].voices == 1

    play = open_workshop(Settings(data_folder=tmp_path / "play"), clock=clock)
    story.opened.append(play)
    play.registry.voices.absorb(Dossier(demo_voice))
    assert exported(play)[1].voices == 1


def test_progress_is_told_from_nothing_to_all(story: Story, workshop: Workshop) -> None:
    for seed in (1, 2):
        story.made(workshop, seed=seed)
    told: list[tuple[int, int]] = []
    exports.write(workshop, io.BytesIO(), progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 2), (1, 2), (2, 2)]


def test_a_target_that_refuses_ends_the_export(story: Story, workshop: Workshop) -> None:
    story.made(workshop)

    class Full(io.RawIOBase):
        def write(self, data: object) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        exports.write(workshop, Full())  # type: ignore[arg-type]


def a_voice(**fields: object) -> Voice:
    voice = Voice(
        id=new_id(),
        name="Grace",
        kind=VoiceKind.MINIMAX,
        source=Source.CLONED,
        service=NANOGPT,
        account="theirs",
        created_at=START,
        provider_voice_id="Grace12345678",
    )
    return replace(voice, **fields)  # type: ignore[arg-type]


def fill(story: Story, workshop: Workshop, count: int, data: bytes) -> None:
    """So many voices with the same recording, which lies on the disk once."""
    digest = sha256_hex(data)
    original = story.folder / "recording"
    original.write_bytes(data)
    for number in range(count):
        voice = a_voice(name=f"Grace {number}")
        key = f"voices/{voice.id}/reference/{digest}.wav"
        path = story.folder / "vault" / key
        path.parent.mkdir(parents=True)
        path.hardlink_to(original)
        stored = Stored(workshop.live_vault.name, key, digest, len(data), START)
        proof = copy_evidence(voice.id, Role.REFERENCE, stored, "wav", START)
        workshop.registry.voices.absorb(Dossier(voice, (), (proof,)))


def test_memory_does_not_grow_with_the_library(story: Story) -> None:
    data = os.urandom(500_000)
    peaks = []
    for count in (20, 200):
        database = f"sqlite:///{story.folder}/{count}.db"
        workshop = story.workshop(str(count), database=database)
        fill(story, workshop, count, data)
        with open(os.devnull, "wb") as nowhere:
            exports.write(workshop, nowhere, voice_ids=["nobody"])  # imports and caches
            tracemalloc.start()
            written = exports.write(workshop, nowhere)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert (written.files, written.missing) == (count, ())
        assert written.bytes > count * len(data)
    # A hundred megabytes were written. What else the process does meanwhile is in the peaks, too.
    assert max(peaks) < 10 * MEGABYTE


def test_a_recording_is_the_one_that_was_given(story: Story, workshop: Workshop) -> None:
    voice_id = story.made(workshop)
    archive = zipfile.ZipFile(exported(workshop, voice_id)[0])
    (name,) = [name for name in archive.namelist() if "/reference/" in name]
    assert archive.read(name) == recording(1)
