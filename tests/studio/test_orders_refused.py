"""An order that cannot be taken costs nothing: no job, no paid request, and a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from lib.models import Money, Source, Voice, VoiceKind, new_id
from lib.services import NANOGPT
from lib.studio.core import money
from lib.studio.core.context import Context
from lib.studio.core.standpoint import standpoint_of
from lib.studio.orders import cloning, confirming, speaking
from lib.studio.orders.confirming import OrderRefused
from lib.studio.orders.wording import Reason, sentence
from lib.team import Team
from tests.parts.persons import ADA, named
from tests.parts.reopened import reopen
from tests.sentences import VOICE_IS_GONE
from tests.studio.story import (
    HOUR,
    Story,
    all_jobs,
    clone_request,
    fresh,
    large_recording,
    recording,
    spend,
    text_order,
)

Prepare = Callable[[Story, Context], None]


def nothing(story: Story, context: Context) -> None:
    """The team's app is as it should be."""


@dataclass(frozen=True)
class Case:
    """An order that is changed in one point, and a part of the sentence that refuses it."""

    name: str
    says: str
    changes: dict[str, Any] = field(default_factory=dict)
    prepare: Prepare = nothing
    kind: str = "minimax"


def tight_budget(story: Story, context: Context) -> None:
    team = Team(monthly_budget=Money.usd("0.20"))
    reopen(context, settings=replace(context.settings, team=team))


def low_balance(story: Story, context: Context) -> None:
    spend(context, Money.usd("0.20"))


def no_bucket(story: Story, context: Context) -> None:
    values = {n: v for n, v in context.settings.values.items() if n != "VAULT_URL"}
    reopen(context, settings=replace(context.settings, values=values))


def vault_is_a_file(story: Story, context: Context) -> None:
    (story.folder / "vault").write_text("in the way")


def vault_not_read(story: Story, context: Context) -> None:
    context.runtime.reconciliation.finished = False


def no_key(story: Story, context: Context) -> None:
    values = {n: v for n, v in context.settings.values.items() if n != "NANOGPT_API_KEY"}
    reopen(context, settings=replace(context.settings, values=values))


CLONES = [
    Case("no consent", "agrees to be cloned", {"consent": False}),
    Case("no speaker", "Say who speaks", {"speaker": "  "}),
    Case("nobody orders", "Say who you are", {"person": named("")}),
    Case("long name", "name is too long", {"name": "a" * 81}),
    Case("no name", "Give the voice a name", {"name": " \n "}),
    Case("short id", "voice ID is not valid", {"voice_id": "short1"}),
    Case("id with a dash", "voice ID is not valid", {"voice_id": "Grace-Hopper-1906"}),
    Case("id begins with a digit", "voice ID is not valid", {"voice_id": "1GraceHopper"}),
    Case("long preview", "preview text is too long", {"preview_text": "a" * 501}),
    Case("long transcript", "transcript is too long", {"transcript": "a" * 5_001}, kind="qwen"),
    Case("model that cannot clone", "cannot clone", {"model": "speech-99"}),
    Case("empty file", "empty", {"recording": b""}),
    Case("no sound", "not|unknown|cannot", {"recording": b"these are no sounds" * 40}),
    Case("too short", "needs at least 10 seconds", {"recording": recording(seconds=9)}),
    Case("too long", "accepts at most 5 minutes", {"recording": recording(seconds=301, rate=4000)}),
    Case("too short for Qwen", "least 3 seconds", {"recording": recording(seconds=2)}, kind="qwen"),
    Case("over 3 MB without a bucket", "at most 3 MB can", {"recording": large_recording()}),
    Case("unknown service", "not connected here", {"service": "elsewhere"}),
    Case("service without a key", "not connected here", prepare=no_key),
    Case("unknown kind", "not connected here", {"kind": "inworld"}),
    Case("disk that vanishes", re.escape(sentence(Reason.NO_BUCKET)), prepare=no_bucket),
    Case("budget", r"\$0.20 of this month's budget is left", prepare=tight_budget),
    Case("low balance", r"the balance at NanoGPT was \$0.20", prepare=low_balance),
    Case("broken vault", "nothing was spent", prepare=vault_is_a_file),
    Case("vault still being read", "still being read", prepare=vault_not_read),
]  # fmt: skip


@pytest.mark.parametrize("case", CLONES, ids=lambda case: case.name)
def test_a_clone_that_cannot_be_ordered_leaves_nothing_behind(
    story: Story, context: Context, case: Case
) -> None:
    case.prepare(story, context)

    with pytest.raises(OrderRefused, match=case.says) as refusal:
        cloning.clone(context, clone_request(**{"kind": case.kind} | case.changes))

    assert str(refusal.value).endswith(".")
    assert context.registry.voices.dossiers() == []
    assert all_jobs(context) == []
    assert story.service.seen == []


def test_a_recording_in_a_format_the_service_does_not_take_is_refused(
    context: Context, samples: Path
) -> None:
    flac = (samples / "librispeech-12s.flac").read_bytes()

    with pytest.raises(OrderRefused, match="FLAC"):
        cloning.clone(context, clone_request(recording=flac))

    assert all_jobs(context) == []


def a_voice(context: Context, kind: str = "minimax", **fields: Any) -> Voice:
    """A voice that is there already."""
    from lib.models import Dossier

    voice = Voice(
        id=new_id(),
        name="Grace",
        kind=VoiceKind(kind),
        source=Source.ADOPTED,
        service=NANOGPT,
        account=standpoint_of(context).account(NANOGPT),
        created_at=context.clock.now(),
        provider_voice_id="GraceHopper1",
        embedding_url="https://files.example/grace.safetensors",
    )
    voice = replace(voice, **fields)
    context.registry.voices.absorb(Dossier(voice))
    return voice


SPEECHES = [
    Case("no text", "Write what the voice should say", {"text": " \n\t "}),
    Case("only control characters", "Write what", {"text": "\x00\x07\x1b"}),
    Case("text too long", "60,001 characters. The limit is 60,000", {"text": "a" * 60_001}),
    Case("unknown model", "does not work with that model", {"model": "Speech-99"}),
    Case("model of the other kind", "does not work with", {"model": "Qwen-3-TTS-1.7B"}),
    Case("disk that vanishes", re.escape(sentence(Reason.NO_BUCKET)), prepare=no_bucket),
    Case("service without a key", "no longer exists", prepare=no_key),
    Case("vault still being read", "still being read", prepare=vault_not_read),
    Case("budget", "budget is left", {"text": "a" * 4_000}, prepare=tight_budget),
    Case("low balance", "balance at NanoGPT", {"text": "a" * 4_000}, prepare=low_balance),
]


@pytest.mark.parametrize("case", SPEECHES, ids=lambda case: case.name)
def test_a_speech_that_cannot_be_ordered_leaves_nothing_behind(
    story: Story, context: Context, case: Case
) -> None:
    voice = a_voice(context, case.kind)
    model = {"qwen": "Qwen-3-TTS-1.7B"}.get(case.kind, "Minimax-Speech-02-HD")
    case.prepare(story, context)

    with pytest.raises(OrderRefused, match=case.says):
        speaking.order(context, text_order(voice.id, **{"model": model} | case.changes))

    assert all_jobs(context) == []
    assert story.service.seen == []


def test_a_speech_with_a_voice_that_is_not_there_is_refused(context: Context) -> None:
    with pytest.raises(OrderRefused, match=VOICE_IS_GONE):
        speaking.order(context, text_order(new_id()))


def test_a_loopback_app_may_keep_recordings_on_its_own_disk(story: Story, context: Context) -> None:
    no_bucket(story, context)
    reopen(context, loopback=True)

    assert cloning.clone(context, clone_request()).voice_id


def test_a_balance_seen_long_ago_refuses_nothing(story: Story, context: Context) -> None:
    spend(context, Money())
    story.clock.advance(2 * HOUR)

    assert cloning.clone(context, clone_request()).voice_id


def test_what_was_spent_this_month_counts_against_the_budget(
    story: Story, context: Context
) -> None:
    team = Team(monthly_budget=Money.usd("1.50"))
    reopen(context, settings=replace(context.settings, team=team))
    story.kept(context)

    with pytest.raises(OrderRefused, match=r"\$0.50 of this month's budget"):
        cloning.clone(context, clone_request(seed=2))

    # Keeping the first voice has cost something too, but has a reserve of its own.
    assert money.month_spent(context) == Money.usd(1)
    assert money.month_spent(context, keeping=True) > Money()


def test_an_order_given_up_while_it_was_unsent_is_not_said_to_be_free_once_it_was_sent(
    story: Story, context: Context
) -> None:
    job = cloning.clone(context, clone_request())
    seen_before = fresh(context, job)
    now = context.clock.now()
    context.registry.jobs.reserve(job.id, "other", now=now, until=now + HOUR)
    context.registry.jobs.submit(
        job.id, "other", now=now, until=now + HOUR, account="a", balance=None
    )
    context.registry.jobs.mark_unknown(job.id, now=now, why="No answer.", next_at=None)

    with pytest.raises(OrderRefused, match=sentence(Reason.HAS_CHANGED)):
        confirming.withdraw(context, seen_before, ADA)

    assert fresh(context, job).state == "unknown"
