"""Everything leaves in one ZIP that any program can open and check, whatever is amiss with it."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import tracemalloc
import zipfile
from pathlib import Path
from threading import Thread

import pytest

from lib.models import Dossier, EvidenceKind, Health, Role
from lib.retention import elsewhere, held
from lib.services import DEMO
from lib.settings import Settings
from lib.studio.core.context import Context
from lib.studio.core.opening import open_context
from lib.studio.orders import speaking
from lib.studio.storage.manifests import copy_evidence
from lib.studio.transfer import exporting, importing
from lib.studio.transfer.exporting import Written
from lib.vault.base import Sink, Stored, VaultError, VaultTrouble, sha256_hex
from tests.parts.clock import START, SettableClock
from tests.parts.persons import ADA
from tests.parts.processes import find_program
from tests.parts.radosgw import S3Server
from tests.studio.archives import a_voice, exported, vault_path
from tests.studio.story import MINUTE, Story, dossier, health, recording, text_order

MEGABYTE = 1_000_000


def names(file: io.BytesIO) -> list[str]:
    return zipfile.ZipFile(file).namelist()


def with_a_take(story: Story, context: Context) -> tuple[str, str]:
    """A safe voice and a take of it."""
    voice_id = story.kept(context)
    job = speaking.order(context, text_order(voice_id))
    story.live(context, MINUTE)
    return voice_id, job.id


def test_an_export_holds_all_that_the_vault_holds_and_says_so(
    story: Story, context: Context
) -> None:
    with_a_take(story, context)
    story.kept(context, "qwen", 2)
    story.live(context, MINUTE)
    file, written = exported(context)

    archive = zipfile.ZipFile(file)
    held = {key for key in context.live_vault.keys("") if not key.startswith(("probe/", "events/"))}
    assert set(archive.namelist()) == held | {"voicekeep.json", "SHA256SUMS"}
    assert archive.namelist()[-1] == "SHA256SUMS"
    for key in held:
        if not key.endswith(".json"):
            assert archive.read(key) == context.live_vault.get(key, max_bytes=MEGABYTE)
    told = json.loads(archive.read("voicekeep.json"))
    assert (told["format"], told["voices"], told["takes"], told["missing"]) == (1, 2, 1, [])
    assert told["written_at"] == story.clock.now().isoformat()
    files = len([key for key in held if not key.endswith(".json")])
    assert written == Written(2, 1, files, len(file.getvalue()))
    assert importing.check(file) == importing.Checked(2, 1, files, story.clock.now())


def test_ordinary_programs_open_and_check_an_export(
    story: Story, context: Context, tmp_path: Path
) -> None:
    with_a_take(story, context)
    (tmp_path / "all.zip").write_bytes(exported(context)[0].getvalue())
    out = tmp_path / "out"
    unzip = [find_program("unzip"), "-q", str(tmp_path / "all.zip"), "-d", str(out)]
    subprocess.run(unzip, check=True)
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=out, capture_output=True, check=True
    )
    assert done.stdout.count(b": OK") == len(list(out.rglob("*.*")))


def test_an_unpacked_export_is_a_vault(story: Story, context: Context) -> None:
    """No import is needed: `VAULT_URL` names the folder, and an empty database is filled."""
    voice_id, take_id = with_a_take(story, context)
    folder = story.folder / "unpacked"
    zipfile.ZipFile(exported(context)[0]).extractall(folder)
    (story.folder / "vault").rename(story.folder / "gone")
    other = story.context(
        "other",
        database=f"sqlite:///{story.folder}/other.db",
        read=False,
        VAULT_URL=f"file://{folder}",
    )
    paid = story.service.paid_requests
    story.live(other, MINUTE)
    assert health(other, voice_id) is Health.SAFE
    assert len(held(dossier(other, voice_id), other.live_vault.name)) == 3
    assert elsewhere(dossier(other, voice_id), other.live_vault.name) == ()
    take = other.registry.takes.get(take_id)
    assert take is not None
    assert take.vault == other.live_vault.name
    assert story.service.paid_requests == paid


def test_sounds_are_stored_and_stories_packed_with_sane_heads(
    story: Story, context: Context
) -> None:
    with_a_take(story, context)
    now = story.clock.now()
    for info in zipfile.ZipFile(exported(context)[0]).infolist():
        is_text = info.filename.endswith((".json", "SUMS"))
        assert (info.compress_type == zipfile.ZIP_DEFLATED) is is_text
        assert info.date_time[:5] == (now.year, now.month, now.day, now.hour, now.minute)
        assert info.external_attr >> 16 == stat.S_IFREG | 0o600


def test_an_export_goes_through_a_pipe(story: Story, context: Context) -> None:
    with_a_take(story, context)
    end, start = os.pipe()
    received: list[bytes] = []

    def receive() -> None:
        with open(end, "rb") as pipe:
            received.append(pipe.read())

    reader = Thread(target=receive)
    reader.start()
    with open(start, "wb", buffering=0) as pipe:
        exporting.write(context, pipe, person=ADA)  # type: ignore[arg-type]
    reader.join(10)
    assert received[0] == exported(context)[0].getvalue()


def test_one_voice_leaves_alone_with_all_that_is_its_own(story: Story, context: Context) -> None:
    voice_id, take_id = with_a_take(story, context)
    story.kept(context, seed=2)
    file, written = exported(context, voice_id)

    assert (written.voices, written.takes) == (1, 1)
    folders = {name.split("/")[1] for name in names(file) if "/" in name}
    assert folders == {voice_id, take_id}
    assert importing.check(file).is_good
    assert exported(context, "nobody")[1].voices == 0


def test_what_is_missing_or_damaged_is_named_and_the_rest_goes_along(
    story: Story, context: Context
) -> None:
    voices = [story.kept(context, seed=seed) for seed in (1, 2, 3)]
    vault_path(story, context, voices[0], Role.REFERENCE).unlink()
    damaged = vault_path(story, context, voices[1], Role.REFERENCE)
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
    file, written = exported(context)

    assert sorted(written.missing) == [
        "Grace 1: the recording is not in this export. This file is not in the storage.",
        "Grace 2: the recording is not in this export. It is damaged.",
    ]
    assert written.voices == 3
    told = json.loads(zipfile.ZipFile(file).read("voicekeep.json"))
    assert sorted(item["why"] for item in told["missing"]) == sorted(written.missing)
    checked = importing.check(file)
    assert checked.is_good
    assert sorted(checked.missing) == sorted(written.missing)


def test_a_file_in_another_vault_is_taken_from_there_or_named(
    story: Story, context: Context
) -> None:
    voice_id = story.made(context)
    (copy,) = dossier(context, voice_id).valid_evidence(EvidenceKind.COPY, Role.REFERENCE)
    data = context.live_vault.get(copy.key, max_bytes=MEGABYTE)
    context.live_vault.delete(copy.key)
    context.demo_vault.put_verified(copy.key, data, "audio/wav")
    context.registry.voices.change_evidence(copy, vault=context.demo_vault.name)
    file, written = exported(context)
    assert written.missing == ()
    assert copy.key in names(file)

    context.registry.voices.change_evidence(copy, vault="s3://gone/away")
    (sentence,) = exported(context)[1].missing
    assert sentence.endswith("It is in a storage that is not connected.")


def test_a_vault_that_does_not_answer_is_not_waited_for_again_and_again(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(1, 6):
        story.made(context, seed=seed)
    asked: list[str] = []

    def silent(key: str, target: Sink, *, max_bytes: int) -> None:
        asked.append(key)
        raise VaultError(VaultTrouble.UNREACHABLE, "No answer.")

    monkeypatch.setattr(context.live_vault, "get_file", silent)
    written = exported(context)[1]
    assert len(asked) == exporting.PATIENCE
    assert written.voices == 5
    assert written.files == 0
    assert len(written.missing) >= 5


@pytest.mark.parametrize("place", ["voices/other/voice.json", "exports/a.zip", "../a", "x" * 900])
def test_a_story_cannot_make_an_export_read_other_files(
    story: Story, context: Context, place: str
) -> None:
    voice_id = story.made(context)
    for item in dossier(context, voice_id).evidence:
        context.registry.voices.change_evidence(item, key=place)
    file, written = exported(context)
    assert place not in names(file)
    assert "is not where files of this voice belong" in written.missing[0]
    assert importing.check(file).is_good


def test_no_secret_and_no_signed_address_leaves(
    story: Story, context: Context, s3_server: S3Server
) -> None:
    story.settings = s3_server.settings(s3_server.new_bucket())
    bucket = story.context("other", database=f"sqlite:///{story.folder}/other.db")
    voice_id = story.kept(bucket, "qwen")
    speaking.order(bucket, text_order(voice_id, model="Qwen-3-TTS-1.7B"))
    story.live(bucket, MINUTE)
    archive = zipfile.ZipFile(exported(bucket)[0])
    whole = b"".join(archive.read(name) for name in archive.namelist())
    for secret in (bucket.settings.get("NANOGPT_API_KEY"), s3_server.secret_key, "X-Amz"):
        assert secret.encode() not in whole


def test_the_demo_leaves_only_where_it_is_all_there_is(
    story: Story, context: Context, tmp_path: Path, clock: SettableClock
) -> None:
    mixed = story.context(DEMO="1")
    story.made(mixed)
    demo_voice = a_voice(service=DEMO)
    mixed.registry.voices.absorb(Dossier(demo_voice))
    assert exported(mixed)[1].voices == 1
    assert exported(mixed, demo_voice.id)[1].voices == 1

    play = open_context(Settings(data_folder=tmp_path / "play"), clock=clock)
    story.opened.append(play)
    play.registry.voices.absorb(Dossier(demo_voice))
    assert exported(play)[1].voices == 1


def test_progress_is_told_from_nothing_to_all(story: Story, context: Context) -> None:
    for seed in (1, 2):
        story.made(context, seed=seed)
    told: list[tuple[int, int]] = []
    exporting.write(
        context, io.BytesIO(), person=ADA, progress=lambda done, total: told.append((done, total))
    )
    assert told == [(0, 2), (1, 2), (2, 2)]


def test_a_target_that_refuses_ends_the_export(story: Story, context: Context) -> None:
    story.made(context)

    class Full(io.RawIOBase):
        def write(self, data: object) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        exporting.write(context, Full(), person=ADA)  # type: ignore[arg-type]


def fill(story: Story, context: Context, count: int, data: bytes) -> None:
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
        stored = Stored(context.live_vault.name, key, digest, len(data), START)
        proof = copy_evidence(voice.id, Role.REFERENCE, stored, "wav", START)
        context.registry.voices.absorb(Dossier(voice, (), (proof,)))


def test_memory_does_not_grow_with_the_library(story: Story) -> None:
    data = os.urandom(500_000)
    peaks = []
    for count in (20, 200):
        database = f"sqlite:///{story.folder}/{count}.db"
        context = story.context(str(count), database=database)
        fill(story, context, count, data)
        with open(os.devnull, "wb") as nowhere:
            exporting.write(
                context, nowhere, person=ADA, voice_ids=["nobody"]
            )  # imports and caches
            tracemalloc.start()
            written = exporting.write(context, nowhere, person=ADA)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert (written.files, written.missing) == (count, ())
        assert written.bytes > count * len(data)
    # A hundred megabytes were written. What else the process does meanwhile is in the peaks, too.
    assert max(peaks) < 10 * MEGABYTE


def test_a_recording_is_the_one_that_was_given(story: Story, context: Context) -> None:
    voice_id = story.made(context)
    archive = zipfile.ZipFile(exported(context, voice_id)[0])
    (name,) = [name for name in archive.namelist() if "/reference/" in name]
    assert archive.read(name) == recording(1)
