"""What is worked out once and handed down: fixed facts stay fixed, and rules ask no database."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from lib.retention import Reach
from lib.services import DEMO, KYMA, NANOGPT
from lib.settings import Settings
from lib.studio.core import accounts
from lib.studio.core.context import Context, NotConnected
from lib.studio.core.opening import open_context
from lib.studio.core.standpoint import standpoint_of
from tests.parts.clock import SettableClock
from tests.parts.persons import ADA
from tests.parts.statements import counted
from tests.sentences import SAY_WHOSE_FIRST
from tests.studio.story import Story, dossier, key_question

NEW_KEY = "sk-nano-00000000-0000-0000-0000-000000000002"


@pytest.fixture
def voice_id(story: Story, context: Context) -> str:
    """A voice that was made with the key of before."""
    return story.made(context)


@pytest.fixture
def renewed(story: Story, voice_id: str) -> Context:
    """The same app after its key was changed."""
    return story.context(NANOGPT_API_KEY=NEW_KEY)


def test_what_is_fixed_when_a_process_opens_cannot_be_changed(context: Context) -> None:
    with pytest.raises(FrozenInstanceError):
        context.loopback = True  # type: ignore[misc]


def test_a_standpoint_is_one_query_and_its_rules_are_none(
    story: Story, renewed: Context, voice_id: str
) -> None:
    found = dossier(renewed, voice_id)
    with counted(renewed) as asked:
        standpoint = standpoint_of(renewed)
    assert len([statement for statement in asked if statement.startswith("SELECT")]) == 1
    with counted(renewed) as asked:
        assert standpoint.terms(found.voice).reach is Reach.ASKED
        assert standpoint.account(NANOGPT) != found.voice.account
        assert SAY_WHOSE_FIRST in accounts.why_not_speak(standpoint, found.voice)
        assert accounts.why_not_keep(standpoint, found, story.clock.now())
        assert "“NanoGPT”" in accounts.who_made(standpoint, found.voice)
    assert asked == []


def test_a_fresh_one_knows_what_was_said_meanwhile(renewed: Context, voice_id: str) -> None:
    voice = dossier(renewed, voice_id).voice
    before, asked = standpoint_of(renewed), key_question(renewed)
    assert asked
    accounts.other(renewed, asked, ADA)
    assert before.reach(voice) is Reach.ASKED
    assert standpoint_of(renewed).reach(voice) is Reach.OTHER


def test_where_there_is_only_the_demo_nothing_is_asked(story: Story, clock: SettableClock) -> None:
    play = open_context(Settings(data_folder=story.folder / "play"), clock=clock)
    story.opened.append(play)
    with counted(play) as asked:
        standpoint = standpoint_of(play)
    assert asked == []
    assert standpoint.account(DEMO) == DEMO
    with pytest.raises(NotConnected, match="There is no key for"):
        standpoint.account(KYMA)
