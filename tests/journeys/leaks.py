"""What nobody may read anywhere: each secret of each app that journeys start, and who looks for it.

Every app of a journey logs all it can. When it has ended, its log and its data folder are searched
for its secrets, and what it sent to browsers is searched while they are there.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, urlsplit

from lib.services import SERVICES
from lib.settings import SECRETS_VARIABLE, BadSettings, Settings, load
from lib.ui.access.tokens import UNGUESSABLE, signing_key

NAMES = (
    *(name for service in SERVICES.values() for name in service.secret_settings),
    "AWS_SECRET_ACCESS_KEY",
)
IN_AUTH = ("cookie_secret", "client_secret")
SHORTEST = 12
"""Characters. What is shorter is a common word that a test has put in a secret's place."""
SIGNATURE = b"X-Amz-Signature"
"""Of an address that lets whoever has it fetch a file from the bucket."""

known: set[bytes] = set()
"""The secrets of all apps so far, in each form in which they could stand somewhere."""


def remember(folder: Path, environment: Mapping[str, str]) -> frozenset[bytes]:
    """Note the secrets of an app that works in this folder, and return them."""
    tables = [_toml(environment.get(SECRETS_VARIABLE, "")), _toml(_file(folder))]
    found = {text for table in tables for text in _in_auth(table.get("auth"))}
    with suppress(BadSettings):
        found |= set(_of(load(environment, [folder])))
    forms = frozenset(
        form.encode()
        for text in found
        if len(text) >= SHORTEST
        for form in (text, quote(text), quote(text, safe=""))
    )
    known.update(forms)
    return forms


def search_what_is_left(folder: Path, secrets: Collection[bytes]) -> None:
    """No secret, and no signed address, is in the log and the data of an app that has ended."""
    files = [folder / "app.log", *(path for path in (folder / "data").rglob("*") if path.is_file())]
    for path in files:
        content = path.read_bytes()
        for secret in (*secrets, SIGNATURE):
            assert secret not in content, f"{secret!r} stands in {path.relative_to(folder)}"


def search_what_was_sent(frame: str | bytes) -> list[bytes]:
    """The secrets of any app in what a browser was sent."""
    content = frame.encode() if isinstance(frame, str) else frame
    return [secret for secret in known if secret in content]


def _of(settings: Settings) -> Iterator[str]:
    own = [settings.get(name) for name in NAMES]
    team = settings.team
    with suppress(ValueError):
        own.append(urlsplit(settings.get("DATABASE_URL")).password or "")
    yield from filter(None, (*own, team.passphrase, team.admin_passphrase))
    if any(len(text) >= UNGUESSABLE for text in own):
        yield signing_key(settings, b"").hex()


def _in_auth(table: object) -> Iterator[str]:
    for name, value in table.items() if isinstance(table, dict) else ():
        if name in IN_AUTH and isinstance(value, str):
            yield value
        yield from _in_auth(value)


def _file(folder: Path) -> str:
    path = folder / ".streamlit" / "secrets.toml"
    with suppress(OSError, ValueError):
        return path.read_text("utf-8")
    return ""


def _toml(text: str) -> dict[str, object]:
    with suppress(tomllib.TOMLDecodeError):
        return tomllib.loads(text)
    return {}
