"""What stands in the way of keeping a voice is told at once, and mended it is no more."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lib import keeper
from lib.models import (
    EvidenceKind,
    Health,
)
from lib.studio.core.context import Context
from lib.vault.base import sha256_hex
from tests.parts.length import mostly_slow
from tests.parts.reopened import reopen
from tests.studio.service import (
    refuses,
    says,
    unused_origin,
)
from tests.studio.story import (
    HOUR,
    MINUTE,
    Story,
    dossier,
    health,
)


def no_money(story: Story, context: Context) -> None:
    story.service.always("balance", says({"usd_balance": "0.00"}))


def no_key(story: Story, context: Context) -> None:
    story.service.always("balance", refuses(401))


def nobody_there(story: Story, context: Context) -> None:
    reopen(context, providers={"nanogpt": story.client(f"{unused_origin()}/api")})


def refused(status: int, code: str = "") -> Callable[[Story, Context], None]:
    return lambda story, context: story.service.always("speech", refuses(status, code=code))


BLOCKS = {
    "balance is empty": (no_money, "balance"),
    "key does not work": (no_key, "key"),
    "service cannot be reached": (nobody_there, "reached"),
    "402 when paying": (refused(402), "balance"),
    "401 when paying": (refused(401), "key"),
    "403 when paying": (refused(403), "allowed"),
    "busy when paying": (refused(429), "pause"),
    "limit of the day": (refused(429, "daily_rpd_limit_exceeded"), "limit"),
}


@pytest.mark.parametrize(
    "block",
    mostly_slow(BLOCKS, "balance is empty", "service cannot be reached", "401 when paying"),
)
def test_what_something_outside_can_mend_is_told_at_once_and_tried_until_it_is_mended(
    story: Story, context: Context, block: str
) -> None:
    breaks, says_why = BLOCKS[block]
    voice_id = story.to_be_kept(context)
    reachable = context.providers
    breaks(story, context)
    summaries = story.live(context, 2 * HOUR)

    assert not summaries[0].all_done
    for summary in (summaries[0], summaries[-1]):
        (told,) = summary.blocked
        assert told.startswith("Grace 1: ")
        assert says_why in told
    assert health(context, voice_id) is Health.WAITING
    assert story.service.charges("speech") == []

    story.service.always("balance", None)
    story.service.always("speech", None)
    reopen(context, providers=reachable)
    mended = story.live(context, 20 * MINUTE)
    assert health(context, voice_id) is Health.SAFE
    assert mended[-1].all_done
    assert len(story.service.charges("speech")) == 1


def test_a_broken_vault_does_not_stop_the_keeping_and_the_sound_follows(
    story: Story, context: Context
) -> None:
    voice_id = story.to_be_kept(context)
    story.vault_breaks()
    summaries = story.live(context, HOUR)

    (proof,) = dossier(context, voice_id).valid_evidence(EvidenceKind.ACTIVATION)
    assert health(context, voice_id) is Health.SAFE
    assert proof.key == ""
    assert context.spool.waiting() == [proof.job_id]
    assert not summaries[-1].all_done

    story.vault_is_mended()
    assert keeper.one_pass(context).all_done
    (proof,) = dossier(context, voice_id).valid_evidence(EvidenceKind.ACTIVATION)
    assert sha256_hex(context.live_vault.get(proof.key, max_bytes=10**7)) == proof.sha256
    assert proof.read_back_at == story.clock.now()
    assert context.spool.waiting() == []
