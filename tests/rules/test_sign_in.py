"""Which sign-in can be trusted, and what opens the door."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.setting_problems import describe
from lib.settings import Door, Settings, load
from lib.sign_in import EXAMPLE_COOKIE_SECRET, AuthFault
from lib.team import PassphraseFault

SECRET = "kD0xQ9vB3mT7zL1cR5wY8nF2hJ6sG4pA"
METADATA = "https://accounts.google.com/.well-known/openid-configuration"
MICROSOFT = "https://login.microsoftonline.com/{}/v2.0/.well-known/openid-configuration"
MEMBERS = 'members = ["mo@example.org"]'
PASSPHRASE = 'passphrase = "four random words here"'


def auth(**changes: str) -> str:
    """A complete table with one service, but for these changes; an empty value leaves it out."""
    values = {
        "redirect_uri": "https://app.example/oauth2callback",
        "cookie_secret": SECRET,
        "client_id": "id",
        "client_secret": "secret",
        "server_metadata_url": METADATA,
    } | changes
    lines = [f'{name} = "{value}"' for name, value in values.items() if value]
    return "\n".join(["[auth]", *lines])


def load_file(tmp_path: Path, *parts: str) -> Settings:
    folder = tmp_path / ".streamlit"
    folder.mkdir(exist_ok=True)
    (folder / "secrets.toml").write_text("\n".join(('NANOGPT_API_KEY = "k"', *parts)))
    return load({}, [tmp_path])


def team(*lines: str) -> str:
    return "\n".join(("[team]", *lines))


def test_a_complete_sign_in_with_people_is_the_door(tmp_path: Path) -> None:
    settings = load_file(tmp_path, auth(), team(MEMBERS))
    assert settings.door is Door.SIGN_IN
    assert settings.problems == ()
    assert [service.id for service in settings.auth.services] == [None] if settings.auth else False


def test_each_service_that_is_named_can_be_chosen(tmp_path: Path) -> None:
    head = f'[auth]\nredirect_uri = "https://a/oauth2callback"\ncookie_secret = "{SECRET}"'
    each = f'client_id = "x"\nclient_secret = "y"\nserver_metadata_url = "{METADATA}"'
    found = load_file(
        tmp_path, head, f"[auth.google]\n{each}\n[auth.studio]\n{each}", team(MEMBERS)
    )
    assert found.auth
    assert [(service.id, service.title) for service in found.auth.services] == [
        ("google", "Google"),
        ("studio", "studio"),
    ]
    assert found.door is Door.SIGN_IN


@pytest.mark.parametrize(
    ("changes", "lines", "fault"),
    [
        ({"cookie_secret": ""}, [MEMBERS], AuthFault.INCOMPLETE),
        ({"client_secret": " "}, [MEMBERS], AuthFault.INCOMPLETE),
        ({"server_metadata_url": ""}, [MEMBERS], AuthFault.INCOMPLETE),
        ({"cookie_secret": "short"}, [MEMBERS], AuthFault.WEAK),
        ({"cookie_secret": "x" * 64}, [MEMBERS], AuthFault.WEAK),
        ({"cookie_secret": EXAMPLE_COOKIE_SECRET + "!!!"}, [MEMBERS], AuthFault.WEAK),
        ({"server_metadata_url": MICROSOFT.format("common")}, [MEMBERS], AuthFault.EVERY_TENANT),
        ({"server_metadata_url": MICROSOFT.format("Organizations")}, [MEMBERS],
         AuthFault.EVERY_TENANT),
        ({}, [], AuthFault.NOBODY),
        ({}, ['members = ["example.org"]'], AuthFault.NOBODY),
        ({}, ["trust_host = true"], AuthFault.NOBODY),
    ],
)  # fmt: skip
def test_a_sign_in_that_cannot_be_trusted_shuts_the_door(
    tmp_path: Path, changes: dict[str, str], lines: list[str], fault: AuthFault
) -> None:
    settings = load_file(tmp_path, auth(**changes), team(*lines))
    assert settings.auth
    assert settings.auth.fault is fault
    assert settings.door is Door.SHUT
    shown = [describe(problem) for problem in settings.problems if problem.name == "auth"]
    assert len(shown) == 1
    assert SECRET not in shown[0]


def test_a_tenant_of_ones_own_is_trusted(tmp_path: Path) -> None:
    tenant = MICROSOFT.format("0f3b2c1a-0000-4000-8000-000000000000")
    assert load_file(tmp_path, auth(server_metadata_url=tenant), team(MEMBERS)).door is Door.SIGN_IN


def test_an_underscore_in_a_services_name_is_told(tmp_path: Path) -> None:
    head = f'[auth]\nredirect_uri = "https://a/oauth2callback"\ncookie_secret = "{SECRET}"'
    each = f'client_id = "x"\nclient_secret = "y"\nserver_metadata_url = "{METADATA}"'
    settings = load_file(tmp_path, head, f"[auth.my_login]\n{each}", team(MEMBERS))
    assert settings.auth
    assert settings.auth.fault is AuthFault.NAME


def test_a_sign_in_that_streamlit_does_not_read_shuts_the_door() -> None:
    pasted = "\n".join(('NANOGPT_API_KEY = "k"', auth(), team(MEMBERS)))
    settings = load({"VOICEKEEP_SECRETS": pasted})
    assert settings.auth
    assert settings.auth.fault is AuthFault.ELSEWHERE
    assert settings.door is Door.SHUT


@pytest.mark.parametrize(
    ("parts", "door"),
    [
        ([auth(), team(MEMBERS, PASSPHRASE)], Door.SIGN_IN),
        ([auth(), team(MEMBERS, 'passphrase = "short"')], Door.SIGN_IN),
        ([auth(), team(MEMBERS, 'pasphrase = "four random words"')], Door.SHUT),
        ([auth(), team(PASSPHRASE)], Door.PASSPHRASE),
        ([auth(client_id=""), team(MEMBERS, PASSPHRASE)], Door.PASSPHRASE),
        ([team(PASSPHRASE, "trust_host = true")], Door.PASSPHRASE),
        ([team('passphrase = "short"', "trust_host = true")], Door.SHUT),
        ([team("trust_host = true", MEMBERS)], Door.TRUSTED_HOST),
        ([team(MEMBERS)], Door.THIS_MACHINE),
        ([], Door.THIS_MACHINE),
    ],
)
def test_the_strictest_that_is_set_is_the_door(
    tmp_path: Path, parts: list[str], door: Door
) -> None:
    assert load_file(tmp_path, *parts).door is door


def test_only_where_nothing_is_anybodys_the_door_stands_open(tmp_path: Path) -> None:
    assert load({}).door is Door.EVERYBODY
    assert load({"DEMO": "1"}).door is Door.EVERYBODY
    folder = tmp_path / ".streamlit"
    folder.mkdir()
    (folder / "secrets.toml").write_text(auth())
    assert load({}, [tmp_path]).door is Door.SHUT


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('admin_passphrase = "short"', PassphraseFault.SHORT),
        ("admin_passphrase = true", PassphraseFault.NOT_TEXT),
        ('admin_pasphrase = "another long phrase"', PassphraseFault.UNCLEAR),
        ('admin_password = "another long phrase"', PassphraseFault.UNCLEAR),
        ('admin_passphrase = "another long phrase"', None),
    ],
)
def test_an_admin_passphrase_that_cannot_be_used_is_not_passed_over(
    tmp_path: Path, line: str, fault: PassphraseFault | None
) -> None:
    settings = load_file(tmp_path, team(PASSPHRASE, line))
    assert settings.team.admin_passphrase_fault is fault
    assert settings.door is Door.PASSPHRASE
    assert bool(settings.problems) is (fault is not None)
