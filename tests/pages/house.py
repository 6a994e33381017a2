"""The app as a visitor's browser meets it, without a browser: pages run, the keeper by hand."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
import streamlit as st
from google.protobuf import text_format
from streamlit import config
from streamlit.runtime.context import ContextProxy, StreamlitHeaders
from streamlit.testing.v1 import AppTest

from lib import keeper
from lib.models import Job, LongText
from lib.studio.core.context import Context
from lib.studio.library import listing
from lib.studio.library.listing import Entry
from lib.ui.access import device
from lib.ui.access.process import OPENING
from lib.ui.words import WORD_JOINER
from tests.parts.clock import SettableClock

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "home",
    "clone",
    "jobs",
    "playground",
    "scripts",
    "retention",
    "voice",
    "spending",
    "activity",
    "settings",
)
TITLES = {
    "home": "Your voices",
    "clone": "Clone a voice",
    "jobs": "Jobs",
    "playground": "Playground",
    "scripts": "Scripts",
    "retention": "Retention",
    "voice": "Voice",
    "spending": "Spending",
    "activity": "Activity",
    "settings": "Settings",
}
KEY = "sk-nano-test"
PERSON = "Ada"
"""Who visits, unless a test says otherwise; at this machine as well."""
LOOPBACK = "127.0.0.1"
"""Bound to it, an app with keys opens without a passphrase."""
Headers = Sequence[tuple[str, str]]
RUN_SECONDS = 30
"""Generous, for a busy computer; a page takes a hundredth of a second."""


def browser(host: str, *, origin: str = "") -> Headers:
    """How a browser opens the app's websocket at this address; `origin` is the page that asks."""
    return (
        ("Host", host),
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Origin", origin or f"http://{host}"),
        ("User-Agent", "Mozilla/5.0"),
        ("Sec-WebSocket-Version", "13"),
    )


LOCAL_BROWSER = browser("localhost:8501")
"""A browser on the server's own machine."""


@dataclass
class House:
    """One process of the app: what it opened, and ways to visit it and to let time pass."""

    folder: Path
    clock: SettableClock
    opened: list[Context] = field(default_factory=list)

    @property
    def context(self) -> Context:
        """The context that the pages opened last."""
        return self.opened[-1]

    def enter(
        self,
        page: str = "home",
        *,
        address: str = "",
        headers: Headers = LOCAL_BROWSER,
        **query: str,
    ) -> AppTest:
        """A new visitor asks for a page; `address` is what the server is bound to."""
        with bound_to(address, headers):
            visitor = self.stand_at_the_door(page, **query)
            if [field.key for field in visitor.text_input] == ["signin_name"]:
                tell_name(visitor)
        return visitor

    def stand_at_the_door(self, page: str = "home", **query: str) -> AppTest:
        """A new visitor asks for a page of the app, and says nothing yet."""
        visitor = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=RUN_SECONDS)
        if page == "home" and not query:
            visitor.run()
        else:
            go(visitor, page, **query)
        answer_for_the_browser(visitor)
        return visitor

    def open(self, page: str = "home", *, address: str = "", **query: str) -> AppTest:
        """A page of a library that the keeper has read."""
        if not self.opened:
            self.enter(address=address)
        self.look()
        return self.enter(page, address=address, **query)

    def settle(self) -> None:
        """Until the library that a visitor at a closed door had opened aside is open."""
        for thread in threading.enumerate():
            if thread.name == OPENING:
                thread.join(RUN_SECONDS)

    def restart(self) -> None:
        """The process ends, and a new one begins in the same folder."""
        self.settle()
        forget()
        for context in self.opened:
            context.close()
        self.opened.clear()

    def look(self) -> keeper.Summary:
        """One pass of the keeper."""
        return keeper.one_pass(self.context)

    def until(self, reached: Callable[[], bool]) -> None:
        """Let time pass and the keeper look, until this is so."""
        for _ in range(60):
            self.look()
            if reached():
                return
            self.clock.advance(timedelta(seconds=2))
        pytest.fail("It did not come to this within two minutes of the app's time.")

    def jobs(self) -> list[Job]:
        """All orders but those of the showcase, newest first."""
        services = self.context.settings.services
        found = self.context.registry.jobs.latest(services=services)
        return [job for job in found if not job.id.startswith("demo-")]

    def long_texts(self) -> list[LongText]:
        """All long texts, newest first."""
        services = self.context.settings.services
        return self.context.registry.long_texts.latest(services=services)


def team(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """What stands under [team] in the pasted secrets."""
    monkeypatch.setenv("VOICEKEEP_SECRETS", "\n".join(("[team]", *lines)))


def is_inside(visitor: AppTest) -> bool:
    """Whether the main page was drawn."""
    return TITLES["home"] in texts(visitor.title)


def answer_for_the_browser(visitor: AppTest) -> None:
    """At the door a browser is asked for its token before the form shows: it has none."""
    if device.ASKED in visitor.session_state and not visitor.text_input:
        visitor.run()


def tell_name(visitor: AppTest, name: str = PERSON) -> None:
    """Answer "Who are you?", where the host checks visitors and nothing else is asked."""
    visitor.text_input(key="signin_name").set_value(name)
    visitor.button(key="signin_go").click().run()


def sign_in(visitor: AppTest, passphrase: str, *, name: str = PERSON) -> AppTest:
    """Fill in the form of the closed door and send it."""
    visitor.text_input(key="signin_name").set_value(name)
    visitor.text_input(key="signin_passphrase").set_value(passphrase)
    return visitor.button(key="signin_go").click().run()


def forget() -> None:
    """As in a new process: nothing is remembered of an earlier one."""
    st.cache_data.clear()
    st.cache_resource.clear()


def go(visitor: AppTest, page: str, **query: str) -> AppTest:
    """The visitor opens another page."""
    visitor.query_params = dict(query)
    return visitor.switch_page(f"pages/{page}.py").run()


def shown(visitor: AppTest) -> str:
    """All that went to the browser, sentences and widgets, as one text."""
    return "\n".join(
        text_format.MessageToString(proto, as_utf8=True)
        for node in visitor
        if (proto := getattr(node, "proto", None)) is not None
    )


def texts(elements: object) -> list[str]:
    """What each of these elements says."""
    return [str(element.value) for element in elements]  # type: ignore[attr-defined]


def said(visitor: AppTest) -> str:
    """The sentences that stand out, as they are read: errors, warnings, notes and praise."""
    parts = (visitor.error, visitor.warning, visitor.info, visitor.success)
    return read("\n".join(text for part in parts for text in texts(part)))


def read(markdown: str) -> str:
    """Markdown with its escaped signs as they show."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown).replace(WORD_JOINER, "")


@contextmanager
def bound_to(address: str, headers: Headers = LOCAL_BROWSER) -> Iterator[None]:
    """The server listens at this address; empty: at all of them, as Streamlit does by itself.

    `headers` are those of the visitor's websocket; `AppTest` itself has none.
    """
    before = config.get_option("server.address")
    config.set_option("server.address", address or None)
    try:
        with patch.object(ContextProxy, "headers", StreamlitHeaders(headers)):
            yield
    finally:
        config.set_option("server.address", before)


def sentences(visitor: AppTest) -> str:
    """All that is read as text on the page."""
    parts = (visitor.markdown, visitor.caption, visitor.subheader, visitor.error, visitor.warning)
    return read("\n".join(text for part in (*parts, visitor.info) for text in texts(part)))


def buttons(visitor: AppTest) -> set[str]:
    """The keys of all buttons."""
    return {button.key or "" for button in visitor.button}


def press(visitor: AppTest, key: str) -> AppTest:
    """Click the button of this key."""
    return visitor.button(key=key).click().run()


def in_house(house: House) -> dict[str, Entry]:
    """All voices by their names, as they are judged now."""
    return {item.voice.name: item for item in listing.entries(house.context)}
