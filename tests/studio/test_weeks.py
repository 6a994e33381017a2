"""The whole week of a voice, told in a table: what stands in the way, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from lib.demo.state import State
from lib.models import Health, KeepPolicy
from lib.studio.core import accounts
from lib.studio.core.context import Context
from lib.studio.jobs import sending
from lib.studio.orders import activation
from tests.parts.length import mostly_slow
from tests.parts.persons import ADA
from tests.parts.reopened import reopen
from tests.studio.service import (
    Ask,
    Reply,
    Trouble,
    loses_the_answer,
    refuses,
    says,
    still_works,
    unused_origin,
)
from tests.studio.story import NEW_KEY, Story, health, key_question
from tests.studio.week import Event, Week, week

AT_ONCE, BEFORE, ASK = KeepPolicy.AT_ONCE, KeepPolicy.BEFORE_DEADLINE, KeepPolicy.ASK
NOT_FOUND = refuses(400, "Voice not found: Grace", code="invalid_voice")
EMPTY = says({"usd_balance": "0.00"})


def sent(*then: Event) -> Event:
    """The clone is ordered at the service, and before anybody looks again this happens."""

    def event(told: Week) -> None:
        making = told.found.making
        assert making is not None
        assert sending.send(told.context, making)
        for happens in then:
            happens(told)

    return event


def answers(told: Week) -> None:
    activation.order_activation(told.context, told.found, person=ADA)


def always(kind: str, trouble: Trouble | None) -> Event:
    return lambda told: told.story.service.always(kind, trouble)


def next_ones(kind: str, *troubles: Trouble) -> Event:
    return lambda told: told.story.service.next(kind, *troubles)


def speaks_by_ticket(told: Week) -> None:
    told.story.service.speaks_by_ticket()


def takes_back(told: Week) -> None:
    """The service gives the money for the latest speech back, and says so when asked."""
    run = told.story.service.charges("speech")[-1].run_id
    State(told.story.folder / "service.db").refund(run)
    gone = says({"status": "error", "error": "Rolled back", "refunded": True})
    told.story.service.next("speech_status", gone)


def takes_all_back(told: Week) -> None:
    """The service gives up on all speeches, and gives the money back."""
    state = State(told.story.folder / "service.db")
    for charge in told.story.service.charges("speech"):
        state.refund(charge.run_id)
    gone = says({"status": "error", "error": "Rolled back", "refunded": True})
    told.story.service.always("speech_status", gone)


def first_never_ends(told: Week) -> None:
    """The service works on the first speech for ever, and on the others as it should."""
    service = told.story.service

    def stuck(ask: Ask) -> Reply:
        runs = [one.field("runId") for one in service.of_kind("speech_status")]
        return still_works(ask) if runs[-1] == runs[0] else ask()

    service.always("speech_status", stuck)


def shows(expected: Health) -> Event:
    def event(told: Week) -> None:
        assert health(told.context, told.voice_id) is expected

    return event


def breaks_vault(told: Week) -> None:
    told.story.vault_breaks()


def mends_vault(told: Week) -> None:
    told.story.vault_is_mended()


def goes_away(told: Week) -> None:
    """Nobody is behind the service's address."""
    reopen(told.context, providers={"nanogpt": told.story.client(f"{unused_origin()}/api")})


def comes_back(told: Week) -> None:
    reopen(told.context, providers={"nanogpt": told.story.client(told.story.service.base_url)})


def is_down(told: Week) -> None:
    for kind in ("balance", "speech", "speech_status", "clone_status", "file"):
        told.story.service.always(kind, refuses(503))


def is_up(told: Week) -> None:
    for kind in ("balance", "speech", "speech_status", "clone_status", "file"):
        told.story.service.always(kind, None)


def old_key_is_refused(told: Week) -> None:
    """From now on the service knows the new key only."""
    service = told.story.service

    def doorman(ask: Ask) -> Reply:
        return ask() if service.seen[-1].key == NEW_KEY else refuses(401)(ask)

    for kind in ("balance", "speech", "speech_status"):
        service.always(kind, doorman)


def new_key_is_pasted(told: Week) -> None:
    told.context = told.story.context(NANOGPT_API_KEY=NEW_KEY)


def same_account_is_said(told: Week) -> None:
    """Somebody answers what Settings asks about the new key."""
    asked = key_question(told.context)
    assert asked is not None
    accounts.same(told.context, asked, told.found.voice.account, ADA)


@dataclass(frozen=True)
class Tale:
    """What happens, and how it ends. `speeches`: those that the service took money for.

    `safe_at`: from which hour on it is safe, for as long as it is told. `uses`: how many prove it
    then, where a use does that.
    """

    ends: Health
    attempts: int
    speeches: int
    events: tuple[tuple[float, Event], ...] = ()
    safe_at: float | None = None
    kind: str = "minimax"
    policy: KeepPolicy = AT_ONCE
    sleeps: tuple[float, float] = (0, 0)
    taken_back: int = 0
    uses: int = 1


SAFE, PROBABLY_LOST, AT_RISK = Health.SAFE, Health.PROBABLY_LOST, Health.AT_RISK
BUSY = refuses(429, Retry_After="86400")
ASLEEP = (0, 167)

POLICIES = {
    "at once": Tale(SAFE, 1, 1, safe_at=0),
    "before the deadline": Tale(SAFE, 1, 1, policy=BEFORE, safe_at=84),
    "asked and ignored": Tale(PROBABLY_LOST, 0, 0, policy=ASK),
    "asked and answered": Tale(SAFE, 1, 1, ((70, answers),), 70, policy=ASK),
    "asked, answered in the last hour": Tale(SAFE, 1, 1, ((167.5, answers),), 167.5, policy=ASK),
    "a file, at once": Tale(SAFE, 0, 0, kind="qwen", safe_at=0),
    "a file, before the deadline": Tale(SAFE, 0, 0, kind="qwen", policy=BEFORE, safe_at=0),
    "a file, asked and ignored": Tale(SAFE, 0, 0, kind="qwen", policy=ASK, safe_at=0),
}
ASLEEP_TALES = {
    "at once": Tale(SAFE, 1, 1, ((0, sent()),), 167, sleeps=(-1, 167)),
    "before the deadline": Tale(SAFE, 1, 1, policy=BEFORE, sleeps=ASLEEP, safe_at=167),
    "asked and ignored": Tale(PROBABLY_LOST, 0, 0, policy=ASK, sleeps=ASLEEP),
    "asked, answered in the sleep": Tale(
        SAFE, 1, 1, ((70, answers),), 167, policy=ASK, sleeps=ASLEEP
    ),
    "a file": Tale(SAFE, 0, 0, ((0, sent()),), 167, kind="qwen", sleeps=(-1, 167)),
    "a file, over the deadline": Tale(
        SAFE, 0, 0, ((0, sent()),), 180, kind="qwen", sleeps=(-1, 180)
    ),
}
MONEY_TALES = {
    "empty until day five": Tale(
        SAFE, 1, 1, ((0, sent(always("balance", EMPTY))), (120, always("balance", None))), 120
    ),
    "refused for money until day five": Tale(
        SAFE, 1, 1, ((0, sent(always("speech", refuses(402)))), (120, always("speech", None))), 120
    ),
    "empty at half of the window, until day five": Tale(
        SAFE, 1, 1, ((60, always("balance", EMPTY)), (120, always("balance", None))), 120,
        policy=BEFORE,
    ),
    "empty to the end": Tale(PROBABLY_LOST, 1, 0, ((0, sent(always("balance", EMPTY))),)),
    "a file, empty to the end": Tale(
        SAFE, 0, 0, ((0, sent(always("balance", EMPTY))),), 0, kind="qwen"
    ),
    "the key's limit of each day": Tale(
        SAFE, 1, 1,
        ((0, sent(always("speech", refuses(429, code="daily_rpd_limit_exceeded")))),
         (50, always("speech", None))),
        50,
    ),
    "a pause of a day, asked for in the last day": Tale(
        SAFE, 1, 1,
        ((70, always("speech", BUSY)), (150, next_ones("speech", BUSY)),
         (156, always("speech", None))),
        156, policy=BEFORE,
    ),
}  # fmt: skip
VAULT_TALES = {
    "refuses for two days": Tale(SAFE, 1, 1, ((0, sent(breaks_vault)), (48, mends_vault)), 0),
    "refuses over the deadline": Tale(SAFE, 1, 1, ((0, sent(breaks_vault)), (180, mends_vault)), 0),
    "a file, refuses for two days": Tale(
        SAFE, 0, 0, ((0, sent(breaks_vault)), (48, mends_vault)), 48, kind="qwen"
    ),
    "a file, refuses over the deadline": Tale(
        SAFE, 0, 0, ((0, sent(breaks_vault)), (180, mends_vault)), 180, kind="qwen"
    ),
}
SERVICE_TALES = {
    "nobody there for five days": Tale(
        SAFE, 1, 1, ((0, sent()), (0.5, goes_away), (120, comes_back)), 120, sleeps=(-1, 1)
    ),
    "503 for five days": Tale(SAFE, 1, 1, ((0, sent(is_down)), (120, is_up)), 120),
    "503 at half of the window, for two days": Tale(
        SAFE, 1, 1, ((80, is_down), (128, is_up)), 128, policy=BEFORE
    ),
    "a file, nobody there for five days": Tale(
        SAFE, 0, 0, ((0, sent(goes_away)), (120, comes_back)), 120, kind="qwen"
    ),
    "a file, 503 for five days": Tale(
        SAFE, 0, 0, ((0, sent(is_down)), (120, is_up)), 120, kind="qwen"
    ),
    "two answers lost": Tale(SAFE, 3, 3, ((0, next_ones("speech", *[loses_the_answer] * 2)),), 12),
    "not found twice": Tale(SAFE, 3, 1, ((0, next_ones("speech", *[NOT_FOUND] * 2)),), 12),
    "never found": Tale(PROBABLY_LOST, 5, 0, ((0, always("speech", NOT_FOUND)),)),
    "its speech alone is out for forty hours": Tale(
        SAFE, 8, 1, ((0, always("speech", refuses(503))), (40, always("speech", None))), 42
    ),
    "every text refused": Tale(
        PROBABLY_LOST, 5, 0, ((0, always("speech", refuses(400, code="content_policy_violation"))),)
    ),
}
TICKET_TALES = {
    "one without an end": Tale(SAFE, 2, 2, ((0, speaks_by_ticket), (0, first_never_ends)), 12),
    "open at the end, ends well": Tale(
        SAFE, 5, 5,
        ((0, speaks_by_ticket), (0, always("speech_status", still_works)),
         (174, shows(AT_RISK)), (180, always("speech_status", None))),
        180, uses=5,
    ),
    "open at the end, ends badly": Tale(
        PROBABLY_LOST, 5, 5,
        ((0, speaks_by_ticket), (0, always("speech_status", still_works)),
         (174, shows(AT_RISK)), (180, takes_all_back)),
    ),
    "taken back an hour later": Tale(
        SAFE, 2, 2, ((0, speaks_by_ticket), (0.5, takes_back)), 0, taken_back=1
    ),
    "taken back, and nobody there to say so for two days": Tale(
        SAFE, 2, 2,
        ((0, speaks_by_ticket), (0.5, goes_away), (50, comes_back), (50, takes_back)),
        0, taken_back=1,
    ),
    "forgotten by the service": Tale(
        SAFE, 2, 2,
        ((0, speaks_by_ticket), (0, always("speech_status", refuses(404, "Unknown runId"))),
         (13, always("speech_status", None))),
        13,
    ),
}  # fmt: skip
KEY_TALES = {
    "before anything was spoken, nobody answers": Tale(
        SAFE, 1, 1, ((0, sent(old_key_is_refused)), (72, new_key_is_pasted)), 120
    ),
    "while a ticket was open": Tale(
        SAFE, 1, 1,
        ((0, speaks_by_ticket), (0, always("speech_status", still_works)),
         (1, old_key_is_refused), (72, new_key_is_pasted)),
        72,
    ),
    "while a clone was made, nobody answers": Tale(
        SAFE, 1, 1,
        ((0, sent(old_key_is_refused, always("clone_status", refuses(401)))),
         (72, new_key_is_pasted), (72, always("clone_status", None))),
        120,  # with the key it has, when 48 hours are left
    ),
    "while a clone was made, the same account": Tale(
        SAFE, 1, 1,
        ((0, sent(old_key_is_refused, always("clone_status", refuses(401)))),
         (72, new_key_is_pasted), (72, always("clone_status", None)),
         (78, same_account_is_said)),
        78,
    ),
    "a file": Tale(
        SAFE, 0, 0,
        ((0, sent(old_key_is_refused, always("clone_status", refuses(401)))),
         (72, new_key_is_pasted), (72, always("clone_status", None))),
        72, kind="qwen",
    ),
}  # fmt: skip

TALES = {
    f"{chapter}: {name}": told
    for chapter, tales in {
        "policy": POLICIES,
        "keeper asleep": ASLEEP_TALES,
        "money": MONEY_TALES,
        "vault": VAULT_TALES,
        "service": SERVICE_TALES,
        "ticket": TICKET_TALES,
        "new key": KEY_TALES,
    }.items()
    for name, told in tales.items()
}


ALWAYS = (
    "policy: at once", "policy: before the deadline", "policy: asked and ignored",
    "policy: a file, at once", "keeper asleep: asked, answered in the sleep",
    "money: empty until day five", "vault: a file, refuses for two days",
    "service: 503 for five days", "service: two answers lost",
    "ticket: taken back an hour later",
    "new key: while a clone was made, the same account",
)  # fmt: skip
"""One or two of each chapter."""
LONG = (
    "ticket: open at the end, ends well", "ticket: one without an end",
    "service: 503 at half of the window, for two days", "service: every text refused",
    "service: a file, nobody there for five days", "service: a file, 503 for five days",
    "vault: refuses for two days", "vault: a file, refuses over the deadline",
)  # fmt: skip
"""Those with the most passes of the keeper; each has a like one that is slow."""


@pytest.mark.parametrize("name", mostly_slow(TALES, *ALWAYS, long=LONG))
def test_in_its_week_a_voice_comes_to_the_end_it_should(
    story: Story, context: Context, name: str
) -> None:
    told = TALES[name]
    after = week(
        story, context, *told.events, kind=told.kind, policy=told.policy, sleeps=told.sleeps
    )

    blocked = after.blocked_attempts
    assert after.healths[after.hours] is told.ends
    assert len(after.attempts) - blocked == told.attempts
    assert after.paid_for == told.speeches
    assert story.service.count("clone") == 1
    assert after.uses(standing=False) == told.taken_back
    assert after.safe_since == told.safe_at
    after.sums_agree()
    after.vault_tells_the_same()
    if told.safe_at is not None:
        assert after.uses() == (told.uses if told.kind == "minimax" else 0)
        after.evidence_is_complete()
