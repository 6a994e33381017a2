"""Which sound stands for a voice: its preview, else its newest take, else its first use."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from lib.manifest import TakeStory
from lib.models import Dossier, EvidenceKind, JobKind, JobState, Role, Take
from lib.studio.core.context import Context
from lib.studio.library.samples import sample, samples
from tests.parts.clock import START
from tests.parts.statements import counted
from tests.registry.records import a_copy, a_job, a_long_text, a_take, a_voice, evidence_of
from tests.studio.crowd import settle_in

MINUTE = timedelta(minutes=1)


def a_dossier(context: Context, *roles: Role) -> Dossier:
    """A voice with a copy of each of these in the vault in use."""
    voice, vault = a_voice(), context.live_vault.name
    copies = (
        a_copy(voice, role=role, vault=vault, key=f"voices/{role}.wav")
        if role is Role.PREVIEW
        else evidence_of(
            voice, EvidenceKind.ACTIVATION, role=role, vault=vault, key=f"voices/{role}.wav"
        )
        for role in roles
    )
    return Dossier(voice, (), tuple(copies))


def a_speech(context: Context, of: Dossier, minutes: int, **fields: Any) -> TakeStory:
    order = a_job(of.voice, kind=JobKind.SPEECH, state=JobState.DONE, created_at=START)
    plain = {"vault": context.live_vault.name, "key": f"takes/{order.id}.wav"}
    at = START + minutes * MINUTE
    return TakeStory(order, a_take(order, created_at=at, **(plain | fields)))


def test_a_preview_stands_for_its_voice_and_asks_the_database_nothing(context: Context) -> None:
    heard = a_dossier(context, Role.ACTIVATION, Role.PREVIEW)
    settle_in([heard], context.registry, [a_speech(context, heard, 1)])
    with counted(context) as statements:
        assert sample(context, heard) == heard.evidence[1]
    assert statements == []


def test_without_a_preview_the_newest_take_whose_sound_is_here(context: Context) -> None:
    heard = a_dossier(context, Role.ACTIVATION)
    older = a_speech(context, heard, 1)
    newest = a_speech(context, heard, 2)
    gone = a_speech(context, heard, 3, key="")
    left_behind = a_speech(context, heard, 4, vault="file:///before")
    settle_in([heard], context.registry, [older, newest, gone, left_behind])
    assert sample(context, heard) == newest.take


def test_a_part_of_a_long_text_stands_for_nothing(context: Context) -> None:
    heard = a_dossier(context, Role.ACTIVATION)
    text = a_long_text(heard.voice)
    part = a_speech(context, heard, 1)
    assert part.take is not None
    part = TakeStory(replace(part.order, long_text_id=text.id, part=1), part.take)
    settle_in([heard], context.registry, [part])
    context.registry.takes.absorb(TakeStory(text, None))
    assert sample(context, heard) == heard.evidence[0]


def test_a_voice_that_never_spoke_has_none(context: Context) -> None:
    silent = a_dossier(context)
    settle_in([silent], context.registry)
    assert sample(context, silent) is None


def test_many_voices_take_one_query(context: Context) -> None:
    voices = [a_dossier(context, Role.ACTIVATION) for _ in range(30)]
    stories = [a_speech(context, found, number) for number, found in enumerate(voices[:20])]
    settle_in(voices, context.registry, stories)
    with counted(context) as statements:
        found = samples(context, voices)
    assert sum(text.startswith("SELECT") for text in statements) == 1
    assert len(found) == 30
    assert sum(isinstance(sound, Take) for sound in found.values()) == 20
