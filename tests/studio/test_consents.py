"""Consent: asked once for each person, needed for each clone, and over when they say so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lib import keeper
from lib.consent import Consent, ConsentState, Relation
from lib.models import Health, Job, JobState, KeepPolicy, Role
from lib.studio.core.context import Context
from lib.studio.library import listing
from lib.studio.orders import cloning, consenting, recloning, speaking
from lib.studio.orders.confirming import OrderRefused
from lib.studio.orders.consenting import ConsentTerms
from lib.studio.storage import files, manifests
from tests.parts.persons import ADA, named
from tests.parts.radosgw import S3Server
from tests.sentences import WITHDREW
from tests.studio.adopting import adopted
from tests.studio.archives import exported, take
from tests.studio.story import (
    DAY,
    MINUTE,
    Story,
    clone_request,
    dossier,
    fresh,
    health,
    state,
    text_order,
)

BEA = named("Bea")
FORM = b"%PDF-1.7 I, Grace Hopper, agree."
BOOK = ConsentTerms(Relation.LICENSED, "The harbour book", statement=FORM)


def given(context: Context, voice_id: str) -> Consent:
    consent = dossier(context, voice_id).voice.consent
    assert consent
    return consent


def statement(context: Context, voice_id: str) -> bytes:
    """What lies in the vault beside the recording."""
    copy = dossier(context, voice_id).copy(Role.STATEMENT, context.live_vault.name)
    assert copy
    assert copy.key.startswith(f"voices/{voice_id}/statement/")
    return files.read(context, "nanogpt", copy.key)


def spoken(context: Context, voice_id: str, text: str = "Hello there.") -> Job:
    ordered = speaking.order(context, replace(text_order(voice_id), text=text))
    assert isinstance(ordered, Job)
    return ordered


def ticked_before(context: Context, voice_id: str, speaker: str = "Grace Hopper") -> None:
    """What a version before records knew of this voice."""
    tick = Consent(speaker, "Ada", given(context, voice_id).attested_at, f"old-{voice_id}")
    context.registry.consents.give([voice_id], tick)


# Asked once


def test_a_record_is_made_with_the_first_voice_and_used_for_the_next(
    story: Story, context: Context
) -> None:
    first = story.made(context, terms=BOOK)
    record = given(context, first)
    assert (record.speaker, record.attested_by) == ("Grace Hopper", ADA.label)
    assert (record.relation, record.use) == (Relation.LICENSED, "The harbour book")
    story.clock.advance(DAY)
    second = story.made(context, seed=2, speaker="grace hopper", person=BEA)
    assert given(context, second) == record
    other = story.made(context, seed=3, speaker="Ann")
    assert given(context, other).id != record.id
    assert [statement(context, voice_id) for voice_id in (first, second)] == [FORM, FORM]
    assert dossier(context, other).copy(Role.STATEMENT, context.live_vault.name) is None


def test_adopted_voices_share_one_record(story: Story, context: Context) -> None:
    ids = adopted(context, "Narrator0001x\nNarrator0002x", test=False)
    assert len({given(context, voice_id).id for voice_id in ids}) == 1
    assert given(context, story.made(context, speaker="Grace")) == given(context, ids[0])


@pytest.mark.parametrize(
    ("terms", "why"),
    [
        (ConsentTerms(statement=b"MZ a program"), "PDF, or a PNG or JPEG"),
        (ConsentTerms(statement=FORM + bytes(20_000_000)), "20 MB at most"),
        ("yesterday", "ended already"),
    ],
)
def test_terms_that_make_no_record_are_refused_before_anything_is_stored(
    story: Story, context: Context, terms: ConsentTerms | str, why: str
) -> None:
    if isinstance(terms, str):
        terms = ConsentTerms(until=(story.clock.now() - DAY).date())
    with pytest.raises(OrderRefused, match=why):
        cloning.clone(context, clone_request(terms=terms))
    assert not list((story.folder / "vault").rglob("*.*"))


# Over


def test_after_a_withdrawal_nothing_new_is_spoken_and_keeping_goes_on(
    story: Story, context: Context
) -> None:
    kept = story.kept(context)
    asking = story.made(context, seed=2, keep_policy=KeepPolicy.ASK)
    waiting = spoken(context, kept)
    theirs = consenting.withdraw(context, dossier(context, kept).voice, BEA)
    assert {voice.id for voice in theirs} == {kept, asking}
    with pytest.raises(OrderRefused, match=f"{WITHDREW} on 20 Nov 2026, so no new speech"):
        spoken(context, asking)
    context.registry.voices.change(asking, keep_policy=KeepPolicy.AT_ONCE)
    story.live(context, 30 * MINUTE)
    unsent = fresh(context, waiting)
    assert unsent.state is JobState.FAILED
    assert WITHDREW in unsent.error
    assert unsent.submitted_at is None
    assert health(context, asking) is Health.SAFE  # used once, after the withdrawal
    entry = listing.find(context, kept)
    assert entry
    assert (entry.can_speak, entry.consent_state) == (False, ConsentState.WITHDRAWN)
    assert WITHDREW in recloning.chance(context, entry.dossier).why_not
    assert context.registry.events.of_voice(asking)[0].person == BEA.label


def test_consent_ends_by_itself_at_the_end_of_its_last_day(story: Story, context: Context) -> None:
    last = story.clock.now().date() + timedelta(days=2)
    voice_id = story.kept(context, terms=ConsentTerms(until=last))
    story.clock.advance(2 * DAY)
    assert story.clock.now().date() == last
    in_time = spoken(context, voice_id)
    story.until(context, lambda: state(context, in_time) is JobState.DONE)
    assert listing.find(context, voice_id).can_speak  # type: ignore[union-attr]
    story.clock.advance(DAY)
    with pytest.raises(OrderRefused, match=f"ended on {last.day} {last:%b %Y}"):
        spoken(context, voice_id, "Too late.")
    assert not listing.find(context, voice_id).can_speak  # type: ignore[union-attr]


def test_a_clone_is_not_sent_after_its_consent_was_withdrawn(
    story: Story, context: Context
) -> None:
    job = cloning.clone(context, clone_request())
    consenting.withdraw(context, dossier(context, job.voice_id).voice, ADA)
    keeper.one_pass(context)
    assert state(context, job) is JobState.FAILED
    assert story.service.count("clone") == 0


def test_who_agrees_again_is_heard_again(story: Story, context: Context) -> None:
    both = [story.kept(context), story.kept(context, seed=2)]
    before = given(context, both[0])
    voice = consenting.withdraw(context, dossier(context, both[0]).voice, ADA)[0]
    consenting.record_for(
        context, voice, speaker="Grace Hopper", is_given=True, terms=BOOK, person=BEA
    )
    after = {given(context, voice_id) for voice_id in both}
    assert len(after) == 1
    assert after != {before}
    assert spoken(context, both[1]).state is JobState.CONFIRMED


def test_naming_somebody_else_changes_this_voice_alone(story: Story, context: Context) -> None:
    both = [story.made(context), story.made(context, seed=2)]
    before = given(context, both[0])
    voice = dossier(context, both[0]).voice
    consenting.record_for(context, voice, speaker="Ann", is_given=True, terms=BOOK, person=ADA)
    assert given(context, both[0]).speaker == "Ann"
    assert given(context, both[1]) == before


# Before there were records


def test_a_voice_of_before_speaks_and_is_not_cloned_again_before_it_is_recorded(
    story: Story, context: Context
) -> None:
    both = [story.kept(context), story.kept(context, seed=2)]
    for voice_id in both:
        ticked_before(context, voice_id)
    old = dossier(context, both[0])
    assert old.voice.consent_state(story.clock.now()) is ConsentState.NOT_RECORDED
    assert spoken(context, both[0]).state is JobState.CONFIRMED
    assert not recloning.chance(context, old).is_open
    record = consenting.record_for(
        context, old.voice, speaker="Grace Hopper", is_given=True, terms=BOOK, person=BEA
    )
    assert [given(context, voice_id) for voice_id in both] == [record, record]
    assert statement(context, both[0]) == FORM
    assert recloning.chance(context, dossier(context, both[0])).is_open


@pytest.mark.parametrize(
    ("speaker", "is_given", "why"), [("", True, "Say who speaks"), ("Ann", False, "Tick that")]
)
def test_half_a_record_is_none(
    story: Story, context: Context, speaker: str, is_given: bool, why: str
) -> None:
    voice_id = story.made(context)
    before = given(context, voice_id)
    with pytest.raises(OrderRefused, match=why):
        consenting.record_for(
            context, dossier(context, voice_id).voice,
            speaker=speaker, is_given=is_given, terms=BOOK, person=ADA,
        )  # fmt: skip
    assert given(context, voice_id) == before


# Never forgotten


def withdrawn_and_rebuilt(story: Story, context: Context, other: Context) -> None:
    """Two voices of one record, of which one was written before the withdrawal alone."""
    both = [story.kept(context, terms=BOOK), story.kept(context, seed=2)]
    keeper.one_pass(context)
    consenting.withdraw(context, dossier(context, both[0]).voice, ADA)
    record = given(context, both[0])
    assert record.withdrawn_at
    manifests.save(context, dossier(context, both[0]))
    assert manifests.reconcile(other) == 2
    assert [given(other, voice_id) for voice_id in both] == [record, record]
    assert statement(other, both[0]) == FORM
    assert manifests.save_due(other) == []  # the other story is mended in the vault
    assert other.registry.voices.unsaved(9) == []


def test_a_rebuild_knows_who_agreed_and_who_withdrew(story: Story, context: Context) -> None:
    withdrawn_and_rebuilt(story, context, story.new_container())


@pytest.mark.slow
def test_a_rebuild_from_a_bucket_knows_it_as_well(story: Story, s3_server: S3Server) -> None:
    story.settings = s3_server.settings(s3_server.new_bucket())
    context = story.context()
    withdrawn_and_rebuilt(story, context, story.new_container())


def test_an_export_brings_the_record_and_the_statement(story: Story, context: Context) -> None:
    voice_id = story.kept(context, terms=BOOK)
    archive, _ = exported(context)
    other = story.context(
        "other",
        database=f"sqlite:///{story.folder}/other.db",
        VAULT_URL=f"file://{story.folder}/other-vault",
    )
    take(other, archive)
    assert given(other, voice_id) == given(context, voice_id)
    assert statement(other, voice_id) == FORM
    assert consenting.record_of(other, "nanogpt", "grace hopper") == given(context, voice_id)
