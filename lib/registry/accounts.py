"""A team's accounts at services, known by the fingerprints of their keys."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from lib.models import Account, Money
from lib.registry import schema
from lib.registry.database import Database
from lib.registry.schema import columns_of, record_of


class Accounts:
    """One row per account; the first key's fingerprint is part of its id."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Account]:
        with self._database.read() as connection:
            rows = connection.execute(select(schema.accounts)).all()
        return [record_of(Account, row) for row in rows]

    def of_key(self, service: str, label: str, key_fingerprint: str) -> Account:
        """The account this key belongs to; a key never seen begins a new account."""
        for account in self.all():
            if account.service == service and key_fingerprint in account.fingerprints:
                return account
        fresh = Account(f"{service}-{key_fingerprint}", service, label, (key_fingerprint,))
        try:
            with self._database.write() as connection:
                connection.execute(insert(schema.accounts).values(columns_of(fresh)))
        except IntegrityError:
            pass  # another process met the key at the same moment
        return fresh

    def note_balance(self, account_id: str, balance: Money, at: datetime) -> None:
        with self._database.write() as connection:
            connection.execute(
                update(schema.accounts)
                .where(schema.accounts.c.id == account_id)
                .values(balance=balance, balance_at=at)
            )
