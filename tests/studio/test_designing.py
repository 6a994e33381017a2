"""Voices from words: refused, asked, ordered once, paid once, spoken with at once and kept."""

from __future__ import annotations

import re

import pytest

from lib import keeper
from lib.models import (
    EvidenceKind,
    Health,
    JobKind,
    JobState,
    KeepPolicy,
    Money,
    Source,
    VoiceKind,
)
from lib.registry import Registry
from lib.services import DEMO, KYMA, NANOGPT, SERVICES
from lib.settings import Settings
from lib.studio.core.context import Context
from lib.studio.core.opening import open_context
from lib.studio.orders import designing, recloning
from lib.studio.orders.confirming import AskFirst, OrderRefused
from lib.studio.orders.wording import Reason, sentence
from lib.studio.storage import manifests
from lib.team import Team
from tests.parts.clock import SettableClock
from tests.parts.persons import ADA, named
from tests.parts.reopened import reopen
from tests.sentences import STILL_READING
from tests.studio.kyma import kyma_shop, made_from_words, words
from tests.studio.service import PretendService, loses_the_answer, refuses
from tests.studio.story import (
    DAY,
    HOUR,
    MINUTE,
    Story,
    attempts,
    dossier,
    fresh,
    health,
    state,
)


@pytest.fixture
def context(story: Story) -> Context:
    """The team's app, with a key for Kyma."""
    return kyma_shop(story)


def test_a_voice_from_words_is_made_used_at_once_and_its_sound_kept(
    story: Story, context: Context
) -> None:
    job = made_from_words(story, context)
    story.until(context, lambda: health(context, job.voice_id) is Health.SAFE)
    found = dossier(context, job.voice_id)
    made = fresh(context, job)
    assert (made.kind, made.charged) == (JobKind.DESIGN, Money.usd("4.20"))
    assert found.voice.provider_voice_id.startswith("kyma_")
    (use,) = found.valid_evidence(EvidenceKind.ACTIVATION)
    assert use.key.startswith(f"voices/{job.voice_id}/activation/")
    sound = context.live_vault.get(use.key, max_bytes=10_000_000)
    assert sound.startswith(b"RIFF")
    assert story.service.count("kyma_design") == story.service.count("kyma_speech") == 1


def test_what_was_described_is_what_is_sent(story: Story, context: Context) -> None:
    made_from_words(story, context, preview_text="Once upon a time.")
    (sent,) = story.service.of_kind("kyma_design")
    asked = {
        name: sent.field(name)
        for name in ("model", "name", "description", "gender", "age_group", "preview_text")
    }
    assert asked == {
        "model": "minimax-voice-design",
        "name": "Calm",
        "description": "A calm narrator in her forties, warm and low.",
        "gender": "female",
        "age_group": "middle-aged",
        "preview_text": "Once upon a time.",
    }


def test_words_and_person_stay_with_the_voice_also_in_the_vault(
    story: Story, context: Context
) -> None:
    job = made_from_words(story, context)
    keeper.one_pass(context)
    rebuilt = story.new_container()
    manifests.reconcile(rebuilt)
    for shop in (context, rebuilt):
        found = dossier(shop, job.voice_id)
        voice, making = found.voice, found.making
        assert (voice.source, voice.kind, voice.service) == (
            Source.DESIGNED, VoiceKind.MINIMAX, KYMA,
        )  # fmt: skip
        assert voice.description == "A calm narrator in her forties, warm and low."
        assert (voice.owner, voice.consent) == (ADA.label, None)
        assert making is not None
        assert making.request["gender"] == "female"
        assert making.request["age_group"] == "middle-aged"


def test_its_story_is_in_the_vault_before_it_is_paid(story: Story, context: Context) -> None:
    keeper.one_pass(context)
    context.live_vault.check()
    story.vault_breaks()
    job = designing.design(context, words())
    keeper.one_pass(context)
    assert (state(context, job), story.service.count("kyma_design")) == (JobState.CONFIRMED, 0)
    story.vault_is_mended()
    story.until(context, lambda: state(context, job) is JobState.DONE)


@pytest.mark.parametrize("policy", [KeepPolicy.ASK, KeepPolicy.BEFORE_DEADLINE])
def test_it_is_used_at_once_whatever_the_team_agreed_to(story: Story, policy: KeepPolicy) -> None:
    story.team = Team(keep_policy=policy)
    context = kyma_shop(story)
    job = made_from_words(story, context)
    context.registry.voices.change(job.voice_id, keep_policy=policy)
    story.live(context, HOUR)
    assert health(context, job.voice_id) is Health.SAFE
    assert story.service.count("kyma_speech") == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"service": NANOGPT}, "cannot make voices from words"),
        ({"service": "elsewhere"}, "cannot make voices from words"),
        ({"kind": "qwen"}, "cannot make voices from words"),
        ({"name": " \n"}, "Give the voice a name."),
        ({"name": "n" * 81}, "The name is too long: 80 characters at most."),
        ({"person": named(" ")}, "Say who orders this voice."),
        ({"description": " \t"}, "Describe the voice"),
        ({"description": "d" * 1_001}, "has 1,001 characters. It may have 1,000 at most."),
        ({"preview_text": "p" * 501}, "has 501 characters. It may have 500 at most."),
        ({"gender": "robot"}, "Choose one of the offered genders"),
        ({"age_group": "ancient"}, "Choose one of the offered ages"),
    ],
)
def test_an_order_that_cannot_be_is_refused_and_nothing_is_stored(
    story: Story, context: Context, changes: dict[str, str], says: str
) -> None:
    with pytest.raises(OrderRefused, match=says):
        designing.design(context, words(**changes))
    assert _nothing_ordered(context.registry)
    keeper.one_pass(context)
    assert story.service.count("kyma_design") == 0


def test_longest_words_and_all_that_may_be_left_open_are_taken(context: Context) -> None:
    job = designing.design(
        context,
        words(description="d" * 1_000, preview_text="p" * 500, gender="", age_group="", name="n"),
    )
    assert "gender" not in job.request
    assert job.estimate == Money.usd("4.20")


def test_without_a_lasting_vault_no_voice_is_ordered(story: Story) -> None:
    context = kyma_shop(story, VAULT_URL="")
    with pytest.raises(OrderRefused, match=re.escape(sentence(Reason.NO_BUCKET))):
        designing.design(context, words())


def test_without_a_key_no_voice_is_ordered(story: Story) -> None:
    with pytest.raises(OrderRefused, match="cannot make voices from words here"):
        designing.design(story.context(), words())


def test_before_the_vault_was_read_no_voice_is_ordered(story: Story, context: Context) -> None:
    context.runtime.reconciliation.finished = False
    with pytest.raises(OrderRefused, match=STILL_READING):
        designing.design(context, words())


def test_what_follows_at_once_is_priced_beforehand(story: Story, context: Context) -> None:
    offer = SERVICES[KYMA].design_offer("minimax")
    assert offer
    job = made_from_words(story, context)
    story.until(context, lambda: health(context, job.voice_id) is Health.SAFE)
    (use,) = attempts(context, job.voice_id)
    assert Money() < use.cost <= designing.first_use(context, offer) < Money.usd("0.01")


def test_the_demo_makes_voices_from_words_and_speaks_with_them(
    story: Story, clock: SettableClock
) -> None:
    context = open_context(Settings(data_folder=story.folder / "demo"), clock=clock)
    story.opened.append(context)
    context.runtime.reconciliation.finished = True
    job = designing.design(context, words(service=DEMO))
    story.until(context, lambda: health(context, job.voice_id) is Health.SAFE)
    found = dossier(context, job.voice_id)
    assert (found.voice.source, found.voice.service) == (Source.DESIGNED, DEMO)
    assert fresh(context, job).charged == Money.usd("4.20")
    (use,) = found.valid_evidence(EvidenceKind.ACTIVATION)
    assert context.demo_vault.get(use.key, max_bytes=10_000_000)


def test_a_budget_that_does_not_reach_refuses_it(story: Story) -> None:
    story.team = Team(monthly_budget=Money.usd("4.19"))
    with pytest.raises(OrderRefused, match=r"This costs \$4.20, and \$4.19"):
        designing.design(kyma_shop(story), words())


def test_a_double_click_is_one_voice(story: Story, context: Context) -> None:
    first, second = (designing.design(context, words()) for _ in range(2))
    assert first.id == second.id
    story.until(context, lambda: state(context, first) is JobState.DONE)
    assert story.service.count("kyma_design") == 1


def test_the_same_words_within_a_day_are_asked_about(story: Story, context: Context) -> None:
    made_from_words(story, context)
    with pytest.raises(AskFirst) as asked:
        designing.design(context, words(name="Another name"))
    job = made_from_words(story, context, another=asked.value.another)
    assert story.service.count("kyma_design") == 2
    with pytest.raises(AskFirst):
        designing.design(context, words(another=1))
    designing.design(context, words(gender="male"))
    story.clock.advance(DAY + MINUTE)
    assert designing.design(context, words()).id != job.id


def test_words_that_came_to_nothing_are_not_asked_about(story: Story, context: Context) -> None:
    story.service.next("kyma_design", refuses(400, code="invalid_request"))
    job = designing.design(context, words())
    story.until(context, lambda: state(context, job) is JobState.FAILED)
    assert fresh(context, job).cost == Money()
    made_from_words(story, context)


def test_a_lost_answer_is_unknown_and_never_a_second_voice(story: Story, context: Context) -> None:
    story.service.next("kyma_design", loses_the_answer)
    job = designing.design(context, words())
    story.live(context, 2 * DAY)
    left = fresh(context, job)
    assert (left.state, story.service.count("kyma_design")) == (JobState.UNKNOWN, 1)
    assert left.balance_before is not None
    assert left.balance_after == left.balance_before - Money.usd("4.20")


def test_a_service_that_makes_no_voices_from_words_gets_no_order(
    story: Story, context: Context, service: PretendService
) -> None:
    job = designing.design(context, words())
    reopen(context, providers={**context.providers, KYMA: context.providers[NANOGPT]})
    story.until(context, lambda: state(context, job) is JobState.FAILED)
    assert "cannot make voices from words" in fresh(context, job).error
    assert service.paid_requests == service.count("kyma_design") == 0


def test_its_life_hangs_on_the_first_use_and_that_is_tried_again(
    story: Story, context: Context
) -> None:
    story.service.next("kyma_speech", refuses(502, code="provider_error"))
    job = made_from_words(story, context)
    assert health(context, job.voice_id) is Health.WAITING
    story.live(context, HOUR)
    assert health(context, job.voice_id) is Health.SAFE
    assert len(attempts(context, job.voice_id)) == 2


def test_it_cannot_be_cloned_again_and_says_why(story: Story, context: Context) -> None:
    job = made_from_words(story, context)
    chance = recloning.chance(context, dossier(context, job.voice_id))
    assert not chance.is_open
    assert chance.why_not.startswith("It was made from words")


def _nothing_ordered(registry: Registry) -> bool:
    return not registry.jobs.latest(services=[KYMA, NANOGPT]) and not registry.voices.services()
