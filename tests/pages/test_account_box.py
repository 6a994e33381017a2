"""The box in the sidebar: who is in, in which role, and for how long."""

from __future__ import annotations

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from lib.settings import fingerprint
from lib.ui.access.elevation import ELEVATED, ELEVATED_FOR
from tests.pages.house import PAGES, House, go, read, sign_in, team, texts

PASSPHRASE = "correct horse battery staple"
ADMIN = "the admins' own passphrase"


@pytest.fixture
def door(house: House, live_key: None, monkeypatch: pytest.MonkeyPatch) -> House:
    team(monkeypatch, f'passphrase = "{PASSPHRASE}"', f'admin_passphrase = "{ADMIN}"')
    return house


def box(visitor: AppTest) -> tuple[str, str]:
    """The name and what stands below it."""
    (name,), (standing,) = texts(visitor.sidebar.markdown), texts(visitor.sidebar.caption)
    return read(name).removeprefix("**").removesuffix("**"), read(standing)


def test_it_stands_on_every_page(door: House) -> None:
    visitor = sign_in(door.enter(), PASSPHRASE, name="Grace Hopper")
    door.look()
    for page in PAGES:
        go(visitor, page)
        assert box(visitor) == ("Grace Hopper", "Member")
        assert [button.key for button in visitor.sidebar.button] == ["sign_out", "keyboard_help"]


def test_a_name_is_no_markup(door: House) -> None:
    name = "Ada *x* [x](https://example.org) :material/home: <b>"
    visitor = sign_in(door.enter(), PASSPHRASE, name=name)
    assert box(visitor)[0] == name
    (shown,) = texts(visitor.sidebar.markdown)
    assert "\\[x\\]" in shown


def test_an_admin_for_a_while_reads_until_when_and_can_end_it(door: House) -> None:
    visitor = sign_in(door.enter(), PASSPHRASE)
    until = door.clock.now() + ELEVATED_FOR
    visitor.session_state[ELEVATED] = (fingerprint(ADMIN), until)
    visitor.run()
    assert box(visitor) == ("Ada", f"Admin until {until:%H:%M}")
    visitor.button(key="elevate_end").click().run()
    assert box(visitor) == ("Ada", "Member")
    visitor.session_state[ELEVATED] = (fingerprint(ADMIN), until)
    assert box(visitor.run())[1].startswith("Admin until")
    door.clock.advance(ELEVATED_FOR + timedelta(seconds=1))
    assert box(visitor.run()) == ("Ada", "Member")


def test_a_changed_admin_passphrase_ends_being_one(
    door: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = sign_in(door.enter(), PASSPHRASE)
    visitor.session_state[ELEVATED] = (fingerprint(ADMIN), door.clock.now() + ELEVATED_FOR)
    assert box(visitor.run())[1].startswith("Admin until")
    team(monkeypatch, f'passphrase = "{PASSPHRASE}"', 'admin_passphrase = "another one of them"')
    assert box(visitor.run())[1] == "Member"


def test_behind_a_host_that_checks_visitors_everybody_is_an_admin_without_an_admin_passphrase(
    house: House, live_key: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    team(monkeypatch, "trust_host = true")
    assert box(house.enter()) == ("Ada", "Admin")
