"""A new key asks once whose it is; it is not used with the voices of another account."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lib import keeper
from lib.models import ErrorKind, Health, JobState, KeepPolicy
from lib.retention import Reach, Reason, StepKind, Why, deadline_of
from lib.services import NANOGPT
from lib.studio.core import accounts
from lib.studio.core.accounts import Question
from lib.studio.core.context import Context
from lib.studio.core.standpoint import standpoint_of
from lib.studio.library import listing
from lib.studio.orders import activation, speaking
from lib.studio.orders.confirming import OrderRefused
from tests.parts.persons import ADA
from tests.sentences import SAY_WHOSE_FIRST
from tests.studio.service import refuses
from tests.studio.story import (
    DAY,
    HOUR,
    MINUTE,
    NEW_KEY,
    Story,
    all_jobs,
    dossier,
    health,
    key_question,
    state,
    text_order,
)

THIRD_KEY = "sk-nano-00000000-0000-0000-0000-000000000003"


def asked(context: Context) -> Question:
    found = key_question(context)
    assert found is not None
    return found


@pytest.fixture
def voice_id(story: Story, context: Context) -> str:
    """A voice of the old account that is to be used once, half-way through its week."""
    made = story.made(context, keep_policy=KeepPolicy.ASK)
    context.registry.voices.change(made, keep_policy=KeepPolicy.AT_ONCE)
    return made


@pytest.fixture
def renewed(story: Story, voice_id: str) -> Context:
    """The same app after its key was changed."""
    return story.context(NANOGPT_API_KEY=NEW_KEY)


def test_one_key_asks_nothing(story: Story, context: Context, voice_id: str) -> None:
    assert key_question(context) is None
    assert standpoint_of(context).reach(dossier(context, voice_id).voice) is Reach.OURS
    assert accounts.label_of(standpoint_of(context), dossier(context, voice_id).voice) == "NanoGPT"


def test_a_new_key_waits_for_an_answer(story: Story, renewed: Context, voice_id: str) -> None:
    (other,) = asked(renewed).others
    assert (other.voices, other.account.label) == (1, "NanoGPT")
    story.live(renewed, DAY)
    assert not story.service.charges("speech")
    item = listing.entry(renewed, dossier(renewed, voice_id))
    assert item.step.kind is StepKind.ACTIVATE
    assert item.step.blocked
    assert item.step.why == Why(Reason.ACCOUNT_ASKED)
    with pytest.raises(OrderRefused, match=SAY_WHOSE_FIRST):
        activation.order_activation(renewed, item.dossier, person=ADA)
    with pytest.raises(OrderRefused, match=SAY_WHOSE_FIRST):
        speaking.order(renewed, text_order(voice_id))
    assert not story.service.count("speech")


def test_in_the_last_48_hours_the_new_key_is_tried(
    story: Story, renewed: Context, voice_id: str
) -> None:
    story.live(renewed, 119 * HOUR)
    assert not story.service.count("speech")
    story.live(renewed, 3 * HOUR)
    assert health(renewed, voice_id) is Health.SAFE


def come_to(story: Story, context: Context, voice_id: str, *, hours_left: int) -> None:
    """So many hours before the voice is lost; nobody looked at it in between."""
    found = dossier(context, voice_id)
    deadline = deadline_of(found, standpoint_of(context).terms(found.voice).rule)
    assert deadline is not None
    story.clock.advance(deadline - hours_left * HOUR - story.clock.now())


@pytest.mark.parametrize("hours_left", [47, 1])
def test_in_the_last_48_hours_a_person_may_try_a_key_that_nobody_has_named(
    story: Story, renewed: Context, voice_id: str, hours_left: int
) -> None:
    come_to(story, renewed, voice_id, hours_left=hours_left)
    activation.order_activation(renewed, dossier(renewed, voice_id), person=ADA)
    story.until(renewed, lambda: health(renewed, voice_id) is Health.SAFE)
    assert len(story.service.charges("speech")) == 1


@pytest.mark.parametrize("hours_left", [49, -1])
def test_before_and_after_those_hours_nobody_can_try_it(
    story: Story, renewed: Context, voice_id: str, hours_left: int
) -> None:
    come_to(story, renewed, voice_id, hours_left=hours_left)
    with pytest.raises(OrderRefused, match=SAY_WHOSE_FIRST):
        activation.order_activation(renewed, dossier(renewed, voice_id), person=ADA)


@pytest.mark.parametrize("hours_left", [49, 47, 1])
def test_a_key_of_another_account_is_tried_at_no_hour(
    story: Story, renewed: Context, voice_id: str, hours_left: int
) -> None:
    accounts.other(renewed, asked(renewed), ADA)
    come_to(story, renewed, voice_id, hours_left=hours_left)
    with pytest.raises(OrderRefused, match="belongs to another account"):
        activation.order_activation(renewed, dossier(renewed, voice_id), person=ADA)


def test_what_was_ordered_before_the_key_was_named_another_s_is_not_sent(
    story: Story, renewed: Context, voice_id: str
) -> None:
    come_to(story, renewed, voice_id, hours_left=24)
    order = activation.order_activation(renewed, dossier(renewed, voice_id), person=ADA)
    accounts.other(renewed, asked(renewed), ADA)
    story.live(renewed, 2 * DAY)
    assert state(renewed, order) is JobState.FAILED
    assert not story.service.count("speech")


def test_a_refusal_in_the_last_48_hours_costs_nothing_and_is_no_loss(
    story: Story, renewed: Context, voice_id: str
) -> None:
    story.service.always("speech", refuses(400, "Voice not found", "invalid_voice"))
    story.live(renewed, timedelta(days=8))
    assert story.service.count("speech")
    assert not story.service.charges("speech")
    assert health(renewed, voice_id) is Health.PROBABLY_LOST


def test_yes_makes_the_key_one_of_the_old_account(
    story: Story, renewed: Context, voice_id: str
) -> None:
    old = dossier(renewed, voice_id).voice.account
    meanwhile = story.made(renewed, seed=2)
    assert dossier(renewed, meanwhile).voice.account != old
    accounts.same(renewed, asked(renewed), old, ADA)
    assert key_question(renewed) is None
    assert standpoint_of(renewed).account(NANOGPT) == old
    assert {dossier(renewed, name).voice.account for name in (voice_id, meanwhile)} == {old}
    assert {job.account for job in all_jobs(renewed)} == {old}
    story.until(renewed, lambda: health(renewed, voice_id) is Health.SAFE)
    assert len(accounts.all_known(renewed)[NANOGPT]) == 1


def test_no_keeps_the_accounts_apart(story: Story, renewed: Context, voice_id: str) -> None:
    accounts.other(renewed, asked(renewed), ADA)
    assert key_question(renewed) is None
    labels = {item.account.label: item.in_use for item in accounts.all_known(renewed)[NANOGPT]}
    assert labels == {"NanoGPT": False, "NanoGPT 2": True}
    story.live(renewed, timedelta(days=8))
    assert not story.service.count("speech")
    assert health(renewed, voice_id) is Health.PROBABLY_LOST
    voice = dossier(renewed, voice_id).voice
    for refusal in (
        accounts.why_not_speak(standpoint_of(renewed), voice),
        accounts.who_made(standpoint_of(renewed), voice),
    ):
        assert "“NanoGPT”" in refusal
    with pytest.raises(OrderRefused, match="another account"):
        activation.order_activation(renewed, dossier(renewed, voice_id), person=ADA)
    fresh = story.kept(renewed, seed=3)
    assert health(renewed, fresh) is Health.SAFE


def test_the_first_key_set_again_asks_nothing(
    story: Story, renewed: Context, voice_id: str
) -> None:
    story.made(renewed, seed=2)
    accounts.other(renewed, asked(renewed), ADA)
    back = story.context()
    assert key_question(back) is None
    story.until(back, lambda: health(back, voice_id) is Health.SAFE)


@pytest.mark.parametrize("same", [True, False])
def test_the_answer_outlives_a_lost_disk(
    story: Story, renewed: Context, voice_id: str, same: bool
) -> None:
    question = asked(renewed)
    if same:
        accounts.same(renewed, question, question.others[0].account.id, ADA)
    else:
        accounts.other(renewed, question, ADA)
    keeper.one_pass(renewed)
    story.settings["NANOGPT_API_KEY"] = NEW_KEY
    anew = story.new_container()
    assert standpoint_of(anew).account(NANOGPT)
    keeper.one_pass(anew)
    assert key_question(anew) is None
    reach = standpoint_of(anew).reach(dossier(anew, voice_id).voice)
    assert reach is (Reach.OURS if same else Reach.OTHER)


def test_a_strange_file_of_accounts_is_passed_over(story: Story, renewed: Context) -> None:
    rows = b'{"format": 1, "accounts": [1, {"id": 2}, {"service": "nanogpt"}]}'
    for body in (b"[", b"{}", rows, b'{"format": 1, "accounts": 7}', b"[]"):
        renewed.live_vault.put_verified(accounts.KEY, body, "application/json")
        renewed.registry.notes.write(accounts.NOTE, {}, story.clock.now())
        accounts.keep_safe(renewed)
    assert asked(renewed)


def test_three_keys_and_names(story: Story, renewed: Context, voice_id: str) -> None:
    story.made(renewed, seed=2)
    accounts.other(renewed, asked(renewed), ADA)
    third = story.context(NANOGPT_API_KEY=THIRD_KEY)
    question = asked(third)
    assert [item.account.label for item in question.others] == ["NanoGPT", "NanoGPT 2"]
    accounts.rename(third, question.others[1].account, " The \nagency\0 ", ADA)
    accounts.same(third, asked(third), question.others[1].account.id, ADA)
    labels = {item.account.label: item.in_use for item in accounts.all_known(third)[NANOGPT]}
    assert labels == {"NanoGPT": False, "The agency": True}


def test_a_name_that_was_cut_comes_back_in_the_next_container(
    story: Story, context: Context, voice_id: str
) -> None:
    current = standpoint_of(context).in_use.get(NANOGPT)
    assert current is not None
    accounts.rename(context, current, "x" * (accounts.MAX_LABEL - 1) + " and more", ADA)
    keeper.one_pass(context)
    anew = story.new_container(read=True)
    keeper.one_pass(anew)
    assert [item.label for item in anew.registry.accounts.all()] == ["x" * (accounts.MAX_LABEL - 1)]


def test_an_account_known_from_its_voices_alone_can_be_named(
    story: Story, context: Context, voice_id: str
) -> None:
    keeper.one_pass(context)
    story.settings["NANOGPT_API_KEY"] = NEW_KEY
    anew = story.new_container(read=True)
    keeper.one_pass(anew)
    (other,) = asked(anew).others
    assert "key" in other.account.label
    accounts.same(anew, asked(anew), other.account.id, ADA)
    story.until(anew, lambda: health(anew, voice_id) is Health.SAFE)
    assert all(job.state is JobState.DONE for job in all_jobs(anew))


def test_what_spoke_with_a_key_of_another_account_proves_nothing_afterwards(
    story: Story, renewed: Context, voice_id: str
) -> None:
    story.live(renewed, 6 * DAY)  # nobody answers: in its last 48 hours the new key is tried
    assert health(renewed, voice_id) is Health.SAFE
    accounts.other(renewed, asked(renewed), ADA)
    assert health(renewed, voice_id) is not Health.SAFE
    (proof,) = dossier(renewed, voice_id).evidence[-1:]
    assert proof.withdrawn_why == "It was used by another account's key."
    assert proof.withdrawn_kind == ErrorKind.OTHER_ACCOUNT


def test_a_wrong_answer_can_be_taken_back_before_the_voice_is_lost(
    story: Story, renewed: Context, voice_id: str
) -> None:
    accounts.other(renewed, asked(renewed), ADA)
    assert key_question(renewed) is None
    current = standpoint_of(renewed).in_use.get(NANOGPT)
    assert current is not None
    accounts.ask_again(renewed, current, ADA)
    question = asked(renewed)
    accounts.same(renewed, question, question.others[0].account.id, ADA)
    story.live(renewed, HOUR)
    assert health(renewed, voice_id) is Health.SAFE


def test_what_a_wrong_answer_took_away_comes_back_with_the_right_one(
    story: Story, renewed: Context, voice_id: str
) -> None:
    story.live(renewed, 8 * DAY)
    accounts.other(renewed, asked(renewed), ADA)
    assert health(renewed, voice_id) is Health.PROBABLY_LOST
    current = standpoint_of(renewed).in_use.get(NANOGPT)
    assert current is not None
    accounts.ask_again(renewed, current, ADA)
    question = asked(renewed)
    accounts.same(renewed, question, question.others[0].account.id, ADA)
    assert health(renewed, voice_id) is Health.SAFE
    seen = dossier(renewed, voice_id).evidence
    assert not any(item.withdrawn_why or item.withdrawn_kind for item in seen)


def test_a_changed_key_pays_for_no_waiting_speech_of_a_file(story: Story, context: Context) -> None:
    kept = story.kept(context, "qwen")
    order = speaking.order(context, text_order(kept, "Hello.", model="Qwen-3-TTS-1.7B"))
    renewed = story.context(NANOGPT_API_KEY=NEW_KEY)
    before = story.service.count("speech")
    story.live(renewed, MINUTE)
    assert state(renewed, order) is JobState.FAILED
    assert story.service.count("speech") == before


def test_a_voice_that_is_a_file_speaks_with_any_account_s_key(
    story: Story, context: Context
) -> None:
    kept = story.kept(context, "qwen")
    renewed = story.context(NANOGPT_API_KEY=NEW_KEY)
    accounts.other(renewed, asked(renewed), ADA)
    order = speaking.order(renewed, text_order(kept, "Hello.", model="Qwen-3-TTS-1.7B"))
    assert order.account == standpoint_of(renewed).account(NANOGPT)
