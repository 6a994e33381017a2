"""After a change of `VAULT_URL` everything moves to the new place, and counts only there."""

from __future__ import annotations

import shutil

import pytest

from lib import keeper
from lib.keeper import passes
from lib.models import Health, JobState, Role
from lib.retention import held
from lib.studio.alerts.notices import NoticeKind, due_notices
from lib.studio.core.context import Context
from lib.studio.library import listing
from lib.studio.orders import speaking
from lib.studio.storage import manifests, migration
from lib.studio.storage.migration import Progress
from tests.parts.radosgw import S3Server
from tests.studio.service import refuses
from tests.studio.story import (
    HOUR,
    MINUTE,
    Story,
    dossier,
    health,
    state,
    text_order,
)


@pytest.fixture
def context(story: Story, s3_server: S3Server) -> Context:
    """The team's app, with a bucket."""
    story.settings = s3_server.settings(s3_server.new_bucket())
    return story.context()


def stocked(story: Story, context: Context) -> tuple[str, str, str]:
    """A MiniMax voice, a Qwen voice and a take; their ids."""
    voices = story.kept(context), story.kept(context, "qwen", 2)
    take = speaking.order(context, text_order(voices[0]))
    story.until(context, lambda: state(context, take) is JobState.DONE)
    story.live(context, MINUTE)
    return (*voices, take.id)


def moved(story: Story, s3_server: S3Server) -> Context:
    """The same team with another bucket; the service has dropped its files."""
    story.service.always("file", refuses(404))
    story.settings = s3_server.settings(s3_server.new_bucket())
    return story.context("data")


def everything_left(context: Context) -> Progress | None:
    dossiers = context.registry.voices.dossiers(services=context.settings.visible)
    vault = context.live_vault.name
    return migration.progress(
        context, sum(migration.files_left(dossier, vault) for dossier in dossiers)
    )


def test_nothing_counts_by_a_copy_in_the_old_place_and_all_moves_by_itself(
    story: Story, context: Context, s3_server: S3Server
) -> None:
    used, copied, take = stocked(story, context)
    new = moved(story, s3_server)
    assert health(new, copied) is Health.WAITING
    keeper.one_pass(new)
    keeper.one_pass(new)

    assert health(new, copied) is Health.SAFE
    assert everything_left(new) is None
    for voice_id in (used, copied):
        before = {item.sha256 for item in held(dossier(new, voice_id), context.live_vault.name)}
        after = {item.sha256 for item in held(dossier(new, voice_id), new.live_vault.name)}
        assert before <= after
        assert len(after) >= 2
    kept = new.registry.takes.get(take)
    assert kept is not None
    assert kept.vault == new.live_vault.name
    assert len(new.live_vault.get(kept.key, max_bytes=10**7)) == kept.size


def test_the_new_place_alone_is_enough_for_a_container_with_an_empty_disk(
    story: Story, context: Context, s3_server: S3Server
) -> None:
    used, copied, take = stocked(story, context)
    new = moved(story, s3_server)
    story.live(new, HOUR)
    empty = story.new_container()

    assert manifests.reconcile(empty) == 3
    assert [health(empty, voice_id) for voice_id in (used, copied)] == [Health.SAFE] * 2
    assert empty.registry.takes.get(take) == new.registry.takes.get(take)


def test_it_says_how_far_it_is(
    story: Story, context: Context, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in (1, 2, 3):
        story.kept(context, "qwen", seed)
    keeper.one_pass(context)
    assert everything_left(context) is None

    new = moved(story, s3_server)
    monkeypatch.setattr(passes, "STEPS_PER_PASS", 1)
    told = []
    for _ in range(4):
        keeper.one_pass(new)
        told.append(everything_left(new))
    assert told == [Progress(2, 6), Progress(4, 6), None, None]


def test_an_old_place_that_cannot_be_read_is_told_and_asked_again(
    story: Story, context: Context, s3_server: S3Server
) -> None:
    story.settings = {}
    on_disk = story.context(VAULT_URL=f"file://{story.folder / 'first'}")
    copied = story.kept(on_disk, "qwen")
    keeper.one_pass(on_disk)
    (story.folder / "first").rename(story.folder / "away")

    new = moved(story, s3_server)
    summaries = story.live(new, HOUR)
    assert any("previous storage" in line for line in summaries[-1].blocked)
    assert health(new, copied) is Health.WAITING

    (story.folder / "away").rename(story.folder / "first")
    story.live(new, 7 * HOUR)
    assert health(new, copied) is Health.SAFE


def test_people_are_told_that_files_cannot_be_moved_though_the_voice_is_safe(
    story: Story, context: Context, s3_server: S3Server
) -> None:
    on_disk = story.context(VAULT_URL=f"file://{story.folder / 'first'}")
    used = story.kept(on_disk)
    keeper.one_pass(on_disk)
    (story.folder / "first").rename(story.folder / "away")
    new = moved(story, s3_server)
    story.live(new, 3 * HOUR)

    assert health(new, used) is Health.SAFE
    (notice,) = due_notices(listing.entries(new))
    assert notice.kind is NoticeKind.BLOCKED
    assert "previous storage" in notice.why


def test_what_the_old_place_lost_is_taken_from_the_service_that_still_has_it(
    story: Story, context: Context, s3_server: S3Server
) -> None:
    on_disk = story.context(VAULT_URL=f"file://{story.folder / 'first'}")
    copied = story.kept(on_disk, "qwen")
    keeper.one_pass(on_disk)
    shutil.rmtree(story.folder / "first" / "voices" / copied / "embedding")

    new = moved(story, s3_server)
    story.service.always("file", None)
    keeper.one_pass(new)
    assert health(new, copied) is Health.SAFE


def test_a_place_that_only_a_manifest_names_is_never_opened(story: Story, context: Context) -> None:
    strange = story.folder / "strange"
    copied = story.kept(context, "qwen")
    (copy,) = held(dossier(context, copied), context.live_vault.name)[-1:]
    target = strange / copy.key
    target.parent.mkdir(parents=True)
    target.write_bytes(context.live_vault.get(copy.key, max_bytes=10**7))

    assert migration.known_vault(context, f"file://{strange}") is None
    assert migration.known_vault(context, context.live_vault.name) is context.live_vault


def test_a_bucket_that_was_renamed_still_holds_its_files(
    story: Story, context: Context, s3_server: S3Server
) -> None:
    """The old name means nothing any more, and the same keys lie in the new place already."""
    copied = story.kept(context, "qwen")
    found = dossier(context, copied)
    for item in held(found, context.live_vault.name):
        context.registry.voices.change_evidence(item, vault="s3://its-old-name")
    story.service.always("file", refuses(404))
    assert health(context, copied) is Health.WAITING

    keeper.one_pass(context)
    assert health(context, copied) is Health.SAFE
    assert dossier(context, copied).copy(Role.REFERENCE, context.live_vault.name)
