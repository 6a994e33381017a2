"""Accounts are known by the fingerprints of their keys."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import update

from lib.models import Account, JobKind, Money
from lib.registry import Registry, schema
from lib.services import DEMO, NANOGPT
from tests.parts.clock import START
from tests.registry.records import a_job, a_voice


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


def test_two_accounts_become_one_with_all_that_both_made(registry: Registry) -> None:
    old = registry.accounts.of_key(NANOGPT, "NanoGPT", "aaa")
    new = registry.accounts.of_key(NANOGPT, "NanoGPT", "bbb")
    registry.accounts.note_balance(new.id, Money(5), START)
    mine, theirs = a_voice(account=old.id), a_voice(account=new.id)
    for voice in (mine, theirs):
        registry.voices.add(voice)
    registry.jobs.order(a_job(mine, kind=JobKind.ACTIVATION, account=new.id))
    before = registry.voices.revisions()
    registry.accounts.merge(old, new)
    (account,) = registry.accounts.all()
    assert (account.id, account.fingerprints, account.balance) == (
        old.id, ("aaa", "bbb"), Money(5),
    )  # fmt: skip
    assert registry.accounts.voices() == {old.id: 2}
    (job,) = registry.jobs.latest(services=[NANOGPT])
    assert job.account == old.id
    after = registry.voices.revisions()
    assert all(after[voice.id] > before[voice.id] for voice in (mine, theirs))


def test_what_another_container_knew_of_an_account_is_added(registry: Registry) -> None:
    fresh = registry.accounts.of_key(NANOGPT, "NanoGPT", "bbb")
    registry.voices.add(a_voice(account=fresh.id))
    told = Account("nanogpt-aaa", NANOGPT, "The agency", ("aaa", "bbb"), settled=True)
    for _ in range(2):
        registry.accounts.absorb(told)
        (account,) = registry.accounts.all()
        assert (account.id, account.label, account.settled) == (told.id, told.label, True)
        assert account.fingerprints == ("aaa", "bbb")
    assert registry.accounts.voices() == {told.id: 1}
    assert registry.accounts.of_key(NANOGPT, "", "bbb").id == told.id


def test_accounts_that_were_told_apart_and_named_stay_so(registry: Registry) -> None:
    first = registry.accounts.of_key(NANOGPT, "NanoGPT", "aaa")
    unknown = Account("nanogpt-ccc", NANOGPT, "NanoGPT (key ccc…)", ("ccc",))
    registry.accounts.rename(first, "Ours")
    registry.accounts.settle([first, unknown])
    found = {item.id: (item.label, item.settled) for item in registry.accounts.all()}
    assert found == {first.id: ("Ours", True), unknown.id: (unknown.label, True)}
