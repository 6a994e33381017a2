"""A long text while something else happens to it: nothing is mixed up, lost or left behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lib import keeper
from lib.models import Job, JobState, LongText, TextState
from lib.recordings import joining
from lib.studio.core.context import Context
from lib.studio.jobs import long_texts, polling, sending
from lib.studio.jobs.long_texts import Reading
from lib.studio.library import takes
from lib.studio.library.reasons import Reason
from lib.studio.library.wording import sentence
from lib.studio.orders import confirming, speaking
from tests.parts.persons import ADA
from tests.studio.service import loses_the_answer
from tests.studio.story import HOUR, MINUTE, SECOND, Story, fresh, text_order

LONG = " ".join(f"This is sentence number {n} of a rather long story." for n in range(1, 121))


def ordered(context: Context, voice_id: str) -> Job:
    return speaking.order(context, text_order(voice_id, LONG))


def stands(context: Context, whole: LongText) -> Reading:
    return long_texts.find(context, fresh(context, whole))


class Meanwhile:
    """Does something once, right after the sounds of the parts were joined."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.work: Callable[[], object] | None = None
        join = joining.join

        def joins(*given: Any, **named: Any) -> joining.Joined:
            joined = join(*given, **named)
            work, self.work = self.work, None
            if work:
                work()
            return joined

        monkeypatch.setattr(joining, "join", joins)


def test_a_part_spoken_anew_while_the_whole_is_joined_gets_in(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    voice_id = story.kept(context)
    whole = ordered(context, voice_id)
    meanwhile = Meanwhile(monkeypatch)
    anew: list[Job] = []

    def speaks_again() -> None:
        part = stands(context, whole).parts[0]
        anew.append(speaking.again(context, part.latest, ADA))
        assert sending.send(context, fresh(context, anew[0]))
        while fresh(context, anew[0]).state is not JobState.DONE:
            story.clock.advance(SECOND)
            polling.poll(context, fresh(context, anew[0]))

    meanwhile.work = speaks_again
    story.live(context, MINUTE)
    found = stands(context, whole)
    assert found.parts[0].job.id == anew[0].id
    assert found.long_text.state is TextState.DONE
    assert found.take is not None
    assert found.parts[0].take is not None
    assert found.take.created_at >= found.parts[0].take.created_at
    assert meanwhile.work is None


def test_a_text_deleted_while_it_is_joined_leaves_no_sound_behind(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    voice_id = story.kept(context)
    whole = ordered(context, voice_id)
    Meanwhile(monkeypatch).work = lambda: takes.delete(context, whole.id, ADA)
    story.live(context, HOUR)
    left = [path.name for path in (story.folder / "vault" / "takes").rglob("audio.*")]
    assert left == []


def test_a_deletion_that_is_refused_changes_nothing(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    story.service.where("sentence number 90 ", loses_the_answer)
    whole = ordered(context, voice_id)
    story.service.speaks_by_ticket()
    keeper.one_pass(context)
    before = [(part.job.state, part.job.error) for part in stands(context, whole).parts]
    assert JobState.WAITING in [was for was, _ in before]
    with pytest.raises(confirming.OrderRefused, match=sentence(Reason.BEING_SPOKEN)):
        takes.delete(context, whole.id, ADA)
    found = stands(context, whole)
    assert [(part.job.state, part.job.error) for part in found.parts] == before
    assert found.long_text.state is TextState.WAITING
