"""People of a team who sign in at a service, in a browser; the service runs on this computer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect

from lib.ui.access.claims import Refusal
from lib.ui.access.sign_in_services import AGAIN, CAME_BACK
from tests.journeys.conftest import Enter
from tests.journeys.servers import App, inhabit, running_app
from tests.journeys.visitor import Visitor
from tests.pages import people
from tests.parts.openid import Provider, auth, running_provider
from tests.parts.processes import free_port

NAME = "Wilhelmina Okonkwo"
LINK = "/voice?id=voice-00001"
INSIDE = "Your voices"
NO_ACCESS = "has no access to this app."
TEAM = {"viewers": "vic", "members": "mo", "admins": "ada"}
LASTS = 8
"""Seconds of a sign-in at the brief service."""


def team(**listed: str) -> str:
    return "\n".join(
        ["[team]", *(f'{role} = ["{who}@example.org"]' for role, who in listed.items())]
    )


@dataclass
class Office:
    """An app whose team signs in at two services, and the file of its secrets."""

    app: App
    secrets: Path
    head: str
    studio: Provider
    brief: Provider

    def lists(self, **listed: str) -> None:
        """Change who may enter, while the app runs."""
        self.secrets.write_text("\n".join((self.head, team(**listed))))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    known = {
        who: {"email": f"{who}@example.org", "email_verified": True, "name": who.title()}
        for who in ("vic", "mo", "ada", "eve")
    }
    known["ned"] = {"email": "mo@example.org", "email_verified": False}
    inhabit(folder, [people.clone(1, datetime.now(UTC), name=NAME)])
    with ExitStack() as stack:
        studio = stack.enter_context(running_provider(folder / "studio", known))
        brief = stack.enter_context(running_provider(folder / "brief", known, lasts=LASTS))
        service = f'NANOGPT_API_KEY = "sk-test"\nNANOGPT_BASE_URL = "http://127.0.0.1:{free_port()}/api"\n'
        head = service + auth(studio.table("studio"), brief.table("brief"))
        secrets = folder / ".streamlit" / "secrets.toml"
        secrets.parent.mkdir()
        secrets.write_text("\n".join((head, team(**TEAM))))
        app = stack.enter_context(running_app(folder))
        yield Office(app, secrets, head, studio, brief)


def go_to(visitor: Visitor, service: str) -> None:
    visitor.press(f"sign_in_at_{service}")
    expect(visitor.page.get_by_role("heading", name="Authorize Client")).to_be_visible()


def choose(visitor: Visitor, who: str) -> None:
    """At the service: say who one is."""
    visitor.page.get_by_role("button", name=who, exact=True).first.click()
    visitor.settle()


def sign_in(visitor: Visitor, who: str, service: str = "studio") -> None:
    go_to(visitor, service)
    choose(visitor, who)


def test_whoever_comes_by_a_link_to_a_cold_app_is_there_after_signing_in(
    office: Office, visitor: Visitor
) -> None:
    visitor.open(office.app.url(LINK))
    visitor.sees("Sign in to continue.")
    assert NAME not in visitor.page.content()
    sign_in(visitor, "mo")
    visitor.page.wait_for_url(office.app.url(LINK))
    visitor.sees(NAME)


def test_one_who_denies_comes_back_is_told_and_still_gets_where_the_link_led(
    office: Office, visitor: Visitor
) -> None:
    visitor.open(office.app.url(LINK))
    go_to(visitor, "studio")
    visitor.page.get_by_role("button", name="Deny").click()
    visitor.sees(CAME_BACK)
    sign_in(visitor, "vic")
    visitor.page.wait_for_url(office.app.url(LINK))
    visitor.sees(NAME)


def test_an_address_on_no_list_is_told_so_and_another_account_may_enter(
    office: Office, visitor: Visitor
) -> None:
    visitor.open(office.app.url())
    sign_in(visitor, "eve")
    visitor.sees(NO_ACCESS)
    visitor.sees("eve@example.org")
    visitor.press("sign_in_as_another")
    visitor.page.get_by_role("button", name="End session").click()
    visitor.sees("Sign in to continue.")
    expect(visitor.page.get_by_text(CAME_BACK)).to_have_count(0)
    sign_in(visitor, "ned")
    visitor.sees("has not verified your email address")


@pytest.mark.parametrize(
    ("who", "role", "clones", "decides"),
    [
        ("vic", "Viewer", False, False),
        ("mo", "Member", True, False),
        ("ada", "Admin", True, True),
    ],
)
def test_each_role_finds_what_it_may_do_and_nothing_else(
    office: Office, visitor: Visitor, who: str, role: str, clones: bool, decides: bool
) -> None:
    visitor.open(office.app.url(LINK))
    sign_in(visitor, who)
    visitor.sees(NAME)
    expect(visitor.part("account")).to_contain_text(f"example.org · {role}")
    expect(visitor.part("archive_voice-00001")).to_have_count(int(clones))
    for page, title, key, may in (
        ("Clone a voice", "Clone a voice", "clone_confirm", clones),
        ("Settings", "Settings", "export_prepare", decides),
        ("Activity", "Activity", "activity_voice", decides),
    ):
        visitor.follow(page)
        visitor.sees_title(title)
        visitor.settle()
        expect(visitor.part(key)).to_have_count(int(may))


def test_a_sign_out_holds_in_every_tab_and_for_a_copy_of_its_cookie(
    office: Office, visitor: Visitor, enter: Enter
) -> None:
    visitor.open(office.app.url())
    sign_in(visitor, "mo")
    visitor.sees_title(INSIDE)
    cookies = visitor.page.context.cookies()
    other = Visitor(visitor.page.context.new_page())
    other.open(office.app.url("/playground"))
    other.sees_title("Playground")
    visitor.press("sign_out")
    visitor.page.get_by_role("button", name="End session").click()
    visitor.sees("Sign in to continue.")
    other.follow("Retention")
    other.sees("You have signed out.")
    assert NAME not in other.page.content()
    other.page.reload()
    other.sees("Sign in to continue.")
    thief = enter()
    thief.page.context.add_cookies(cookies)
    thief.open(office.app.url())
    thief.sees("You have signed out.")


def test_lists_that_change_count_at_the_next_click(office: Office, visitor: Visitor) -> None:
    visitor.open(office.app.url())
    sign_in(visitor, "mo")
    visitor.sees_title(INSIDE)
    try:
        office.lists(viewers="vic", admins="ada")
        visitor.follow("Retention")
        visitor.sees(NO_ACCESS)
        assert NAME not in visitor.page.content()
        office.lists(**TEAM)
        visitor.page.reload()
        visitor.sees(NAME)
    finally:
        office.lists(**TEAM)


@pytest.mark.slow
def test_a_sign_in_ends_when_the_service_says_so(office: Office, visitor: Visitor) -> None:
    visitor.open(office.app.url())
    sign_in(visitor, "ada", "brief")
    visitor.sees_title(INSIDE)
    visitor.page.wait_for_timeout(1_000 * LASTS)
    visitor.follow("Retention")
    visitor.sees(AGAIN[Refusal.EXPIRED])
    assert NAME not in visitor.page.content()
    sign_in(visitor, "ada")
    visitor.page.wait_for_url(office.app.url("/retention"))
    visitor.sees(NAME)


def test_a_service_out_of_reach_is_told_and_nothing_is_left(
    office: Office, visitor: Visitor
) -> None:
    visitor.open(office.app.url())
    office.brief.child.stop()
    visitor.press("sign_in_at_brief")
    visitor.sees("brief does not answer right now.")
    sign_in(visitor, "mo")
    visitor.sees_title(INSIDE)


@pytest.mark.slow
def test_a_client_secret_that_is_wrong_leads_back_with_a_sentence(
    tmp_path: Path, visitor: Visitor
) -> None:
    key = {"NANOGPT_API_KEY": "k", "NANOGPT_BASE_URL": f"http://127.0.0.1:{free_port()}/api"}
    known = {"mo": {"email": "mo@example.org"}}
    with running_provider(tmp_path / "studio", known) as studio, running_app(tmp_path, key) as app:
        client_id, _ = studio.registered(app.url("/oauth2callback"))
        secrets = tmp_path / ".streamlit" / "secrets.toml"
        secrets.parent.mkdir()
        tables = auth(studio.table("studio", client=(client_id, "mistyped")))
        secrets.write_text("\n".join((tables, team(**TEAM))))
        visitor.open(app.url("/retention"))
        sign_in(visitor, "mo")
        visitor.sees(CAME_BACK)
        expect(visitor.page).to_have_url(app.url())
