"""Sending to channels on real sockets: bounds, plain reasons, and secrets that stay secret."""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_string, policy

import pytest

from lib import notify
from lib.notify import channels, faults, send
from tests.clients.scripted_server import Fault, Reply, ScriptedServer, closed_port, reply
from tests.conftest import ROOT

SECRET = "s3cr3t-t0ken"
PATIENT = 15.0


def webhook(origin: str, options: str = "") -> str:
    """An address of a channel on this machine, with a secret in its path and its password."""
    return f"{origin.replace('http', 'json')}/{SECRET}{options}".replace(
        "//", f"//user:{SECRET}@", 1
    )


@contextmanager
def mail_server() -> Iterator[tuple[int, list[str]]]:
    """Takes mails as SMTP does, one after the other; gives its port and what came."""
    mails: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    with connection, connection.makefile("rw", newline="") as wire:
                        _talk(wire, mails)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1], mails
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _talk(wire: object, mails: list[str]) -> None:
    def say(line: str) -> None:
        wire.write(f"{line}\r\n")  # type: ignore[attr-defined]
        wire.flush()  # type: ignore[attr-defined]

    say("220 mail.example ready")
    for line in wire:  # type: ignore[attr-defined]
        command = line.strip().upper()
        if command == "DATA":
            say("354 go on")
            text = []
            for part in wire:  # type: ignore[attr-defined]
                if part == ".\r\n":
                    break
                text.append(part)
            mails.append("".join(text))
        if command == "QUIT":
            say("221 bye")
            return
        say("250 fine")


def test_a_message_reaches_a_webhook() -> None:
    with ScriptedServer([reply({})]) as server:
        delivery = send(webhook(server.origin), "A title", "First line\n“Ann” <b>&amp; *x*")
        (seen,) = server.seen
    assert delivery == notify.Delivery(("a webhook",))
    assert seen.json["title"] == "A title"
    assert seen.json["message"] == "First line\n“Ann” <b>&amp; *x*"
    assert seen.json["attachments"] == []


def test_a_message_reaches_a_mailbox_as_text_that_reads_well() -> None:
    with mail_server() as (port, mails):
        delivery = send(
            f"mailto://127.0.0.1:{port}?from=keeper@example.org&to=team@example.org&mode=insecure",
            "Voicekeep: 1 voice needs you",
            "“Ann” waits for you.\nIt ends <soon>.",
        )
    assert delivery == notify.Delivery(("mail",))
    (mail,) = mails
    parsed = message_from_string(mail, policy=policy.default)
    assert parsed["subject"] == "Voicekeep: 1 voice needs you"
    assert parsed["to"] == "team@example.org"
    texts = [part.get_content() for part in parsed.walk() if part.get_content_type() == "text/html"]
    assert "<soon>" not in "".join(texts)
    assert "“Ann” waits for you." in "".join(
        part.get_content() for part in parsed.walk() if part.get_content_maintype() == "text"
    )


def test_one_bad_channel_does_not_keep_the_others_from_the_message() -> None:
    with ScriptedServer([reply({})]) as server:
        delivery = send(
            f"{webhook(closed_port())} foo://{SECRET}\n{webhook(server.origin)}", "T", "B"
        )
        assert len(server.seen) == 1
    assert delivery.reached == ("a webhook",)
    assert delivery.problems == (
        "Foo: messages cannot go to its address.",
        "A webhook could not be reached.",
    )


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "refused the key"),
        (403, "refused the key"),
        (404, "does not exist"),
        (410, "does not exist"),
        (429, "asks for a pause"),
        (500, "problem of its own"),
        (400, "refused the message"),
    ],
)
def test_a_refusal_is_told_in_plain_words(status: int, words: str) -> None:
    with ScriptedServer([reply({}, status)]) as server:
        delivery = send(webhook(server.origin), "T", "B")
    assert delivery.reached == ()
    (problem,) = delivery.problems
    assert words in problem
    assert str(status) not in problem


@pytest.mark.parametrize("fault", [Fault.CLOSE, Fault.RESET, Fault.GARBAGE])
def test_a_channel_that_breaks_off_is_told(fault: Fault) -> None:
    with ScriptedServer([Reply(fault=fault)]) as server:
        delivery = send(webhook(server.origin), "T", "B")
        assert len(server.seen) == 1  # it is not tried twice: it may have been delivered
    assert delivery == notify.Delivery((), ("A webhook could not be reached.",))


@pytest.mark.parametrize("fault", [Fault.HANG, Fault.DRIP, Fault.DRIP_BODY])
def test_a_silent_channel_is_left_and_the_others_are_not_kept_waiting(fault: Fault) -> None:
    with ScriptedServer([Reply(fault=fault)]) as silent, ScriptedServer([reply({})]) as good:
        started = time.monotonic()
        delivery = send(f"{webhook(silent.origin)} {webhook(good.origin)}", "T", "B", patience=1.0)
        assert time.monotonic() - started < 5
    assert delivery.reached == ("a webhook",)
    assert delivery.problems == ("A webhook did not answer in time.",)


def test_an_address_cannot_ask_for_more_time_or_tries_than_a_pass_has() -> None:
    options = "?cto=900&rto=900&retry=5&wait=60&optional=yes&tag=never"
    (kind, channel), *_ = notify._open(webhook("http://127.0.0.1:9", options))[0]
    (plugin,) = channel
    assert kind == "a webhook"
    assert plugin.socket_connect_timeout <= notify.SOCKET_SECONDS
    assert plugin.socket_read_timeout <= notify.SOCKET_SECONDS
    assert plugin.retry == 0
    delivery = send(webhook(closed_port(), options), "T", "B")
    assert delivery == notify.Delivery((), ("A webhook could not be reached.",))


@pytest.mark.parametrize(
    "address",
    ["syslog://", "dbus://", "gnome://", "kde://", "windows://", "macosx://", "file:///etc/passwd"],
)
def test_what_ends_on_the_server_itself_is_refused(address: str) -> None:
    (fault,) = faults(address)
    assert "would end on this server" in fault
    assert send(address, "T", "B").reached == ()


@pytest.mark.parametrize(
    "address",
    [
        "nonsense",
        "://",
        f"{SECRET}",
        f"foo://{SECRET}",
        f"slack://{SECRET}",
        f"https://hooks.example/{SECRET}",
        f"mailto://{SECRET}",
    ],
)
def test_an_address_that_is_none_is_told_without_its_secret(address: str) -> None:
    found = faults(address)
    assert len(found) == 1
    assert "messages cannot go to its address" in found[0]
    assert SECRET not in found[0]
    assert send(address, "T", "B") == notify.Delivery((), found)


def test_addresses_are_told_apart_as_apprise_does_it() -> None:
    text = (
        "mailtos://u:p@example.org?to=a@b.example,c@d.example, slack://a/b/c\ntgram://x\tnonsense"
    )
    assert channels(text) == ("mail", "Slack", "Telegram")
    assert channels("nonsense\njson://a json://b") == (
        "something that is not an address",
        "a webhook",
    )
    assert channels("") == ()
    assert channels(" ,\n ") == ()


def test_naming_the_channels_needs_no_apprise() -> None:
    """A page names them at each redraw, and the app starts without it."""
    code = (
        "import sys\nfrom lib import notify\nfrom lib.studio.alerts import notifying\n"
        "assert notify.channels('mailto://a') == ('mail',)\n"
        "assert not {'apprise', 'icalendar', 'requests'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_first_message_of_a_process_says_nothing_on_its_output() -> None:
    code = (
        "from lib import notify\n"
        f"assert notify.send('{webhook(closed_port())} foo://x', 'T', 'B').reached == ()"
    )
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_no_log_holds_an_address(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with ScriptedServer([reply({}), reply({}, 403), Reply(fault=Fault.RESET)]) as server:
        for _ in range(3):
            send(webhook(server.origin), "T", "B")
        assert all(SECRET in seen.target for seen in server.seen)
    send(f"foo://{SECRET} slack://{SECRET} mailto://{SECRET}", "T", "B")
    assert SECRET not in caplog.text


def test_a_defect_of_a_channel_is_told_without_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    from apprise.plugins.custom_json import NotifyJSON

    def broken(*_: object, **__: object) -> bool:
        raise RuntimeError(f"cannot post to {SECRET}")

    monkeypatch.setattr(NotifyJSON, "send", broken)
    try:
        delivery = send(webhook(closed_port()), "T", "B")
    except Exception as problem:
        pytest.fail("".join(traceback.format_exception(problem)))
    assert delivery.reached == ()
    assert SECRET not in json.dumps(delivery.problems)


def test_a_long_text_is_sent_in_parts_where_a_channel_takes_only_so_much() -> None:
    (_, channel), *_ = notify._open("discord://123456789012345678/abcdefghijklmnopqrstuvwx")[0]
    (plugin,) = channel
    parts = plugin._apply_overflow("word " * 900, title="T")
    assert len(parts) > 1
    assert all(len(part["body"]) <= 2_000 for part in parts)


def test_only_so_many_channels_are_used() -> None:
    many = "\n".join(webhook("http://127.0.0.1:9") for _ in range(notify.MOST_CHANNELS + 5))
    assert faults(many) == (f"Only the first {notify.MOST_CHANNELS} addresses are used.",)
