"""The table `[team]` of the settings: who may enter, in which role, and how the team works."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from lib.models import MAX_REFRESH_DAYS, KeepPolicy, Money
from lib.roles import TeamRole
from lib.setting_problems import TEAM

EXAMPLE_PASSPHRASE = "at least 12 characters"  # noqa: S105 - known to all, and refused
"""What the documents, the example and the closed page show: pasted as it is, it lets nobody in."""
EXAMPLE_PASSPHRASES = frozenset({EXAMPLE_PASSPHRASE, "choose your own"})
"""The second one was the example of earlier releases."""
MIN_PASSPHRASE = 12
"""Characters. Length is what withstands guessing: nothing else about it is judged."""
MAX_BUDGET_USD = 1_000_000_000
ANYBODY = "*"
"""Stands for every address of a domain."""
_PART = r"[^\s@,*]+"
ADDRESS = re.compile(rf"{_PART}@{_PART}")
"""A mail address, by its shape alone."""
_LISTED = re.compile(rf"(\*|{_PART})@{_PART}")


class PassphraseFault(StrEnum):
    """Why a passphrase that is set opens nothing: the door stays shut, and the keeper works on."""

    NOT_TEXT = "not_text"
    EXAMPLE = "example"
    SHORT = "short"
    UNCLEAR = "unclear"
    """One was meant, as it seems, under another name or in a file that cannot be read."""


@dataclass(frozen=True)
class Team:
    """Who may enter and how the team works.

    `viewers`, `members`, `admins`: mail addresses in lower case, and `*@domain` for everybody
    there. `admin_passphrase`: makes whoever knows it an admin, where nobody signs in by an address.
    `monthly_budget`: None for no limit. `member_budget`: the same for what each person orders.
    `monthly_keeping`: for refreshes of safe voices and test calls of adopted ones; None: refreshes
    are not limited, and test calls by the budgets.
    """

    passphrase: str = field(default="", repr=False)
    passphrase_fault: PassphraseFault | None = None
    admin_passphrase: str = field(default="", repr=False)
    admin_passphrase_fault: PassphraseFault | None = None
    trust_host: bool = False
    viewers: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    admins: tuple[str, ...] = ()
    monthly_budget: Money | None = None
    member_budget: Money | None = None
    monthly_keeping: Money | None = None
    keep_policy: KeepPolicy = KeepPolicy.AT_ONCE
    refresh_days: int = 0

    @property
    def lists_people(self) -> bool:
        """Whether anybody is listed by an address."""
        return bool(self.viewers or self.members or self.admins)

    def role_of(self, address: str) -> TeamRole | None:
        """The highest role that the lists give to a mail address; None: it is on none of them."""
        by_role = (
            (TeamRole.ADMIN, self.admins),
            (TeamRole.MEMBER, self.members),
            (TeamRole.VIEWER, self.viewers),
        )
        return next((role for role, listed in by_role if _is_listed(address, listed)), None)


def _is_listed(address: str, listed: Collection[str]) -> bool:
    """Whether a list names this address or its whole domain; a subdomain is another one."""
    name, at, domain = address.strip().lower().rpartition("@")
    if not (name and at and domain):
        return False
    return f"{name}@{domain}" in listed or f"{ANYBODY}@{domain}" in listed


def read_team(table: Mapping[str, object]) -> tuple[Team, list[str]]:
    """The team, and the names of the values that cannot be used; in their place stands the
    strictest.
    """
    fields: dict[str, Any] = {}
    unusable = []
    for name, value in table.items():
        target, read = READERS[name]
        try:
            fields[target] = read(value)
        except (ValueError, TypeError, ArithmeticError):
            unusable.append(f"{TEAM}.{name}")
            if read is _budget:  # a slip of the pen must not lift a limit
                fields[target] = Money(0)
    for name in ("passphrase", "admin_passphrase"):
        if fault := _passphrase_fault(table.get(name, "")):
            fields |= {name: "", f"{name}_fault": fault}
    return Team(**fields), unusable


def _passphrase_fault(value: object) -> PassphraseFault | None:
    """What is wrong with what was set; a number without quotes counts as text."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return PassphraseFault.NOT_TEXT
    if value == "":
        return None
    text = str(value).strip()
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in text):
        # Nobody can type a line break or half a sign into the field.
        return PassphraseFault.NOT_TEXT
    if text.lower() in EXAMPLE_PASSPHRASES:
        return PassphraseFault.EXAMPLE
    return PassphraseFault.SHORT if len(text) < MIN_PASSPHRASE else None


def _flag(value: object) -> bool:
    return value is True


def _addresses(value: object) -> tuple[str, ...]:
    """Addresses in lower case; one alone may stand without its brackets."""
    listed = value.split(",") if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        raise TypeError("not a list of addresses")
    addresses = tuple(address for item in listed if (address := item.strip().lower()))
    if not all(_LISTED.fullmatch(address) for address in addresses):
        raise ValueError("not an address")
    return addresses


def _budget(value: object) -> Money:
    dollars = Decimal(str(value))
    if not 0 <= dollars <= MAX_BUDGET_USD:
        raise ValueError("not a budget")
    return Money.usd(dollars)


def _days(value: object) -> int:
    if not isinstance(value, str | int | float):
        raise TypeError("not a number of days")
    days = int(value)
    if not 0 <= days <= MAX_REFRESH_DAYS:
        raise ValueError("not a number of days")
    return days


READERS: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "passphrase": ("passphrase", str),
    "admin_passphrase": ("admin_passphrase", str),
    "trust_host": ("trust_host", _flag),
    "viewers": ("viewers", _addresses),
    "members": ("members", _addresses),
    "admins": ("admins", _addresses),
    "monthly_budget_usd": ("monthly_budget", _budget),
    "member_budget_usd": ("member_budget", _budget),
    "monthly_keeping_usd": ("monthly_keeping", _budget),
    "keep_policy": ("keep_policy", KeepPolicy),
    "refresh_days": ("refresh_days", _days),
}
"""The names under [team]: which field each fills, and how its value is read."""
