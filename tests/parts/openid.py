"""A sign-in service on this computer: the OpenID provider of `oidc-provider-mock` as a program."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.parts.processes import Child, free_port, start, twice

ROOT = Path(__file__).resolve().parents[2]
COOKIE_SECRET = "kD0xQ9vB3mT7zL1cR5wY8nF2hJ6sG4pA"


@dataclass(frozen=True)
class Provider:
    """A running one. People choose among those it knows, each a button by the name of its `sub`."""

    child: Child
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def metadata_url(self) -> str:
        return f"{self.url}/.well-known/openid-configuration"

    def table(self, name: str, *, client: tuple[str, str] = ("voicekeep", "any")) -> str:
        """The lines by which the app knows this service under a name; `client`: ID and secret."""
        return (
            f'[auth.{name}]\nclient_id = "{client[0]}"\nclient_secret = "{client[1]}"\n'
            f'server_metadata_url = "{self.metadata_url}"\n'
        )

    def registered(self, redirect_uri: str) -> tuple[str, str]:
        """The ID and the secret of a client whose secret is checked."""
        answer = httpx.post(
            f"{self.url}/oauth2/clients", json={"redirect_uris": [redirect_uri]}, trust_env=False
        )
        told = answer.raise_for_status().json()
        return told["client_id"], told["client_secret"]


@contextmanager
def running_provider(
    folder: Path, people: Mapping[str, Mapping[str, object]], *, lasts: int = 3600
) -> Iterator[Provider]:
    """A service that knows these people, by their `sub`, with what it says of them.

    Its sign-ins last so many seconds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    known = [json.dumps({"sub": sub, **claims}) for sub, claims in people.items()]

    def begin() -> Provider:
        port = free_port()
        command = [
            sys.executable, "-m", "tests.parts.openid_program", "-p", str(port), "-e", str(lasts),
            *(part for text in known for part in ("--user-claims", text)),
        ]  # fmt: skip
        env = {"PATH": os.environ["PATH"], "HOME": str(folder)}
        child = start(command, log=folder / "provider.log", env=env, cwd=ROOT)
        child.wait_for_port(port)
        return Provider(child, port)

    provider = twice(begin)
    with provider.child:
        yield provider


def auth(*tables: str, cookie_secret: str = COOKIE_SECRET) -> str:
    """[auth] of an app on this machine, with these services."""
    head = '[auth]\nredirect_uri = "http://127.0.0.1:{port}/oauth2callback"\n'
    return "\n".join((head + f'cookie_secret = "{cookie_secret}"\n', *tables))
