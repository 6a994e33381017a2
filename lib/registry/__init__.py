"""The database: voices, jobs, takes, scripts, accounts and more, on SQLite or PostgreSQL."""

from __future__ import annotations

from lib.registry.accounts import Accounts
from lib.registry.budgets import UNLIMITED, Budget, Budgets, OverBudget, Used
from lib.registry.changes import EvidenceChanges, VoiceChanges
from lib.registry.consents import Consents
from lib.registry.database import Database
from lib.registry.ended_sign_ins import EndedSignIns
from lib.registry.erasures import Erasures
from lib.registry.events import Events
from lib.registry.job_states import SENT
from lib.registry.jobs import AlreadyOrdered, Jobs, Outcome
from lib.registry.leases import Leases, Note, Notes
from lib.registry.library import Library
from lib.registry.long_texts import LongTexts
from lib.registry.notices import Notices
from lib.registry.orders import Orders
from lib.registry.scripts import Scripts
from lib.registry.shares import Shares
from lib.registry.spending import Spending
from lib.registry.takes import Takes
from lib.registry.troubles import DatabaseUnavailable
from lib.registry.unreadable import UnreadableStories
from lib.registry.voices import Voices
from lib.registry.wording import Reason, sentence

__all__ = [
    "SENT",
    "UNLIMITED",
    "AlreadyOrdered",
    "Budget",
    "DatabaseUnavailable",
    "EvidenceChanges",
    "Note",
    "Outcome",
    "OverBudget",
    "Registry",
    "Used",
    "VoiceChanges",
]


class Registry:
    """All records behind one address, each kind with its own part: `voices`, `jobs` and so on.

    `address` is a `DATABASE_URL`. Its schema is brought to this version; with `read_only` nothing
    is changed, so that it has to be of this version already. Raises `DatabaseUnavailable` where it
    cannot be used, as does every question and change later.
    """

    def __init__(self, address: str, *, read_only: bool = False) -> None:
        self.database = Database(address, read_only=read_only)
        try:
            if not read_only:
                self.database.migrate()
            elif not self.database.is_current():
                raise DatabaseUnavailable(sentence(Reason.EARLIER_VERSION))
        except BaseException:
            self.database.close()
            raise
        self.voices = Voices(self.database)
        self.consents = Consents(self.database)
        self.library = Library(self.database, self.voices)
        self.jobs = Jobs(self.database)
        self.budgets = Budgets(self.database)
        self.long_texts = LongTexts(self.database)
        self.orders = Orders(self.database)
        self.spending = Spending(self.database)
        self.takes = Takes(self.database)
        self.scripts = Scripts(self.database)
        self.accounts = Accounts(self.database)
        self.leases = Leases(self.database)
        self.notes = Notes(self.database)
        self.notices = Notices(self.database)
        self.events = Events(self.database)
        self.ended_sign_ins = EndedSignIns(self.database)
        self.erasures = Erasures(self.database)
        self.shares = Shares(self.database)
        self.unreadable = UnreadableStories(self.database)

    def close(self) -> None:
        """Give the connections back. Whoever is still at work ends it first."""
        self.database.close()
