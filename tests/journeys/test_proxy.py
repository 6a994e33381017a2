"""The documented nginx in front of the app: the app works through it, and too much ends there."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.conftest import Enter
from tests.journeys.courier import courier
from tests.journeys.proxy import documented, nginx
from tests.journeys.servers import App, running_app
from tests.journeys.stranger import PATIENCE, calling
from tests.parts.processes import free_port

PASSPHRASE = "correct horse battery staple"
ASKED = "Enter its passphrase to continue."
CLOSED = "This app is closed"
KEY = "sk-nano-test"
BY_NGINX = b"nginx"
TOO_LARGE, REFUSED, TAKEN = 413, 403, 204
AT_ONCE = 900
"""Requests, more than the 500 that may wait and the 50 a second that are answered; nginx ends a
connection after 1,000.
"""
MEGABYTE = 1024 * 1024
OVER = f"Content-Length: {203 * MEGABYTE}"
"""More than a file of 200 MB and what a browser sends around it."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    settings = {
        "NANOGPT_API_KEY": KEY,
        "NANOGPT_BASE_URL": f"http://127.0.0.1:{free_port()}/api",
        "VOICEKEEP_SECRETS": f'[team]\npassphrase = "{PASSPHRASE}"',
    }
    with running_app(tmp_path_factory.mktemp("team"), settings) as started:
        yield started


@pytest.fixture
def proxied(app: App, tmp_path: Path) -> Iterator[App]:
    """The same app by the proxy's port."""
    with nginx(tmp_path, documented(app)) as port:
        yield App(app.child, port)


def test_a_browser_signs_in_and_brings_a_recording_through_the_documented_proxy(
    proxied: App, enter: Enter, recording: Path
) -> None:
    visitor = enter()
    visitor.open(proxied.url("/clone"))
    visitor.sees(ASKED)
    visitor.signs_in(PASSPHRASE)
    visitor.sees_title("Clone a voice")
    visitor.bring(recording)


def test_a_file_that_is_permitted_passes_and_a_body_that_is_too_large_ends_at_nginx(
    proxied: App,
) -> None:
    with calling(proxied.port) as colleague, courier(proxied) as person:
        colleague.run()
        colleague.guess(PASSPHRASE)
        address = f"/_stcore/upload_file/{colleague.session_id}/a-file"
        assert person.brings(colleague.session_id, "a-file", bytes(25 * MEGABYTE)) == TAKEN
        for path in (address, "/"):
            assert person.announces(path, OVER)[0] == TOO_LARGE


def test_a_strangers_upload_is_refused_through_nginx_before_it_has_come(proxied: App) -> None:
    with calling(proxied.port) as stranger, courier(proxied) as person:
        stranger.run()
        path = f"/_stcore/upload_file/{stranger.session_id}/a-file"
        assert person.announces(path, "Content-Length: 19000000")[0] == REFUSED


def test_who_asks_too_fast_is_told_so_by_nginx(proxied: App) -> None:
    head = f"GET /_stcore/health HTTP/1.1\r\nHost: 127.0.0.1:{proxied.port}\r\n"
    last = f"{head}Connection: close\r\n\r\n"
    # All in one go: with an answer between them, a busy computer would not be too fast.
    with socket.create_connection(("127.0.0.1", proxied.port), timeout=PATIENCE) as connection:
        connection.sendall(f"{head}\r\n".encode() * (AT_ONCE - 1) + last.encode())
        with connection.makefile("rb") as answers:
            told = answers.read()
    assert told.count(b"HTTP/1.1 ") == AT_ONCE
    refused = re.findall(rb"HTTP/1.1 429 [^\r]*\r\nServer: (\w+)", told)
    assert refused
    assert {*refused} == {BY_NGINX}
    assert told.count(b"HTTP/1.1 200 ") == AT_ONCE - len(refused)


def test_without_a_passphrase_the_documented_proxy_opens_nothing_to_who_claims_to_be_here(
    tmp_path: Path,
) -> None:
    (tmp_path / "proxy").mkdir()
    with (
        running_app(tmp_path / "app", {"NANOGPT_API_KEY": KEY}) as local,
        nginx(tmp_path / "proxy", documented(local)) as port,
    ):
        with calling(local.port) as person:
            assert CLOSED not in person.run()
        with calling(port) as stranger:
            assert CLOSED in stranger.run()
