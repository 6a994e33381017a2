"""The closed door of a running app, as browsers, proxies and programs meet it."""

from __future__ import annotations

import re
import resource
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect
from websockets.exceptions import InvalidStatus

from lib.ui.access.gate import START_LOCALLY
from tests.journeys.conftest import Enter
from tests.journeys.proxy import nginx, plain
from tests.journeys.servers import App, inhabit, running_app
from tests.journeys.stranger import calling
from tests.pages import people
from tests.parts.browser import REBOUND
from tests.parts.processes import free_port
from tests.sentences import WRONG_PASSPHRASE

NAME = "Wilhelmina Okonkwo"
PASSPHRASE = "correct horse battery staple"
INSIDE = "Your voices"
ASKED = "Enter its passphrase to continue."
CLOSED = "This app is closed"
HELD_FILES = "UploadedFileManager"
SAME_PAGE = None
"""The page that leads in, and nothing else, is at each address that does not exist."""
FEW = 1_024
"""Open files that a system grants a program that asks for no more."""
WITHIN = 2.0
"""Seconds in which the right passphrase enters, whoever else guesses."""
GUESSES_A_SECOND = 50


@pytest.fixture(scope="module")
def live() -> dict[str, str]:
    """A key, and an address of the service where nobody answers."""
    return {
        "NANOGPT_API_KEY": "sk-nano-test",
        "NANOGPT_BASE_URL": f"http://127.0.0.1:{free_port()}/api",
    }


@pytest.fixture(scope="module")
def local_app(tmp_path_factory: pytest.TempPathFactory, live: dict[str, str]) -> Iterator[App]:
    """An app with a key and a voice, for this machine only, without a passphrase."""
    folder = tmp_path_factory.mktemp("local")
    inhabit(folder, [people.clone(1, datetime.now(UTC), name=NAME)])
    with running_app(folder, live) as app:
        yield app


@pytest.fixture(scope="module")
def team_app(tmp_path_factory: pytest.TempPathFactory, live: dict[str, str]) -> Iterator[App]:
    """The same with a passphrase; also bound to this machine."""
    folder = tmp_path_factory.mktemp("team")
    inhabit(folder, [people.clone(1, datetime.now(UTC), name=NAME)])
    secrets = f'[team]\npassphrase = "{PASSPHRASE}"'
    with ExitStack() as stack:
        with few_open_files():
            app = stack.enter_context(running_app(folder, {**live, "VOICEKEEP_SECRETS": secrets}))
        yield app


def test_a_browser_on_this_machine_enters_by_each_of_its_names(
    local_app: App, enter: Enter
) -> None:
    for name in ("127.0.0.1", "localhost"):
        visitor = enter()
        visitor.open(f"http://{name}:{local_app.port}/")
        visitor.sees_title(INSIDE)
        visitor.sees(NAME)


def test_a_foreign_name_that_leads_here_shows_a_browser_nothing(
    local_app: App, chromium: Browser
) -> None:
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(f"http://{REBOUND}:{local_app.port}/")
        expect(page.get_by_text(CLOSED)).to_be_visible()
        expect(page.get_by_text("You asked for another address.")).to_be_visible()
        assert NAME not in page.content()


@pytest.mark.parametrize(
    "options",
    [
        {"origin": "http://localhost:3000"},
        {"origin": ""},
        {"host": REBOUND},
        {"headers": {"Tailscale-User-Login": "ann@example.org"}},
        {"headers": {"True-Client-IP": "203.0.113.7"}},
    ],
    ids=str,
)
def test_a_connection_that_another_page_or_a_proxy_makes_shows_nothing(
    local_app: App, options: dict[str, Any]
) -> None:
    with calling(local_app.port, **options) as stranger:
        told = stranger.run()
    assert CLOSED in told
    assert NAME not in told


def test_the_apps_own_page_is_shown_the_app(local_app: App) -> None:
    with calling(local_app.port) as person:
        assert INSIDE in person.run()


@pytest.mark.slow
def test_the_command_for_this_machine_has_a_second_wall(
    tmp_path: Path, live: dict[str, str]
) -> None:
    walls = START_LOCALLY.partition(" --server.address 127.0.0.1 ")[2].split()
    assert walls
    with running_app(tmp_path, live, options=walls) as app:
        with pytest.raises(InvalidStatus), calling(app.port, host=REBOUND):
            pass
        for host in ("127.0.0.1", "localhost"):
            with calling(app.port, host=f"{host}:{app.port}") as person:
                assert INSIDE in person.run()


def test_a_passphrase_is_asked_behind_a_proxy_that_says_nothing_of_itself(
    team_app: App, tmp_path: Path, enter: Enter
) -> None:
    with nginx(tmp_path, plain(team_app)) as port:
        visitor = enter()
        visitor.open(f"http://127.0.0.1:{port}/settings")
        visitor.sees(ASKED)
        assert "Database" not in visitor.page.content()
        visitor.signs_in(PASSPHRASE)
        visitor.sees_title("Settings")


def test_without_a_passphrase_a_proxy_on_this_machine_opens_nothing(
    local_app: App, tmp_path: Path, enter: Enter
) -> None:
    with nginx(tmp_path, plain(local_app)) as port:
        visitor = enter()
        visitor.open(f"http://127.0.0.1:{port}/")
        visitor.sees(CLOSED)
        assert NAME not in visitor.page.content()


def test_a_colleague_who_mistypes_does_not_wait_behind_guessers_who_hang_up(
    team_app: App,
) -> None:
    guessers = 20
    with calling(team_app.port) as colleague:
        colleague.run()
        for _ in range(guessers):
            with calling(team_app.port) as guesser:
                guesser.run()
                guesser.sends_a_guess("wrong horse")
        began = time.monotonic()
        assert WRONG_PASSPHRASE in colleague.guess("correct house")
        assert time.monotonic() - began < guessers / 2
        assert INSIDE in colleague.guess(PASSPHRASE)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/_stcore/health", 200),
        ("GET", "/_stcore/host-config", 200),
        ("GET", "/_stcore/metrics", 200),
        ("GET", "/_stcore/script-health-check", SAME_PAGE),
        ("GET", "/media/0123456789abcdef.wav", 404),
        ("GET", "/component/a/b", 404),
        ("GET", "/_stcore/bidi-components/a/b", 404),
        ("GET", "/app/static/secrets.toml", SAME_PAGE),
        ("GET", "/data/voicekeep.db", SAME_PAGE),
        ("GET", "/.streamlit/secrets.toml", SAME_PAGE),
        ("GET", "/..%2fdata/voicekeep.db", 400),
        ("GET", "/_stcore/agent/openapi.json", 200),
        ("POST", "/_stcore/agent/interact", 403),
        ("POST", "/_stcore/agent/mcp", 400),
        ("GET", "/auth/login", 302),
        ("GET", "/auth/logout", 302),
        ("GET", "/oauth2callback", 302),
        ("DELETE", "/_stcore/upload_file/a/b", 403),
    ],
)
def test_what_a_stranger_can_ask_for_tells_nothing_of_the_team(
    team_app: App, method: str, path: str, status: int | None
) -> None:
    with httpx.Client(base_url=team_app.url(""), trust_env=False) as client:
        answer = client.request(method, path)
        if status is SAME_PAGE:
            assert (answer.status_code, answer.content) == (200, client.get("/").content)
        else:
            assert answer.status_code == status
    for secret in (NAME, PASSPHRASE, "sk-nano-test", "voice-00001"):
        assert secret not in answer.text


def test_a_stranger_brings_no_file_and_a_colleague_does(team_app: App) -> None:
    with (
        httpx.Client(base_url=team_app.url(""), trust_env=False) as client,
        calling(team_app.port) as visitor,
    ):
        client.get("/_stcore/health")
        token = {"X-Xsrftoken": client.cookies["_streamlit_xsrf"]}
        assert ASKED in visitor.run()
        address = f"/_stcore/upload_file/{visitor.session_id}/a-file"
        file = {"file": ("a.wav", bytes(1_000))}
        assert client.put(address, files=file, headers=token).status_code == 403
        assert HELD_FILES not in client.get("/_stcore/metrics").text
        assert INSIDE in visitor.guess(PASSPHRASE)
        assert client.put(address, files=file, headers=token).status_code == 204


def test_nobody_at_the_websocket_closes_the_library_for_all(team_app: App) -> None:
    """Streamlit clears its caches, and each session, at anybody's word; the keeper lives there."""
    with calling(team_app.port) as colleague, calling(team_app.port) as stranger:
        colleague.run()
        assert INSIDE in colleague.guess(PASSPHRASE)
        for tab in (stranger, colleague):
            tab.clears_caches()
        assert ASKED in stranger.run()
        assert INSIDE in colleague.run()


def test_many_strangers_at_the_door_leave_room_for_more(team_app: App) -> None:
    limits = Path(f"/proc/{team_app.child.process.pid}/limits").read_text()
    found = re.search(r"Max open files\s+(\d+)\s+(\d+)", limits)
    assert found
    assert int(found[1]) == int(found[2]) > FEW


@pytest.mark.long  # what it measures, a busy computer decides
@pytest.mark.parametrize("hang_up", [True, False])
def test_a_colleague_enters_at_once_while_fifty_guesses_a_second_arrive(
    team_app: App, *, hang_up: bool
) -> None:
    seconds = 8
    with calling(team_app.port) as first:
        first.run()
        assert INSIDE in first.guess(PASSPHRASE)
    with guessers(team_app, hang_up=hang_up) as guesses:
        began = time.monotonic()
        slowest = 0.0
        while time.monotonic() - began < seconds:
            time.sleep(0.5)
            with calling(team_app.port) as colleague:
                colleague.run()
                asked = time.monotonic()
                assert INSIDE in colleague.guess(PASSPHRASE)
                slowest = max(slowest, time.monotonic() - asked)
        rate = len(guesses) / (time.monotonic() - began)
    assert slowest < WITHIN
    # A computer with much else to do makes fewer of them, and answers more slowly as well.
    assert rate > GUESSES_A_SECOND / 2
    assert team_app.child.output().count("guessing the passphrase") == 1


@contextmanager
def few_open_files() -> Iterator[None]:
    """Programs that are started meanwhile begin with the usual limit."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (FEW, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@contextmanager
def guessers(app: App, *, hang_up: bool) -> Iterator[list[str]]:
    """Strangers who together make fifty guesses a second, each in a tab of its own.

    `hang_up`: they close each tab; else all stay open.
    """
    done = threading.Event()
    guesses: list[str] = []

    def guess() -> None:
        with ExitStack() as tabs:
            while not done.is_set():
                began = time.monotonic()
                with ExitStack() as tab:
                    stranger = (tab if hang_up else tabs).enter_context(calling(app.port))
                    stranger.run()
                    assert INSIDE not in stranger.guess("wrong horse")
                guesses.append("wrong horse")
                done.wait(max(0.0, 1 + began - time.monotonic()))

    threads = [threading.Thread(target=guess) for _ in range(GUESSES_A_SECOND)]
    for thread in threads:
        thread.start()
    try:
        yield guesses
    finally:
        done.set()
        for thread in threads:
            thread.join()
