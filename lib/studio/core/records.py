"""What the stores tell and raise, by names that pages may use: these know no store themselves."""

from lib.registry import DatabaseUnavailable, Note
from lib.registry.erasures import Erasure
from lib.registry.events import Deed, DeedSum, Line, Wanted
from lib.registry.long_texts import PartsSum
from lib.registry.orders import OrderRow, Standing, WantedOrders
from lib.registry.shares import Share
from lib.registry.spending import Amounts, By, Spent
from lib.registry.takes import WantedTakes
from lib.registry.unreadable import Unreadable
from lib.vault.base import VaultError

__all__ = [
    "Amounts",
    "By",
    "DatabaseUnavailable",
    "Deed",
    "DeedSum",
    "Erasure",
    "Line",
    "Note",
    "OrderRow",
    "PartsSum",
    "Share",
    "Spent",
    "Standing",
    "Unreadable",
    "VaultError",
    "Wanted",
    "WantedOrders",
    "WantedTakes",
]
