"""A team that has a Kyma account as well: its app, and what it orders there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lib.models import Job, JobState
from lib.providers.http import Timeouts
from lib.providers.kyma import Kyma
from lib.services import KYMA
from lib.studio.core.context import Context
from lib.studio.jobs import polling, sending
from lib.studio.orders import cloning, designing, speaking
from lib.studio.orders.designing import DesignRequest
from tests.parts.persons import ADA
from tests.parts.reopened import reopen
from tests.studio.story import HOUR, Story, clone_request, fresh, state, text_order

KYMA_KEY = "ky-0000000000000001"
HD = "minimax-speech-hd"
MADE = ("kyma_clone", "kyma_design", "kyma_speech")
"""What is paid there."""


def kyma_shop(story: Story, name: str = "data", **settings: str) -> Context:
    """A container of the team's app, with the real client of Kyma, whose pauses take no time."""
    context = story.context(
        name,
        **{"KYMA_API_KEY": KYMA_KEY, "KYMA_BASE_URL": f"{story.service.origin}/v1"} | settings,
    )
    client = Kyma(
        KYMA,
        context.settings.base_url(KYMA),
        context.settings.get("KYMA_API_KEY"),
        timeouts=Timeouts(connect=5, read=10, paid_read=10, write=10, pool=5),
        clock=story.clock,
        sleep=lambda _: None,
    )
    reopen(context, providers={**context.providers, KYMA: client})
    return context


def clone_at_kyma(context: Context, seed: int = 1, **changes: Any) -> Job:
    """An order for a clone."""
    return cloning.clone(context, clone_request(seed=seed, service=KYMA, **changes))


def words(**changes: Any) -> DesignRequest:
    """A voice described as a careful person would."""
    request = DesignRequest(
        service=KYMA,
        name="Calm",
        description="A calm narrator in her forties, warm and low.",
        person=ADA,
        gender="female",
        age_group="middle-aged",
    )
    return replace(request, **changes)


def made_from_words(story: Story, context: Context, **changes: Any) -> Job:
    """A voice that was designed just now."""
    job = designing.design(context, words(**changes))
    story.until(context, lambda: state(context, job) is JobState.DONE)
    return job


def spoken_by_one(story: Story) -> tuple[Context, Job]:
    """A take that Kyma spoke: its sound came to the disk of the keeper that sent it, and waits."""
    first = kyma_shop(story)
    made = clone_at_kyma(first)
    story.live(first, HOUR)
    order = speaking.order(first, text_order(made.voice_id, "Hello hello.", model=HD))
    assert sending.send(first, fresh(first, order))
    return first, order


def spoken_elsewhere(story: Story) -> tuple[Context, Context, Job]:
    """The same, and another keeper that looked at it first."""
    first, order = spoken_by_one(story)
    second = kyma_shop(story, "second")
    polling.poll(second, fresh(second, order))
    return first, second, order


def called_gone(story: Story) -> tuple[Context, Context, Job]:
    """The same: the vault is out for more than a day, and the other keeper calls the sound gone."""
    first, order = spoken_by_one(story)
    story.vault_breaks()
    polling.poll(first, fresh(first, order))
    story.live(first, 30 * HOUR)
    second = kyma_shop(story, "second")
    story.clock.advance(HOUR)
    polling.poll(second, fresh(second, order))
    assert state(second, order) is JobState.FAILED
    return first, second, order
