"""Who orders and changes things in tests."""

from __future__ import annotations

from lib.roles import Person, TeamRole


def named(name: str, role: TeamRole = TeamRole.MEMBER) -> Person:
    """Somebody of this name, whom no sign-in service vouches for."""
    return Person(name, role)


ADA = named("Ada", TeamRole.ADMIN)
BEN = named("Ben")
