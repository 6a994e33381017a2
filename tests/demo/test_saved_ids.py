"""The saved voice IDs of NanoGPT's web app: for a browser's session, whatever the API key."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lib.demo import DemoService
from lib.demo.showcase import GUESTS
from lib.models import ErrorKind
from lib.providers.base import ProviderError
from lib.providers.nanogpt_saved_ids import SavedIds
from tests.demo.caller import Caller, served
from tests.parts.clock import SettableClock

PATH = "/user/voice-ids"
SECRET = "c2VjcmV0LWNvb2tpZS0xMjM0NTY3ODkw"
COOKIE = f"session={SECRET}; theme=dark"


@pytest.fixture
def browser(caller: Caller) -> Caller:
    return replace(caller, cookie=COOKIE)


def listed(browser: Caller) -> list[str]:
    reply = browser.get(PATH)
    assert reply.status == 200, reply.body
    assert set(reply.json) == {"voiceIds"}
    return reply.json["voiceIds"]  # type: ignore[no-any-return]


def test_the_list_is_empty_until_something_is_saved(browser: Caller) -> None:
    assert listed(browser) == []


def test_a_saved_id_is_answered_with_the_list_that_holds_it(browser: Caller) -> None:
    reply = browser.post(PATH, voiceId="Anna12345")

    assert (reply.status, reply.json) == (200, {"success": True, "voiceIds": ["Anna12345"]})
    assert listed(browser) == ["Anna12345"]


def test_saving_again_changes_nothing(browser: Caller) -> None:
    browser.post(PATH, voiceId="Anna12345")

    again = browser.post(PATH, voiceId=" Anna12345 ")

    assert again.status == 200
    assert listed(browser) == ["Anna12345"]


def test_ids_are_listed_in_the_order_in_which_they_came(browser: Caller) -> None:
    for voice_id in ("Zoe12345", "Anna12345", "sage of the hills", "x" * 200):
        assert browser.post(PATH, voiceId=voice_id).status == 200

    assert listed(browser) == ["Zoe12345", "Anna12345", "sage of the hills", "x" * 200]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"voiceId": None},
        {"voiceId": ""},
        {"voiceId": "  "},
        {"voiceId": "x" * 201},
        {"voiceId": "Anna\n12345"},
        {"voiceId": "Anna\x0012345"},
        {"voiceId": "\ud800"},
        {"voiceId": 12345678},
        {"voiceId": ["Anna12345"]},
        {"voiceId": "Anna12345", "name": "Anna"},
        {"voiceId": "Anna12345", "name": "Anna", "provider": "minimax"},
        {"voice_id": "Anna12345"},
    ],
)
def test_what_is_no_id_is_refused_and_not_saved(browser: Caller, fields: dict[str, Any]) -> None:
    refused = browser.post(PATH, **fields)

    assert refused.status == 400
    assert refused.json["error"]["type"] == "invalid_request_error"
    assert listed(browser) == []


@pytest.mark.parametrize("cookie", ["", "   "])
@pytest.mark.parametrize("key", ["", "a-key"])
def test_without_a_session_nothing_is_listed_or_saved(
    state_path: Path, clock: SettableClock, key: str, cookie: str
) -> None:
    with served(DemoService(state_path, clock, key="a-key")) as caller:
        stranger = replace(caller, key=key, cookie=cookie)
        for refused in (stranger.get(PATH), stranger.post(PATH, voiceId="Anna12345")):
            assert refused.status == 401
            assert refused.json["error"]["type"] == "authentication_error"
        assert listed(replace(caller, cookie=COOKIE)) == []


def test_a_session_alone_is_enough_where_a_key_is_asked_for(
    state_path: Path, clock: SettableClock
) -> None:
    with served(DemoService(state_path, clock, key="a-key")) as caller:
        browser = replace(caller, cookie="a=b")
        assert browser.post(PATH, voiceId="Anna12345").status == 200
        assert len(listed(browser)) == 1
        assert browser.post("/check-balance").status == 401, "a session opens nothing else"


@pytest.mark.parametrize("method", ["DELETE", "PUT"])
def test_ids_are_only_listed_and_added(browser: Caller, method: str) -> None:
    refused = browser.send(method, PATH)

    assert refused.status == 405
    assert "GET, POST" in refused.json["error"]["message"]


def test_a_cookie_is_kept_nowhere(
    demo: tuple[DemoService, Caller], browser: Caller, state_path: Path
) -> None:
    browser.post(PATH, voiceId="Anna12345")
    browser.get(PATH)
    browser.post("/check-balance")

    log = demo[0].requests()

    assert [(item["method"], item["kind"], item["status"]) for item in log] == [
        ("POST", "saved_ids", 200),
        ("GET", "saved_ids", 200),
        ("POST", "balance", 200),
    ]
    assert log[0]["fields"] == {"voiceId": "Anna12345"}
    for file in state_path.parent.glob("demo.db*"):
        assert SECRET.encode() not in file.read_bytes()


def test_the_list_outlives_a_restart(state_path: Path, clock: SettableClock) -> None:
    with served(DemoService(state_path, clock)) as caller:
        replace(caller, cookie=COOKIE).post(PATH, voiceId="Anna12345")

    with served(DemoService(state_path, clock)) as caller:
        assert len(listed(replace(caller, cookie="another=one"))) == 1


def test_the_state_of_an_older_demo_gets_a_list(state_path: Path, clock: SettableClock) -> None:
    with served(DemoService(state_path, clock)) as caller:
        caller.clone("annaVoice01")
    with sqlite3.connect(state_path) as database:
        database.execute("DROP TABLE saved_voice_ids")
    database.close()

    with served(DemoService(state_path, clock)) as caller:
        browser = replace(caller, cookie=COOKIE)
        assert browser.post(PATH, voiceId="annaVoice01").status == 200
        assert len(listed(browser)) == 1


def test_a_guest_is_on_the_list_once(demo: tuple[DemoService, Caller], browser: Caller) -> None:
    (guest,) = GUESTS
    for _ in range(2):
        demo[0].save_ids([guest])

    assert listed(browser) == [guest.provider_voice_id]


def test_the_real_client_lists_and_saves(demo: tuple[DemoService, Caller]) -> None:
    service, caller = demo
    service.save_ids(GUESTS)
    client = SavedIds(caller.base, COOKIE)

    for voice_id in ("Anna12345", "Anna12345", "Sage12345"):
        client.save(voice_id)

    assert client.all() == [
        "marlow6c2v9t5k", "Anna12345", "Sage12345",
    ]  # fmt: skip
    with pytest.raises(ProviderError, match="did not accept") as caught:
        client.save("Anna\n12345")
    assert caught.value.kind is ErrorKind.INPUT
