"""What is left to spend, as it is told beside a price."""

from __future__ import annotations

import pytest

from lib.models import Money, Purpose
from lib.services import KYMA, NANOGPT
from lib.ui import purse
from tests.pages.house import House
from tests.parts.processes import free_port

HERE = "127.0.0.1"


def note(house: House, service: str, balance: str) -> None:
    workshop = house.workshop
    workshop.registry.accounts.note_balance(
        workshop.account(service), Money.usd(balance), house.clock.now()
    )


@pytest.mark.usefixtures("live_key")
def test_one_balance_needs_no_name(house: House) -> None:
    house.enter(address=HERE)
    note(house, NANOGPT, "20.80")
    assert [fact.split(" (")[0] for fact in purse.facts(house.workshop, NANOGPT)] == [
        "balance $20.80"
    ]


@pytest.mark.usefixtures("live_key")
def test_of_two_balances_each_says_whose_it_is(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KYMA_API_KEY", "ky-00000001")
    monkeypatch.setenv("KYMA_BASE_URL", f"http://127.0.0.1:{free_port()}/v1")
    house.enter(address=HERE)
    note(house, NANOGPT, "20.80")
    note(house, KYMA, "25.00")
    told = [
        fact.split(" (")[0]
        for service in (NANOGPT, KYMA)
        for fact in purse.facts(house.workshop, service, Purpose.KEEPING)
    ]
    assert told == ["NanoGPT balance $20.80", "Kyma balance $25.00"]
