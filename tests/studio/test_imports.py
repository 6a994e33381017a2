"""A library comes back out of its export: whole, once, and never better than it is."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import pytest

from lib import manifest
from lib.models import (
    EvidenceKind,
    Health,
    JobState,
    KeepPolicy,
    Role,
    Take,
    new_id,
)
from lib.studio.core.context import Context
from lib.studio.orders import cloning, speaking
from lib.studio.storage import manifests
from lib.studio.transfer import exporting
from lib.studio.transfer.importing import Outcome
from lib.vault.base import sha256_hex
from tests.parts.length import mostly_slow
from tests.parts.persons import ADA
from tests.parts.radosgw import S3Server
from tests.studio.archives import as_moved, exported, only, take, vault_path
from tests.studio.service import refuses
from tests.studio.story import (
    DAY,
    HOUR,
    MINUTE,
    Story,
    clone_request,
    dossier,
    fresh,
    health,
    state,
    text_order,
)

Elsewhere = Callable[[], Context]


@pytest.fixture(params=mostly_slow(["folder", "s3"], "folder"))
def elsewhere(request: pytest.FixtureRequest, story: Story) -> Elsewhere:
    """Another container with a database and a vault that nobody has used yet."""
    settings = {"VAULT_URL": f"file://{story.folder}/vault-elsewhere"}
    if request.param == "s3":
        server: S3Server = request.getfixturevalue("s3_server")
        settings = server.settings(server.new_bucket())
    database = f"sqlite:///{story.folder}/elsewhere.db"
    return lambda: story.context("elsewhere", database=database, **settings)


@pytest.fixture
def other(story: Story) -> Context:
    """Another container with a folder of its own."""
    vault = f"file://{story.folder}/vault-elsewhere"
    return story.context(
        "elsewhere", database=f"sqlite:///{story.folder}/elsewhere.db", VAULT_URL=vault
    )


def test_a_whole_library_comes_back_equal_and_goes_on(
    story: Story, context: Context, elsewhere: Elsewhere
) -> None:
    library = [story.kept(context), story.kept(context, "qwen", 2)]
    library.append(story.made(context, seed=3, keep_policy=KeepPolicy.ASK))
    context.registry.voices.change(library[0], tags=("warm", "low"), description="A hum")
    take_job = speaking.order(context, text_order(library[0]))
    story.service.next("clone", refuses(400, "Of no use"))
    library.append(cloning.clone(context, clone_request(seed=4)).voice_id)
    story.live(context, MINUTE)
    file, written = exported(context)
    story.clock.advance(HOUR)
    other = elsewhere()

    dry = take(other, file, dry_run=True)
    assert other.registry.voices.revisions() == {}
    assert list(other.live_vault.keys("")) == []
    taken = take(other, file)
    assert taken == dry
    assert (taken.count(Outcome.NEW, "voices"), taken.count(Outcome.NEW, "takes")) == (4, 1)

    for voice_id in library:
        mine = dossier(other, voice_id)
        assert as_moved(mine, other) == as_moved(dossier(context, voice_id), context)
        assert health(other, voice_id) is health(context, voice_id)
        for item in mine.valid_evidence(EvidenceKind.COPY):
            assert item.vault == other.live_vault.name
            assert item.read_back_at == story.clock.now()
            assert sha256_hex(other.live_vault.get(item.key, max_bytes=10**7)) == item.sha256
    theirs = context.registry.takes.get(take_job.id)
    assert theirs is not None
    ours = other.registry.takes.get(take_job.id)
    assert ours == replace(theirs, vault=other.live_vault.name)
    assert fresh(other, take_job) == replace(
        fresh(context, take_job), saved_revision=fresh(other, take_job).saved_revision
    )

    paid = story.service.paid_requests
    story.live(other, 2 * HOUR)
    assert story.service.paid_requests == paid
    said = speaking.order(other, text_order(library[0], text="Good evening."))
    story.live(other, MINUTE)
    assert state(other, said) is JobState.DONE
    again = exported(other)[1]
    assert (again.voices, again.takes, again.missing) == (written.voices, 2, ())


def test_importing_twice_changes_nothing(story: Story, context: Context, other: Context) -> None:
    voice_id = story.kept(context)
    speaking.order(context, text_order(voice_id))
    story.live(context, MINUTE)
    file = exported(context)[0]
    take(other, file)
    before = exported(other)[0].getvalue()
    taken = take(other, file)
    assert {item.outcome for item in taken.items} == {Outcome.HERE}
    assert exported(other)[0].getvalue() == before


def test_an_imported_library_is_in_its_vault_at_once(
    story: Story, context: Context, other: Context
) -> None:
    """This database may vanish as soon as the import is over."""
    voice_id = story.kept(context)
    job = speaking.order(context, text_order(voice_id))
    story.live(context, MINUTE)
    take(other, exported(context)[0])
    third = story.context(
        "third",
        read=False,
        database=f"sqlite:///{story.folder}/third.db",
        VAULT_URL=other.settings.get("VAULT_URL"),
    )
    assert manifests.reconcile(third) == 2
    assert as_moved(dossier(third, voice_id), third) == as_moved(dossier(other, voice_id), other)
    assert health(third, voice_id) is Health.SAFE
    assert third.registry.takes.get(job.id) == other.registry.takes.get(job.id)


def test_a_newer_story_replaces_ours_and_an_older_one_does_not(
    story: Story, context: Context, other: Context
) -> None:
    voice_id = story.kept(context)
    older = exported(context)[0]
    context.registry.voices.change(voice_id, name="Grace Brewster")
    newer = exported(context)[0]
    take(other, older)
    assert only(take(other, newer)).outcome is Outcome.NEWER
    assert only(take(other, older)).outcome is Outcome.HERE
    assert dossier(other, voice_id).voice.name == "Grace Brewster"


def test_nothing_is_sent_because_of_an_export(
    story: Story, context: Context, other: Context
) -> None:
    confirmed = cloning.clone(context, clone_request())
    sending = cloning.clone(context, clone_request(seed=2))
    now = story.clock.now()
    assert context.registry.jobs.submit(
        sending.id, "x", now=now, until=now + MINUTE, account="a", balance=None
    )
    take(other, exported(context)[0])
    told = other.live_vault.get(f"voices/{sending.voice_id}/voice.json", max_bytes=10**6)
    assert manifest.read_dossier(told).jobs[0].state is JobState.UNKNOWN
    story.live(other, DAY)
    assert state(other, confirmed) is JobState.CONFIRMED
    assert state(other, sending) is JobState.UNKNOWN
    assert story.service.paid_requests == 0


def test_a_copy_that_is_not_in_the_export_does_not_count(
    story: Story, context: Context, other: Context
) -> None:
    voice_id = story.kept(context, "qwen")
    vault_path(story, context, voice_id, Role.EMBEDDING).unlink()
    taken = only(take(other, exported(context)[0]))
    assert taken.outcome is Outcome.NEW
    assert taken.why == "Comes without the voice file: not in the export."
    assert health(other, voice_id) is not Health.SAFE
    (gone,) = [e for e in dossier(other, voice_id).evidence if e.role == Role.EMBEDDING]
    assert gone.withdrawn_why == "The file was not in the export."


def test_a_copy_that_the_vault_has_anyway_counts_after_it_was_read(
    story: Story, context: Context, other: Context
) -> None:
    voice_id = story.kept(context, "qwen")
    path = vault_path(story, context, voice_id, Role.EMBEDDING)
    key = path.relative_to(story.folder / "vault").as_posix()
    other.live_vault.put_verified(key, path.read_bytes(), "application/octet-stream")
    path.unlink()
    assert only(take(other, exported(context)[0])).why == ""
    assert health(other, voice_id) is Health.SAFE


def test_a_use_stays_a_use_where_its_sound_was_not_kept(
    story: Story, context: Context, other: Context
) -> None:
    voice_id = story.kept(context)
    (proof,) = dossier(context, voice_id).valid_evidence(EvidenceKind.ACTIVATION)
    (story.folder / "vault" / proof.key).unlink()
    paid = story.service.paid_requests
    take(other, exported(context)[0])
    (mine,) = dossier(other, voice_id).valid_evidence(EvidenceKind.ACTIVATION)
    assert (mine.vault, mine.key) == ("", "")
    assert health(other, voice_id) is Health.SAFE
    story.live(other, DAY)
    assert story.service.paid_requests == paid


def test_a_take_without_its_sound_comes_as_an_order_only(
    story: Story, context: Context, other: Context
) -> None:
    voice_id = story.kept(context)
    job = speaking.order(context, text_order(voice_id))
    story.live(context, MINUTE)
    spoken = context.registry.takes.get(job.id)
    assert spoken is not None
    (story.folder / "vault" / spoken.key).unlink()
    (item,) = [item for item in take(other, exported(context)[0]).items if item.folder == "takes"]
    assert (item.outcome, item.name) == (Outcome.NEW, "Good morning.")
    assert item.why == "Its audio was not in the export."
    assert other.registry.takes.get(job.id) is None
    assert fresh(other, job).charged == fresh(context, job).charged


def test_two_words_about_one_copy_become_one(
    story: Story, context: Context, other: Context
) -> None:
    voice_id = story.kept(context, "qwen")
    (copy,) = dossier(context, voice_id).valid_evidence(EvidenceKind.COPY, Role.EMBEDDING)
    context.registry.voices.add_evidence(
        replace(copy, id=new_id(), vault="s3://old", at=copy.at - DAY)
    )
    take(other, exported(context)[0])
    (mine,) = dossier(other, voice_id).valid_evidence(EvidenceKind.COPY, Role.EMBEDDING)
    assert (mine.id, mine.vault) == (copy.id, other.live_vault.name)


def test_a_manifest_of_a_take_says_where_its_sound_lies_now(
    story: Story, context: Context, other: Context
) -> None:
    voice_id = story.kept(context)
    job = speaking.order(context, text_order(voice_id))
    story.live(context, MINUTE)
    take(other, exported(context)[0])
    told = manifest.read_take(other.live_vault.get(f"takes/{job.id}/take.json", max_bytes=10**6))
    assert isinstance(told.take, Take)
    assert told.take.vault == other.live_vault.name
    assert exporting.write(other, io.BytesIO(), person=ADA).missing == ()
