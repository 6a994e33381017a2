"""A person at a browser: waits for what shows, never for time, and counts the clicks."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Download, Locator, Page, expect

from lib.ui.clone.bringing import CONSENT
from lib.ui.shared.confirming import SEEN_AFTER

TITLES = {
    "/": "Your voices",
    "/clone": "Clone a voice",
    "/jobs": "Jobs",
    "/playground": "Playground",
    "/scripts": "Scripts",
    "/retention": "Retention",
    "/voice": "Voice",
    "/spending": "Spending",
    "/activity": "Activity",
    "/settings": "Settings",
}
LISTED = len(TITLES) - 1
"""Pages in the navigation: one comes to that of a voice by its name."""
_PLAYABLE = """() => [...document.querySelectorAll('audio')]
    .some(sound => sound.readyState > 0 && sound.duration > 0.5)"""
_FITS = """() => [document.documentElement, document.querySelector('[data-testid="stMain"]')]
    .every(it => it.scrollWidth <= it.clientWidth && it.scrollWidth <= innerWidth)"""


class Visitor:
    """One tab. `clicks` counts what a hand would do with a mouse, choosing a file too."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0

    def open(self, url: str) -> None:
        self.page.goto(url)
        self.settle()

    def settle(self) -> None:
        """Wait until the page has drawn all that it draws now, and stands still."""
        self.page.locator('[data-test-script-state="notRunning"]').wait_for()
        self._stands_still()

    def _stands_still(self) -> None:
        """Wait until the browser has the code of every widget: until then each is a grey bar that
        is lower than the widget, and what is below moves away under a hand that clicks at once.
        """
        expect(self.page.get_by_test_id("stSkeleton")).to_have_count(0)

    def part(self, key: str) -> Locator:
        """The element of this key (see "Handles" in the pages)."""
        return self.page.locator(f".st-key-{key}")

    def click(self, what: Locator) -> None:
        self._stands_still()
        what.click()
        self.clicks += 1

    def press(self, key: str) -> None:
        """Click the button of this key."""
        self.click(self.part(key).get_by_role("button").first)

    def saves(self, what: Locator) -> Download:
        """Click what saves a file: on a page that stands, as a file is made for the button that was
        drawn last.
        """
        self.settle()
        with self.page.expect_download() as saving:
            self.click(what)
        return saving.value

    def unfold(self, key: str) -> None:
        """Open what is folded under its heading."""
        self.click(self.part(key).locator("summary").first)

    def pays(self, key: str) -> None:
        """Read what a button with a price says before clicking it."""
        self.reads()
        self.press(key)

    def reads(self) -> None:
        """Take as long as a paid button has to stand before a press on it counts."""
        self.page.wait_for_timeout(1_300 * SEEN_AFTER)

    def signs_in(self, passphrase: str = "", *, name: str = "Ada") -> None:
        """Fill in the form of the closed door and send it, as one does who uses the keyboard."""
        self.type("signin_name", name)
        if passphrase:
            self.type("signin_passphrase", passphrase)
        self.press("signin_go")

    def follow(self, label: str) -> None:
        """Click a link of the page or of the navigation."""
        self.click(self.page.get_by_role("link", name=label).first)

    def opens_tab(self, label: str) -> None:
        """Click a tab of the page."""
        self.click(self.page.get_by_role("tab", name=label))

    def type(self, key: str, text: str) -> None:
        """Fill in a field and leave it."""
        field = self.part(key).locator("input, textarea").first
        field.fill(text)
        field.blur()

    def bring(self, *recordings: Path) -> None:
        """Upload them, in the place of what is here, and wait until they were listened to."""
        if self.part("clone_another").is_visible():
            self.press("clone_another")
        self.clicks += 1
        uploader = self.part("clone_upload")
        uploader.locator('input[type="file"]').set_input_files(recordings)
        expect(uploader).to_have_count(0)
        if len(recordings) == 1:
            expect(self.page.get_by_text(re.compile(r"\d kHz (mono|stereo)"))).to_be_visible()
        self.settle()

    def choose_service(self, name: str) -> None:
        """Click on its card."""
        self.click(self.part("clone_service").locator("label").filter(has_text=name))

    def agree(self) -> None:
        """Say that one speaks oneself, and tick that one agrees."""
        self.click(self.part("clone_who").get_by_text(CONSENT.own, exact=True))
        self.settle()
        self.click(self.part("clone_consent").locator("label").first)

    def sees(self, text: str | re.Pattern[str], *, within: float = 30) -> None:
        """Wait for this text to show; `within` in seconds."""
        expect(self.page.get_by_text(text).filter(visible=True).first).to_be_visible(
            timeout=within * 1000
        )

    def sees_title(self, title: str) -> None:
        expect(self.page.get_by_role("heading", level=1, name=title, exact=True)).to_be_visible()

    def chooses(self, key: str, typed: str, option: str = "") -> None:
        """Type into the choice of this key until an option shows, and take it; `option`: what it
        begins with, where that is not what was typed.
        """
        choice = self.part(key).get_by_role("combobox")
        choice.click()
        choice.press_sequentially(typed)
        beginning = re.compile(rf"^{re.escape(option or typed)}")
        self.page.get_by_role("option", name=beginning).click()
        self.has_chosen(key, option or typed)

    def has_chosen(self, key: str, text: str) -> None:
        """Wait until the choice of this key is one that begins with this text."""
        choice = self.part(key).get_by_role("combobox")
        expect(choice).to_have_value(re.compile(rf"^{re.escape(text)}"))

    def clones(self, service: str, recording: Path, name: str, *, nervous: bool = False) -> None:
        """Fill in the Clone page and confirm; a nervous hand clicks twice."""
        self.bring(recording)
        self.choose_service(service)
        self.type("clone_name", name)
        self.agree()
        button = self.part("clone_confirm").get_by_role("button")
        self.reads()
        button.dblclick() if nervous else button.click()

    def hears(self, *, within: float = 30) -> None:
        """Wait for a player with a sound in it that the browser can play."""
        self.page.wait_for_function(_PLAYABLE, timeout=within * 1000)

    def sees_no_sideways_scrolling(self) -> None:
        """Neither the page nor its body stays wider than the screen: a table takes a moment to
        follow a window that was made smaller.
        """
        self.page.wait_for_function(_FITS)

    def is_in_the_app(self) -> None:
        """The app's own navigation shows, with all its pages."""
        links = self.page.get_by_test_id("stSidebarNavLink")
        expect(links).to_have_count(LISTED)

    def meets_no_dialog(self) -> None:
        expect(self.page.get_by_role("dialog")).to_have_count(0)
        expect(self.page.get_by_text("Page not found")).to_have_count(0)
