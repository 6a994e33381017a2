"""What is left to spend, as it is told beside a price."""

from __future__ import annotations

import pytest

from lib.models import Money, Purpose
from lib.services import KYMA, NANOGPT
from lib.studio.core.standpoint import standpoint_of
from lib.ui.adoption import adopting
from lib.ui.shared import budget
from tests.pages.house import House, read, texts
from tests.parts.processes import free_port

HERE = "127.0.0.1"


def note(house: House, service: str, balance: str) -> None:
    context = house.context
    context.registry.accounts.note_balance(
        standpoint_of(context).account(service), Money.usd(balance), house.clock.now()
    )


@pytest.mark.usefixtures("live_key")
def test_one_balance_needs_no_name(house: House) -> None:
    house.enter(address=HERE)
    note(house, NANOGPT, "20.80")
    assert [fact.split(" (")[0] for fact in budget.facts(house.context, NANOGPT)] == [
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
        for fact in budget.facts(house.context, service, purpose=Purpose.KEEPING)
    ]
    assert told == ["NanoGPT balance $20.80", "Kyma balance $25.00"]


@pytest.fixture
def bounded(house: House, live_key: None, monkeypatch: pytest.MonkeyPatch) -> House:
    """A team with a key that lets a month cost so much."""
    limits = "monthly_budget_usd = 5\nmonthly_keeping_usd = 0.5\n"
    monkeypatch.setenv("VOICEKEEP_SECRETS", f"[team]\ntrust_host = true\n{limits}")
    return house


def test_of_a_service_without_a_key_nothing_is_told(bounded: House) -> None:
    bounded.enter(address=HERE)
    assert budget.facts(bounded.context, NANOGPT) == ["$5.00 of this month's budget left"]
    assert budget.facts(bounded.context, KYMA) == []


@pytest.mark.usefixtures("live_key")
def test_what_is_left_of_ones_own_budget_stands_beside_a_price(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICEKEEP_SECRETS", "[team]\ntrust_host = true\nmember_budget_usd = 2\n")
    house.open()
    visitor = house.enter("clone")
    (total,) = [line for line in texts(visitor.markdown) if "Total" in line]
    assert "$2.00 of your own budget left" in read(total)


def test_home_says_what_is_left_for_orders_and_for_keeping(bounded: House) -> None:
    told = read("\n".join(texts(bounded.open().caption)))
    assert "$5.00 of this month's budget left" in told
    assert "$0.50 of this month's limit for keeping left" in told


def test_test_calls_are_confirmed_beside_what_is_left_for_them(bounded: House) -> None:
    visitor = bounded.open("clone")
    visitor.segmented_control(key="clone_way").set_value(adopting.WAY).run()
    visitor.text_input(key="adopt_id").set_value("Marlow1234567").run()
    (total,) = [line for line in texts(visitor.markdown) if "Total" in line]
    assert "$0.50 of this month's limit for keeping left" in read(total)
    assert "budget" not in total
