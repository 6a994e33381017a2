"""What was brought is kept beside what was sent: stored before anything is paid, and for good."""

from __future__ import annotations

import json
import os
import shutil
import tracemalloc
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lib import keeper, manifest
from lib.models import Dossier, Evidence, JobState, Role
from lib.retention import held
from lib.studio.core import drafts
from lib.studio.core.context import Context
from lib.studio.core.drafts import Draft
from lib.studio.orders import cloning, originals, recloning
from lib.studio.orders.confirming import OrderRefused
from lib.studio.storage import files, manifests
from lib.studio.transfer import exporting, importing
from lib.studio.transfer.importing import Outcome
from lib.vault.base import VaultError, VaultTrouble, sha256_hex
from tests.parts.persons import ADA
from tests.parts.radosgw import S3Server
from tests.studio.archives import exported, only, take, vault_path
from tests.studio.story import (
    DAY,
    HOUR,
    MINUTE,
    Story,
    all_jobs,
    clone_request,
    dossier,
    large_recording,
    recording,
    state,
)

BROUGHT = b"fLaC" + bytes(range(256)) * 64
CHANGES: dict[str, Any] = {
    "edit": {"part": [0.5, 12.25], "level": True},
    "how": "encoded",
}


def brought(
    context: Context, data: bytes = BROUGHT, name: str = "Grace in the attic.flac"
) -> Draft:
    return context.drafts.bring("ada", data, name, person=ADA)


def order(context: Context, **more: Any) -> str:
    given = {"original": brought(context), "changes": CHANGES} | more
    return cloning.clone(context, clone_request(**given)).voice_id


def original_of(context: Context, voice_id: str) -> Evidence:
    found = dossier(context, voice_id).copy(Role.ORIGINAL, context.live_vault.name)
    assert found is not None
    return found


def in_vault(context: Context, voice_id: str) -> bytes:
    return context.live_vault.get(original_of(context, voice_id).key, max_bytes=10**7)


@pytest.fixture(params=["folder", "s3"])
def anywhere(request: pytest.FixtureRequest, story: Story) -> Context:
    """A team with a folder and SQLite, and one with a bucket and PostgreSQL."""
    if request.param == "s3":
        server: S3Server = request.getfixturevalue("s3_server")
        story.settings = server.settings(server.new_bucket())
        postgres = request.getfixturevalue("postgres_server")
        story.database = postgres.copy_of(request.getfixturevalue("postgres_template"))
    return story.context()


def test_both_are_kept_and_what_was_done_is_in_the_manifest(
    story: Story, anywhere: Context
) -> None:
    context = anywhere
    voice_id = order(context)
    story.live(context, MINUTE)

    copy = original_of(context, voice_id)
    assert in_vault(context, voice_id) == BROUGHT
    assert copy.key == f"voices/{voice_id}/original/{sha256_hex(BROUGHT)}.flac"
    assert (copy.summary, copy.size) == ("Grace in the attic.flac", len(BROUGHT))
    place = manifest.story_key("voices", voice_id)
    written = manifest.read(place, context.live_vault.get(place, max_bytes=10**6))
    assert isinstance(written, Dossier)
    assert written.making is not None
    assert written.making.request["changes"] == CHANGES
    assert {item.role for item in written.evidence} >= {Role.ORIGINAL, Role.REFERENCE}


def test_only_what_was_made_from_it_is_sent(story: Story, context: Context) -> None:
    order(context)
    story.live(context, MINUTE)
    (request,) = story.service.of_kind("clone")
    assert recording() in request.body
    assert BROUGHT not in request.body
    assert b"changes" not in request.body


def test_a_recording_that_is_sent_as_it_was_brought_is_kept_once(context: Context) -> None:
    draft = brought(context, recording(), "Grace.wav")
    voice_id = order(context, original=draft, changes={})
    assert [item.role for item in dossier(context, voice_id).evidence] == [Role.REFERENCE]
    again = order(context, original=recording(), changes={})
    assert again == voice_id


def test_nothing_is_ordered_where_it_cannot_be_stored_and_nothing_of_it_stays(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_file = context.live_vault.put_file

    def full(key: str, *rest: Any) -> Any:
        if "/original/" in key:
            raise VaultError(VaultTrouble.REFUSED, "The disk is full.")
        return put_file(key, *rest)

    monkeypatch.setattr(context.live_vault, "put_file", full)
    with pytest.raises(OrderRefused, match=r"The disk is full\. .* nothing was spent"):
        order(context)
    assert all_jobs(context) == []
    assert list(context.live_vault.keys("voices/")) == []


def test_an_order_that_is_refused_in_the_end_leaves_neither_file(context: Context) -> None:
    first = order(context)
    with pytest.MonkeyPatch.context() as blind:
        blind.setattr(cloning, "known", lambda *_: None)  # committed in between
        assert order(context) == first
    kept = {key.split("/")[1] for key in context.live_vault.keys("voices/")}
    assert kept == {first}


def test_what_is_gone_from_the_drafts_is_not_ordered(story: Story, context: Context) -> None:
    draft = brought(context)
    context.drafts.drop(draft)
    with pytest.raises(OrderRefused, match="Add it again"):
        order(context, original=draft)
    draft = brought(context)
    (path,) = (context.settings.data_folder / "drafts").glob("*.sound")
    path.write_bytes(b"?" * draft.size)
    with pytest.raises(OrderRefused, match="you added has changed"):
        order(context, original=draft)
    assert list(context.live_vault.keys("voices/")) == []


def test_what_was_done_may_not_be_endless(context: Context) -> None:
    with pytest.raises(OrderRefused):
        order(context, changes={"edit": "x" * originals.MAX_CHANGES})


@pytest.mark.parametrize(
    ("data", "name", "ending"),
    [
        (b"\0\0\0\x18ftypmp42" + bytes(40), "holiday.MP4", "mp4"),
        (b"\0\0\0\x18ftypmp42" + bytes(40), "holiday.html", "m4a"),
        (b"#!AMR\n" + bytes(40), "../../voice", "amr"),
        (b"no sound at all" + bytes(40), "a.wav", "bin"),
    ],
)
def test_it_is_called_by_what_it_is(context: Context, data: bytes, name: str, ending: str) -> None:
    voice_id = order(context, original=brought(context, data, name))
    assert original_of(context, voice_id).key.rpartition(".")[2] == ending


def test_the_keeper_reads_it_again_and_notices_when_it_changed(
    story: Story, context: Context
) -> None:
    voice_id = order(context)
    story.live(context, MINUTE)
    story.clock.advance(timedelta(hours=1))
    assert files.read_again(context, dossier(context, voice_id))
    assert original_of(context, voice_id).read_back_at == story.clock.now()

    vault_path(story, context, voice_id, Role.ORIGINAL).write_bytes(b"something else")
    assert not files.read_again(context, dossier(context, voice_id))
    assert dossier(context, voice_id).copy(Role.ORIGINAL, context.live_vault.name) is None
    assert dossier(context, voice_id).copy(Role.REFERENCE, context.live_vault.name)


def test_a_database_that_was_lost_learns_of_it_from_the_vault(
    story: Story, anywhere: Context
) -> None:
    voice_id = order(anywhere)
    story.live(anywhere, MINUTE)
    other = story.new_container()
    manifests.reconcile(other)
    assert in_vault(other, voice_id) == BROUGHT
    making = dossier(other, voice_id).making
    assert making is not None
    assert making.request["changes"] == CHANGES


def test_it_goes_out_with_an_export_and_comes_back(
    story: Story, anywhere: Context, tmp_path: Path
) -> None:
    voice_id = order(anywhere)
    story.live(anywhere, MINUTE)
    file, written = exported(anywhere)
    assert written.missing == ()
    other = story.context(
        "elsewhere",
        database=f"sqlite:///{tmp_path}/elsewhere.db",
        VAULT_URL=f"file://{tmp_path}/vault-elsewhere",
    )
    found = only(take(other, file))
    assert (found.outcome, found.why) == (Outcome.NEW, "")
    assert in_vault(other, voice_id) == BROUGHT
    assert original_of(other, voice_id).summary == original_of(anywhere, voice_id).summary


def test_it_moves_to_a_new_vault(story: Story, context: Context, s3_server: S3Server) -> None:
    voice_id = order(context)
    story.live(context, MINUTE)
    story.settings = s3_server.settings(s3_server.new_bucket())
    new = story.context()
    for _ in range(2):
        keeper.one_pass(new)
    assert in_vault(new, voice_id) == BROUGHT
    assert original_of(new, voice_id).summary == "Grace in the attic.flac"


def test_it_waits_in_the_old_vault_until_that_can_be_read(
    story: Story, context: Context, s3_server: S3Server
) -> None:
    voice_id = order(context)
    story.live(context, MINUTE)
    path = vault_path(story, context, voice_id, Role.ORIGINAL)
    shutil.move(path, story.folder / "aside")
    story.settings = s3_server.settings(s3_server.new_bucket())
    new = story.context()
    keeper.one_pass(new)
    keeper.one_pass(new)
    here = {item.role for item in held(dossier(new, voice_id), new.live_vault.name)}
    assert Role.REFERENCE in here
    assert Role.ORIGINAL not in here
    shutil.move(story.folder / "aside", path)
    story.live(new, DAY)
    assert in_vault(new, voice_id) == BROUGHT


def test_cloning_again_carries_it_along(story: Story, anywhere: Context) -> None:
    context = anywhere
    voice_id = order(context)
    story.until(context, lambda: state(context, all_jobs(context)[0]) is JobState.DONE)
    story.clock.advance(2 * DAY)

    job = recloning.clone_again(context, dossier(context, voice_id), name="Grace 2", person=ADA)

    assert job.voice_id != voice_id
    assert in_vault(context, job.voice_id) == BROUGHT
    assert job.request["changes"] == CHANGES
    assert original_of(context, job.voice_id).key.startswith(f"voices/{job.voice_id}/original/")


def test_a_voice_whose_original_is_lost_can_be_cloned_again_all_the_same(
    story: Story, context: Context
) -> None:
    voice_id = order(context)
    story.until(context, lambda: state(context, all_jobs(context)[0]) is JobState.DONE)
    vault_path(story, context, voice_id, Role.ORIGINAL).unlink()
    story.clock.advance(2 * DAY)
    job = recloning.clone_again(context, dossier(context, voice_id), name="Grace 2", person=ADA)
    assert [item.role for item in dossier(context, job.voice_id).evidence] == [Role.REFERENCE]


def test_an_earlier_version_reads_the_story_and_leaves_the_file_alone(context: Context) -> None:
    """To one that knows no such role, it is a file of a kind that it does not know."""
    voice_id = order(context)
    data = manifest.write(dossier(context, voice_id))
    body = json.loads(data)
    (copy,) = (item for item in body["evidence"] if item["role"] == "original")
    copy["role"] = "something-newer"
    read = manifest.read_dossier(json.dumps(body).encode())
    assert len(read.evidence) == 2
    assert [item.role for item in held(read, context.live_vault.name)] == [Role.REFERENCE]


def test_files_of_an_order_that_was_never_made_are_no_voice_for_a_moment_and_then_told_of(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ended after the files were stored and before the order was committed."""

    def ends(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(cloning, "commit", ends)
        with pytest.raises(KeyboardInterrupt):
            order(context)
    assert len(list(context.live_vault.keys("voices/"))) == 2
    at = story.clock.now().timestamp()
    for path in (story.folder / "vault" / "voices").rglob("*.*"):
        os.utime(path, (at, at))
    manifests.reconcile(context)
    assert context.registry.unreadable.all() == []
    story.clock.advance(HOUR)
    manifests.reconcile(context)
    (told_of,) = context.registry.unreadable.all()
    assert told_of.files == {"original": 1, "reference": 1}
    voice_id = order(context)
    story.live(context, MINUTE)
    assert in_vault(context, voice_id) == BROUGHT
    assert story.service.count("clone") == 1


def test_a_large_original_is_never_in_memory_on_its_way(
    story: Story, context: Context, tmp_path: Path
) -> None:
    """To the vault, read again, out with an export and in again."""
    large = BROUGHT + bytes(drafts.LARGEST // 3)
    draft = brought(context, large)
    size = len(large)
    del large
    tracemalloc.start()
    voice_id = order(context, original=draft)
    story.live(context, MINUTE)
    assert files.read_again(context, dossier(context, voice_id))
    with (tmp_path / "export.zip").open("w+b") as file:
        assert exporting.write(context, file, person=ADA).missing == ()
        other = story.context(
            "elsewhere",
            database=f"sqlite:///{tmp_path}/elsewhere.db",
            VAULT_URL=f"file://{tmp_path}/vault-elsewhere",
        )
        taken = importing.take(other, file, dry_run=False, person=ADA)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken.items[0].why == ""
    assert original_of(other, voice_id).size == size
    assert peak < size / 2


def test_a_bucket_gets_it_in_parts(
    story: Story, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.settings = s3_server.settings(s3_server.new_bucket())
    context = story.context()
    monkeypatch.setattr("lib.vault.s3_parts.PART_BYTES", 5 * 1024 * 1024)
    data = BROUGHT + large_recording() * 4
    voice_id = order(context, original=brought(context, data))
    assert len(data) > 2 * 5 * 1024 * 1024
    assert context.live_vault.get(original_of(context, voice_id).key, max_bytes=10**8) == data
