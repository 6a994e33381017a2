"""The words of a recording: refused, ordered once, paid once, and known or told not to be."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lib import keeper
from lib.models import ErrorKind, Job, JobKind, JobState, Money
from lib.registry.events import Wanted
from lib.roles import KEEPER, Permission
from lib.services import DEMO, KYMA, NANOGPT
from lib.settings import Settings
from lib.studio.core import money
from lib.studio.core.context import Context
from lib.studio.core.opening import open_context
from lib.studio.jobs import recovery
from lib.studio.library import activity
from lib.studio.orders import confirming, transcribing
from lib.studio.orders.confirming import OrderRefused
from lib.studio.orders.transcribing import TranscriptRequest
from lib.studio.orders.wording import Reason, sentence
from lib.studio.storage import manifests
from lib.team import Team
from tests.parts.clock import SettableClock
from tests.parts.persons import ADA
from tests.parts.reopened import reopen
from tests.sentences import STILL_READING
from tests.studio.service import (
    Reply,
    answer,
    answers_a_page,
    loses_the_answer,
    refuses,
    resets,
    says,
    together,
)
from tests.studio.story import (
    DAY,
    HOUR,
    MINUTE,
    NEW_KEY,
    Story,
    database_out,
    fresh,
    large_recording,
    recording,
    spend,
    state,
)

PRICE = Money.usd("0.002")
"""Of twelve seconds, at a cent a minute."""
WORDS = "This is a demo transcript. It does not say what your recording says."


def wanted(seed: int = 1, **changes: Any) -> TranscriptRequest:
    """The words of a recording of twelve seconds."""
    request = TranscriptRequest(NANOGPT, recording(seed), 12.0, ADA)
    return replace(request, **changes)


def ordered(story: Story, context: Context, **changes: Any) -> Job:
    """An order that came to its end, whichever."""
    job = transcribing.transcribe(context, wanted(**changes))
    story.until(context, lambda: not fresh(context, job).is_open)
    return fresh(context, job)


def lost(story: Story, context: Context) -> Job:
    """An order that ran and was charged, and whose answer never came."""
    story.service.next("transcript", loses_the_answer)
    job = ordered(story, context)
    assert job.state is JobState.UNKNOWN
    return job


def way(context: Context, job: Job, name: str) -> None:
    """A person presses one of the buttons that this order has."""
    found = {option.name: option for option in recovery.options_for(context, job, None)}
    found[name].run(context, job, ADA)


def recordings_in(context: Context) -> list[str]:
    return sorted(context.spool.recordings())


def test_the_words_come_to_stand_in_the_order_and_are_paid_once(
    story: Story, on_both: Context
) -> None:
    job = transcribing.transcribe(on_both, wanted())
    assert (job.kind, job.state, job.voice_id) == (JobKind.TRANSCRIPT, JobState.CONFIRMED, "")
    assert (job.estimate, story.service.paid_requests) == (PRICE, 0)
    keeper.one_pass(on_both)
    done = fresh(on_both, job)
    assert (done.state, done.transcript, done.charged) == (JobState.DONE, WORDS, PRICE)
    assert done.balance_before == Money.usd("100")
    (sent,) = story.service.of_kind("transcript")
    assert recording() in sent.body
    assert {name: sent.field(name) for name in ("model", "language")} == {
        "model": "Whisper-Large-V3",
        "language": "auto",
    }
    assert recordings_in(on_both) == []
    assert money.month_spent(on_both) == PRICE


def test_what_was_done_is_recorded_with_who_did_it(story: Story, context: Context) -> None:
    job = ordered(story, context)
    deeds = activity.find(context, KEEPER, Wanted(), limit=50)
    (deed,) = [deed for deed in deeds if deed.line.what == "ordered: transcript"]
    line = deed.line
    assert (line.person, line.voice_id, line.job_id) == (ADA.label, "", job.id)
    assert (deed.amount, deed.service) == (PRICE, NANOGPT)
    table = activity.table(context, KEEPER, Wanted()).decode("utf-8-sig")
    assert f",ordered: transcript,ordered,,,{job.id},0.002" in table


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"service": KYMA}, "cannot transcribe recordings here"),
        ({"service": "elsewhere"}, "cannot transcribe recordings here"),
        ({"recording": b""}, "Add a recording first."),
        ({"recording": b"no sound" * 99}, "Nothing was sent, and nothing was spent."),
        ({"recording": large_recording(), "seconds": 17.0}, "This part is over 3 MB"),
        ({"seconds": 9.0}, "The price was for 9 seconds, and this recording has 12."),
    ],
)
def test_an_order_that_cannot_be_is_refused_and_nothing_is_kept(
    story: Story, context: Context, changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(OrderRefused, match=says):
        transcribing.transcribe(context, wanted(**changes))
    keeper.one_pass(context)
    assert (story.service.paid_requests, recordings_in(context)) == (0, [])


def test_a_kind_of_file_that_is_not_taken_is_named(context: Context, samples: Path) -> None:
    flac = (samples / "librispeech-12s.flac").read_bytes()
    with pytest.raises(OrderRefused, match=r"FLAC cannot be transcribed\. These can: MP3"):
        transcribing.transcribe(context, wanted(recording=flac))


def test_without_a_lasting_vault_nothing_is_written_down(story: Story) -> None:
    with pytest.raises(OrderRefused, match=re.escape(sentence(Reason.NO_BUCKET))):
        transcribing.transcribe(story.context(VAULT_URL=""), wanted())


def test_before_the_vault_was_read_nothing_is_written_down(context: Context) -> None:
    context.runtime.reconciliation.finished = False
    with pytest.raises(OrderRefused, match=STILL_READING):
        transcribing.transcribe(context, wanted())


def test_where_the_disk_is_full_nothing_is_ordered(context: Context) -> None:
    context.spool._folder.parent.mkdir(parents=True, exist_ok=True)
    context.spool._folder.write_text("in the way")
    with pytest.raises(OrderRefused, match="could not be saved on this server's disk"):
        transcribing.transcribe(context, wanted())
    assert context.registry.jobs.latest(services=[NANOGPT]) == []


def test_a_double_click_and_a_second_tab_are_one_order(story: Story, on_both: Context) -> None:
    found: list[str] = []
    together(lambda: found.append(transcribing.transcribe(on_both, wanted()).id), 4)
    assert len(set(found)) == 1
    assert recordings_in(on_both) == [found[0]]
    keeper.one_pass(on_both)
    assert story.service.count("transcript") == len(story.service.charges("transcript")) == 1


def test_words_of_the_last_day_are_not_paid_again(story: Story, context: Context) -> None:
    first = ordered(story, context)
    again = transcribing.transcribe(context, wanted())
    assert (again.id, again.transcript) == (first.id, WORDS)
    assert transcribing.transcribe(context, wanted(seed=2)).id != first.id
    assert transcribing.transcribe(context, wanted(language="de")).id != first.id
    story.clock.advance(DAY)
    assert transcribing.transcribe(context, wanted()).id != first.id


def test_what_was_refused_may_be_ordered_again_at_once(story: Story, context: Context) -> None:
    story.service.next("transcript", refuses(400, "Audio is unreadable"))
    failed = ordered(story, context)
    assert (failed.state, failed.charged) == (JobState.FAILED, Money())
    assert "“Audio is unreadable”" in failed.error
    assert recordings_in(context) == []
    assert ordered(story, context).state is JobState.DONE


@pytest.mark.parametrize("limit", ["0.001", "0"])
def test_a_budget_that_does_not_reach_refuses_it(story: Story, limit: str) -> None:
    story.team = Team(monthly_budget=Money.usd(limit))
    context = story.context()
    with pytest.raises(OrderRefused, match="of this month's budget"):
        transcribing.transcribe(context, wanted())
    assert recordings_in(context) == []


def test_of_two_orders_that_do_not_fit_together_one_is_taken(story: Story, database: str) -> None:
    story.team = Team(monthly_budget=Money.usd("0.003"))
    context = story.context()
    refused: list[str] = []

    def order(request: TranscriptRequest) -> None:
        try:
            transcribing.transcribe(context, request)
        except OrderRefused as problem:
            refused.append(str(problem))

    seeds = iter((1, 2))
    together(lambda: order(wanted(next(seeds))), 2)
    assert len(refused) == 1
    assert len(recordings_in(context)) == 1


def test_a_balance_that_does_not_reach_refuses_it(story: Story, context: Context) -> None:
    spend(context, Money.usd("0.001"))
    with pytest.raises(OrderRefused, match="the balance at NanoGPT was"):
        transcribing.transcribe(context, wanted())
    context.registry.accounts.note_balance(
        context.registry.accounts.all()[0].id, Money.usd("1"), story.clock.now()
    )
    story.service.next("balance", says({"usd_balance": "0.001"}))
    failed = ordered(story, context)
    assert (failed.error_kind, story.service.count("transcript")) == (ErrorKind.BALANCE, 0)


def test_a_busy_service_is_asked_again_with_the_same_recording(
    story: Story, context: Context
) -> None:
    story.service.next("transcript", refuses(429, Retry_After="5"))
    job = transcribing.transcribe(context, wanted())
    keeper.one_pass(context)
    assert (state(context, job), recordings_in(context)) == (JobState.CONFIRMED, [job.id])
    story.until(context, lambda: state(context, job) is JobState.DONE)
    bodies = [recording() in seen.body for seen in story.service.of_kind("transcript")]
    assert bodies == [True, True]
    assert len(story.service.charges("transcript")) == 1


@pytest.mark.parametrize("trouble", [loses_the_answer, answers_a_page, resets])
def test_an_answer_that_never_came_is_told_and_the_request_is_not_sent_again(
    story: Story, context: Context, trouble: Any
) -> None:
    story.service.next("transcript", trouble)
    job = transcribing.transcribe(context, wanted())
    story.live(context, HOUR)
    unknown = fresh(context, job)
    assert unknown.state is JobState.UNKNOWN
    charged = Money() if trouble is resets else PRICE
    assert unknown.balance_before is not None
    assert unknown.balance_after is not None
    assert unknown.balance_before - unknown.balance_after == charged
    assert story.service.count("transcript") == 1
    assert transcribing.transcribe(context, wanted()).id == job.id


def test_sent_once_more_it_is_followed_and_both_are_in_the_books(
    story: Story, on_both: Context
) -> None:
    first = lost(story, on_both)
    way(on_both, first, "again")
    second = transcribing.find(on_both, first.id)
    assert second is not None
    assert second.id != first.id
    story.until(on_both, lambda: state(on_both, second) is JobState.DONE)
    found = transcribing.find(on_both, first.id)
    assert found is not None
    assert found.transcript == WORDS
    assert story.service.count("transcript") == len(story.service.charges("transcript")) == 2
    assert money.month_spent(on_both) == PRICE * 2
    assert recordings_in(on_both) == []


def test_sent_once_more_twice_at_once_it_is_sent_once_more(story: Story, on_both: Context) -> None:
    first = lost(story, on_both)
    refused: list[OrderRefused] = []

    def again() -> None:
        try:
            way(on_both, first, "again")
        except OrderRefused as problem:
            refused.append(problem)

    together(again, 2)
    story.live(on_both, MINUTE)
    assert len(refused) == 1
    assert story.service.count("transcript") == 2
    assert recordings_in(on_both) == []


def test_given_up_it_may_be_ordered_anew(story: Story, context: Context) -> None:
    first = lost(story, context)
    way(context, first, "giveup")
    assert fresh(context, first).cost == PRICE
    keeper.one_pass(context)
    assert recordings_in(context) == []
    assert ordered(story, context).id != first.id


def test_a_day_later_the_recording_is_gone_and_says_so(story: Story, context: Context) -> None:
    first = lost(story, context)
    assert recordings_in(context) == [first.id]
    story.live(context, DAY + HOUR)
    assert recordings_in(context) == []
    with pytest.raises(OrderRefused, match=r"no longer exists\. Cancel it"):
        way(context, fresh(context, first), "again")
    assert fresh(context, first).state is JobState.UNKNOWN
    assert story.service.count("transcript") == 1


def test_with_another_account_s_key_it_is_not_sent(story: Story, context: Context) -> None:
    job = transcribing.transcribe(context, wanted())
    values = {**context.settings.values, "NANOGPT_API_KEY": NEW_KEY}
    reopen(context, settings=replace(context.settings, values=values))
    keeper.one_pass(context)
    failed = fresh(context, job)
    assert (failed.state, failed.error_kind) == (JobState.FAILED, ErrorKind.PERMISSION)
    assert story.service.count("transcript") == 0


def test_an_order_that_was_not_sent_in_time_waits_for_a_person(
    story: Story, context: Context
) -> None:
    job = transcribing.transcribe(context, wanted())
    story.clock.advance(16 * MINUTE)
    keeper.one_pass(context)
    late = fresh(context, job)
    assert late.is_expired(story.clock.now())
    assert story.service.count("transcript") == 0
    way(context, late, "send")
    keeper.one_pass(context)
    assert fresh(context, job).transcript == WORDS


def test_withdrawn_its_recording_goes_with_it(story: Story, context: Context) -> None:
    job = transcribing.transcribe(context, wanted())
    confirming.withdraw(context, job, ADA)
    keeper.one_pass(context)
    assert (recordings_in(context), story.service.paid_requests) == ([], 0)


def test_a_keeper_on_another_disk_leaves_it_to_the_one_that_has_the_recording(
    story: Story, database: str
) -> None:
    app = story.context()
    outside = story.context("elsewhere")
    job = transcribing.transcribe(app, wanted())
    keeper.one_pass(outside)
    waits = fresh(app, job)
    assert (waits.state, waits.answer_kind) == (JobState.CONFIRMED, ErrorKind.OTHER_DISK)
    story.until(app, lambda: state(app, job) is JobState.DONE)
    assert story.service.count("transcript") == 1


def test_what_reached_this_disk_counts_although_the_database_was_away(
    story: Story, context: Context
) -> None:
    job = transcribing.transcribe(context, wanted())
    with database_out(context):
        keeper.one_pass(context)
    assert state(context, job) is JobState.SUBMITTING
    story.clock.advance(10 * MINUTE)
    story.live(context, MINUTE)
    assert fresh(context, job).transcript == WORDS
    assert story.service.count("transcript") == len(story.service.charges("transcript")) == 1
    assert context.spool.answers() == []


def test_a_recording_whose_order_was_never_made_is_gone_after_a_day(
    story: Story, context: Context
) -> None:
    context.spool.put_recording("0123456789abcdef", b"sound")
    keeper.one_pass(context)
    assert recordings_in(context) == ["0123456789abcdef"]
    put_at = context.spool.recordings()["0123456789abcdef"]
    story.clock.advance(max(put_at - story.clock.now(), timedelta(0)) + DAY + MINUTE)
    keeper.one_pass(context)
    assert recordings_in(context) == []


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("", ""),
        (" One\r\ntwo\x00 \ud83d\ude00 ", "One\ntwo 😀"),
        ("=HYPERLINK() <b>bold</b>", "=HYPERLINK() <b>bold</b>"),
    ],
)
def test_odd_words_are_kept_as_text(story: Story, on_both: Context, said: str, kept: str) -> None:
    def speaks(_: object) -> Reply:
        return answer({"transcription": said, "metadata": {"cost": 0.002, "currency": "USD"}})

    story.service.next("transcript", speaks)
    done = ordered(story, on_both)
    assert (done.state, done.charged) == (JobState.DONE, PRICE)
    assert done.transcript == kept


def test_what_is_charged_is_what_the_answer_tells(story: Story, context: Context) -> None:
    body = {"transcription": "Hi.", "metadata": {"cost": 0.01, "currency": "USD"}}
    story.service.next("transcript", says(body))
    assert ordered(story, context).charged == Money.usd("0.01")
    story.service.next("transcript", says({"transcription": "Hi."}))
    assert ordered(story, context, seed=2).charged == PRICE


def test_words_and_cost_are_there_again_from_the_vault_alone(
    story: Story, context: Context
) -> None:
    done = ordered(story, context)
    voice_id = story.made(context)
    keeper.one_pass(context)
    rebuilt = story.new_container()
    manifests.reconcile(rebuilt)
    again = fresh(rebuilt, done)
    assert (again.state, again.transcript, again.cost) == (JobState.DONE, WORDS, PRICE)
    found = rebuilt.registry.voices.dossier(voice_id)
    assert found is not None
    assert {job.kind for job in found.jobs} <= {JobKind.CLONE, JobKind.ACTIVATION}
    assert rebuilt.runtime.reconciliation.passed_over == 0


def test_its_story_is_in_the_vault_before_it_is_paid(story: Story, context: Context) -> None:
    keeper.one_pass(context)
    context.live_vault.check()
    story.vault_breaks()
    job = transcribing.transcribe(context, wanted())
    keeper.one_pass(context)
    assert (state(context, job), story.service.count("transcript")) == (JobState.CONFIRMED, 0)
    story.vault_is_mended()
    story.until(context, lambda: state(context, job) is JobState.DONE)


def test_what_was_sent_when_disk_and_database_vanished_counts_as_unknown(
    story: Story, context: Context
) -> None:
    story.service.next("transcript", resets)
    job = transcribing.transcribe(context, wanted())
    with pytest.MonkeyPatch.context() as gone:
        gone.setattr(manifests, "save_after_answer", lambda *_: None)
        gone.setattr(manifests, "save_due", lambda *_: [])
        keeper.one_pass(context)
    rebuilt = story.new_container()
    manifests.reconcile(rebuilt)
    known = fresh(rebuilt, job)
    assert (known.state, known.cost) == (JobState.UNKNOWN, PRICE)
    story.live(rebuilt, HOUR)
    assert story.service.count("transcript") == 1
    assert {option.name for option in recovery.options_for(rebuilt, known, None)} == {
        "again", "giveup",
    }  # fmt: skip


def test_the_demo_writes_down_for_play_money(story: Story, clock: SettableClock) -> None:
    context = open_context(Settings(data_folder=story.folder / "demo"), clock=clock)
    story.opened.append(context)
    context.runtime.reconciliation.finished = True
    job = transcribing.transcribe(context, wanted(service=DEMO))
    story.until(context, lambda: state(context, job) is JobState.DONE)
    assert (fresh(context, job).transcript, fresh(context, job).charged) == (WORDS, PRICE)
    assert money.month_spent(context) == Money()


def test_whoever_may_clone_decides_what_becomes_of_it() -> None:
    assert confirming.TO_ORDER[JobKind.TRANSCRIPT] is Permission.CLONE


def test_no_voice_s_order_is_taken_for_a_transcript(story: Story, context: Context) -> None:
    voice_id = story.made(context)
    making = context.registry.jobs.of_voice(voice_id, JobKind.CLONE)[0]
    assert transcribing.find(context, making.id) is None
    assert transcribing.find(context, "unknown") is None


def test_which_service_writes_down_and_how_is_known_before(context: Context) -> None:
    offer = transcribing.offer_of(context, NANOGPT)
    assert offer is not None
    assert (offer.model, offer.direct_bytes) == ("Whisper-Large-V3", 3_000_000)
    assert transcribing.offer_of(context, KYMA) is None
