"""Downloads: only from where they may come, bounded in bytes and time, telling nothing away."""

from __future__ import annotations

import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lib import downloads
from lib.downloads import (
    DownloadError,
    DownloadFailed,
    DownloadRefused,
    fetch,
    is_public,
    system_resolver,
)
from tests.clients.tunnel import tunnelling
from tests.parts.processes import absent

SECRET = "X-Amz-Signature=tell-nobody"
BODY = b"RIFF" + bytes(5000)


@dataclass
class Server:
    """A real HTTP server; each path is one behaviour. `seen` holds the headers of each request."""

    url: str
    routes: dict[str, Callable[[BaseHTTPRequestHandler], None]]
    seen: list[dict[str, str]] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


def plain(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "Audio/WAV; charset=binary")
    handler.send_header("Content-Length", str(len(BODY)))
    handler.send_header("Set-Cookie", "who=me")
    handler.end_headers()
    handler.wfile.write(BODY)


def status(code: int) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        handler.end_headers()

    return answer


def redirect(location: str, code: int = 302) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        handler.send_header("Location", location)
        handler.send_header("Set-Cookie", "who=me")
        handler.end_headers()

    return answer


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(bytes(65536))


def drip(*, headers: bool) -> Callable[[BaseHTTPRequestHandler], None]:
    """One byte now and then, for as long as the other side stays: after the headers or in them."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + (b"X: " if headers else b"\r\n"))
        pause = threading.Event()
        while not pause.wait(0.02):
            handler.wfile.write(b"a")

    return answer


def packed(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Encoding", "gzip")
    handler.end_headers()
    handler.wfile.write(b"\x1f\x8b")


def cut_short(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"half")


@contextlib.contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    state = Server("", {"/a.wav": plain})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.seen.append({name.lower(): value for name, value in self.headers.items()})
            self.close_connection = True
            with contextlib.suppress(OSError):
                state.routes[self.path.partition("?")[0]](self)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
            server.handle_error = lambda *_: None  # type: ignore[method-assign]
        state.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield state
        server.shutdown()
        thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


def knows(*addresses: str) -> Callable[[str, int], Sequence[str]]:
    return lambda host, port: addresses


def never(host: str, port: int) -> Sequence[str]:
    raise AssertionError("nothing should have been looked up")


def take(server: Server, path: str = "/a.wav", **options: object) -> bytes:
    settings = {"max_bytes": 10_000, "trusted": [server.url + "/api"], "timeout": 10.0} | options
    return fetch(f"{server.url}{path}?{SECRET}", **settings)  # type: ignore[arg-type]


def test_a_file_arrives_with_its_type_and_without_its_query(server: Server) -> None:
    got = take(server)
    assert got == BODY
    assert "127.0.0.1" not in repr(got)


def test_nothing_of_ours_goes_along(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    server.routes["/on"] = redirect("/a.wav")

    take(server, "/on")

    assert len(server.seen) == 2
    for headers in server.seen:
        assert set(headers) == {"host", "accept", "accept-encoding", "connection", "user-agent"}
        assert headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/a.mp3",
        "file:///etc/passwd",
        "ftp://example.org/a.mp3",
        "data:audio/wav;base64,UklGRg==",
        "//example.org/a.mp3",
        "example.org/a.mp3",
        "https:///a.mp3",
        "https://someone:pass@example.org/a.mp3",
        "https://example.org@10.0.0.1/a.mp3",
        "https://example.org:8443/a.mp3",
        "https://example.org:99999/a.mp3",
        "https://exa\nmple.org/",
        "https://[::1/",
        "https://example.org/" + "a" * 9000,
        "",
    ],
)
def test_what_is_no_plain_https_address_is_refused_before_any_look_up(url: str) -> None:
    with pytest.raises(DownloadRefused):
        fetch(url, max_bytes=10, resolve=never)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fe80::1%25eth0]",
        "[fd00::1]",
        "[fec0::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[64:ff9b::a00:1]",
        "[64:ff9b:1::1]",
        "[2002:7f00:1::]",
        "[2001::1]",
        "[ff0e::1]",
        "localhost",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "127.0.0.1.",
        "１２７.０.０.１",
        "①②⑦.0.0.1",
        "127。0。0。1",
        "%31%32%37.0.0.1",
        "localhost。",
        "ⓛocalhost",
    ],
)
def test_every_spelling_of_a_private_address_is_refused(host: str) -> None:
    with pytest.raises(DownloadError) as caught:
        fetch(f"https://{host}/a.mp3?{SECRET}", max_bytes=10, timeout=5)
    # A spelling that this system's resolver does not know is not found, which is as good.
    assert isinstance(caught.value, DownloadRefused) or "cannot be found" in caught.value.sentence


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.Example", "xn--bcher-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("ｅｘａｍｐｌｅ．com", "example.com"),
        ("i❤.example", "xn--i-7iq.example"),
        ("😀.example", "xn--e28h.example"),
        ("%e2%98%95.example", "xn--53h.example"),
        ("münchen_x.example", "xn--mnchen_x-65a.example"),
        ("نامه\u200cای.example", "xn--mgba3gch31f060k.example"),
        ("my_bucket.example", "my_bucket.example"),
        ("xn--i-7iq.example", "xn--i-7iq.example"),
    ],
)
def test_a_server_is_looked_up_by_the_name_that_browsers_open(host: str, name: str) -> None:
    asked: list[str] = []

    def note(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return []

    for url in (f"https://{host}/a.mp3?{SECRET}", f"https://{host}:443"):
        with pytest.raises(DownloadFailed, match="cannot be found"):
            fetch(url, max_bytes=10, resolve=note)
    assert asked == [name, name]


@pytest.mark.parametrize(
    "host",
    ["👨\u200d👩.example", "\u0301a.example", "a⒈example", "é／b.example", "é%00.example",
     "é" * 70 + ".example", "é.%ff.example", "אa.example", "\u00ad", "é@b@c.example"],
)  # fmt: skip
def test_a_name_that_no_browser_opens_is_refused_before_any_look_up(host: str) -> None:
    with pytest.raises(DownloadRefused) as caught:
        fetch(f"https://{host}/a.mp3?{SECRET}", max_bytes=10, resolve=never)
    assert host not in caught.value.sentence


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::808:808", True),
        ("192.168.1.1", False),
        ("240.0.0.1", False),
        ("192.0.2.1", False),
        ("2001:db8::1", False),
        ("2606:4700::1%eth0", False),
        ("no address", False),
    ],
)
def test_public_means_reachable_by_everybody(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(DownloadRefused, match="not on the public internet"):
        fetch("https://mixed.test/", max_bytes=10, resolve=knows("8.8.8.8", "127.0.0.1"))


def test_a_name_is_looked_up_once_and_only_that_address_is_called(server: Server) -> None:
    answers = [["127.0.0.1"], ["203.0.113.1"]]
    origin = f"http://own.test:{server.port}"

    got = fetch(
        f"{origin}/a.wav", max_bytes=10_000, trusted=[origin], resolve=lambda *_: answers.pop(0)
    )

    assert got == BODY
    assert len(answers) == 1
    assert server.seen[0]["host"] == f"own.test:{server.port}"


def test_the_next_address_is_tried_where_one_does_not_answer(server: Server) -> None:
    origin = f"http://own.test:{server.port}"
    got = fetch(
        f"{origin}/a.wav",
        max_bytes=10_000,
        trusted=[origin],
        resolve=knows("127.0.0.2", "127.0.0.1"),
    )
    assert got == BODY


def test_a_name_that_nobody_knows_is_a_failure_not_a_refusal() -> None:
    def unknown(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror("no such host")

    for resolve in (unknown, knows()):
        with pytest.raises(DownloadFailed, match="cannot be found") as caught:
            fetch("https://nobody.test/", max_bytes=10, resolve=resolve)
        assert not caught.value.gone


@pytest.mark.parametrize(
    ("timeout", "look_up", "said"),
    [(0.2, 10.0, r"not finished within 0\.2 seconds"), (10.0, 0.2, "not found in time")],
)
def test_a_look_up_that_never_ends_is_left(
    monkeypatch: pytest.MonkeyPatch, timeout: float, look_up: float, said: str
) -> None:
    monkeypatch.setattr(downloads, "LOOK_UP_SECONDS", look_up)
    monkeypatch.setattr(downloads, "_LOOK_UPS", threading.BoundedSemaphore(2))
    ends = threading.Event()

    def hang(host: str, port: int) -> Sequence[str]:
        ends.wait()
        raise OSError

    try:
        for _ in range(2):
            with pytest.raises(DownloadFailed, match=said):
                fetch("https://slow.test/", max_bytes=10, timeout=timeout, resolve=hang)
        with pytest.raises(DownloadFailed, match="Too many servers are being looked up"):
            fetch("https://slow.test/", max_bytes=10, resolve=never)
    finally:
        ends.set()


def test_trust_is_for_one_scheme_host_and_port_only(server: Server) -> None:
    for trusted in ([], ["http://127.0.0.1:1"], [server.url.replace("http:", "https:")]):
        with pytest.raises(DownloadRefused):
            take(server, trusted=trusted)
    assert server.seen == []


def test_a_trusted_server_cannot_lead_to_another_private_one(server: Server) -> None:
    with serving() as other:
        server.routes["/on"] = redirect(f"{other.url}/a.wav")
        with pytest.raises(DownloadRefused):
            take(server, "/on")
        assert other.seen == []


@pytest.mark.parametrize(
    "location",
    [
        "https://127.0.0.1/a",
        "https://[::ffff:10.0.0.1]/",
        "file:///etc/passwd",
        "http://example.org/",
        "https://me:secret@example.org/",
        "http://[",
    ],
)
def test_a_redirect_is_judged_like_the_first_address(server: Server, location: str) -> None:
    server.routes["/on"] = redirect(location)
    with pytest.raises(DownloadRefused):
        take(server, "/on", resolve=never)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_three_redirects_are_followed_and_no_fourth(server: Server, code: int) -> None:
    for step in range(4):
        server.routes[f"/{step}"] = redirect(f"/{step - 1}" if step else "/a.wav", code)

    assert take(server, "/2") == BODY
    with pytest.raises(DownloadRefused, match="more than 3 times"):
        take(server, "/3")


def test_a_redirect_in_a_circle_ends(server: Server) -> None:
    server.routes["/round"] = redirect("/round")
    with pytest.raises(DownloadRefused, match="more than 3 times"):
        take(server, "/round")
    assert len(server.seen) == 4


def test_a_file_that_says_it_is_too_large_is_not_read(server: Server) -> None:
    with pytest.raises(DownloadRefused, match=r"larger than 0\.005 MB"):
        take(server, max_bytes=5_000)


def test_a_file_of_exactly_the_bound_is_taken(server: Server) -> None:
    assert len(take(server, max_bytes=len(BODY))) == len(BODY)


def test_an_endless_file_is_left_at_the_bound(server: Server) -> None:
    server.routes["/endless"] = endless
    with pytest.raises(DownloadRefused, match="larger than 1 MB"):
        take(server, "/endless", max_bytes=1_000_000)


@pytest.mark.parametrize("headers", [False, True], ids=["body", "headers"])
@pytest.mark.timeout(30)
def test_a_server_that_drips_is_left_when_the_time_is_up(server: Server, headers: bool) -> None:
    server.routes["/drip"] = drip(headers=headers)
    started = time.monotonic()
    with pytest.raises(DownloadFailed, match=r"not finished within 0\.4 seconds"):
        take(server, "/drip", timeout=0.4, max_bytes=10**9)
    assert time.monotonic() - started < 10


def test_a_server_that_says_nothing_is_left_when_the_time_is_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(DownloadFailed, match="not finished"):
            fetch(url, max_bytes=10, trusted=[url], timeout=0.3)


def test_a_file_that_breaks_off_is_no_file(server: Server) -> None:
    server.routes["/cut"] = cut_short
    with pytest.raises(DownloadFailed, match="connection to the server of this address broke"):
        take(server, "/cut")


def test_a_packed_answer_is_not_unpacked(server: Server) -> None:
    server.routes["/packed"] = packed
    with pytest.raises(DownloadFailed, match="sent the file compressed"):
        take(server, "/packed")


@pytest.mark.parametrize(
    ("code", "gone", "said"),
    [
        (404, True, "no file at this address"),
        (410, True, "no file at this address"),
        (403, False, "may be private or expired"),
        (429, False, "Try again later"),
        (500, False, "Try again later"),
        (418, False, "did not return a file"),
        (206, False, "did not return a file"),
        (304, False, "did not return a file"),
    ],
)
def test_a_refusal_of_the_server_is_told_plainly(
    server: Server, code: int, gone: bool, said: str
) -> None:
    server.routes["/no"] = status(code)
    with pytest.raises(DownloadFailed, match=said) as caught:
        take(server, "/no")
    assert (caught.value.status, caught.value.gone) == (code, gone)
    assert str(code) not in caught.value.sentence


def test_nobody_listening_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with pytest.raises(DownloadFailed, match="cannot be reached"):
        fetch(url, max_bytes=10, trusted=[url], timeout=5)


def test_no_error_repeats_the_query_not_even_in_its_traceback(server: Server) -> None:
    server.routes |= {"/no": status(404), "/cut": cut_short, "/on": redirect(f"ftp://x/?{SECRET}")}
    attempts = [f"{server.url}{path}?{SECRET}" for path in ("/no", "/cut", "/on")]
    attempts += [f"https://[::1/?{SECRET}", f"https://127.0.0.1/?{SECRET}", f"x:{SECRET}"]
    attempts += [f"https://a:9{SECRET}/", f"https://127.0.0.1/\x00{SECRET}"]
    for url in attempts:
        with pytest.raises(DownloadError) as caught:
            fetch(url, max_bytes=10_000, trusted=[server.url], timeout=5)
        shown = "".join(traceback.format_exception_only(caught.value))
        cause: BaseException | None = caught.value
        while cause := (cause.__cause__ if cause else None):
            shown += str(cause)
        assert "tell-nobody" not in shown


# --- certificates -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of `voice.test` in one file, signed by itself."""
    openssl = shutil.which("openssl")
    if openssl is None:
        absent("the program openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj",
         "/CN=voice.test", "-addext", "subjectAltName=DNS:voice.test"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    (folder / "both.pem").write_bytes(
        (folder / "key.pem").read_bytes() + (folder / "cert.pem").read_bytes()
    )
    return folder / "both.pem"


@pytest.fixture
def secure_server(certificate: Path) -> Iterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(context) as running:
        yield running


def test_the_certificate_is_held_against_the_name_not_the_address(
    secure_server: Server, certificate: Path
) -> None:
    origins = [f"https://{name}.test:{secure_server.port}" for name in ("voice", "other")]
    tls = ssl.create_default_context(cafile=certificate)

    def take_from(origin: str) -> bytes:
        return fetch(
            f"{origin}/a.wav",
            max_bytes=10_000,
            trusted=origins,
            resolve=knows("127.0.0.1"),
            timeout=10,
            tls=tls,
        )

    assert take_from(origins[0]) == BODY
    with pytest.raises(DownloadFailed, match="cannot be reached safely"):
        take_from(origins[1])


def test_an_unknown_signer_is_not_believed_even_at_a_trusted_origin(secure_server: Server) -> None:
    origin = f"https://voice.test:{secure_server.port}"
    with pytest.raises(DownloadFailed, match="cannot be reached safely"):
        fetch(origin, max_bytes=10, trusted=[origin], resolve=knows("127.0.0.1"), timeout=10)


def test_a_drip_over_tls_ends_in_time_too(secure_server: Server, certificate: Path) -> None:
    secure_server.routes["/drip"] = drip(headers=True)
    origin = f"https://voice.test:{secure_server.port}"
    with pytest.raises(DownloadFailed, match="not finished"):
        fetch(
            f"{origin}/drip",
            max_bytes=10,
            trusted=[origin],
            resolve=knows("127.0.0.1"),
            timeout=0.4,
            tls=ssl.create_default_context(cafile=certificate),
        )


PUBLIC = "93.184.215.14"


def test_a_proxy_is_asked_for_the_checked_address_and_the_certificate_is_held_against_the_name(
    secure_server: Server, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = ssl.create_default_context(cafile=certificate)

    def take_from(host: str, address: str) -> bytes:
        return fetch(
            f"https://{host}/a.wav",
            max_bytes=10_000,
            resolve=knows(address),
            timeout=10,
            tls=tls,
        )

    asked: list[str] = []
    with tunnelling(secure_server.port, asked) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        assert take_from("voice.test", PUBLIC) == BODY
        with pytest.raises(DownloadFailed, match="cannot be reached safely"):
            take_from("other.test", PUBLIC)
        with pytest.raises(DownloadRefused, match="not on the public internet"):
            take_from("voice.test", "10.0.0.1")
        secure_server.routes["/a.wav"] = drip(headers=True)
        with pytest.raises(DownloadFailed, match="not finished"):
            fetch(
                "https://voice.test/a.wav",
                max_bytes=10,
                resolve=knows(PUBLIC),
                timeout=0.4,
                tls=tls,
            )
    assert asked == [f"CONNECT {PUBLIC}:443"] * 3
    with pytest.raises(DownloadFailed, match="cannot be reached safely"):  # nobody is there now
        take_from("voice.test", PUBLIC)


def test_the_system_resolver_gives_each_address_once() -> None:
    found = system_resolver("localhost", 443)
    assert found
    assert len(found) == len(set(found))
