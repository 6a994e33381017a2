"""Who somebody is, and the one table of what each role may do.

Use cases ask `Person.require` before they change or spend anything; pages ask `Person.may` before
they draw a control. A role may do whatever the roles below it may do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class TeamRole(StrEnum):
    """What somebody is in the team, from the least to the most."""

    VIEWER = "viewer"
    MEMBER = "member"
    ADMIN = "admin"

    def includes(self, other: TeamRole) -> bool:
        """Whether this role may do all that the other one may."""
        return _RANK[self] >= _RANK[other]


_RANK = {role: rank for rank, role in enumerate(TeamRole)}


class Permission(StrEnum):
    """What somebody wants to do."""

    LISTEN = "listen"
    """Look at voices and orders, read scripts, hear what was spoken, download takes and scripts."""
    SPEAK = "speak"
    """Have something spoken; make and change scripts; name, star and delete takes."""
    SHARE = "share"
    """Share a take by a link that opens without signing in, and end the links that one made."""
    CLONE = "clone"
    """Clone or design a voice, and decide what becomes of an order that does not go on."""
    KEEP = "keep"
    """Use a voice so that it stays, back it up, download its files, name, tag or archive it, and
    record consent to it or that this was withdrawn.
    """
    ADOPT = "adopt"
    """Add voices that exist already."""
    SETTINGS = "settings"
    """Decide how the app works for everybody: accounts, storage, checks, test messages."""
    EXPORT = "export"
    """Take the whole library out, or bring one in."""
    END_SHARES = "end_shares"
    """End links that others made."""
    ERASE = "erase"
    """Erase a voice, or all that there is of a person."""
    ACTIVITY = "activity"
    """See what everybody did and spent."""


LEAST_ROLE: Mapping[Permission, TeamRole] = {
    Permission.LISTEN: TeamRole.VIEWER,
    Permission.SPEAK: TeamRole.MEMBER,
    Permission.SHARE: TeamRole.MEMBER,
    Permission.CLONE: TeamRole.MEMBER,
    Permission.KEEP: TeamRole.MEMBER,
    Permission.ADOPT: TeamRole.MEMBER,
    Permission.SETTINGS: TeamRole.ADMIN,
    Permission.EXPORT: TeamRole.ADMIN,
    Permission.END_SHARES: TeamRole.ADMIN,
    Permission.ERASE: TeamRole.ADMIN,
    Permission.ACTIVITY: TeamRole.ADMIN,
}
"""The least role that may do it."""

_REFUSALS = {
    TeamRole.VIEWER: "You are no longer signed in. Nothing was changed or spent.",
    TeamRole.MEMBER: (
        "Viewers can listen and download takes. Ask an admin of your team to make you a member. "
        "Nothing was changed or spent."
    ),
    TeamRole.ADMIN: "Only an admin of your team can do this. Nothing was changed or spent.",
}


class NotPermitted(Exception):
    """Somebody's role does not allow this; `str()` is a sentence. Nothing was changed or spent."""

    def __init__(self, permission: Permission) -> None:
        super().__init__(_REFUSALS[LEAST_ROLE[permission]])
        self.permission = permission


@dataclass(frozen=True)
class Person:
    """Who acts. `name` is what they call themselves; `address` the mail address that a sign-in
    service vouches for, where there is one.
    """

    name: str
    role: TeamRole
    address: str = ""

    @property
    def label(self) -> str:
        """How records call this person; an address that was vouched for is always part of it."""
        if not self.address or self.name in ("", self.address):
            return self.address or self.name
        return f"{self.name} ({self.address})"

    def may(self, permission: Permission) -> bool:
        """Whether this person's role allows it."""
        return self.role.includes(LEAST_ROLE[permission])

    def require(self, permission: Permission) -> None:
        """Raises `NotPermitted` where this person's role does not allow it."""
        if not self.may(permission):
            raise NotPermitted(permission)


KEEPER = Person("Voicekeep", TeamRole.ADMIN)
"""The app itself, and whoever works at its command line: nobody else may bear this name."""


def is_keepers_name(name: str) -> bool:
    """Whether this is what the app calls itself, in whatever case."""
    return name.casefold() == KEEPER.name.casefold()
