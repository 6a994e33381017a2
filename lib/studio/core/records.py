"""What the stores tell and raise, by names that pages may use: these know no store themselves."""

from lib.registry import DatabaseUnavailable, Note
from lib.registry.events import Deed, Line, Wanted
from lib.registry.long_texts import PartsSum
from lib.registry.unreadable import Unreadable
from lib.vault.base import VaultError

__all__ = [
    "DatabaseUnavailable",
    "Deed",
    "Line",
    "Note",
    "PartsSum",
    "Unreadable",
    "VaultError",
    "Wanted",
]
