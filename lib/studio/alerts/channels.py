"""The team's channels for warnings: what of them can be used, and how the last message went.

If at least one channel took a message, it counts as delivered, and the others are named. A
message that nobody took is tried again after a pause that grows.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from lib import notify
from lib.backoff import Backoff
from lib.json_reading import number_of
from lib.notify import Delivery
from lib.registry import Note
from lib.studio.alerts.notices import Message
from lib.studio.core.context import Context

DELIVERY = "notify"
"""The note of the last message: how it went, how many failed in a row, when the next may go."""
TELLING = Backoff((timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1)))
"""Between tries to deliver a message that nobody took."""
"""After the first, second, third message that nobody took; the last one repeats."""
MOST_PROBLEMS = 5
MAX_URL = 300


def addresses(context: Context) -> str:
    """Where warnings go; secret."""
    return context.settings.get("NOTIFY_URLS")


def kinds(context: Context) -> str:
    """What the channels are, in words: "mail, Slack". Empty: there are none."""
    return ", ".join(notify.channels(addresses(context)))


def app_url(context: Context) -> str:
    """The app's address for links, without its last slash; empty if there is none to use."""
    given = context.settings.get("APP_URL").rstrip("/")
    try:
        parts = urlsplit(given)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    plain = not (parts.query or parts.fragment or parts.username) and given.isascii()
    if not usable or not plain or len(given) > MAX_URL or any(char.isspace() for char in given):
        return ""
    return given


def faults(context: Context) -> list[str]:
    """A sentence for all that keeps a warning, or its link, from going out; sends nothing."""
    found = list(notify.faults(addresses(context)))
    if context.settings.get("APP_URL") and not app_url(context):
        found.append("APP_URL is not an address such as https://voices.example.org.")
    return found[:MOST_PROBLEMS]


def deliver(context: Context, message: Message, *, test: bool = False) -> Delivery:
    """Send a message to all channels, and note how it went."""
    delivery = notify.send(addresses(context), message.title, message.body)
    now = context.clock.now()
    before = last(context)
    failures = 0 if delivery.reached else _failures(before) + 1
    body: dict[str, object] = {
        "ok": not delivery.problems,
        "sentence": _sentence(delivery, test=test),
        "failures": failures,
        "next_try": _next_try(failures, now),
    }
    context.registry.notes.write(DELIVERY, body, now)
    return delivery


def test(context: Context) -> Delivery:
    """Send the message of the button on Settings."""
    body = "Warnings about your voices will come here. Nothing needs to be done."
    if address := app_url(context):
        body += f"\n\n{address}/retention"
    return deliver(context, Message("Voicekeep: a test message", body), test=True)


def last(context: Context) -> Note:
    """How the last message went."""
    return context.registry.notes.all().get(DELIVERY, Note(DELIVERY))


def retry_at(note: Note) -> datetime | None:
    """When a digest may be tried again, after one that nobody took."""
    next_try = note.body.get("next_try")
    return datetime.fromisoformat(str(next_try)) if next_try else None


def _failures(note: Note) -> int:
    return int(number_of(note.body.get("failures")))


def _next_try(failures: int, now: datetime) -> str:
    if not failures:
        return ""
    return (now + TELLING.pause(failures)).isoformat()


def _sentence(delivery: Delivery, *, test: bool) -> str:
    what = "The test message" if test else "The last warning"
    sentence = f"{what} reached {', '.join(delivery.reached)}." if delivery.reached else ""
    if not delivery.reached:
        sentence = f"{what} reached nobody."
    return " ".join([sentence, *delivery.problems[:MOST_PROBLEMS]])
