"""Settings: a wish for a look is committed, the keeper looks, the page shows what it saw."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from lib.services import DEMO
from tests.clients.scripted_server import ScriptedServer, closed_port, reply
from tests.pages.house import KEY, LOOPBACK, House, bound_to, read, shown, texts

PARTS = (DEMO, "database", "vault")


@pytest.mark.usefixtures("no_showcase")
@pytest.mark.parametrize("part", PARTS)
def test_check_now_commits_a_wish_that_the_next_pass_answers(house: House, part: str) -> None:
    visitor = house.open("settings")
    note = f"check:{part}"
    before = house.context.registry.notes.all()[note]
    visitor.button(key=f"check_{part}").click().run()
    asked = house.context.registry.notes.all()[note]
    assert asked.asked_at == house.clock.now()
    assert asked.body == before.body
    assert visitor.button(key=f"check_{part}").label == "Checking…"
    assert visitor.button(key=f"check_{part}").disabled
    house.look()
    visitor.run()
    assert house.context.registry.notes.all()[note].asked_at is None
    assert visitor.button(key=f"check_{part}").label == "Check now"
    assert "Checked now." in shown(visitor)
    assert "Works" in shown(visitor)


@pytest.mark.usefixtures("live_key", "closed_bucket")
def test_what_does_not_work_says_so_and_no_secret(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden-secret")
    visitor = house.open("settings", address="127.0.0.1")
    assert box(visitor, "NanoGPT").startswith(":red-badge")
    assert box(visitor, "Storage").startswith(":red-badge")
    assert not box(visitor, "Database").startswith(":red-badge")
    for secret in (KEY, "hidden-secret"):
        assert secret not in shown(visitor)


@pytest.mark.usefixtures("no_showcase")
def test_what_was_seen_with_another_key_vouches_for_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedServer([reply({"usd_balance": "7.00"})] * 3) as server, bound_to("127.0.0.1"):
        monkeypatch.setenv("NANOGPT_API_KEY", KEY)
        monkeypatch.setenv("NANOGPT_BASE_URL", f"{server.origin}/api")
        visitor = house.open("settings", address="127.0.0.1")
        assert "Balance: $7.00." in read("\n".join(texts(visitor.markdown)))
        house.restart()
        monkeypatch.setenv("NANOGPT_API_KEY", "sk-nano-another")
        visitor = house.enter("settings", address="127.0.0.1")
        assert "Balance: $7.00." not in read("\n".join(texts(visitor.markdown)))
        assert "Not checked yet." in read("\n".join(texts(visitor.markdown)))


@pytest.mark.usefixtures("no_showcase")
def test_what_is_missing_comes_with_the_lines_to_paste(house: House) -> None:
    codes = "\n".join(texts(house.open("settings").code))
    assert 'NANOGPT_API_KEY = "' in codes
    assert 'VAULT_URL = "s3://' in codes
    assert 'DATABASE_URL = "postgresql://' in codes


@pytest.mark.usefixtures("live_key")
def test_where_a_setting_came_from_is_shown_never_its_value(house: House) -> None:
    visitor = house.open("settings", address="127.0.0.1")
    assert "NANOGPT_API_KEY was set in environment." in shown(visitor)
    assert KEY not in shown(visitor)


@pytest.mark.usefixtures("live_key")
def test_a_disk_that_may_vanish_is_no_storage_that_works(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICEKEEP_SECRETS", "[team]\ntrust_host = true")
    with bound_to("0.0.0.0"):
        visitor = house.open("settings")
    assert "this disk may vanish" in shown(visitor)
    assert box(visitor, "Storage").startswith(":red-badge")


SECRET = "s3cr3t-t0ken"


def told(visitor: AppTest) -> str:
    """All sentences as they are read."""
    return read("\n".join([*texts(visitor.markdown), *texts(visitor.caption)]))


def box(visitor: AppTest, title: str = "Warnings") -> str:
    """What stands in the heading of a part behind its title."""
    labels = [str(part.label) for part in visitor.expander]
    (heading,) = [label for label in labels if label.startswith(f"**{title}** ")]
    return heading.removeprefix(f"**{title}** ")


@pytest.mark.usefixtures("no_showcase")
def test_without_channels_the_page_says_what_to_paste_and_sends_nothing(house: House) -> None:
    visitor = house.open("settings")
    assert "Not connected" in box(visitor)
    codes = "\n".join(texts(visitor.code))
    assert 'NOTIFY_URLS = "mailtos://' in codes
    assert 'APP_URL = "https://' in codes
    assert not [button for button in visitor.button if button.key == "notify_test"]


@pytest.mark.usefixtures("no_showcase")
def test_the_test_button_commits_a_wish_and_the_page_shows_how_it_went(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedServer([reply({}), reply({}, 403)]) as server, bound_to(LOOPBACK):
        address = f"{server.origin.replace('http', 'json')}/{SECRET}"
        monkeypatch.setenv("NOTIFY_URLS", address)
        visitor = house.open("settings", address=LOOPBACK)
        assert "Warnings go to a webhook." in told(visitor)
        assert server.seen == []
        visitor.button(key="notify_test").click().run()
        assert server.seen == []
        assert visitor.button(key="notify_test").disabled
        assert visitor.button(key="notify_test").label == "Sending…"
        house.look()
        visitor.run()
        assert len(server.seen) == 1
        assert "The test message reached a webhook. That was now." in told(visitor)
        assert "Works" in box(visitor)
        visitor.button(key="notify_test").click().run()
        house.look()
        visitor.run()
    assert "A webhook refused the key or password" in told(visitor)
    assert "Trouble" in box(visitor)
    for hidden in (SECRET, "127.0.0.1", "json://"):
        assert hidden not in shown(visitor)


@pytest.mark.usefixtures("no_showcase")
def test_an_address_that_cannot_be_used_is_named_by_its_kind_only(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_URLS", f"slack://{SECRET} {closed_port().replace('http', 'json')}")
    monkeypatch.setenv("APP_URL", "voices.example.org")
    visitor = house.open("settings", address=LOOPBACK)
    said = told(visitor)
    assert "Slack: messages cannot go to its address." in said
    assert "APP_URL is not an address" in said
    assert "Trouble" in box(visitor)
    assert "NOTIFY_URLS was set in environment." in said
    assert SECRET not in said


@pytest.mark.usefixtures("no_showcase")
def test_without_its_own_address_the_app_says_what_links_need(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_URLS", "json://127.0.0.1:9/")
    assert 'APP_URL = "https://' in "\n".join(texts(house.open("settings", address=LOOPBACK).code))
    house.restart()
    monkeypatch.setenv("APP_URL", "https://voices.example.org")
    assert "APP_URL" not in "\n".join(texts(house.open("settings", address=LOOPBACK).code))
