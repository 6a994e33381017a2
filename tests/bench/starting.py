"""How long it takes from the start of the program to the title in a browser."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.bench.houses import QUIET, Houses
from tests.bench.lines import Line, quickest, slower
from tests.bench.pages import TABLE_PAGE
from tests.journeys.servers import ROOT, start_app
from tests.journeys.visitor import TITLES
from tests.parts.browser import FLAGS, PROGRAMS
from tests.parts.processes import find_program

PATIENCE = 60_000
"""Milliseconds."""
APP = ROOT / "streamlit_app.py"


def starts(houses: Houses) -> Iterator[Line]:
    """The app with a small library against an app that shows one table of as many rows."""
    program, numbers = find_program(*PROGRAMS), count()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*FLAGS])

        def of_app() -> float:
            folder = houses.copy(houses.scale.few, f"start-{next(numbers)}")
            return _start(browser, folder, houses.settings(houses.scale.few), APP, TITLES["/"])

        def of_table() -> float:
            folder, rows = houses.folder / f"table-{next(numbers)}", str(houses.scale.few)
            return _start(browser, folder, {"ROWS": rows}, TABLE_PAGE, "Voices")

        rounds = max(1, houses.scale.rounds // 2)
        took = quickest({"app": partial(of_app), "table": of_table}, rounds)
        browser.close()
    name = "start: from the command to the title in Chromium"
    yield slower(name, 1.3, took["app"], took["table"], "an app with one table")


def _start(
    browser: Browser, folder: Path, settings: dict[str, str], script: Path, title: str
) -> float:
    context = browser.new_context()
    page = context.new_page()
    began = time.perf_counter()
    app = start_app(folder, settings, options=QUIET, script=script)
    with app.child:
        app.child.wait_for_port(app.port)
        page.goto(app.url(), wait_until="commit")
        page.get_by_role("heading", name=title, exact=True).first.wait_for(timeout=PATIENCE)
        took = time.perf_counter() - began
    context.close()
    return took
