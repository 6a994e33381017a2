"""The proxy of the machine: all clients go through it, and through it alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lib import notify
from lib.models import ErrorKind
from lib.providers import monitor
from lib.providers.base import ProviderError
from lib.proxies import UnusableProxy, proxy_for
from lib.vault import open_vault
from lib.vault.base import VaultError, VaultTrouble
from tests.clients.nanogpt import MINIMAX
from tests.clients.scripted_server import Reply, ScriptedServer, closed_port, nanogpt_at, reply
from tests.parts.clock import SettableClock

PROXY = "http://proxy.example:3128"
VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def _no_proxy_of_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize(
    ("variables", "url", "found"),
    [
        ({}, "https://nano.example", None),
        ({"HTTPS_PROXY": PROXY}, "https://nano.example/api", PROXY),
        ({"https_proxy": PROXY}, "https://nano.example/api", PROXY),
        ({"HTTPS_PROXY": PROXY}, "http://nano.example", None),
        ({"HTTP_PROXY": PROXY}, "http://nano.example", PROXY),
        ({"ALL_PROXY": PROXY}, "https://nano.example", PROXY),
        ({"HTTPS_PROXY": PROXY, "ALL_PROXY": "http://other:1"}, "https://nano.example", PROXY),
        ({"HTTPS_PROXY": "proxy.example:3128"}, "https://nano.example", PROXY),
        ({"HTTPS_PROXY": "https://u:p@proxy.example"}, "https://x.example",
         "https://u:p@proxy.example"),
        ({"HTTPS_PROXY": PROXY}, "https://localhost:9000", None),
        ({"ALL_PROXY": PROXY}, "http://127.0.0.1:9000", None),
        ({"ALL_PROXY": PROXY}, "http://[::1]:9000", None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "nano.example"}, "https://nano.example", None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "a.b, .example"}, "https://nano.example", None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "*.example"}, "https://nano.example", None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "example"}, "https://nanoexample", PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "nano.example:8443"}, "https://nano.example", PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "nano.example:8443"}, "https://nano.example:8443",
         None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "10.0.0.0/8"}, "https://10.1.2.3", None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "10.0.0.0/8"}, "https://11.1.2.3", PROXY),
        ({"HTTPS_PROXY": PROXY, "no_proxy": "*"}, "https://nano.example", None),
        ({"HTTPS_PROXY": PROXY}, "nonsense", None),
        ({"HTTPS_PROXY": PROXY}, "https://[", None),
    ],
)  # fmt: skip
def test_which_proxy_an_address_is_asked_for_through(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], url: str, found: str | None
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(url) == found


@pytest.mark.parametrize("value", ["socks5://s3cr3t:1080", "http://", "http://a s3cr3t", "://"])
def test_a_proxy_that_cannot_be_used_is_told_without_its_value(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value)
    with pytest.raises(UnusableProxy, match="HTTPS_PROXY") as caught:
        proxy_for("https://nano.example")
    assert "s3cr3t" not in str(caught.value)


def ask_a_service() -> None:
    nanogpt_at("http://service.invalid").balance()


def ask_the_storage() -> None:
    keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s"}
    place = {"AWS_ENDPOINT_URL_S3": "http://storage.invalid"}
    vault = open_vault(
        "s3://bucket-1", SettableClock(), aws=keys | place, default_folder=Path("unused")
    )
    vault.get("voices/a/b.wav", max_bytes=100)


def ask_the_monitor() -> None:
    monitor.ping("http://monitor.invalid/ping")


def ask_a_channel() -> None:
    assert notify.send("json://channel.invalid/hook", "Title", "Body").problems == ()


CLIENTS = (ask_a_service, ask_the_storage, ask_the_monitor, ask_a_channel)


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    with ScriptedServer([reply({"usd_balance": "1"})]) as running:
        monkeypatch.setenv("HTTP_PROXY", running.origin)
        yield running


@pytest.mark.parametrize("ask", CLIENTS)
def test_every_client_asks_the_proxy(proxy: ScriptedServer, ask: Callable[[], None]) -> None:
    ask()
    (seen,) = proxy.seen
    assert seen.target.startswith("http://")
    assert ".invalid" in seen.target


@pytest.mark.parametrize("ask", CLIENTS)
def test_no_client_asks_it_for_what_is_spared(
    proxy: ScriptedServer, monkeypatch: pytest.MonkeyPatch, ask: Callable[[], None]
) -> None:
    monkeypatch.setenv("NO_PROXY", ".invalid")
    with pytest.raises((ProviderError, VaultError, monitor.PingFailed, AssertionError)):
        ask()
    assert proxy.seen == []


def test_a_paid_request_that_the_proxy_lets_not_through_was_never_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for answer in (Reply(407), Reply(502), None):
        with ScriptedServer([answer] if answer else []) as company:
            origin = company.origin if answer else closed_port()
            monkeypatch.setenv("HTTPS_PROXY", origin)
            with pytest.raises(ProviderError) as caught:
                nanogpt_at("https://service.invalid").clone(MINIMAX)
        assert caught.value.kind is ErrorKind.UNREACHABLE
        assert [seen.method for seen in company.seen] == (["CONNECT"] if answer else [])


def test_nothing_goes_around_a_proxy_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "socks5://127.0.0.1:1")
    with pytest.raises(ProviderError) as refused:
        nanogpt_at("http://service.invalid").clone(MINIMAX)
    assert refused.value.kind is ErrorKind.UNREACHABLE
    with pytest.raises(VaultError, match="HTTPS_PROXY") as caught:
        ask_the_storage()
    assert caught.value.trouble is VaultTrouble.REFUSED


def test_the_storage_says_that_the_proxy_is_in_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", closed_port())
    with pytest.raises(VaultError, match="NO_PROXY") as caught:
        ask_the_storage()
    assert caught.value.trouble is VaultTrouble.UNREACHABLE
