"""A key that its service does not accept is told where voices are ordered."""

from __future__ import annotations

import pytest

from tests.clients.scripted_server import ScriptedServer, reply
from tests.pages.house import KEY, LOOPBACK, House, texts

REFUSED = "NanoGPT rejects the key"


@pytest.mark.usefixtures("no_showcase")
@pytest.mark.parametrize(("status", "told"), [(401, True), (200, False)])
def test_a_refused_key_is_told_before_an_order_is_filled_in(
    house: House, monkeypatch: pytest.MonkeyPatch, status: int, told: bool
) -> None:
    answer = reply({"usd_balance": "7.00"}, status)
    with ScriptedServer([answer] * 9) as server:
        monkeypatch.setenv("NANOGPT_API_KEY", KEY)
        monkeypatch.setenv("NANOGPT_BASE_URL", f"{server.origin}/api")
        house.open("settings", address=LOOPBACK)
        visitor = house.enter("clone", address=LOOPBACK)
        assert not visitor.exception
        assert any(REFUSED in text for text in texts(visitor.warning)) is told
