"""A device is asked once for name and passphrase; what its browser does with the token."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lib.settings import load
from lib.ui.access.tokens import LASTS, MAX_TOKEN, DeviceToken, sign, signing_key
from tests.journeys.conftest import Enter
from tests.journeys.proxy import nginx, plain
from tests.journeys.servers import App, inhabit, running_app
from tests.journeys.visitor import Visitor
from tests.pages import people
from tests.parts.processes import free_port

VOICE = "Wilhelmina Okonkwo"
PASSPHRASE = "correct horse battery staple"
INSIDE = "Your voices"
SIGNED_OUT = "You have signed out."
ENTRY = "voicekeep/sign-in"
WATCH = """
window.sawForm = false;
const look = () => {
    window.sawForm ||= document.querySelector('.st-key-signin_name') !== null;
    requestAnimationFrame(look);
};
look();
"""
NO_STORAGE = """
Object.defineProperty(window, 'localStorage', {
    get() { throw new DOMException('Access is denied for this document.', 'SecurityError'); },
});
"""
NO_SCRIPT = "URL.createObjectURL = () => { throw new Error('Scripts of this kind are blocked.'); };"


def secrets_with(passphrase: str = PASSPHRASE) -> dict[str, str]:
    return {
        "NANOGPT_API_KEY": "sk-nano-0123456789abcdef",
        "NANOGPT_BASE_URL": f"http://127.0.0.1:{free_port()}/api",
        "VOICEKEEP_SECRETS": f'[team]\npassphrase = "{passphrase}"',
    }


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("remembered")
    inhabit(folder, [people.clone(1, datetime.now(UTC), name=VOICE)])
    with running_app(folder, secrets_with()) as app:
        yield app


def signs_in(visitor: Visitor, address: str) -> Visitor:
    visitor.page.goto(address)
    visitor.signs_in(PASSPHRASE)
    visitor.sees_title(INSIDE)
    expect_kept(visitor.page)
    return visitor


def another_tab(visitor: Visitor) -> Visitor:
    return Visitor(visitor.page.context.new_page())


def kept(page: Page) -> str | None:
    token: str | None = page.evaluate("entry => localStorage.getItem(entry)", ENTRY)
    return token


def keep(page: Page, token: str) -> None:
    page.evaluate("([entry, token]) => localStorage.setItem(entry, token)", [ENTRY, token])


def expect_kept(page: Page) -> None:
    page.wait_for_function("entry => localStorage.getItem(entry) !== null", arg=ENTRY)


def expect_forgotten(page: Page) -> None:
    page.wait_for_function("entry => localStorage.getItem(entry) === null", arg=ENTRY)


def test_behind_a_proxy_a_device_is_asked_once_and_never_sees_the_form_again(
    app: App, tmp_path: Path, enter: Enter
) -> None:
    with nginx(tmp_path, plain(app)) as port:
        site = f"http://127.0.0.1:{port}"
        visitor = signs_in(enter(), f"{site}/")
        visitor.page.context.add_init_script(WATCH)
        visitor.page.reload()
        visitor.sees_title(INSIDE)
        visitor.sees(VOICE)
        deep = another_tab(visitor)
        deep.page.goto(f"{site}/voice?id=voice-00001")
        expect(deep.part("rename_voice-00001")).to_be_visible()
        for tab in (visitor, deep):
            assert not tab.page.evaluate("window.sawForm")
        token = kept(visitor.page)
        assert token
        assert token not in deep.page.url
        assert token not in deep.page.content()
        stranger = enter()
        stranger.page.goto(f"{site}/voice?id=voice-00001")
        expect(stranger.part("signin_passphrase")).to_be_visible()
        stranger.sees_no_sideways_scrolling()


def test_the_keyboard_and_a_password_manager_can_fill_the_form_in(
    app: App, visitor: Visitor
) -> None:
    page = visitor.page
    page.goto(app.url("/jobs"))
    name, passphrase = (
        visitor.part(key).locator("input") for key in ("signin_name", "signin_passphrase")
    )
    assert name.get_attribute("autocomplete") == "username"
    assert passphrase.get_attribute("autocomplete") == "current-password"
    assert passphrase.get_attribute("type") == "password"
    passphrase.fill(PASSPHRASE)
    passphrase.press("Enter")
    visitor.sees("Enter your name")
    name.fill("Ada")
    name.press("Enter")
    visitor.sees_title("Jobs")


def test_signing_out_ends_every_tab_of_the_device_and_a_copy_of_its_token(
    app: App, enter: Enter
) -> None:
    visitor = signs_in(enter(), app.url())
    token = kept(visitor.page)
    assert token
    other = another_tab(visitor)
    other.page.goto(app.url("/settings"))
    other.sees_title("Settings")
    visitor.press("sign_out")
    visitor.sees(SIGNED_OUT)
    expect(visitor.part("signin_passphrase")).to_be_visible()
    expect_forgotten(visitor.page)
    other.follow("Retention")
    other.sees(SIGNED_OUT)
    assert VOICE not in other.page.content()
    thief = enter()
    thief.page.goto(app.url())
    expect(thief.part("signin_passphrase")).to_be_visible()
    keep(thief.page, token)
    thief.page.reload()
    expect(thief.part("signin_passphrase")).to_be_visible()
    expect_forgotten(thief.page)
    assert VOICE not in thief.page.content()
    # Who signs in again in one tab is in again in the other one, too.
    visitor.signs_in(PASSPHRASE)
    visitor.sees_title(INSIDE)
    other.sees_title("Retention")


def test_a_token_that_is_refused_leaves_the_device_and_the_form_stands_still(
    app: App, visitor: Visitor
) -> None:
    key = signing_key(load(secrets_with()), b"")
    expired = DeviceToken("1d" * 16, "Ada", datetime.now(UTC) - LASTS - timedelta(seconds=1))
    young = DeviceToken("1e" * 16, "Ada", datetime.now(UTC))
    page = visitor.page
    page.goto(app.url())
    expect(visitor.part("signin_passphrase")).to_be_visible()
    asked: list[object] = []

    def note(frame: object) -> None:
        asked.append(frame)

    page.on("websocket", lambda socket: socket.on("framesent", note))
    for token in (
        sign(expired, key),
        sign(young, b"another key of thirty-two bytes!"),
        "forged",
        "x" * (MAX_TOKEN + 1),
    ):
        keep(page, token)
        asked.clear()
        page.reload()
        expect(visitor.part("signin_passphrase")).to_be_visible()
        expect_forgotten(page)
        visitor.settle()
        visitor.reads()  # a second, in which nothing is asked any more
        assert len(asked) <= 4
    keep(page, sign(young, key))
    page.reload()
    visitor.sees_title(INSIDE)


@pytest.mark.parametrize("trouble", [NO_STORAGE, NO_SCRIPT], ids=["no storage", "no script"])
def test_nobody_is_locked_out_where_the_browser_keeps_nothing(
    app: App, enter: Enter, trouble: str
) -> None:
    visitor = enter()
    visitor.page.add_init_script(trouble)
    for _ in range(2):
        visitor.page.goto(app.url("/jobs"))
        visitor.signs_in(PASSPHRASE)
        visitor.sees_title("Jobs")


@pytest.mark.slow
def test_a_restart_on_an_empty_disk_knows_devices_again_and_a_new_passphrase_does_not(
    tmp_path: Path, enter: Enter
) -> None:
    secrets, port = secrets_with(), free_port()
    visitor = enter()
    with running_app(tmp_path, secrets, port=port) as app:
        signs_in(visitor, app.url())
    shutil.rmtree(tmp_path / "data")
    with running_app(tmp_path, secrets, port=port) as app:
        visitor.page.goto(app.url("/settings"))
        visitor.sees_title("Settings")
    changed = secrets_with(f"{PASSPHRASE}, and one more")
    with running_app(tmp_path, changed, port=port) as app:
        visitor.page.goto(app.url("/settings"))
        expect(visitor.part("signin_passphrase")).to_be_visible()
        expect_forgotten(visitor.page)


@pytest.mark.slow
def test_under_a_path_of_its_own_an_app_has_a_memory_of_its_own(
    tmp_path: Path, enter: Enter
) -> None:
    """Two of them may lie under one host name and port; here the host checks visitors."""
    secrets = {**secrets_with(), "VOICEKEEP_SECRETS": "[team]\ntrust_host = true"}
    with running_app(tmp_path, secrets, options=("--server.baseUrlPath", "team")) as app:
        visitor = enter()
        visitor.page.goto(app.url("/team/"))
        visitor.sees("Who are you?")
        visitor.signs_in(name="Grace Hopper")
        visitor.sees_title(INSIDE)
        visitor.page.wait_for_function("localStorage.getItem('voicekeep/team/sign-in') !== null")
        visitor.page.goto(app.url("/team/jobs"))
        visitor.sees_title("Jobs")
        visitor.sees("Grace Hopper")
        assert kept(visitor.page) is None
