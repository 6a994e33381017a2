"""What an import refuses: strangers' tricks, what would be forgotten, what cannot be stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lib import manifest
from lib.manifest import TakeStory
from lib.models import (
    Dossier,
    EvidenceKind,
    Health,
    Job,
    JobKind,
    JobState,
    KeepPolicy,
    new_id,
)
from lib.registry import DatabaseUnavailable
from lib.services import DEMO
from lib.settings import Settings
from lib.studio.core.context import Context
from lib.studio.core.opening import open_context
from lib.studio.orders import cloning, speaking
from lib.studio.storage import manifests
from lib.studio.transfer.importing import BadExport, Outcome
from lib.vault.base import sha256_hex
from tests.parts.clock import SettableClock
from tests.sentences import STILL_READING
from tests.studio.archives import EditableArchive, a_voice, exported, only, opened_archive, take
from tests.studio.story import (
    MINUTE,
    Story,
    clone_request,
    dossier,
    fresh,
    health,
    text_order,
)


@pytest.fixture
def other(story: Story) -> Context:
    """Another container with a folder of its own."""
    vault = f"file://{story.folder}/vault-elsewhere"
    return story.context(
        "elsewhere", database=f"sqlite:///{story.folder}/elsewhere.db", VAULT_URL=vault
    )


def test_orders_made_here_are_not_forgotten_for_a_newer_story(
    story: Story, context: Context, other: Context
) -> None:
    voice_id = story.asking(context)
    take(other, exported(context)[0])
    other.registry.voices.change(voice_id, keep_policy=KeepPolicy.AT_ONCE)
    story.until(other, lambda: health(other, voice_id) is Health.SAFE)
    for number in range(50):
        context.registry.voices.change(voice_id, name=f"Grace {number}")
    item = only(take(other, exported(context)[0]))
    assert item.outcome is Outcome.REFUSED
    assert "orders of its own" in item.why
    assert health(other, voice_id) is Health.SAFE


def test_one_bad_voice_stops_no_other(story: Story, context: Context, other: Context) -> None:
    good = story.kept(context, seed=2)
    bad = story.kept(context)
    packed = opened_archive(exported(context)[0])
    packed.replace(f"voices/{bad}/voice.json", b"{}")
    found = {item.id: item for item in take(other, packed.file).items}
    assert found[good].outcome is Outcome.NEW
    assert found[bad].outcome is Outcome.REFUSED
    assert "a format that this version does not know" in found[bad].why

    changed = opened_archive(exported(context)[0])
    changed.replace(f"voices/{bad}/voice.json", b"{}", list_it=False)
    found = {item.id: item for item in take(other, changed.file).items}
    assert "its checksum differs" in found[bad].why
    assert other.registry.voices.get(bad) is None


def test_a_vault_in_trouble_takes_nothing_and_the_next_try_does(
    story: Story, context: Context, other: Context
) -> None:
    voices = [story.kept(context, seed=seed) for seed in (1, 2)]
    file = exported(context)[0]
    in_the_way = Path(other.settings.get("VAULT_URL").removeprefix("file://"))
    in_the_way.write_text("in the way")
    taken = take(other, file)
    assert {item.outcome for item in taken.items} == {Outcome.REFUSED}
    assert "Your storage did not accept its files" in taken.items[0].why
    assert other.registry.voices.revisions() == {}
    in_the_way.unlink()
    take(other, file)
    assert [health(other, voice_id) for voice_id in voices] == [Health.SAFE, Health.SAFE]


def test_a_story_that_the_registry_refuses_leaves_the_vault_again(
    story: Story, context: Context, other: Context
) -> None:
    ours = Dossier(a_voice(), ())
    clash = an_order(ours.voice.id)
    other.registry.voices.absorb(replace(ours, jobs=(clash,)))
    strange = a_voice()
    file = EditableArchive.of(Dossier(strange, (replace(clash, voice_id=strange.id),)))
    item = only(take(other, file))
    assert item.outcome is Outcome.REFUSED
    assert item.why
    assert list(other.live_vault.keys(f"voices/{strange.id}")) == []
    assert other.registry.jobs.get(clash.id) == replace(
        clash, state=JobState.UNKNOWN, finished_at=clash.created_at
    )


def test_a_take_cannot_push_out_an_order_of_another_kind(
    story: Story, context: Context, other: Context
) -> None:
    job = cloning.clone(other, clone_request())
    stranger = replace(an_order(job.voice_id), id=job.id, kind=JobKind.SPEECH, revision=99)
    item = only(take(other, EditableArchive.of(TakeStory(stranger))))
    assert "Another order has its ID" in item.why
    assert fresh(other, job).kind is JobKind.CLONE


def test_a_take_without_its_voice_is_refused(context: Context) -> None:
    story_of_nobody = TakeStory(replace(an_order(new_id()), kind=JobKind.SPEECH))
    assert "Its voice is not here" in only(take(context, EditableArchive.of(story_of_nobody))).why


def test_a_story_cannot_write_over_files_of_others(story: Story, context: Context) -> None:
    mine = story.kept(context)
    job = speaking.order(context, text_order(mine))
    story.live(context, MINUTE)
    spoken = context.registry.takes.get(job.id)
    assert spoken is not None
    held = {key: context.live_vault.get(key, max_bytes=10**7) for key in all_keys(context)}
    evil, data = a_voice(), b"evil"
    digest = sha256_hex(data)
    for key in (f"voices/{mine}/voice.json", spoken.key, f"voices/{mine}/reference/{digest}.wav"):
        proof = replace(
            dossier(context, mine).evidence[0],
            id=new_id(),
            voice_id=evil.id,
            key=key,
            sha256=digest,
            job_id=job.id,
            kind=EvidenceKind.COPY,
        )
        take(context, EditableArchive.of(Dossier(evil, (), (proof,)), {key: data}))
        evil = replace(evil, revision=evil.revision + 1)
        found = dossier(context, evil.id)
        assert found.valid_evidence(EvidenceKind.COPY) == ()
    for key, data in held.items():
        assert context.live_vault.get(key, max_bytes=10**7) == data


def all_keys(context: Context) -> list[str]:
    return list(context.live_vault.keys(""))


def test_the_demo_and_real_libraries_do_not_mix(
    story: Story, context: Context, tmp_path: Path, clock: SettableClock
) -> None:
    play = open_context(Settings(data_folder=tmp_path / "play"), clock=clock)
    story.opened.append(play)
    play.runtime.reconciliation.finished = True
    demo_file = EditableArchive.of(Dossier(a_voice(service=DEMO)))
    real_file = EditableArchive.of(Dossier(a_voice()))
    assert "this library holds real ones" in only(take(context, demo_file)).why
    assert "this library is the demo" in only(take(play, real_file)).why
    assert only(take(play, demo_file)).outcome is Outcome.NEW
    strange = EditableArchive.of(Dossier(a_voice(service="elsewhere")))
    assert "does not know" in only(take(context, strange)).why


def test_nothing_is_taken_before_the_vault_was_read(story: Story, context: Context) -> None:
    context.runtime.reconciliation.finished = False
    with pytest.raises(BadExport, match=STILL_READING):
        take(context, exported(context)[0])


def test_a_story_that_moves_on_during_an_import_stays_ours(
    story: Story, context: Context, other: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    voice_id = story.kept(context)
    take(other, exported(context)[0])
    context.registry.voices.change(voice_id, name="Theirs")
    newer = exported(context)[0]
    absorb = other.registry.voices.absorb

    def too_late(found: Dossier) -> bool:
        for name in ("Ours", "Ours for good"):
            other.registry.voices.change(voice_id, name=name)
        return absorb(found)

    monkeypatch.setattr(other.registry.voices, "absorb", too_late)
    assert "changed here at the same moment" in only(take(other, newer)).why
    told = other.live_vault.get(f"voices/{voice_id}/voice.json", max_bytes=10**6)
    assert manifest.read_dossier(told).voice.name == "Ours for good"
    assert dossier(other, voice_id).voice.name == "Ours for good"


def test_an_import_that_ends_before_the_registry_knows_is_ended_by_the_vault(
    story: Story, context: Context, other: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    voice_id = story.kept(context)
    with monkeypatch.context() as patch:
        patch.setattr(other.registry.voices, "absorb", _no_database)
        patch.setattr(other.registry.voices, "dossier", _none_then_no_database())
        with pytest.raises(DatabaseUnavailable):
            take(other, exported(context)[0])
    assert manifests.reconcile(other) == 1
    assert health(other, voice_id) is Health.SAFE


def _no_database(found: Dossier) -> bool:
    raise DatabaseUnavailable("The database cannot be reached.")


def _none_then_no_database() -> Callable[[str], None]:
    answers = iter([None])

    def dossier_of(voice_id: str) -> None:
        if next(answers, voice_id) is not None:
            raise DatabaseUnavailable("The database cannot be reached.")

    return dossier_of


def an_order(voice_id: str) -> Job:
    return Job(
        id=new_id(),
        voice_id=voice_id,
        kind=JobKind.CLONE,
        state=JobState.UNKNOWN,
        order_key=new_id(),
        service="nanogpt",
        account="theirs",
        created_at=a_voice().created_at,
        finished_at=a_voice().created_at,
    )


@pytest.mark.parametrize("list_it", [True, False])
def test_another_file_in_the_place_of_a_copy_is_not_stored_and_does_not_count(
    story: Story, context: Context, other: Context, *, list_it: bool
) -> None:
    voice_id = story.kept(context, "qwen")
    packed = opened_archive(exported(context)[0])
    (key,) = [name for name in packed.entries if "/embedding/" in name]
    packed.replace(key, packed.entries[key][:-1] + b"?", list_it=list_it)
    assert "Comes without the voice file" in only(take(other, packed.file)).why
    assert health(other, voice_id) is not Health.SAFE
    assert key not in all_keys(other)
