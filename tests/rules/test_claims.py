"""What a sign-in service says of somebody, and what follows."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from enum import Enum, auto

import pytest

from lib.roles import KEEPER, TeamRole
from lib.sign_in import Auth, SignInService
from lib.studio.core.typed_text import MAX_NAME
from lib.team import Team
from lib.ui.access.claims import LONGEST, Refusal, Refused, judge
from lib.ui.access.sign_ins import SignIn

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
AUTH = Auth((SignInService("studio", "Studio", "voicekeep"),))
TEAM = Team(
    viewers=("*@guests.example",),
    members=("mo@example.org", "*@team.example"),
    admins=("ada@example.org",),
)
HOUR = 3600


class Claim(Enum):
    """Prints the same in every process, as the name of a test has to."""

    MISSING = auto()


MISSING = Claim.MISSING


def judged(auth: Auth = AUTH, now: datetime = NOW, **changes: object) -> SignIn | Refused:
    """What follows from the claims of Mo, signed in just now for an hour, but for these changes."""
    issued = NOW.timestamp()
    said = {
        "iss": "https://studio.example", "sub": "7", "aud": "voicekeep", "nonce": "n",
        "iat": int(issued), "exp": int(issued) + HOUR, "provider": "studio",
        "email": "mo@example.org", "email_verified": True, "name": "Mo",
    }  # fmt: skip
    said |= changes
    left = {name: value for name, value in said.items() if value is not MISSING}
    return judge(left, auth=auth, team=TEAM, now=now)


def signed_in(**changes: object) -> SignIn:
    found = judged(**changes)
    assert isinstance(found, SignIn)
    return found


def test_somebody_on_a_list_is_in_by_name_address_and_role() -> None:
    person = signed_in().person
    assert (person.name, person.role, person.address) == ("Mo", TeamRole.MEMBER, "mo@example.org")


@pytest.mark.parametrize(
    ("address", "role"),
    [
        ("ada@example.org", TeamRole.ADMIN),
        ("Ada@Example.ORG", TeamRole.ADMIN),
        ("anybody@team.example", TeamRole.MEMBER),
        ("anybody@guests.example", TeamRole.VIEWER),
        ("eve@example.org", None),
        ("eve@sub.team.example", None),
        ("eve@evil.example", None),
    ],
)
def test_the_lists_say_who_enters_in_which_role(address: str, role: TeamRole | None) -> None:
    found = judged(email=address)
    if role is None:
        assert found == Refused(Refusal.UNLISTED, address)
    else:
        assert isinstance(found, SignIn)
        assert found.person.role is role


@pytest.mark.parametrize(
    "address",
    [
        MISSING, None, "", 7, True, ["mo@example.org"], {"mo@example.org": 1}, "mo", "@example.org",
        "mo@", " mo@example.org", "mo@example.org ", "mo@example.org\n", "m o@example.org",
        "mo@evil.example@team.example", "mo@example.org,eve@evil.example", "*@team.example",
        "\u202emo@team.example", "mo\u200b@team.example", "mo@team.example\x00",
        "\u212aim@team.example", "mo@\uff54eam.example", "m" * 250 + "@team.example",
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_not_plainly_one_address_is_none(address: object) -> None:
    assert judged(email=address) == Refused(Refusal.UNVERIFIED)


def test_a_sign_that_looks_like_another_one_makes_nobody_somebody_else() -> None:
    team = Team(members=("kim@example.org",))
    said = {"iat": 0, "exp": 9e9, "aud": "voicekeep", "provider": "studio"}
    found = judge({**said, "email": "\u212aim@example.org"}, auth=AUTH, team=team, now=NOW)
    assert not isinstance(found, SignIn)


@pytest.mark.parametrize(
    ("said", "counts"),
    [
        (True, True), ("true", True), (MISSING, True),
        (False, False), ("false", False), ("", False), (None, False), (1, False), ("yes", False),
        ([True], False),
    ],
    ids=repr,
)  # fmt: skip
def test_an_address_counts_unless_the_service_does_not_vouch_for_it(
    said: object, counts: bool
) -> None:
    found = judged(email_verified=said)
    assert isinstance(found, SignIn) if counts else found == Refused(Refusal.UNVERIFIED)


@pytest.mark.parametrize("lasts", [60, HOUR, 24 * HOUR, 30 * 24 * HOUR])
def test_a_sign_in_lasts_as_long_as_the_service_says_and_not_a_moment_longer(lasts: int) -> None:
    ends = NOW + timedelta(seconds=lasts)
    found = judged(exp=int(ends.timestamp()), now=ends - timedelta(milliseconds=1))
    assert isinstance(found, SignIn)
    assert found.until == ends
    assert judged(exp=int(ends.timestamp()), now=ends) == Refused(Refusal.EXPIRED)


def test_no_sign_in_lasts_longer_than_its_cookie() -> None:
    assert signed_in(exp=int(NOW.timestamp()) + 400 * 24 * HOUR).until == NOW + LONGEST


@pytest.mark.parametrize("name", ["iat", "exp"])
@pytest.mark.parametrize(
    "time", [MISSING, None, "1796000000", True, [1], math.nan, math.inf, 1e300, -1e300], ids=repr
)
def test_a_time_that_is_none_has_passed(name: str, time: object) -> None:
    assert judged(**{name: time}) == Refused(Refusal.EXPIRED)


@pytest.mark.parametrize(
    ("auth", "changes"),
    [
        (AUTH, {"provider": "gone"}),
        (AUTH, {"provider": MISSING}),
        (AUTH, {"provider": "default"}),
        (AUTH, {"provider": ["studio"]}),
        (AUTH, {"aud": "another-app"}),
        (AUTH, {"aud": ["another-app"]}),
        (AUTH, {"aud": MISSING}),
        (AUTH, {"aud": [["voicekeep"]]}),
        (Auth((SignInService("studio", "Studio", "a-new-client"),)), {}),
        (Auth((SignInService(None, "", "voicekeep"),)), {}),
    ],
)
def test_what_was_said_to_another_sign_in_counts_for_nothing(
    auth: Auth, changes: dict[str, object]
) -> None:
    assert judged(auth, **changes) == Refused(Refusal.ANOTHER_SET_UP)


def test_an_app_among_several_that_are_meant_is_meant() -> None:
    assert isinstance(judged(aud=["another-app", "voicekeep"]), SignIn)


def test_a_service_without_a_name_is_streamlits_default() -> None:
    auth = Auth((SignInService(None, "", "voicekeep"),))
    assert isinstance(judged(auth, provider="default"), SignIn)


@pytest.mark.parametrize("name", ["iss", "sub", "iat", "exp", "nonce"])
def test_each_sign_in_has_an_id_of_its_own(name: str) -> None:
    assert signed_in().id == signed_in(name="Another name").id
    assert signed_in().id != signed_in(**{name: int(NOW.timestamp()) + 60}).id


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("  Mo \n Miller ", "Mo Miller"),
        ("\u202eadA", "adA"),
        (MISSING, ""), (None, ""), (["Mo"], ""), ({"a": 1}, ""), (KEEPER.name.upper(), ""),
    ],
    ids=repr,
)  # fmt: skip
def test_a_name_is_one_line_of_text_or_none(said: object, name: str) -> None:
    assert signed_in(name=said).person.name == name


def test_a_name_that_never_ends_is_cut() -> None:
    assert signed_in(name="x" * 1_000_000).person.name == "x" * MAX_NAME
