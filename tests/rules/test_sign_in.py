"""Which sign-in can be trusted, and what opens the door."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lib.setting_problems import describe
from lib.settings import Door, Settings, load
from lib.sign_in import EXAMPLE_COOKIE_SECRET, AuthFault
from lib.team import PassphraseFault

ROOT = Path(__file__).resolve().parents[2]
SECRET = "kD0xQ9vB3mT7zL1cR5wY8nF2hJ6sG4pA"
METADATA = "https://accounts.google.com/.well-known/openid-configuration"
HEAD = f'[auth]\nredirect_uri = "https://a/oauth2callback"\ncookie_secret = "{SECRET}"'
EACH = f'client_id = "x"\nclient_secret = "y"\nserver_metadata_url = "{METADATA}"'
MICROSOFT = "https://login.microsoftonline.com/{}/v2.0/.well-known/openid-configuration"
CLIENT_ID = "0123456789-abcdefghijklmnopqrstuv.apps.googleusercontent.com"
EVERYBODYS = (
    "common",
    "Common",
    "organizations",
    "consumers",
    "{tenant}",
    "9188040d-6c67-4c5b-b112-36a304b66dad",
)
FEW_CHANGES: tuple[dict[str, str], ...] = (
    {},
    {"cookie_secret": SECRET[::-1]},
    {"client_secret": "another"},
    {"client_id": "another"},
)
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
    found = load_file(
        tmp_path, HEAD, f"[auth.google]\n{EACH}\n[auth.studio]\n{EACH}", team(MEMBERS)
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
        ({"client_id": "..."}, [MEMBERS], AuthFault.INCOMPLETE),
        ({"cookie_secret": CLIENT_ID, "client_id": CLIENT_ID}, [MEMBERS], AuthFault.WEAK),
        ({"cookie_secret": f" {EXAMPLE_COOKIE_SECRET}"}, [MEMBERS], AuthFault.WEAK),
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


@pytest.mark.parametrize(
    "address",
    [
        MICROSOFT.format("0f3b2c1a-0000-4000-8000-000000000000"),
        MICROSOFT.format("0F3B2C1A-0000-4000-8000-000000000000"),
        MICROSOFT.format("contoso.onmicrosoft.com"),
        "https://login.microsoftonline.us/contoso.example/v2.0/.well-known/openid-configuration",
        "https://contoso.ciamlogin.com/contoso.example/v2.0/.well-known/openid-configuration",
        "https://accounts.google.com/common/.well-known/openid-configuration",
        "https://notmicrosoft.com/common/.well-known/openid-configuration",
    ],
)
def test_one_organizations_own_sign_in_is_trusted(tmp_path: Path, address: str) -> None:
    settings = load_file(tmp_path, auth(server_metadata_url=address), team(MEMBERS))
    assert settings.door is Door.SIGN_IN


@pytest.mark.parametrize(
    "address",
    [
        *(MICROSOFT.format(name) for name in EVERYBODYS),
        "https://login.microsoft.com/common/v2.0/.well-known/openid-configuration",
        "https://login.microsoftonline.com./common/v2.0/.well-known/openid-configuration",
        "https://login.microsoftonline.com:443/common/.well-known/openid-configuration",
        "https://login.microsoftonline.us/common/v2.0/.well-known/openid-configuration",
        "https://login.partner.microsoftonline.cn/common/v2.0/.well-known/openid-configuration",
        "https://login.windows.net/common/.well-known/openid-configuration",
        "https://sts.windows.net/common/.well-known/openid-configuration",
        "https://login.microsoftonline.com//common/v2.0/.well-known/openid-configuration",
        "https://login.microsoftonline.com/%63ommon/v2.0/.well-known/openid-configuration",
        "https://login.microsoftonline.com/.well-known/openid-configuration",
    ],
)
def test_microsofts_sign_in_for_everybody_lets_nobody_in(tmp_path: Path, address: str) -> None:
    settings = load_file(tmp_path, auth(server_metadata_url=address), team(MEMBERS))
    assert settings.auth
    assert settings.auth.fault is AuthFault.EVERY_TENANT
    assert settings.door is Door.SHUT


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("https://app.example/oauth2callback", None),
        ("https://app.example/base/oauth2callback", None),
        ("http://localhost:8501/oauth2callback", None),
        ("http://localhost:{port}/oauth2callback", None),
        ("http://[::1]:{port}/oauth2callback", None),
        ("http://app.example/oauth2callback", AuthFault.REDIRECT),
        ("http://localhost.evil.example/oauth2callback", AuthFault.REDIRECT),
        ("http://127.0.0.1@evil.example/oauth2callback", AuthFault.REDIRECT),
        ("https://app.example/", AuthFault.REDIRECT),
        ("https://app.example/oauth2callback/", AuthFault.REDIRECT),
        ("https://app.example/oauth2callback?a=b", AuthFault.REDIRECT),
        ("app.example/oauth2callback", AuthFault.REDIRECT),
        ("https://[app/oauth2callback", AuthFault.REDIRECT),
        ("javascript:/oauth2callback", AuthFault.REDIRECT),
    ],
)
def test_people_have_to_come_back_to_the_app_and_unheard(
    tmp_path: Path, address: str, fault: AuthFault | None
) -> None:
    settings = load_file(tmp_path, auth(redirect_uri=address), team(MEMBERS))
    assert settings.auth
    assert settings.auth.fault is fault


@pytest.mark.parametrize(
    ("changes", "extra", "fault"),
    [
        ({"server_metadata_url": "http://127.0.0.1:9400/configuration"}, "", None),
        ({"server_metadata_url": "http://login.example/configuration"}, "", AuthFault.CLEAR),
        ({"server_metadata_url": "//login.example/configuration"}, "", AuthFault.CLEAR),
        ({"server_metadata_url": "file:///etc/configuration"}, "", AuthFault.CLEAR),
        ({"access_token_url": "http://login.example/token"}, "", AuthFault.CLEAR),
        ({"jwks_uri": "http://login.example/keys"}, "", AuthFault.CLEAR),
        ({}, "client_kwargs = {verify = false}", AuthFault.CLEAR),
        ({}, "[auth.client_kwargs]\nverify = false", AuthFault.CLEAR),
        ({}, 'client_kwargs = {prompt = "login"}', None),
        ({}, '[auth.client_kwargs]\nscope = "openid email"', None),
    ],
)
def test_a_service_is_asked_where_nobody_else_can_answer(
    tmp_path: Path, changes: dict[str, str], extra: str, fault: AuthFault | None
) -> None:
    settings = load_file(tmp_path, auth(**changes), extra, team(MEMBERS))
    assert settings.auth
    assert settings.auth.fault is fault
    assert len(settings.auth.services) == 1


def test_names_that_streamlit_mixes_up_are_told(tmp_path: Path) -> None:
    settings = load_file(
        tmp_path, HEAD, f"[auth.google]\n{EACH}\n[auth.Google]\n{EACH}", team(MEMBERS)
    )
    assert settings.auth
    assert settings.auth.fault is AuthFault.NAME


def test_another_table_has_another_fingerprint(tmp_path: Path) -> None:
    made = [load_file(tmp_path, auth(**changes), team(MEMBERS)).auth for changes in FEW_CHANGES]
    found = [each.fingerprint for each in made if each]
    assert len(found) == len(set(found)) == len(FEW_CHANGES)
    assert not any(secret in repr(made) for secret in (SECRET, *found))


def test_an_underscore_in_a_services_name_is_told(tmp_path: Path) -> None:
    settings = load_file(tmp_path, HEAD, f"[auth.my_login]\n{EACH}", team(MEMBERS))
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


def toml_blocks(document: str) -> list[str]:
    return re.findall(r"```toml\n(.*?)```", (ROOT / document).read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("document", ["README.md", "docs/operate.md"])
def test_the_lines_of_the_documents_let_nobody_in_as_they_stand(
    tmp_path: Path, document: str
) -> None:
    (block,) = (block for block in toml_blocks(document) if "[auth]" in block)
    settings = load_file(tmp_path, block)
    assert settings.team.members
    assert settings.auth
    assert settings.auth.missing == ("auth.google.client_id", "auth.google.client_secret")
    assert settings.door is Door.SHUT


def test_the_example_with_all_its_lines_lets_nobody_in(tmp_path: Path) -> None:
    lines = (ROOT / ".streamlit" / "secrets.example.toml").read_text("utf-8").splitlines()
    begin = next(number for number, line in enumerate(lines) if line == "# [auth]")
    table = "\n".join(line.removeprefix("# ") for line in lines[begin:])
    settings = load_file(tmp_path, table)
    assert settings.team.members
    assert settings.auth
    assert settings.auth.fault is AuthFault.INCOMPLETE
    assert settings.door is Door.SHUT


def test_the_addresses_in_the_documents_are_trusted_with_ones_own_tenant(tmp_path: Path) -> None:
    rows = (ROOT / "docs" / "operate.md").read_text("utf-8").splitlines()
    addresses = [
        address
        for row in rows
        for address in re.findall(r"\| `(https:[^`]*openid-config\w+)`", row)
    ]
    assert len(addresses) == 4
    for address in addresses:
        assert bool("microsoft" in address) is is_refused(tmp_path, address)
        own = re.sub(r"<[^>]*>", "0f3b2c1a-0000-4000-8000-000000000000", address)
        assert not is_refused(tmp_path, own)


def is_refused(tmp_path: Path, address: str) -> bool:
    settings = load_file(tmp_path, auth(server_metadata_url=address), team(MEMBERS))
    return settings.door is not Door.SIGN_IN
