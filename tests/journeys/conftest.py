"""A browser tab for each journey; what it asks for stays on this computer."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, WebSocket, expect

from tests.journeys import leaks
from tests.journeys.visitor import Visitor

PATIENCE = 30_000
"""Milliseconds, for a busy computer; what shows is noticed at once."""
Enter = Callable[..., Visitor]

LAST_LINES = 60
_ROUTINE = re.compile(
    r"[\d-]{10} [\d:.]+ (Cache key|Memory cache|Creating new|Not hashing|Running script|Files:"
    r"|Beginning script|Removing orphaned|Disconnecting files|Sessions still|Registered component)"
)
"""How lines begin that Streamlit writes at each run of a page."""
_failed = pytest.StashKey[bool]()
_console = pytest.StashKey[deque[str]]()
expect.set_options(timeout=PATIENCE)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed journey tells what its apps and its tabs logged last: of a run elsewhere its report
    is all there is.
    """
    report = yield
    if call.when == "call":
        item.stash[_failed] = report.failed
    if report.failed and isinstance(item, pytest.Function) and "tmp_path" in item.funcargs:
        home = item.funcargs["tmp_path"].parent
        logs = [log for log in home.rglob("app.log") if log.stat().st_mtime >= call.start]
        report.sections += [(f"log of {log.relative_to(home)}", _end_of(log)) for log in logs]
        told = "\n".join(item.stash.get(_console, deque[str]()))
        report.sections.append(("what the tabs said", told))
    return report


def _end_of(log: Path) -> str:
    with log.open(encoding="utf-8", errors="replace") as lines:
        told = (line for line in lines if not _ROUTINE.match(line))
        return "".join(deque(told, LAST_LINES))


@pytest.fixture
def enter(chromium: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Enter]:
    """`enter(**options)`: a visitor with a fresh profile, such as `color_scheme="dark"`; in a
    browser of their own with `enter(browser, …)`.

    A failed journey leaves a picture of each tab in the test's folder. No tab may have asked
    anything of another computer, or been sent a secret of an app.
    """
    contexts: list[BrowserContext] = []
    pages: list[Page] = []
    asked: list[str] = []
    leaked: list[bytes] = []
    said: deque[str] = deque(maxlen=LAST_LINES)
    request.node.stash[_console] = said

    def note(frame: str | bytes) -> None:
        leaked.extend(leaks.search_what_was_sent(frame))

    def look_at(page: Page) -> None:
        def say(what: object) -> None:
            said.append(f"{datetime.now(UTC):%H:%M:%S.%f} {page.url} {what}")

        page.on("request", lambda sent: asked.append(sent.url))
        page.on("console", lambda it: say(f"{it.type}: {it.text}"))
        page.on("pageerror", say)
        page.on("crash", lambda _: say("crashed"))
        page.on("load", lambda _: say("loaded"))
        page.on("websocket", lambda socket: follow(socket, say))

    def follow(socket: WebSocket, say: Callable[[object], None]) -> None:
        say("connected")
        socket.on("framereceived", note)
        socket.on("close", lambda _: say("hung up"))

    def new(browser: Browser = chromium, **options: object) -> Visitor:
        context = browser.new_context(**options)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        context.on("page", look_at)
        page = context.new_page()
        pages.append(page)
        return Visitor(page)

    yield new
    if request.node.stash.get(_failed, False):
        for number, page in enumerate(pages):
            if not page.is_closed():
                page.screenshot(path=tmp_path / f"tab-{number}.png", full_page=True)
    for context in contexts:
        context.close()
    elsewhere = {url for url in asked if _host(url) not in ("127.0.0.1", "localhost", None)}
    assert not elsewhere
    assert not leaked


@pytest.fixture
def visitor(enter: Enter) -> Visitor:
    return enter()


@pytest.fixture
def recording(samples: Path) -> Path:
    """Eleven seconds of a real person."""
    return samples / "jfk-11s-16k-mono.wav"


def _host(url: str) -> str | None:
    """The host that is asked; None for what the browser holds itself, such as `blob:`."""
    return urlsplit(url).hostname if url.startswith(("http", "ws")) else None
