"""What whoever runs the app has to mend before anybody can sign in at a service."""

from __future__ import annotations

import streamlit as st

from lib.setting_problems import AUTH_FAULTS
from lib.sign_in import EXAMPLE_COOKIE_SECRET, Auth, AuthFault
from lib.ui import words

MAKE_A_SECRET = 'python -c "import secrets; print(secrets.token_hex(32))"'  # noqa: S105 - a command
WHAT_TO_DO = {
    AuthFault.ELSEWHERE: "Streamlit reads `[auth]` only from `.streamlit/secrets.toml`, or from "
    "the secrets that you paste into Community Cloud. Move it there:",
    AuthFault.INCOMPLETE: "Add what is missing:",
    AuthFault.WEAK: (
        "This secret signs the sign-in cookies. Create one with this command, and paste what it "
        "prints:"
    ),
    AuthFault.NAME: "Name each service with one word, such as:",
    AuthFault.REDIRECT: "It has to be this app's own address, the same as at the service:",
    AuthFault.CLEAR: (
        "All its addresses have to begin with https, and certificate checks have to stay on:"
    ),
    AuthFault.EVERY_TENANT: "Use your organization's tenant ID in place of the name:",
    AuthFault.NOBODY: "List who may enter, by address or by domain:",
}
LINES = {
    AuthFault.ELSEWHERE: '[auth]\nredirect_uri = "https://<this app>/oauth2callback"\n…',
    AuthFault.WEAK: f'[auth]\ncookie_secret = "{EXAMPLE_COOKIE_SECRET}"',
    AuthFault.NAME: "[auth.google]\n…",
    AuthFault.REDIRECT: '[auth]\nredirect_uri = "https://<this app>/oauth2callback"',
    AuthFault.CLEAR: 'server_metadata_url = "https://…/.well-known/openid-configuration"',
    AuthFault.EVERY_TENANT: 'server_metadata_url = "https://login.microsoftonline.com/'
    '<your tenant ID>/v2.0/.well-known/openid-configuration"',
    AuthFault.NOBODY: '[team]\nmembers = ["<name>@<your company>", "*@<your company>"]',
}


def draw(auth: Auth, fault: AuthFault) -> None:
    """Why the sign-in lets nobody in, and the lines to paste."""
    why = words.plain(AUTH_FAULTS[fault])
    st.error(f"This app is closed: its sign-in lets nobody in, because {why}.")
    st.write(
        "Only the app is closed: the keeper keeps working. If you run this app, fix its secrets "
        f"and restart it. {WHAT_TO_DO[fault]}"
    )
    if fault is AuthFault.WEAK:
        st.code(MAKE_A_SECRET, language="bash", wrap_lines=True)
    st.code(LINES.get(fault) or _missing(auth), language="toml", wrap_lines=True)


def _missing(auth: Auth) -> str:
    """The names of what is missing, below the lines in brackets that they belong to."""
    tables: dict[str, list[str]] = {}
    for name in auth.missing:
        table, _, setting = name.rpartition(".")
        tables.setdefault(table, []).append(f'{setting} = "…"')
    return "\n\n".join("\n".join([f"[{table}]", *lines]) for table, lines in tables.items())
