"""Erasing a voice: what goes, what waits, and that it does not come back."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest

from lib import keeper
from lib.event_kinds import EventKind
from lib.models import JobKind, JobState, KeepPolicy, Role
from lib.registry.erasures import Erasure
from lib.roles import NotPermitted, Person, TeamRole
from lib.studio.core.context import Context
from lib.studio.erasure import asking, erasing
from lib.studio.erasure.asking import NotErased
from lib.studio.library import sharing, takes
from lib.studio.orders import cloning, speaking
from lib.studio.storage import manifests, tombstones
from lib.studio.transfer import delivery, exporting, importing
from lib.studio.transfer.importing import Outcome
from tests.parts.persons import ADA
from tests.parts.radosgw import S3Server
from tests.studio.story import HOUR, MINUTE, Story, clone_request, dossier, fresh, text_order

WORDS = "A secret that nobody else may read."
MEMBER = Person("Bob", TeamRole.MEMBER)


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def voice_id(story: Story, context: Context) -> str:
    """A voice that is kept and has spoken."""
    return spoken(story, context)


def spoken(story: Story, context: Context) -> str:
    voice_id = story.kept(context)
    speaking.order(context, text_order(voice_id, WORDS))
    story.live(context, MINUTE)
    return voice_id


def ask(context: Context, voice_id: str, *, at_once: bool = True) -> None:
    asking.ask(context, [dossier(context, voice_id)], ADA, at_once=at_once)


def erasure(context: Context, voice_id: str) -> Erasure:
    found = context.registry.erasures.get(voice_id)
    assert found is not None
    return found


def keys(context: Context) -> set[str]:
    """What the vault holds but for the record of who did what."""
    return {key for key in context.live_vault.keys("") if not key.startswith("events/")}


def is_gone(context: Context, voice_id: str) -> bool:
    """Nothing but the note that keeps it out, and the costs of what was spoken, is in the vault;
    and the database has neither the voice nor a word that it said.
    """
    left = keys(context)
    assert tombstones.key_of(voice_id) in left
    assert [key for key in left if not key.endswith(("/erased.json", "/take.json"))] == []
    everything = b"".join(context.live_vault.get(key, max_bytes=10**6) for key in left)
    assert WORDS.encode() not in everything
    assert b"Grace" not in everything
    registry = context.registry
    assert registry.voices.dossier(voice_id) is None
    assert registry.takes.count_of(voice_id) == 0
    for kind in JobKind:
        for job in registry.jobs.of_voice(voice_id, kind):
            assert WORDS not in str(job)
            assert "Grace" not in str(job)
    return registry.library.of([voice_id]) == []


def test_a_voice_goes_with_its_recording_and_all_that_it_said(
    on_both: Context, story: Story
) -> None:
    voice_id = spoken(story, on_both)
    cost = {job.id: job.charged for job in on_both.registry.jobs.of_voice(voice_id, JobKind.CLONE)}
    plan = asking.plan(on_both, dossier(on_both, voice_id))
    assert plan.files[Role.REFERENCE] == 1
    assert (plan.takes, plan.at_service) == (1, True)
    ask(on_both, voice_id)
    keeper.one_pass(on_both)
    assert is_gone(on_both, voice_id)
    done = erasure(on_both, voice_id)
    assert done.finished_at is not None
    receipt = asking.receipt_of(done)
    assert (receipt.files[Role.REFERENCE], receipt.takes) == (1, 1)
    jobs = on_both.registry.jobs.of_voice(voice_id, JobKind.CLONE)
    assert {job.id: job.charged for job in jobs} == cost
    keeper.one_pass(on_both)
    assert is_gone(on_both, voice_id)


def test_nothing_is_left_in_a_bucket(story: Story, s3_server: S3Server) -> None:
    story.settings = s3_server.settings(s3_server.new_bucket())
    context = story.context()
    voice_id = spoken(story, context)
    (take,) = takes.latest(context, 1)
    sharing.share(context, take, ADA, days=3)
    keeper.one_pass(context)
    assert asking.plan(context, dossier(context, voice_id)).shares == 1
    assert sharing.copies(context.live_vault, [take.id])
    ask(context, voice_id)
    keeper.one_pass(context)
    assert is_gone(context, voice_id)


def test_it_waits_a_day_and_can_be_cancelled_until_then(
    story: Story, context: Context, voice_id: str
) -> None:
    ask(context, voice_id, at_once=False)
    story.live(context, 23 * HOUR)
    assert dossier(context, voice_id)
    wish = erasure(context, voice_id)
    asking.cancel(context, wish, ADA)
    with pytest.raises(NotErased):
        asking.cancel(context, wish, ADA)
    story.live(context, 5 * HOUR)
    assert dossier(context, voice_id)

    ask(context, voice_id, at_once=False)
    due = keeper.outlook(context).next_due
    assert due is not None
    assert due <= story.clock.now() + asking.WAITS
    story.live(context, 25 * HOUR)
    assert is_gone(context, voice_id)


def test_what_waits_can_be_hastened(context: Context, voice_id: str) -> None:
    ask(context, voice_id, at_once=False)
    keeper.one_pass(context)
    ask(context, voice_id)
    keeper.one_pass(context)
    assert is_gone(context, voice_id)


def test_a_keep_that_waits_is_not_paid_for_any_more(story: Story, context: Context) -> None:
    voice_id = story.asking(context)
    before = story.service.count("speech")
    ask(context, voice_id)
    context.registry.voices.change(voice_id, keep_policy=KeepPolicy.AT_ONCE)
    keeper.one_pass(context)
    assert story.service.count("speech") == before
    assert is_gone(context, voice_id)


def test_a_voice_that_is_being_made_is_not_erased(story: Story, context: Context) -> None:
    job = cloning.clone(context, clone_request())
    keeper.one_pass(context)
    assert fresh(context, job).state is JobState.WAITING
    with pytest.raises(NotErased):
        ask(context, job.voice_id)
    assert context.registry.erasures.get(job.voice_id) is None


def test_only_an_admin_erases(context: Context, voice_id: str) -> None:
    found = dossier(context, voice_id)
    with pytest.raises(NotPermitted):
        asking.ask(context, [found], MEMBER, at_once=True)
    ask(context, voice_id, at_once=False)
    with pytest.raises(NotPermitted):
        asking.cancel(context, erasure(context, voice_id), MEMBER)


STEPS: list[tuple[str, Callable[[pytest.MonkeyPatch], None]]] = [
    (name, lambda patch, where=where: patch.setattr(where, kill))
    for name, where in {
        "before the note": "lib.studio.erasure.erasing.tombstones.write",
        "before the orders end": "lib.studio.erasure.erasing._end_orders",
        "before the takes": "lib.studio.erasure.erasing._delete_takes",
        "between takes": "lib.studio.erasure.erasing.manifests.save",
        "before the files": "lib.studio.erasure.erasing._delete_files",
        "before the exports": "lib.studio.erasure.erasing.delivery.drop_all",
        "before the records": "lib.registry.erasures.Erasures.remove",
        "before the receipt": "lib.registry.erasures.Erasures.finish",
    }.items()
]


def kill(*_: object, **__: object) -> None:
    raise Killed


@pytest.mark.parametrize("step", [do for _, do in STEPS], ids=[name for name, _ in STEPS])
def test_killed_anywhere_the_next_pass_ends_it_and_a_rebuild_does_not_bring_it_back(
    story: Story, context: Context, voice_id: str, step: Callable[[pytest.MonkeyPatch], None]
) -> None:
    ask(context, voice_id)
    with pytest.MonkeyPatch.context() as patch:
        step(patch)
        with suppress(Killed):
            erasing.erase_due(context)
    other = story.context("restarted")
    keeper.one_pass(other)
    assert is_gone(other, voice_id)
    assert asking.receipt_of(erasure(other, voice_id)).files[Role.REFERENCE] == 1
    rebuilt = story.new_container()
    keeper.one_pass(rebuilt)
    assert is_gone(rebuilt, voice_id)


def test_another_container_that_still_has_it_erases_it_too(
    story: Story, context: Context, voice_id: str
) -> None:
    other = story.new_container("other")
    keeper.one_pass(other)
    assert dossier(other, voice_id)
    ask(context, voice_id)
    keeper.one_pass(context)
    other.registry.voices.change(voice_id, name="Grace again")
    manifests.save_due(other)
    manifests.reconcile(other)
    keeper.one_pass(other)
    assert is_gone(other, voice_id)
    assert is_gone(context, voice_id)


def test_an_old_export_does_not_bring_it_back(context: Context, voice_id: str) -> None:
    file = io.BytesIO()
    exporting.write(context, file, person=ADA)
    ask(context, voice_id)
    keeper.one_pass(context)
    file.seek(0)
    taken = importing.take(context, file, dry_run=False, person=ADA)
    assert {item.outcome for item in taken.items} == {Outcome.REFUSED}
    assert any("was erased on" in item.why for item in taken.items)
    keeper.one_pass(context)
    assert is_gone(context, voice_id)


def test_a_database_from_before_does_not_bring_it_back(
    story: Story, context: Context, voice_id: str
) -> None:
    before = dossier(context, voice_id)
    ask(context, voice_id)
    keeper.one_pass(context)
    assert not context.registry.voices.absorb(before)
    context.registry.voices.add(before.voice, *before.evidence)
    keeper.one_pass(context)
    assert is_gone(context, voice_id)


def test_prepared_exports_go_with_it(context: Context, voice_id: str) -> None:
    delivery.ask(context, ADA)
    delivery.answer_asked(context)
    assert asking.plan(context, dossier(context, voice_id)).exports
    ask(context, voice_id)
    keeper.one_pass(context)
    assert is_gone(context, voice_id)
    assert delivery.state(context).prepared is None


def test_a_storage_of_before_is_emptied_too(story: Story, context: Context, voice_id: str) -> None:
    keeper.one_pass(context)
    moved = story.context(VAULT_URL=f"file://{story.folder / 'second'}")
    for _ in range(3):
        keeper.one_pass(moved)
    assert any(voice_id in key for key in context.live_vault.keys("voices/"))
    assert asking.plan(moved, dossier(moved, voice_id)).old_storage == 1
    ask(moved, voice_id)
    keeper.one_pass(moved)
    assert is_gone(moved, voice_id)
    assert not any(voice_id in key for key in context.live_vault.keys("voices/"))
    assert not any(key.endswith(".mp3") for key in context.live_vault.keys("takes/"))


def test_a_storage_that_does_not_answer_is_told_and_waited_for(
    story: Story, context: Context, voice_id: str
) -> None:
    ask(context, voice_id)
    story.vault_breaks()
    (told,) = erasing.erase_due(context)
    assert "not erased yet" in told
    waiting = erasure(context, voice_id)
    assert waiting.trouble
    assert waiting.finished_at is None
    story.vault_is_mended()
    keeper.one_pass(context)
    assert is_gone(context, voice_id)
    assert not erasure(context, voice_id).trouble


def test_all_voices_of_a_person_are_found_by_who_speaks(story: Story, context: Context) -> None:
    mine = [story.made(context, seed=1), story.made(context, seed=2, speaker=" grace  HOPPER")]
    story.made(context, seed=3, speaker="Ann")
    found = asking.of_person(context.registry.voices.dossiers(), "Grace Hopper")
    assert sorted(item.voice.id for item in found) == sorted(mine)
    assert asking.of_person(context.registry.voices.dossiers(), " ") == []


def test_who_asked_and_what_was_done_is_on_record(context: Context, voice_id: str) -> None:
    ask(context, voice_id)
    keeper.one_pass(context)
    lines = context.registry.events.of_voice(voice_id)
    erased = [line for line in lines if line.kind is EventKind.ERASED]
    assert {line.person for line in erased} == {"Ada", "Voicekeep"}


def test_an_export_is_deleted_after_a_day_and_says_who_asked(
    story: Story, context: Context, voice_id: str
) -> None:
    delivery.ask(context, ADA)
    delivery.answer_asked(context)
    prepared = delivery.state(context).prepared
    assert prepared is not None
    assert prepared.person == "Ada"
    story.clock.advance(timedelta(hours=23))
    keeper.one_pass(context)
    assert prepared.key in keys(context)
    story.clock.advance(timedelta(hours=2))
    keeper.one_pass(context)
    assert prepared.key not in keys(context)
    assert delivery.state(context).prepared is None
