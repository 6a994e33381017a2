"""Whoever orders at the same moment, in whatever processes: all stay within one budget."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from lib.consent import Consent, Relation
from lib.models import Dossier, Money, Role
from lib.settings import Settings
from lib.studio.core import money
from lib.studio.core.context import Context
from lib.studio.core.opening import open_context
from lib.studio.core.standpoint import standpoint_of
from lib.studio.storage.manifests import copy_evidence
from lib.vault.base import content_key
from tests.parts.clock import START, SettableClock
from tests.parts.postgres import PostgresServer
from tests.studio.crowd import settle_in, voices_made
from tests.studio.kyma import KYMA_KEY
from tests.studio.market import (
    AT_ONCE,
    BUYERS,
    LONG,
    SHORT,
    Market,
    market,
    price_of_text,
)
from tests.studio.story import DAY, KEY, recording

MADE_AT = START - 60 * DAY
ORDERS = BUYERS * AT_ONCE
NOWHERE = "http://127.0.0.1:9"
ROUNDS = 2


@dataclass
class Fair:
    """The buyers, and somebody who sees what they ordered."""

    market: Market
    observer: Context
    last: int = 1_000

    def rush(self, goods: str, price: Money, *, first: int = 0, own: bool = False) -> None:
        """There is money for two and a half; twenty are ordered, and two go through."""
        spent = money.month_spent(self.observer)
        limit = spent + price * 2 + Money(price.micros // 2)
        self.last += ORDERS
        refusals = self.market.rush(goods, first or self.last, limit, own=own)
        assert len(refusals) == ORDERS
        assert money.month_spent(self.observer) == spent + price * 2
        assert refusals.count("") == 2
        whose = "your budget for this month" if own else "this month's budget"
        assert all(f"of {whose} is left" in why for why in refusals if why)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def fair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fair]:
    folder = tmp_path_factory.mktemp("fair")
    database = f"sqlite:///{folder / 'voicekeep.db'}"
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        database = server.new_database()
    settings = {
        "NANOGPT_API_KEY": KEY,
        "NANOGPT_BASE_URL": NOWHERE,
        "KYMA_API_KEY": KYMA_KEY,
        "KYMA_BASE_URL": NOWHERE,
        "DATABASE_URL": database,
        "VAULT_URL": f"file://{folder / 'vault'}",
    }
    known = Settings(settings, data_folder=folder / "observer")
    observer = open_context(known, clock=SettableClock())
    try:
        _settle(observer)
        with market(settings, folder / "buyers") as opened:
            yield Fair(opened, observer)
    finally:
        observer.close()


GIVEN = Consent("Grace", "Ada", MADE_AT, "consent-grace", Relation.AGREED)


def _settle(context: Context) -> None:
    """Voices of two months ago, each with its recording."""
    found: list[Dossier] = []
    for number, made in enumerate(voices_made(2 * ORDERS, MADE_AT)):
        data = recording(10_000 + number)
        key = content_key(f"voices/{made.voice.id}/reference", data, "wav")
        stored = context.live_vault.put_verified(key, data, "audio/wav")
        copy = copy_evidence(made.voice.id, Role.REFERENCE, stored, "WAV", MADE_AT)
        account = standpoint_of(context).account(made.voice.service)
        voice = replace(made.voice, account=account, consent=GIVEN)
        found.append(replace(made, voice=voice, evidence=(copy,)))
    settle_in(found, context.registry)


CLONE = Money.usd(1)


def test_clones_ordered_at_once_stay_within_the_budget(fair: Fair) -> None:
    for _ in range(ROUNDS):
        fair.rush("a clone", CLONE)


@pytest.mark.parametrize(
    "rounds",
    [pytest.param(15, marks=pytest.mark.slow), pytest.param(100, marks=pytest.mark.long)],
)
def test_clones_ordered_at_once_stay_within_the_budget_in_many_rounds(
    fair: Fair, rounds: int
) -> None:
    for _ in range(rounds):
        fair.rush("a clone", CLONE)


@pytest.mark.parametrize("goods", ["a clone", "a long text"])
def test_what_one_person_orders_at_once_stays_within_their_own_budget(
    fair: Fair, goods: str
) -> None:
    price = CLONE if goods == "a clone" else price_of_text(fair.observer, LONG)
    fair.rush(goods, price, own=True)


def test_voices_cloned_again_at_once_stay_within_the_budget(fair: Fair) -> None:
    fair.rush("a clone again", CLONE, first=1)


def test_designs_ordered_at_once_stay_within_the_budget(fair: Fair) -> None:
    fair.rush("a design", Money.usd("4.20"))


@pytest.mark.parametrize(("goods", "sentences"), [("a text", SHORT), ("a long text", LONG)])
def test_texts_ordered_at_once_stay_within_the_budget(
    fair: Fair, goods: str, sentences: int
) -> None:
    for _ in range(ROUNDS):
        fair.rush(goods, price_of_text(fair.observer, sentences))
