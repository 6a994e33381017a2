"""Voices that exist already: what is planned is what happens, and an ear decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest

from lib import keeper
from lib.addresses import unsigned
from lib.demo import DemoService
from lib.demo.embedding import embedding
from lib.demo.showcase import EXHIBITS, GUESTS
from lib.models import EvidenceKind, Health, Heard, JobState, KeepPolicy, Money, Role, Source
from lib.retention import Reason, Why
from lib.services import INWORLD, KYMA, MINIMAX, NANOGPT, QWEN
from lib.studio.adoption import adopting, listening
from lib.studio.adoption.adopting import AdoptionPlan, Verdict
from lib.studio.adoption.ids import VoiceType
from lib.studio.adoption.listening import BadDate, clock_start
from lib.studio.adoption.lists import Line
from lib.studio.core.context import Context
from lib.studio.library import listing
from lib.studio.library.bulk import BulkResult
from lib.studio.orders import activation
from lib.studio.orders.confirming import OrderRefused
from tests.parts.clock import START
from tests.parts.persons import ADA, BEN, named
from tests.sentences import LISTEN_FIRST, STILL_READING
from tests.studio.adopting import KNOWN, adopted, agreed, planned
from tests.studio.story import (
    HOUR,
    Story,
    all_jobs,
    dossier,
    health,
)


@pytest.fixture(autouse=True)
def voices_there(story: Story) -> None:
    """The service has voices that nobody cloned from here."""
    demo: DemoService = story.service.demo
    demo.install([*EXHIBITS, *GUESTS])


def heard(story: Story, context: Context, voice_id: str) -> str:
    """Wait until the test call can be listened to; returns its evidence's id."""

    def there() -> bool:
        item = listing.entry(context, dossier(context, voice_id)).unheard
        return bool(item and item.key)

    story.until(context, there)
    item = listing.entry(context, dossier(context, voice_id)).unheard
    assert item is not None
    return item.id


def test_a_voice_is_safe_when_its_test_call_was_heard(story: Story, context: Context) -> None:
    (voice_id,) = adopted(context, f"{KNOWN}, Night train, minimax, , calm")
    voice = dossier(context, voice_id).voice
    assert (voice.name, voice.tags, voice.source) == ("Night train", ("calm",), Source.ADOPTED)
    assert not voice.id_made_here
    assert voice.consent
    assert voice.consent.speaker == "Grace"
    asked = heard(story, context, voice_id)
    assert health(context, voice_id) is Health.UNKNOWN
    story.live(context, timedelta(days=2))
    assert len(story.service.charges("speech")) == 1
    assert listening.record_verdict(context, voice_id, asked, is_the_voice=True, person=BEN)
    assert health(context, voice_id) is Health.SAFE
    proof = dossier(context, voice_id).valid_evidence(EvidenceKind.ACTIVATION)[0]
    assert (proof.heard, proof.heard_by, proof.heard_at) == (Heard.YES, "Ben", story.clock.now())
    assert not listening.record_verdict(context, voice_id, asked, is_the_voice=False, person=BEN)
    assert health(context, voice_id) is Health.SAFE


def test_a_no_takes_the_evidence_away_and_says_who_said_so(story: Story, context: Context) -> None:
    (voice_id,) = adopted(context, f"{KNOWN}, Night train, minimax, 2026-11-19")
    asked = heard(story, context, voice_id)
    assert listening.record_verdict(context, voice_id, asked, is_the_voice=False, person=BEN)
    (item,) = dossier(context, voice_id).evidence
    assert item.withdrawn_at
    assert "Ben" in item.withdrawn_why
    assert health(context, voice_id) is Health.WAITING
    story.live(context, timedelta(days=9))
    assert len(story.service.charges("speech")) == 1
    job = activation.order_activation(context, dossier(context, voice_id), person=ADA)
    assert job.state is JobState.CONFIRMED


def test_a_test_call_is_not_made_twice_before_somebody_listened(
    story: Story, context: Context
) -> None:
    (voice_id,) = adopted(context, KNOWN)
    heard(story, context, voice_id)
    with pytest.raises(OrderRefused, match=LISTEN_FIRST):
        activation.order_activation(context, dossier(context, voice_id), person=ADA)


def test_the_answer_survives_a_lost_disk(story: Story, context: Context) -> None:
    (voice_id,) = adopted(context, KNOWN)
    listening.record_verdict(
        context,
        voice_id,
        heard(story, context, voice_id),
        is_the_voice=True,
        person=BEN,
    )
    keeper.one_pass(context)
    anew = story.new_container()
    keeper.one_pass(anew)
    assert health(anew, voice_id) is Health.SAFE
    assert planned(anew, KNOWN).count(Verdict.HERE) == 1


def test_an_id_that_is_not_there_costs_nothing_and_is_told(story: Story, context: Context) -> None:
    (voice_id,) = adopted(context, "Nobody1234")
    story.live(context, HOUR)
    assert not story.service.charges("speech")
    item = listing.entry(context, dossier(context, voice_id))
    assert item.standing.health is Health.UNKNOWN
    assert item.standing.why == Why(Reason.NOT_FOUND)


def test_the_plan_says_what_happens_to_each_line(story: Story, context: Context) -> None:
    adopted(context, f"{KNOWN}, Here", test=False)
    text = f"""id,name,kind,date
{KNOWN},Again,minimax,
nora7k2m9q4x,Nora,minimax,2026-11-19
nora7k2m9q4x,Nora twice,minimax,
short,Too short,minimax,
kyma_0123456789abcdef,Kay,kyma,
https://files.example/a.safetensors?sig=1,Teacher,,
http://files.example/b.safetensors,Plain,,
sage-of-the-hills,Sage,inworld,
Future123,Tomorrow,minimax,2026-12-24
,Nobody,minimax,
demo12345,Demo,demo,"""
    found = planned(context, text)
    fates = [(item.line.number, str(item.verdict)) for item in found.candidates]
    assert fates == [
        (2, "here"), (3, "new"), (4, "here"), (5, "refused"), (6, "refused"), (7, "new"),
        (8, "refused"), (9, "new"), (10, "refused"), (11, "refused"), (12, "refused"),
    ]  # fmt: skip
    why = {item.line.number: item.why for item in found.candidates}
    assert why[2] == "Already here as “Here”."
    assert why[4] == "Line 3 has the same voice."
    assert "no key for Kyma" in why[6]
    assert "https" in why[8]
    assert "future" in why[10]
    assert "no key for Demo" in why[12]
    each = activation.price_of_keeping(context, found.new[0].voice)  # type: ignore[arg-type]
    assert (found.calls, found.price.live, found.price.play) == (1, each, Money())
    assert found.at_most.live == each * 5
    assert "sig" not in "".join(item.shown_id for item in found.candidates)
    assert not story.service.charges("speech")
    assert not all_jobs(context)


def test_what_was_adopted_meanwhile_is_not_adopted_twice(context: Context) -> None:
    adopted(context, KNOWN, test=False)
    with pytest.raises(OrderRefused, match="None of these voices can be added"):
        adopted(context, KNOWN, test=False)
    assert len(context.registry.voices.dossiers()) == 1


@pytest.mark.parametrize(
    ("speaker", "consent", "name"), [("", True, "A"), (" ", True, "A"), ("G", False, "A")]
)
def test_nothing_is_adopted_without_consent(
    context: Context, speaker: str, consent: bool, name: str
) -> None:
    missing = "Say who speaks" if consent else "Tick that everybody"
    with pytest.raises(OrderRefused, match=missing):
        adopting.adopt(
            context,
            lambda: planned(context, KNOWN),
            speaker=speaker,
            consent=consent,
            person=named(name),
        )
    assert not context.registry.voices.dossiers()


def test_nothing_is_adopted_before_the_vault_was_read(story: Story) -> None:
    with pytest.raises(OrderRefused, match=STILL_READING):
        adopted(story.context(read=False), KNOWN)


def test_without_a_test_call_nothing_is_spent_by_itself(story: Story, context: Context) -> None:
    (voice_id,) = adopted(context, f"{KNOWN},Night train,minimax,2026-11-19", test=False)
    assert dossier(context, voice_id).voice.keep_policy is KeepPolicy.ASK
    story.live(context, timedelta(days=10))
    assert not story.service.charges("speech")
    assert health(context, voice_id) is Health.PROBABLY_LOST


def test_a_date_counts_from_the_beginning_of_its_day(context: Context) -> None:
    (voice_id,) = adopted(context, KNOWN, test=False)
    voice = dossier(context, voice_id).voice
    listening.set_creation_date(context, voice, date(2026, 11, 18), ADA)
    item = listing.entry(context, dossier(context, voice_id))
    assert item.voice.clock_start == START.replace(day=17, hour=10)  # in the furthest east
    assert listening.day_of(item.voice.clock_start) == date(2026, 11, 18)
    assert item.standing.health is Health.WAITING
    listening.set_creation_date(context, item.voice, None, ADA)
    assert health(context, voice_id) is Health.UNKNOWN


def test_a_day_that_has_begun_further_east_is_today_and_tomorrow_is_none() -> None:
    tomorrow = date(2026, 11, 21)
    late = START.replace(hour=20)
    assert clock_start(tomorrow, late) == late.replace(hour=10)
    with pytest.raises(BadDate, match="future"):
        clock_start(tomorrow, START)
    with pytest.raises(BadDate, match="future"):
        clock_start(START + HOUR, START)


@pytest.mark.parametrize("offset", range(-12, 15))
def test_a_day_begins_no_later_than_wherever_the_person_is(offset: int) -> None:
    there = timezone(timedelta(hours=offset))
    begins = datetime(2026, 11, 18, tzinfo=there)
    assert clock_start(date(2026, 11, 18), START) <= begins


def test_a_moment_is_taken_as_it_is() -> None:
    moment = START - timedelta(days=2, minutes=7)
    assert clock_start(moment, START) == moment
    assert listening.day_of(moment) == moment.date()


def test_a_hosted_voice_file_is_copied_and_safe(story: Story, context: Context) -> None:
    exhibit = next(item for item in EXHIBITS if item.kind == QWEN)
    url = story.service.demo.embedding_url(exhibit)
    hosted = url.replace("http://demo.invalid/api", story.service.base_url)
    (voice_id,) = adopted(context, f"{hosted}, Teacher")
    story.until(context, lambda: health(context, voice_id) is Health.SAFE)
    assert not story.service.charges("speech")


def test_an_uploaded_voice_file_is_stored_at_once(story: Story, context: Context) -> None:
    data = embedding(b"mine")

    def make() -> AdoptionPlan:
        return adopting.plan_file(context, data, Line(1, id="a", name="Mine"), NANOGPT)

    (voice_id,) = agreed(context, make)
    assert health(context, voice_id) is Health.SAFE
    found = dossier(context, voice_id)
    copy = found.copy(Role.EMBEDDING, context.live_vault.name)
    assert copy
    assert context.live_vault.get(copy.key, max_bytes=100_000) == data
    assert make().candidates[0].verdict is Verdict.HERE


def test_a_damaged_voice_file_and_a_broken_vault_store_nothing(
    story: Story, context: Context
) -> None:
    line = Line(1, id="a", name="Mine")
    broken = adopting.plan_file(context, embedding(b"mine")[:-5], line, NANOGPT)
    assert broken.candidates[0].verdict is Verdict.REFUSED
    keeper.one_pass(context)
    adopted(context, KNOWN, test=False)
    keeper.one_pass(context)  # the vault has its first file
    story.vault_breaks()
    good = lambda: adopting.plan_file(context, embedding(b"mine"), line, NANOGPT)  # noqa: E731
    outcome = adopting.adopt(context, good, speaker="G", consent=True, person=ADA)
    assert not outcome.done
    assert "Mine:" in outcome.refused[0]
    assert [item.voice.name for item in context.registry.voices.dossiers()] == [KNOWN]


def test_an_inworld_voice_is_persistent_and_silent_without_a_model(
    story: Story, context: Context
) -> None:
    found = planned(context, "sage-of-the-hills, Sage, inworld")
    assert "only kept" in found.new[0].why
    (voice_id,) = adopted(context, "sage-of-the-hills, Sage, inworld")
    item = listing.entry(context, dossier(context, voice_id))
    assert (item.standing.health, item.can_speak) == (Health.PERSISTENT, False)
    story.live(context, timedelta(days=30))
    assert not story.service.charges("speech")


def test_a_kyma_id_goes_to_kyma_where_that_is_connected(story: Story) -> None:
    context = story.context(KYMA_API_KEY="ky-1")
    item = planned(context, "kyma_0123456789abcdef, Kay", test=False).candidates[0]
    assert item.verdict is Verdict.NEW
    assert item.voice_type == VoiceType(KYMA, MINIMAX)
    wrong = planned(context, "kyma_012, Kay, kyma", test=False).candidates[0]
    assert wrong.verdict is Verdict.REFUSED
    stray = planned(context, "kyma_0123456789abcdef, Kay, nanogpt", test=False).candidates[0]
    assert "ID of Kyma" in stray.why


def test_a_fresh_id_for_each_voice(context: Context) -> None:
    first, second = (planned(context, KNOWN).new[0].voice for _ in range(2))
    assert first
    assert second
    assert first.id != second.id
    assert replace(first, id="") == replace(second, id="")


def test_five_hundred_lines_are_planned_and_adopted(context: Context) -> None:
    text = "\n".join(f"Narrator{number:04}, Voice {number}" for number in range(500))
    seen: list[int] = []
    outcome = adopting.adopt(
        context,
        lambda: planned(context, text, test=False),
        speaker="Grace",
        consent=True,
        person=ADA,
        report=seen.append,
    )
    assert (len(outcome.done), seen[-1]) == (500, 500)


def test_what_would_outlast_the_lease_is_left_for_a_second_click(
    story: Story, context: Context
) -> None:
    text = "\n".join(f"Narrator{number:04}" for number in range(5))

    def slowly(_: int) -> None:
        story.clock.advance(adopting.STOP_AFTER / 2)

    def bring(told: Callable[[int], None]) -> BulkResult:
        return adopting.adopt(
            context,
            lambda: planned(context, text, test=False),
            speaker="Grace",
            consent=True,
            person=ADA,
            report=told,
        )

    first = bring(slowly)
    assert (len(first.done), len(first.refused)) == (2, 1)
    assert "3 are left" in first.refused[0]
    assert adopting.STOP_AFTER < adopting.LEASE_FOR
    assert len(bring(lambda _: None).done) == 3
    names = [item.voice.provider_voice_id for item in context.registry.voices.dossiers()]
    assert sorted(names) == text.split("\n")


def test_an_address_is_another_file_by_its_query_and_the_same_when_signed_anew(
    context: Context,
) -> None:
    at = "https://files.example/get?id="
    found = planned(context, f"{at}1\n{at}2\n{at}1&X-Amz-Signature=a&X-Amz-Date=1", test=False)
    assert [item.verdict for item in found.candidates] == [Verdict.NEW, Verdict.NEW, Verdict.HERE]
    adopted(context, f"{at}1&Expires=1&Signature=a&Key-Pair-Id=k", test=False)
    again = planned(context, f"{at}1&token=t\n{at}2", test=False)
    assert [item.verdict for item in again.candidates] == [Verdict.HERE, Verdict.NEW]


def test_where_only_a_token_names_the_file_two_tokens_are_two_files(context: Context) -> None:
    at = "https://files.example/get?token="
    found = planned(context, f"{at}A, Anna, qwen\n{at}B, Berta, qwen\n{at}A", test=False)
    assert [item.verdict for item in found.candidates] == [Verdict.NEW, Verdict.NEW, Verdict.HERE]


@pytest.mark.parametrize("text", ["kyma_short", "kyma_a1b2c3d4e5f6", "kyma_0123456789ABCDEF"])
def test_a_mistyped_id_of_kyma_becomes_no_voice_of_another_service(
    context: Context, text: str
) -> None:
    item = planned(context, f"{text}, Kay, minimax", test=True).candidates[0]
    assert item.verdict is Verdict.REFUSED
    assert not item.price.micros


def test_an_uploaded_file_s_name_is_no_address(context: Context) -> None:
    line = Line(1, id="my voice.safetensors", name="Mine")
    (voice_id,) = agreed(
        context, lambda: adopting.plan_file(context, embedding(b"mine"), line, NANOGPT)
    )
    assert dossier(context, voice_id).voice.embedding_url == ""
    assert not listing.entry(context, dossier(context, voice_id)).can_speak


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("https://a.example/v?b=2&a=1", "https://a.example/v?a=1&b=2"),
        ("https://a.example/v?sig=x&sv=1&se=2&id=3#top", "https://a.example/v?id=3"),
        ("https://a.example/v?x-goog-expires=9", "https://a.example/v"),
        ("https://a.example/v?sv=1", "https://a.example/v?sv=1"),
        ("https://a.example/v?id=a&id=b", "https://a.example/v?id=a&id=b"),
        ("https://a.example/v?3", "https://a.example/v?3="),
    ],
)
def test_a_signature_is_told_from_what_names_the_file(address: str, same: str) -> None:
    assert unsigned(address) == same


def test_other_kinds_are_told_from_the_default(context: Context) -> None:
    item = planned(context, "Sage-1, Sage", voice_type=VoiceType(NANOGPT, INWORLD)).candidates[0]
    assert item.voice_type == VoiceType(NANOGPT, INWORLD)


def test_an_id_that_the_service_does_not_know_wants_somebody_at_once(
    story: Story, context: Context
) -> None:
    (voice_id,) = adopted(context, f"MistypedId7,Night train,minimax,{START:%Y-%m-%d}")
    story.until(context, lambda: bool(dossier(context, voice_id).evidence))
    item = listing.entry(context, dossier(context, voice_id))
    assert item.standing.health is Health.WAITING
    assert item.standing.why == Why(Reason.NOT_FOUND)
    assert item.needs_somebody


@pytest.fixture
def costly_voices(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on a test call costs ten times as much."""
    price = activation.price_of_keeping
    monkeypatch.setattr(activation, "price_of_keeping", lambda *a: price(*a) * 10)


def test_a_list_never_adopts_or_pays_for_more_than_it_showed(context: Context) -> None:
    shown = planned(context, KNOWN)
    grown = f"{KNOWN}\nnora7k2m9q4x, Nora"
    (voice_id,) = agreed(context, lambda: planned(context, grown).within(shown))
    assert dossier(context, voice_id).voice.provider_voice_id == KNOWN
    assert len(all_jobs(context)) == shown.calls == 1


def test_what_was_shown_as_here_already_is_not_adopted_when_it_is_gone(context: Context) -> None:
    adopted(context, KNOWN, test=False)
    shown = planned(context, f"{KNOWN}\nnora7k2m9q4x")
    assert shown.calls == 1
    renamed = planned(context, "marlow6c2v9t5x\nnora7k2m9q4x")
    assert [item.line.id for item in renamed.within(shown).new] == ["nora7k2m9q4x"]


def test_nothing_is_adopted_at_a_higher_price_than_was_shown(
    context: Context, request: pytest.FixtureRequest
) -> None:
    shown = planned(context, KNOWN)
    request.getfixturevalue("costly_voices")
    with pytest.raises(OrderRefused, match="Prices have changed"):
        agreed(context, lambda: planned(context, KNOWN).within(shown))
    assert not context.registry.voices.dossiers()
    assert planned(context, KNOWN).within(planned(context, KNOWN)).calls == 1


def test_a_moment_without_a_zone_starts_its_time_at_the_earliest(context: Context) -> None:
    text = f"{KNOWN}, Night train, minimax, 2026-11-20 10:00"
    (item,) = planned(context, text).new
    assert item.voice
    assert item.voice.clock_start == START.replace(day=19, hour=20, minute=0)


@pytest.mark.parametrize("made", ["0001-01-01", "1999-12-31", "1999-12-31 10:00"])
def test_a_day_of_long_ago_is_refused_and_breaks_nothing(context: Context, made: str) -> None:
    (item,) = planned(context, f"id,made\n{KNOWN},{made}").candidates
    assert item.verdict is Verdict.REFUSED
    assert "too long ago" in item.why
