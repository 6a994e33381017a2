"""The database: voices, jobs, takes, accounts, leases, notes, on SQLite or PostgreSQL."""

from __future__ import annotations

from lib.registry.accounts import Accounts
from lib.registry.database import Database, DatabaseUnavailable
from lib.registry.events import Events
from lib.registry.jobs import SENT, AlreadyOrdered, Jobs, Outcome
from lib.registry.leases import Leases, Note, Notes
from lib.registry.notices import Notices
from lib.registry.readings import Readings
from lib.registry.takes import Takes
from lib.registry.unreadable import UnreadableStories
from lib.registry.voices import Voices

__all__ = [
    "SENT",
    "AlreadyOrdered",
    "DatabaseUnavailable",
    "Note",
    "Outcome",
    "Registry",
]


class Registry:
    """All records behind one address. Raises `DatabaseUnavailable` where that cannot be used."""

    def __init__(self, address: str) -> None:
        self.database = Database(address)
        self.database.migrate()
        self.voices = Voices(self.database)
        self.jobs = Jobs(self.database)
        self.readings = Readings(self.database)
        self.takes = Takes(self.database)
        self.accounts = Accounts(self.database)
        self.leases = Leases(self.database)
        self.notes = Notes(self.database)
        self.notices = Notices(self.database)
        self.events = Events(self.database)
        self.unreadable = UnreadableStories(self.database)

    def close(self) -> None:
        self.database.close()
