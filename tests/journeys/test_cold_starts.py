"""The first request of a fresh process, whichever page it asks for."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Enter
from tests.journeys.servers import App, inhabit, start_app
from tests.journeys.visitor import TITLES
from tests.pages import people
from tests.parts.processes import free_port

NAME = "Wilhelmina Okonkwo"
VOICE = "voice-00001"
PASSPHRASE = "correct horse battery staple"
DEMO, GATE = ("/playground",), ("/retention",)
"""The pages that are always asked for first."""
GATED = (*TITLES, "/home")
"""The file of the first page has an address of its own: closed as well."""


def besides(first: Sequence[str], paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(path for path in paths if path not in first)


@pytest.mark.parametrize(
    "paths", [DEMO, pytest.param(besides(DEMO, TITLES), marks=pytest.mark.long)]
)
def test_a_cold_demo_shows_each_page_inside_the_app(
    tmp_path: Path, enter: Enter, paths: Sequence[str]
) -> None:
    with cold_apps([tmp_path / f"app-{number}" for number in range(len(paths))]) as apps:
        for app, path in zip(apps, paths, strict=True):
            visitor = enter()
            visitor.open(app.url(path))
            visitor.sees_title(TITLES[path])
            visitor.is_in_the_app()
            visitor.meets_no_dialog()
            visitor.page.close()


@pytest.mark.parametrize(
    "paths", [GATE, pytest.param(besides(GATE, GATED), marks=pytest.mark.long)]
)
def test_a_cold_closed_app_shows_the_gate_and_then_the_page_that_was_asked_for(
    tmp_path: Path, enter: Enter, paths: Sequence[str]
) -> None:
    inhabit(tmp_path / "library", [people.clone(1, datetime.now(UTC), name=NAME)])
    folders = [tmp_path / f"app-{number}" for number in range(len(paths))]
    for folder in folders:
        shutil.copytree(tmp_path / "library", folder)
    settings = {
        "NANOGPT_API_KEY": "sk-nano-test",
        "NANOGPT_BASE_URL": f"http://127.0.0.1:{free_port()}/api",
        "VOICEKEEP_SECRETS": f'[team]\npassphrase = "{PASSPHRASE}"',
    }
    with cold_apps(folders, settings, address="0.0.0.0") as apps:
        for app, path in zip(apps, paths, strict=True):
            visitor = enter()
            query = f"{'id' if path == '/voice' else 'voice'}={VOICE}"
            visitor.open(app.url(f"{path}?{query}"))
            visitor.sees_title("Voicekeep")
            expect(visitor.part("signin_passphrase")).to_be_visible()
            expect(visitor.page.get_by_test_id("stSidebarNavLink")).to_have_count(0)
            assert NAME not in visitor.page.content()
            visitor.meets_no_dialog()

            visitor.signs_in(PASSPHRASE)
            of_a_voice = path in ("/voice", "/retention")  # the latter in links of before
            visitor.sees_title(NAME if of_a_voice else title_of(path))
            visitor.is_in_the_app()
            visitor.meets_no_dialog()
            there = f"/voice?id={VOICE}" if of_a_voice else f"{path}?{query}"
            home = path == "/home"  # which may be called / as well
            expect(visitor.page).to_have_url(
                re.compile(rf"{re.escape(f'?{query}')}$") if home else app.url(there)
            )
            if path == "/playground":
                visitor.has_chosen("speak_voice", NAME)
            elif path == "/":
                visitor.sees(NAME)
            visitor.page.close()


def title_of(path: str) -> str:
    return TITLES["/" if path == "/home" else path]


@contextmanager
def cold_apps(
    folders: list[Path], settings: dict[str, str] | None = None, *, address: str = "127.0.0.1"
) -> Iterator[list[App]]:
    """A fresh process in each folder, that nobody has asked for anything yet."""
    with ExitStack() as stack:
        apps = [start_app(folder, settings, address=address) for folder in folders]
        for app in apps:
            stack.enter_context(app.child)
        for app in apps:
            app.child.wait_for_port(app.port)
        yield apps
