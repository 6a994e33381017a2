"""A long text: spoken in parts, joined; what is missing alone is paid again."""

from __future__ import annotations

import io
import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from lib import keeper
from lib.models import Job, JobState, LongText, Money, TextState, VoiceKind
from lib.pricing import speech_price
from lib.recordings.inspect import inspect
from lib.recordings.joining import PAUSE, PAUSES
from lib.recordings.writing import Form
from lib.registry.long_texts import LongTexts
from lib.services import DEMO, KINDS, NANOGPT
from lib.splitting import Seam
from lib.studio.core import money
from lib.studio.core.catalogue import speech_model
from lib.studio.core.context import Context
from lib.studio.core.standpoint import standpoint_of
from lib.studio.core.typed_text import several_lines
from lib.studio.jobs import long_texts
from lib.studio.jobs.long_texts import CannotBeEvened, Reading
from lib.studio.library import takes
from lib.studio.orders import confirming, speaking
from lib.studio.orders.confirming import OrderRefused
from lib.studio.orders.speaking import SpeechRequest
from lib.studio.storage import manifests
from lib.studio.transfer import exporting, importing
from lib.team import Team
from tests.parts.persons import ADA
from tests.parts.reopened import reopen
from tests.sentences import VOICE_IS_GONE
from tests.studio.kyma import HD, clone_at_kyma, kyma_shop
from tests.studio.service import Ask, Reply, loses_the_answer, refuses, says, together
from tests.studio.story import HOUR, MINUTE, Story, all_jobs, fresh, text_order

QWEN = "Qwen-3-TTS-1.7B"
LONG = " ".join(f"This is sentence number {n} of a rather long story." for n in range(1, 121))
"""Over 6,000 characters: more than a MiniMax model takes at a time."""
IN_PART_3 = "sentence number 90 "
PARTS = 4


def ordered(context: Context, voice_id: str, text: str = LONG, **more: object) -> Job | LongText:
    return speaking.order(context, text_order(voice_id, text, **more))


def stands(context: Context, whole: LongText) -> Reading:
    return long_texts.find(context, fresh(context, whole))


def missing(context: Context, whole: LongText) -> list[int]:
    return [part.number for part in stands(context, whole).missing]


def without_part_3(story: Story, context: Context) -> LongText:
    """A long text whose third part the service refused."""
    voice_id = story.kept(context)
    story.service.where(IN_PART_3, refuses(400, "Not this text"))
    whole = ordered(context, voice_id)
    story.live(context, MINUTE)
    assert missing(context, whole) == [3]
    story.service.where(IN_PART_3, None)
    return whole


def test_a_long_text_is_spoken_in_parts_and_joined(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    before = story.service.count("speech")
    whole = ordered(context, voice_id, speed=1.5)
    story.live(context, MINUTE)

    found = stands(context, whole)
    take = found.take
    assert found.long_text.state is TextState.DONE
    assert take is not None
    assert len(found.parts) == PARTS
    assert story.service.count("speech") == before + PARTS
    assert " ".join(part.text for part in found.parts) == LONG
    assert (take.text, take.settings) == (LONG, {"speed": 1.5})
    sound = (story.folder / "vault" / take.key).read_bytes()
    spoken = sum(part.take.seconds for part in found.parts if part.take)
    assert inspect(sound).seconds == pytest.approx(spoken + (PARTS - 1) * PAUSE, abs=0.1)
    assert take.seconds == pytest.approx(inspect(sound).seconds, abs=0.01)


def test_a_seam_inside_a_sentence_is_not_heard_as_a_pause(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    whole = ordered(context, voice_id, "and so it went on without an end " * 190 + "at all.")
    story.live(context, MINUTE)

    found = stands(context, whole)
    assert found.take is not None
    spoken = sum(part.take.seconds for part in found.parts if part.take)
    seams = len(found.parts) - 1
    assert seams >= 2
    assert found.take.seconds <= spoken + seams * PAUSES[Seam.WORD] + 0.01 * seams


def test_a_long_text_is_joined_once_more_with_one_loudness(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    whole = ordered(context, voice_id)
    story.live(context, MINUTE)
    take = stands(context, whole).take
    assert take is not None
    file = story.folder / "vault" / take.key
    stored = file.read_bytes()

    evened = long_texts.evened(context, whole.id, Form.WAV)
    assert evened != stored
    assert inspect(evened).seconds == pytest.approx(take.seconds, abs=0.01)
    assert inspect(long_texts.evened(context, whole.id, Form.MP3)).format == "mp3"
    assert file.read_bytes() == stored
    assert takes.spoken_in_parts(context, [take]) == {whole.id}


def test_a_long_text_whose_parts_are_lost_is_not_joined_once_more(
    story: Story, context: Context
) -> None:
    whole = without_part_3(story, context)
    for gone in (whole.id, "nothing"):
        with pytest.raises(CannotBeEvened):
            long_texts.evened(context, gone, Form.MP3)


def test_the_price_of_a_long_text_is_that_of_its_parts(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    model = speech_model(context, NANOGPT, "Minimax-Speech-02-HD")
    assert model is not None
    plan = speaking.plan(model, LONG)
    before = money.month_spent(context)
    whole = ordered(context, voice_id)
    after = money.month_spent(context)

    assert plan.price == Money.total(speech_price(model, part) for part in plan.parts)
    assert after - before == plan.price
    assert isinstance(whole, LongText)


def test_parts_are_spoken_side_by_side(story: Story, context: Context) -> None:
    """Each waits until another one has come as well: one after the other would never end."""
    voice_id = story.kept(context)
    at_once = threading.Barrier(2, timeout=20)

    def meets_another(ask: Ask) -> Reply:
        at_once.wait()
        return ask()

    story.service.always("speech", meets_another)
    whole = ordered(context, voice_id)
    story.live(context, MINUTE)
    assert stands(context, whole).take is not None


def test_a_missing_part_alone_is_sent_and_paid_again(story: Story, context: Context) -> None:
    whole = without_part_3(story, context)
    before = story.service.count("speech")
    assert fresh(context, whole).state is TextState.FAILED
    assert "Part 3 of 4 is missing" in fresh(context, whole).error

    (part,) = stands(context, whole).missing
    again = speaking.again(context, part.latest, ADA)
    assert speaking.again(context, part.latest, ADA).id == again.id  # a double click
    story.live(context, MINUTE)

    found = stands(context, whole)
    assert found.long_text.state is TextState.DONE
    assert found.take is not None
    assert " ".join(part.text for part in found.parts) == LONG
    assert story.service.count("speech") == before + 1
    assert IN_PART_3 in story.service.of_kind("speech")[-1].field("text")
    assert found.cost == Money.total(job.charged or Money() for job in found.orders)


def test_a_part_whose_answer_was_lost_waits_for_a_person(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    story.service.where(IN_PART_3, loses_the_answer)
    whole = ordered(context, voice_id)
    story.live(context, HOUR)
    (part,) = stands(context, whole).missing
    assert part.latest.state is JobState.UNKNOWN
    assert story.service.count("speech") == PARTS + 1  # one kept the voice

    story.service.where(IN_PART_3, None)
    speaking.again(context, part.latest, ADA)
    story.live(context, MINUTE)
    found = stands(context, whole)
    assert found.take is not None
    assert fresh(context, part.latest).state is JobState.FAILED


def test_a_late_answer_brings_the_whole_to_life(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    story.service.where(IN_PART_3, loses_the_answer)
    whole = ordered(context, voice_id)
    story.live(context, MINUTE)
    (part,) = stands(context, whole).missing
    url = next(p.job.result["audio_url"] for p in stands(context, whole).parts if p.take)
    now = story.clock.now()
    context.registry.jobs.accepted(
        part.latest.id,
        now=now,
        submitted_at=now,
        next_at=now,
        ticket={},
        result={"audio_url": url},
        charged=None,
        request_id="",
    )
    story.live(context, MINUTE)
    assert stands(context, whole).take is not None


def test_parts_that_were_not_sent_in_time_are_asked_for(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    whole = ordered(context, voice_id)
    story.clock.advance(HOUR)
    before = story.service.count("speech")
    story.live(context, HOUR)
    assert missing(context, whole) == [1, 2, 3, 4]
    assert "Parts 1, 2, 3 and 4 of 4 are missing" in fresh(context, whole).error
    assert story.service.count("speech") == before

    for part in stands(context, whole).missing:
        speaking.again(context, part.latest, ADA)
    story.live(context, MINUTE)
    assert stands(context, whole).take is not None
    assert story.service.count("speech") == before + PARTS


def test_a_spoken_part_can_be_spoken_again_and_the_old_one_counts_until_then(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context)
    whole = ordered(context, voice_id)
    story.live(context, MINUTE)
    first = stands(context, whole)
    assert first.take is not None

    story.service.where(IN_PART_3, refuses(400))
    speaking.again(context, first.parts[2].latest, ADA)
    story.live(context, MINUTE)
    kept = stands(context, whole)
    assert kept.take == first.take
    assert not kept.missing

    story.service.where(IN_PART_3, None)
    speaking.again(context, kept.parts[2].latest, ADA)
    story.live(context, MINUTE)
    found = stands(context, whole)
    assert found.parts[2].job.id not in (first.parts[2].job.id, kept.parts[2].latest.id)
    assert found.take is not None
    assert found.take.created_at > first.take.created_at
    assert found.long_text.state is TextState.DONE


def test_a_double_click_orders_a_long_text_once(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    found: set[str] = set()
    together(lambda: found.add(ordered(context, voice_id).id), 4)
    assert len(found) == 1
    assert len(context.registry.long_texts.parts(found.pop())) == PARTS


def test_a_text_that_waits_for_a_part_can_be_ordered_anew(story: Story, context: Context) -> None:
    whole = without_part_3(story, context)
    other = ordered(context, whole.voice_id)
    assert other.id != whole.id
    (part,) = stands(context, whole).missing
    speaking.again(context, part.latest, ADA)
    story.live(context, MINUTE)
    assert stands(context, whole).take is not None
    assert stands(context, other).take is not None


def test_a_short_text_is_one_order_without_parts(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    job = ordered(context, voice_id, "a" * 5_000)
    assert isinstance(job, Job)
    assert job.long_text_id == ""
    assert job.state is JobState.CONFIRMED


@pytest.mark.parametrize(
    ("typed", "spoken"),
    [
        ("Tab\there,\xa0no-break", "Tab here, no-break"),
        ("Zwei\r\nZeilen", "Zwei\nZeilen"),
        ("Bell\x07 and \ufeffmark", "Bell and mark"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_words_are_never_run_together_by_cleaning(typed: str, spoken: str) -> None:
    assert several_lines(typed) == spoken


def test_qwen_texts_are_split_so_that_nothing_is_cut_off(story: Story, context: Context) -> None:
    voice_id = story.kept(context, "qwen")
    whole = ordered(context, voice_id, LONG[:500], model=QWEN, language="English")
    story.live(context, MINUTE)
    found = stands(context, whole)
    assert len(found.parts) == 4
    assert found.take is not None
    longest = KINDS[VoiceKind.QWEN].sound_seconds
    for part in found.parts:
        assert part.take is not None
        assert part.take.seconds < longest
        assert not long_texts.sounds_cut(part.take, "qwen")
        assert part.job.request["language"] == "English"


def test_voices_side_by_side_are_ordered_together_or_not_at_all(
    story: Story, context: Context
) -> None:
    voices = [story.kept(context, seed=seed) for seed in (1, 2)]
    before = len(all_jobs(context))
    good = [text_order(voice, "Good morning.") for voice in voices]
    with pytest.raises(OrderRefused, match=VOICE_IS_GONE):
        speaking.order_all(context, [*good, text_order("nobody", "Good morning.")])
    assert len(all_jobs(context)) == before

    jobs = speaking.order_all(context, good)
    story.live(context, MINUTE)
    assert [job.voice_id for job in jobs] == voices
    assert all(context.registry.takes.get(job.id) for job in jobs)


def test_the_balance_must_do_for_all_voices_together(story: Story, context: Context) -> None:
    voices = [story.kept(context, seed=seed) for seed in (1, 2)]
    account = standpoint_of(context).account(NANOGPT)
    context.registry.accounts.note_balance(account, Money.usd("0.50"), story.clock.now())
    requests = [text_order(voice, "a" * 4_000) for voice in voices]
    before = len(all_jobs(context))
    with pytest.raises(OrderRefused, match="balance at NanoGPT"):
        speaking.order_all(context, requests)
    assert len(all_jobs(context)) == before
    assert speaking.order_all(context, requests[:1])


def test_one_budget_must_do_for_the_voices_of_all_services_together(story: Story) -> None:
    context = kyma_shop(story)
    voice_id = story.kept(context)
    job = clone_at_kyma(context)
    story.live(context, HOUR)
    requests = [text_order(voice_id, "a" * 400), text_order(job.voice_id, "a" * 400, model=HD)]
    prices = [_price(context, request) for request in requests]
    left = max(prices, key=lambda price: price.micros) + Money(1)
    team = Team(monthly_budget=money.month_spent(context) + left)
    reopen(context, settings=replace(context.settings, team=team))
    before = len(all_jobs(context))
    with pytest.raises(OrderRefused, match=r"together, and .* of this month's budget is left"):
        speaking.order_all(context, requests)
    assert len(all_jobs(context)) == before
    both = Team(monthly_budget=money.month_spent(context) + Money.total(prices))
    reopen(context, settings=replace(context.settings, team=both))
    assert len(speaking.order_all(context, requests)) == 2


def _price(context: Context, request: SpeechRequest) -> Money:
    voice = context.registry.voices.get(request.voice_id)
    model = speech_model(context, voice.service, request.model) if voice else None
    assert model
    return speaking.plan(model, request.text).price


# What survives


def test_a_restart_goes_on_with_a_long_text(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    story.service.speaks_by_ticket()
    whole = ordered(context, voice_id)
    keeper.one_pass(context)
    context.close()
    restarted = story.context()
    story.live(restarted, HOUR)
    assert stands(restarted, whole).take is not None
    assert story.service.count("speech") == PARTS + 1


def test_a_new_container_finds_the_whole_and_what_is_missing(
    story: Story, context: Context
) -> None:
    whole = without_part_3(story, context)
    fresh_one = story.new_container()
    manifests.reconcile(fresh_one)
    fresh_one.runtime.reconciliation.finished = True
    assert missing(fresh_one, whole) == [3]
    (part,) = stands(fresh_one, whole).missing
    speaking.again(fresh_one, part.latest, ADA)
    before = story.service.count("speech")
    story.live(fresh_one, MINUTE)
    assert stands(fresh_one, whole).take is not None
    assert story.service.count("speech") == before + 1


def test_the_whole_is_in_the_vault_before_a_part_is_paid(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    seen: list[bool] = []

    def looks(ask: Ask) -> Reply:
        story_of_whole = story.folder / "vault" / "takes" / whole.id / "take.json"
        seen.append(story_of_whole.exists())
        return ask()

    story.service.always("speech", looks)
    whole = ordered(context, voice_id)
    story.live(context, MINUTE)
    assert seen == [True] * PARTS


def test_a_keeper_that_ends_between_the_last_part_and_the_joining_forgets_nothing(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    voice_id = story.kept(context)
    whole = ordered(context, voice_id)
    with monkeypatch.context() as patch:
        patch.setattr(long_texts, "look", lambda *_: False)
        for _ in range(5):
            keeper.one_pass(context)
    assert stands(context, whole).spoken == PARTS
    context.close()
    restarted = story.context()
    story.live(restarted, HOUR)
    assert stands(restarted, whole).take is not None


def test_the_last_part_may_end_while_the_whole_is_looked_at(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and putting it off: nobody else would come by for a while."""
    voice_id = story.kept(context)
    story.service.speaks_by_ticket()
    whole = ordered(context, voice_id)
    later = LongTexts.later

    def all_parts_end_meanwhile(texts: LongTexts, text_id: str, **more: object) -> None:
        monkeypatch.setattr(LongTexts, "later", later)
        for part in texts.parts(text_id):
            context.registry.jobs.fail(part.id, now=story.clock.now(), error="No.")
        later(texts, text_id, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(LongTexts, "later", all_parts_end_meanwhile)
    story.live(context, timedelta(seconds=20))
    assert fresh(context, whole).state is TextState.FAILED


def test_a_broken_vault_puts_the_joining_off(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    whole = ordered(context, voice_id)
    story.until(context, lambda: stands(context, whole).spoken == PARTS)
    now = story.clock.now()
    if not context.registry.long_texts.resume(whole.id, person="Ada", now=now):  # it waits still
        context.registry.long_texts.check_now(whole.id, now)
    story.vault_breaks()
    story.live(context, MINUTE)
    assert fresh(context, whole).state is TextState.WAITING
    assert "cannot be joined yet" in fresh(context, whole).last_answer
    story.vault_is_mended()
    story.live(context, 2 * HOUR)
    assert fresh(context, whole).state is TextState.DONE


def test_a_damaged_part_is_told_and_never_joined(story: Story, context: Context) -> None:
    whole = without_part_3(story, context)
    second = stands(context, whole).parts[1].take
    assert second is not None
    path = story.folder / "vault" / second.key
    sound = path.read_bytes()
    path.write_bytes(sound[:-1])
    speaking.again(context, stands(context, whole).parts[2].latest, ADA)
    story.live(context, MINUTE)
    assert stands(context, whole).take is None
    assert "audio of part 2 has changed since it was stored" in fresh(context, whole).error

    path.write_bytes(sound)
    long_texts.join_again(context, fresh(context, whole), ADA)
    story.live(context, MINUTE)
    assert stands(context, whole).take is not None


def test_a_part_that_was_left_behind_is_told_and_can_be_spoken_anew(
    story: Story, context: Context
) -> None:
    whole = without_part_3(story, context)
    second, third = stands(context, whole).parts[1:3]
    assert second.take is not None
    context.registry.takes.moved(second.take.id, "file:///old")
    assert context.registry.takes.leave_behind(context.live_vault.name, without=DEMO) == 1
    speaking.again(context, third.latest, ADA)
    story.live(context, MINUTE)
    assert "audio of part 2 was left behind" in fresh(context, whole).error

    speaking.again(context, second.latest, ADA)
    story.live(context, MINUTE)
    assert stands(context, whole).take is not None


def test_a_story_without_one_of_its_parts_is_never_joined(story: Story, context: Context) -> None:
    whole = without_part_3(story, context)
    lost = stands(context, whole).parts[2].latest
    (story.folder / "vault" / "takes" / lost.id / "take.json").unlink()
    fresh_one = story.new_container()
    manifests.reconcile(fresh_one)
    fresh_one.runtime.reconciliation.finished = True
    long_texts.join_again(fresh_one, fresh(fresh_one, whole), ADA)
    story.live(fresh_one, MINUTE)
    assert stands(fresh_one, whole).take is None
    assert "no longer exist" in fresh(fresh_one, whole).error


def test_an_export_brings_a_long_text_with_its_parts(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    whole = ordered(context, voice_id)
    story.live(context, MINUTE)
    file = io.BytesIO()
    exporting.write(context, file, person=ADA)
    assert importing.check(file).is_good

    other = story.context("other", database=f"sqlite:///{story.folder / 'other.db'}",
                           VAULT_URL=f"file://{story.folder / 'other-vault'}")  # fmt: skip
    importing.take(other, file, dry_run=False, person=ADA)
    found = stands(other, whole)
    assert found.spoken == PARTS
    assert found.take is not None
    assert (story.folder / "other-vault" / found.take.key).exists()


def test_a_refused_part_costs_nothing_and_the_others_are_kept(
    story: Story, context: Context
) -> None:
    whole = without_part_3(story, context)
    found = stands(context, whole)
    assert found.spoken == PARTS - 1
    assert fresh(context, found.parts[2].latest).cost == Money()
    body = json.loads((story.folder / "vault" / "takes" / whole.id / "take.json").read_bytes())
    assert body["long_text"]["state"] == "failed"


def test_giving_up_an_unknown_part_elsewhere_leaves_it_in_its_text(
    story: Story, context: Context
) -> None:
    """The Jobs page has ways on of its own."""
    from lib.studio.jobs import recovery

    voice_id = story.kept(context)
    story.service.where(IN_PART_3, loses_the_answer)
    whole = ordered(context, voice_id)
    story.live(context, MINUTE)
    story.service.where(IN_PART_3, None)
    (part,) = stands(context, whole).missing
    again = next(
        option
        for option in recovery.options_for(context, part.latest, None)
        if option.name == "again"
    )
    again.run(context, part.latest, ADA)
    story.live(context, MINUTE)
    assert stands(context, whole).take is not None


def test_a_withdrawn_part_is_missing(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    story.service.always("balance", says({}, 503))
    whole = ordered(context, voice_id)
    confirming.withdraw(context, stands(context, whole).parts[2].job, ADA)
    story.service.always("balance", None)
    story.live(context, MINUTE)
    assert missing(context, whole) == [3]
