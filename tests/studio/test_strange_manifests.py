"""What strangers put into a vault is passed over, and never makes anybody pay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lib import keeper, manifest
from lib.models import (
    Dossier,
    Health,
    Job,
    JobKind,
    JobState,
    Source,
    Voice,
    VoiceKind,
    new_id,
)
from lib.services import NANOGPT
from lib.studio.core.context import Context
from lib.studio.storage import manifests
from tests.parts.clock import START
from tests.parts.length import mostly_slow
from tests.studio.story import (
    DAY,
    HOUR,
    MINUTE,
    Story,
    dossier,
    fresh,
    health,
    state,
)


def vault_file(story: Story, *parts: str) -> Path:
    return story.folder.joinpath("vault", *parts)


def foreign(**fields: Any) -> Dossier:
    """A voice that another app wrote about."""
    voice = Voice(
        id=new_id(),
        name="Foreign",
        kind=VoiceKind.MINIMAX,
        source=Source.CLONED,
        service=NANOGPT,
        account="theirs",
        created_at=START,
        provider_voice_id="ForeignVoice1",
    )
    return Dossier(replace(voice, **fields))


def put(story: Story, found: Dossier, folder: str = "") -> None:
    path = vault_file(story, "voices", folder or found.voice.id, "voice.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(manifest.write(found))


def raw(data: bytes) -> Callable[[Story], None]:
    def write(story: Story) -> None:
        path = vault_file(story, "voices", new_id(), "voice.json")
        path.parent.mkdir(parents=True)
        path.write_bytes(data)

    return write


def mixed(found: Dossier) -> Dossier:
    return replace(found, jobs=(an_order(new_id()),))


def an_order(voice_id: str, **fields: Any) -> Job:
    """An order as another container may have left it."""
    job = Job(
        id=new_id(),
        voice_id=voice_id,
        kind=JobKind.CLONE,
        state=JobState.CONFIRMED,
        order_key=new_id(),
        service=NANOGPT,
        account="theirs",
        created_at=START,
    )
    return replace(job, **fields)


STRANGE: dict[str, Callable[[Story], None]] = {
    "no JSON": raw(b"\xff\xfe no"),
    "an empty file": raw(b""),
    "another format": raw(b'{"format": 99}'),
    "a list": raw(b"[1, 2]"),
    "nested without end": raw(b"[" * 100_000),
    "far too large": raw(b" " * 2_100_000),
    "half of it": raw(manifest.write(foreign())[:-20]),
    "of another voice": lambda story: put(story, foreign(), folder=new_id()),
    "of a service whose files lie elsewhere": lambda story: put(story, foreign(service="demo")),
    "with an id that climbs": lambda story: put(story, foreign(id="../../etc"), folder=new_id()),
    "with orders of another voice": lambda story: put(story, mixed(foreign())),
}


@pytest.mark.parametrize(
    "strange",
    mostly_slow(STRANGE, "no JSON", "of another voice", "with an id that climbs", "half of it"),
)
def test_a_strange_manifest_is_passed_over_and_stops_nothing(
    story: Story, context: Context, strange: str
) -> None:
    good = story.kept(context)
    story.live(context, MINUTE)
    STRANGE[strange](story)
    other = story.new_container()

    assert manifests.reconcile(other) == 1
    assert [found.voice.id for found in other.registry.voices.dossiers()] == [good]
    assert other.runtime.reconciliation.done == other.runtime.reconciliation.total == 2


@pytest.mark.parametrize("days_ahead", mostly_slow([0, 1, 40_000], 1))
def test_no_manifest_can_make_a_container_send_an_order_by_itself(
    story: Story, days_ahead: int
) -> None:
    theirs = foreign()
    later = START + days_ahead * DAY
    order = an_order(theirs.voice.id, created_at=later, send_before=later)
    put(story, replace(theirs, jobs=(order,)))
    container = story.new_container()
    story.live(container, 2 * DAY)

    assert state(container, order) is JobState.CONFIRMED
    assert story.service.paid_requests == 0
    assert "not in your storage" not in fresh(container, order).error


def test_a_manifest_with_an_order_that_cannot_be_followed_does_not_stop_the_rest(
    story: Story, context: Context
) -> None:
    theirs = foreign()
    waiting = an_order(theirs.voice.id, state=JobState.WAITING, next_check_at=START, ticket={})
    put(story, replace(theirs, jobs=(waiting,)))
    container = story.new_container()
    keeper.one_pass(container)

    voice_id = story.kept(container)
    assert health(container, voice_id) is Health.SAFE


def test_a_link_in_a_manifest_leads_nowhere_inside(story: Story) -> None:
    theirs = foreign(
        kind=VoiceKind.QWEN,
        clock_start=START,
        embedding_url="http://127.0.0.1:9/secret.safetensors",
    )
    put(story, theirs)
    container = story.new_container()
    summaries = story.live(container, HOUR)

    assert "https://" in dossier(container, theirs.voice.id).voice.copy_error
    assert summaries[-1].blocked
    assert dossier(container, theirs.voice.id).evidence == ()
