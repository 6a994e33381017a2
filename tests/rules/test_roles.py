"""What each role may do, and which role an address has."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.roles import KEEPER, NotPermitted, Permission, Person, TeamRole
from lib.team import Team

TEAM = Team(
    viewers=("vera@example.org", "*@guests.example"),
    members=("mo@example.org", "*@example.net", "ada@guests.example"),
    admins=("ada@example.org",),
)
OPERATE = Path(__file__).resolve().parents[2] / "docs" / "operate.md"
ROWS = {
    Permission.LISTEN: "see voices, orders and scripts",
    Permission.SPEAK: "generate speech; write, change",
    Permission.SHARE: "share takes by a link",
    Permission.END_SHARES: "end links of others",
    Permission.CLONE: "clone a voice or describe one, add existing ones",
    Permission.ADOPT: "clone a voice or describe one, add existing ones",
    Permission.KEEP: "keep, back up, name, tag and archive voices",
    Permission.SETTINGS: "check services and storage",
    Permission.EXPORT: "export the whole library, import one",
    Permission.ERASE: "erase a voice or a person's data",
    Permission.ACTIVITY: "see everybody's activity and spending",
}
"""How the row of the operator's table begins that tells who may do it."""
MAY = {
    TeamRole.VIEWER: {Permission.LISTEN},
    TeamRole.MEMBER: {
        Permission.LISTEN,
        Permission.SPEAK,
        Permission.SHARE,
        Permission.CLONE,
        Permission.KEEP,
        Permission.ADOPT,
    },
    TeamRole.ADMIN: set(Permission),
}


@pytest.mark.parametrize("role", TeamRole)
@pytest.mark.parametrize("permission", Permission)
def test_a_role_may_do_what_its_row_says_and_nothing_else(
    role: TeamRole, permission: Permission
) -> None:
    person = Person("Ada", role)
    assert person.may(permission) is (permission in MAY[role])
    if person.may(permission):
        person.require(permission)
    else:
        with pytest.raises(NotPermitted, match=r"Nothing was changed or spent\.$"):
            person.require(permission)


@pytest.mark.parametrize(
    ("address", "role"),
    [
        ("ada@example.org", TeamRole.ADMIN),
        (" Ada@Example.ORG ", TeamRole.ADMIN),
        ("mo@example.org", TeamRole.MEMBER),
        ("anybody@example.net", TeamRole.MEMBER),
        ("vera@example.org", TeamRole.VIEWER),
        ("someone@guests.example", TeamRole.VIEWER),
        ("ada@guests.example", TeamRole.MEMBER),
        ("mallory@example.org", None),
        ("mo@sub.example.net", None),
        ("mo@notexample.net", None),
        ("example.net", None),
        ("@example.net", None),
        ("*@evil.example", None),
        ("mo@example.org@evil.example", None),
        ("", None),
    ],
)
def test_the_lists_give_an_address_its_highest_role_or_none(
    address: str, role: TeamRole | None
) -> None:
    assert TEAM.role_of(address) is role


def test_records_name_an_address_that_was_vouched_for() -> None:
    assert Person("Ada", TeamRole.MEMBER).label == "Ada"
    assert Person("Ada", TeamRole.MEMBER, "a@example.org").label == "Ada (a@example.org)"
    assert Person("", TeamRole.MEMBER, "a@example.org").label == "a@example.org"
    # A name is free text: it cannot pass for the app itself or for another address.
    posing = Person(KEEPER.name, TeamRole.ADMIN, "a@example.org")
    assert posing.label != KEEPER.label


@pytest.mark.parametrize("permission", Permission)
def test_the_operators_table_tells_who_may(permission: Permission) -> None:
    lines = OPERATE.read_text("utf-8").splitlines()
    (row,) = [line for line in lines if line.startswith(f"| {ROWS[permission]}")]
    told = [cell.strip() == "yes" for cell in row.strip("|").split("|")[1:]]
    assert told == [permission in MAY[role] for role in TeamRole]
