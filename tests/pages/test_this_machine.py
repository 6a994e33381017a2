"""Which visits are known to come from a browser on this machine, by their headers alone."""

from __future__ import annotations

import pytest
from streamlit.runtime.context import StreamlitHeaders

from lib.ui.access.this_machine import Doubt, doubt_about
from tests.pages.house import LOCAL_BROWSER, Headers, browser

CHROMIUM: Headers = (
    ("Host", "127.0.0.1:8501"),
    ("Connection", "Upgrade"),
    ("Pragma", "no-cache"),
    ("Cache-Control", "no-cache"),
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0"),
    ("Upgrade", "websocket"),
    ("Origin", "http://127.0.0.1:8501"),
    ("Sec-WebSocket-Version", "13"),
    ("Accept-Encoding", "gzip, deflate, br, zstd"),
    ("Accept-Language", "en-US,en;q=0.9"),
    ("Cookie", "_streamlit_xsrf=2|1faecace"),
    ("Sec-WebSocket-Key", "+jQxBZw1DZ/gvR+ZboKPgA=="),
    ("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"),
    ("Sec-WebSocket-Protocol", "streamlit, 2|1faecace"),
    ("Sec-GPC", "1"),
)
FIREFOX: Headers = (
    ("Host", "localhost:8501"),
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"),
    ("Accept", "*/*"),
    ("Accept-Language", "en-US,en;q=0.5"),
    ("Accept-Encoding", "gzip, deflate, br, zstd"),
    ("Sec-WebSocket-Version", "13"),
    ("Origin", "http://localhost:8501"),
    ("Sec-WebSocket-Protocol", "streamlit, PLACEHOLDER"),
    ("Sec-WebSocket-Extensions", "permessage-deflate"),
    ("Sec-WebSocket-Key", "x3JJHMbDL1EzLkh9GBhXDw=="),
    ("DNT", "1"),
    ("Sec-GPC", "1"),
    ("Connection", "keep-alive, Upgrade"),
    ("Cookie", "_xsrf=1"),
    ("Sec-Fetch-Dest", "empty"),
    ("Sec-Fetch-Mode", "websocket"),
    ("Sec-Fetch-Site", "same-origin"),
    ("Pragma", "no-cache"),
    ("Cache-Control", "no-cache"),
    ("Upgrade", "websocket"),
)
SAFARI: Headers = (
    ("Sec-WebSocket-Key", "x3JJHMbDL1EzLkh9GBhXDw=="),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Extensions", "permessage-deflate"),
    ("Sec-WebSocket-Protocol", "streamlit, PLACEHOLDER"),
    ("Host", "[::1]:8501"),
    ("Origin", "http://[::1]:8501"),
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Pragma", "no-cache"),
    ("Cache-Control", "no-cache"),
    ("User-Agent", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Safari"),
    ("Accept-Language", "en-GB,en;q=0.9"),
    ("Accept-Encoding", "gzip, deflate"),
)
HANDED_ON = (
    "X-Forwarded-For",
    "X-Forwarded-Proto",
    "Forwarded",
    "Via",
    "X-Real-IP",
    "CF-Ray",
    "CF-Connecting-IP",
    "CDN-Loop",
    "True-Client-IP",
    "Tailscale-User-Login",
    "Fly-Client-IP",
    "X-Envoy-External-Address",
    "X-Request-Id",
    "Ngrok-Auth-User-Email",
    "X-Amzn-Trace-Id",
    "X-Original-Host",
    "X-Client-IP",
    "Client-IP",
    "X-Cloud-Trace-Context",
    "Traceparent",
    "Remote-User",
    "Proxy-Connection",
    "A-Proxy-Of-Tomorrow",
)


@pytest.mark.parametrize("headers", [CHROMIUM, FIREFOX, SAFARI])
def test_a_browser_on_this_machine_leaves_no_doubt(headers: Headers) -> None:
    assert doubt_about(StreamlitHeaders(headers), "http") is None


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]:80", "localhost:65535"])
def test_each_name_of_this_machine_will_do_at_any_port(host: str) -> None:
    assert doubt_about(StreamlitHeaders(browser(host)), "http") is None


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8501",
        "localhost.evil.example:8501",
        "127.0.0.1.evil.example",
        "localhost.",
        "localhost:8501.evil.example",
        "evil.example@localhost",
        "127.0.0.2",
        "192.168.1.5:8501",
        "::1",
        "localhost\n",
        "localhost:",
        "",
    ],
)
def test_another_name_may_be_a_strangers(host: str) -> None:
    assert doubt_about(StreamlitHeaders(browser(host)), "http") is Doubt.HOST


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:3000",
        "http://localhost",
        "https://localhost:8501",
        "http://127.0.0.1:8501",
        "http://localhost:8501/",
        "http://localhost:8501.evil.example",
        "null",
    ],
)
def test_another_page_of_this_machine_may_not_drive_the_app(origin: str) -> None:
    headers = browser("localhost:8501", origin=origin)
    assert doubt_about(StreamlitHeaders(headers), "http") is Doubt.ORIGIN


def test_what_names_no_page_is_no_browser() -> None:
    headers = [pair for pair in LOCAL_BROWSER if pair[0] != "Origin"]
    assert doubt_about(StreamlitHeaders(headers), "http") is Doubt.ORIGIN


def test_with_a_certificate_of_its_own_the_app_is_asked_by_https() -> None:
    headers = browser("localhost:8501", origin="https://localhost:8501")
    assert doubt_about(StreamlitHeaders(headers), "https") is None
    assert doubt_about(StreamlitHeaders(LOCAL_BROWSER), "https") is Doubt.ORIGIN


@pytest.mark.parametrize(
    ("repeated", "doubt"),
    [
        (("Host", "evil.example"), Doubt.HOST),
        (("host", "localhost:8501"), Doubt.HOST),
        (("Origin", "http://evil.example"), Doubt.ORIGIN),
        (("ORIGIN", "http://localhost:8501"), Doubt.ORIGIN),
    ],
)
def test_a_header_that_comes_twice_is_not_believed(repeated: tuple[str, str], doubt: Doubt) -> None:
    for headers in ((*LOCAL_BROWSER, repeated), (repeated, *LOCAL_BROWSER)):
        assert doubt_about(StreamlitHeaders(headers), "http") is doubt


@pytest.mark.parametrize("name", HANDED_ON)
def test_a_header_that_no_browser_sends_tells_of_something_in_between(name: str) -> None:
    for spelled in (name, name.lower(), name.upper()):
        headers = StreamlitHeaders([*LOCAL_BROWSER, (spelled, "203.0.113.7")])
        assert doubt_about(headers, "http") is Doubt.HANDED_ON
