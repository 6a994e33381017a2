"""Accounts are known by the fingerprints of their keys."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import update

from lib.models import Money
from lib.registry import Registry, schema
from lib.services import DEMO, NANOGPT
from tests.parts.clock import START


def test_a_key_never_seen_begins_an_account(registry: Registry) -> None:
    first = registry.accounts.of_key(NANOGPT, "NanoGPT", "aaa")
    assert (first.service, first.label, first.fingerprints) == (NANOGPT, "NanoGPT", ("aaa",))
    assert registry.accounts.of_key(NANOGPT, "NanoGPT", "aaa") == first
    assert registry.accounts.all() == [first]


def test_another_key_and_another_service_are_other_accounts(registry: Registry) -> None:
    asked = [(NANOGPT, "aaa"), (NANOGPT, "bbb"), (DEMO, "aaa")]
    ids = {registry.accounts.of_key(service, "", key).id for service, key in asked}
    assert len(ids) == len(registry.accounts.all()) == 3


def test_a_key_that_was_added_to_an_account_belongs_to_it(registry: Registry) -> None:
    account = registry.accounts.of_key(NANOGPT, "NanoGPT", "aaa")
    with registry.database.write() as connection:
        connection.execute(update(schema.accounts).values(fingerprints=("aaa", "bbb")))
    assert registry.accounts.of_key(NANOGPT, "NanoGPT", "bbb").id == account.id
    assert len(registry.accounts.all()) == 1


def test_many_who_meet_a_key_at_once_get_one_account(
    registry: Registry, neighbour: Registry
) -> None:
    start = Barrier(16)

    def meet(number: int) -> str:
        accounts = (registry if number % 2 else neighbour).accounts
        start.wait(30)
        return accounts.of_key(NANOGPT, "NanoGPT", "aaa").id

    with ThreadPoolExecutor(16) as pool:
        ids = set(pool.map(meet, range(16)))
    assert ids == {account.id for account in registry.accounts.all()}
    assert len(ids) == 1


def test_a_balance_is_kept_with_its_time(registry: Registry) -> None:
    account = registry.accounts.of_key(NANOGPT, "NanoGPT", "aaa")
    other = registry.accounts.of_key(NANOGPT, "NanoGPT", "bbb")
    registry.accounts.note_balance(account.id, Money(12_345_678), START)
    found = {item.id: item for item in registry.accounts.all()}
    assert found[account.id].balance == Money(12_345_678)
    assert found[account.id].balance_at == START
    assert found[other.id].balance is None
