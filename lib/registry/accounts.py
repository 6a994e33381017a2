"""A team's accounts at services, known by the fingerprints of their keys."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from lib.models import OWN_STORY, Account, Money
from lib.registry import schema
from lib.registry.database import Database
from lib.registry.schema import columns_of, records_of
from lib.services import SERVICES


class Accounts:
    """One row per account; the first key's fingerprint is part of its id."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Account]:
        """All accounts that have a row, by id."""
        with self._database.read() as connection:
            return _all(connection)

    def of_key(self, service: str, label: str, key_fingerprint: str) -> Account:
        """The account this key belongs to; a key never seen begins one that has its row from now
        on.
        """
        known = self.all()
        account = owner_of_key(known, service, label, key_fingerprint)
        if account not in known:
            # Another process may meet the key at the same moment.
            add = self._database.insert(schema.accounts).values(columns_of(account))
            with self._database.write() as connection:
                connection.execute(add.on_conflict_do_nothing())
        return account

    def note_balance(self, account_id: str, balance: Money, at: datetime) -> None:
        """What an account has left, seen `at` that moment; its id tells all that its row needs."""
        service, _, key = account_id.rpartition("-")
        if service not in SERVICES:  # the demo's play money is nobody's
            return
        account = Account(account_id, service, SERVICES[service].title, (key,))
        with self._database.write() as connection:
            self._put(connection, account, balance=balance, balance_at=at)

    def voices(self) -> dict[str, int]:
        """How many voices each account made, by its id."""
        chosen = select(schema.voices.c.account, func.count()).group_by(schema.voices.c.account)
        with self._database.read() as connection:
            return {row[0]: row[1] for row in connection.execute(chosen)}

    def rename(self, account: Account, label: str) -> None:
        """Give an account another name; one that is known from its voices alone gets its row."""
        with self._database.write() as connection:
            self._put(connection, account, label=label)

    def settle(self, accounts: Iterable[Account], *, settled: bool = True) -> None:
        """Somebody said that these are accounts of their own, or takes that back."""
        with self._database.write() as connection:
            for account in accounts:
                self._put(connection, account, settled=settled)

    def merge(self, old: Account, new: Account) -> None:
        """Both are one: the old account keeps its id and gets all that the new one has."""
        with self._database.write() as connection:
            known = {account.id: account for account in _all(connection)}
            kept, gone = known.get(old.id, old), known.get(new.id, new)
            together = tuple(dict.fromkeys((*kept.fingerprints, *gone.fingerprints)))
            seen = gone if gone.balance_at else kept
            self._put(
                connection,
                kept,
                fingerprints=together,
                balance=seen.balance,
                balance_at=seen.balance_at,
            )
            _move(connection, gone.id, kept.id)

    def absorb(self, account: Account) -> None:
        """What another container knew of an account: its keys and its name are added to ours."""
        with self._database.write() as connection:
            known = {item.id: item for item in _all(connection)}
            ours = known.get(account.id)
            mine = ours.fingerprints if ours else ()
            keys = set(account.fingerprints)
            for twin in known.values():
                same = twin.service == account.service and keys & set(twin.fingerprints)
                if twin.id != account.id and same and not twin.settled:
                    # A key of this account that looked new to a container with an empty disk.
                    _move(connection, twin.id, account.id)
                    mine = (*mine, *twin.fingerprints)
            together = tuple(dict.fromkeys((*account.fingerprints, *mine)))
            settled = account.settled or bool(ours and ours.settled)
            fields = {"label": account.label, "fingerprints": together, "settled": settled}
            self._put(connection, account, **fields)

    def _put(self, connection: Connection, account: Account, **fields: object) -> None:
        """Change an account's row, or make it."""
        add = self._database.insert(schema.accounts).values(columns_of(account) | fields)
        connection.execute(add.on_conflict_do_update(index_elements=["id"], set_=fields))


def owner_of_key(
    known: Iterable[Account], service: str, label: str, key_fingerprint: str
) -> Account:
    """Which of the known accounts a key belongs to; a key never seen begins one. Pure."""
    for account in known:
        if account.service == service and key_fingerprint in account.fingerprints:
            return account
    return Account(f"{service}-{key_fingerprint}", service, label, (key_fingerprint,))


def _all(connection: Connection) -> list[Account]:
    return records_of(Account, connection, select(schema.accounts).order_by(schema.accounts.c.id))


def _move(connection: Connection, old_id: str, new_id: str) -> None:
    """One account becomes part of another, which gets its voices and orders; the manifests of
    these are due.
    """
    connection.execute(delete(schema.accounts).where(schema.accounts.c.id == old_id))
    for table in (schema.voices, schema.jobs):
        moved = update(table).where(table.c.account == old_id)
        connection.execute(moved.values(account=new_id, revision=table.c.revision + 1))
    jobs, voices = schema.jobs, schema.voices
    told_by = select(jobs.c.voice_id).where(jobs.c.account == new_id, jobs.c.kind.not_in(OWN_STORY))
    connection.execute(
        update(voices).where(voices.c.id.in_(told_by)).values(revision=voices.c.revision + 1)
    )
