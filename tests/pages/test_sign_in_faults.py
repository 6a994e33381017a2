"""What is said where a sign-in is set that lets nobody in; what it was set to is never said."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from lib.setting_problems import AUTH_FAULTS
from lib.sign_in import AuthFault
from tests.pages.house import ROOT, House, read, said, shown, sign_in, texts
from tests.parts.openid import COOKIE_SECRET

PASSPHRASE = "four random words here"
CLIENT_SECRET = "GOCSPX-9f8e7d6c5b"
METADATA = "https://accounts.google.com/.well-known/openid-configuration"
COMMON = "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration"
VALUES = {
    "redirect_uri": "https://app.example/oauth2callback",
    "cookie_secret": COOKIE_SECRET,
    "client_id": "a-client",
    "client_secret": CLIENT_SECRET,
    "server_metadata_url": METADATA,
}
FAULTS = {
    AuthFault.INCOMPLETE: {"client_id": "", "redirect_uri": ""},
    AuthFault.WEAK: {"cookie_secret": "too-short-a-secret"},
    AuthFault.REDIRECT: {"redirect_uri": "http://app.example/oauth2callback"},
    AuthFault.CLEAR: {"server_metadata_url": "http://login.example/configuration"},
    AuthFault.EVERY_TENANT: {"server_metadata_url": COMMON},
    AuthFault.NOBODY: {},
    AuthFault.NAME: {},
    AuthFault.ELSEWHERE: {},
}


def auth(fault: AuthFault) -> str:
    values = {name: value for name, value in (VALUES | FAULTS[fault]).items() if value}
    lines = [f'{name} = "{value}"' for name, value in values.items()]
    if fault is AuthFault.NAME:
        lines += ["[auth.my_login]", *lines]
    return "\n".join(["[auth]", *lines])


def write(house: House, fault: AuthFault, monkeypatch: pytest.MonkeyPatch, *team: str) -> None:
    listed = [] if fault is AuthFault.NOBODY else ['members = ["mo@example.org"]']
    text = "\n".join([auth(fault), "[team]", *listed, *team])
    if fault is AuthFault.ELSEWHERE:
        monkeypatch.setenv("VOICEKEEP_SECRETS", text)
        return
    path = house.folder / ".streamlit" / "secrets.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize("fault", list(AuthFault))
def test_each_fault_is_told_with_what_to_paste(
    house: House, live_key: None, monkeypatch: pytest.MonkeyPatch, fault: AuthFault
) -> None:
    write(house, fault, monkeypatch)
    visitor = house.enter()
    assert AUTH_FAULTS[fault] in said(visitor)
    assert len(visitor.code) >= 1
    assert not visitor.button
    assert not any(
        each in shown(visitor) for each in (*VALUES.values(), *FAULTS[fault].values()) if each
    )


def test_what_is_missing_is_named(
    house: House, live_key: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(house, AuthFault.INCOMPLETE, monkeypatch)
    (lines,) = texts(house.enter().code)
    assert lines == '[auth]\nredirect_uri = "…"\nclient_id = "…"'


@pytest.mark.parametrize("fault", [AuthFault.WEAK, AuthFault.EVERY_TENANT])
def test_beside_a_passphrase_settings_names_the_fault(
    house: House, live_key: None, monkeypatch: pytest.MonkeyPatch, fault: AuthFault
) -> None:
    write(house, fault, monkeypatch, f'passphrase = "{PASSPHRASE}"')
    visitor = house.enter()
    sign_in(visitor, PASSPHRASE)
    visitor.switch_page("pages/settings.py").run()
    told = read("\n".join([said(visitor), *texts(visitor.markdown), *texts(visitor.caption)]))
    assert AUTH_FAULTS[fault] in told
    assert not any(each and each in shown(visitor) for each in FAULTS[fault].values())


@pytest.mark.slow
def test_without_a_sign_in_nothing_of_it_is_loaded(house: House) -> None:
    """Authlib and what it brings take memory and time that only a team with services needs."""
    app = str(ROOT / "streamlit_app.py")
    code = (
        "import sys\n"
        "from streamlit.testing.v1 import AppTest\n"
        f"visitor = AppTest.from_file({app!r}, default_timeout=60).run()\n"
        "assert visitor.title[0].value == 'Your voices', visitor\n"
        "print(sorted({'authlib', 'joserfc', 'cryptography'} & {*sys.modules}))\n"
    )
    env = {"PATH": os.environ["PATH"], "HOME": str(house.folder), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=house.folder, env=env, capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"
