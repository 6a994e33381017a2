"""The team's channels for warnings: which can be used, and how the last message went.

A message counts as delivered if at least one channel took it; the failed ones are named. After a
message that no channel took, the next one is tried after a growing pause.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from lib import notify
from lib.backoff import Backoff
from lib.json_reading import number_of
from lib.notify import Delivery
from lib.registry import Note
from lib.studio.alerts import wording
from lib.studio.alerts.notices import Message
from lib.studio.alerts.wording import Reason, sentence
from lib.studio.core.context import Context

DELIVERY = "notify"
"""Name of the note on the last message: how it went, to what kinds of channels, how many failed in
a row, when to try again."""
TELLING = Backoff((timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1)))
"""Between tries to deliver a message that no channel took."""
MOST_PROBLEMS = 5
MAX_URL = 300


def addresses(context: Context) -> str:
    """The addresses that warnings go to, as set in `NOTIFY_URLS`. They are secret."""
    return context.settings.get("NOTIFY_URLS")


def app_url(context: Context) -> str:
    """The app's address for links, from `APP_URL`, without a last slash; "" if it is unusable."""
    given = context.settings.get("APP_URL").rstrip("/")
    try:
        parts = urlsplit(given)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    # It goes into mail and chat: without sign-in data, and without letters that look like others.
    plain = not (parts.query or parts.fragment or parts.username) and given.isascii()
    if not usable or not plain or len(given) > MAX_URL or any(char.isspace() for char in given):
        return ""
    return given


def faults(context: Context) -> list[str]:
    """A sentence for each setting that keeps warnings or their links from working. Sends
    nothing.
    """
    found = list(notify.faults(addresses(context)))
    if context.settings.get("APP_URL") and not app_url(context):
        found.append(sentence(Reason.NO_APP_URL))
    return found[:MOST_PROBLEMS]


def deliver(context: Context, message: Message, *, test: bool = False) -> Delivery:
    """Send a message to all channels, and note how it went. `test`: it is the test message."""
    delivery = notify.send(addresses(context), message.title, message.body)
    now = context.clock.now()
    failures = 0
    next_try = ""
    if not delivery.reached:
        failures = int(number_of(last(context).body.get("failures"))) + 1
        next_try = (now + TELLING.pause(failures)).isoformat()
    body: dict[str, object] = {
        "ok": not delivery.problems,
        "sentence": _how_it_went(delivery, test=test),
        "failures": failures,
        "next_try": next_try,
        "kinds": list(notify.channels(addresses(context))),
    }
    context.registry.notes.write(DELIVERY, body, now)
    return delivery


def test(context: Context) -> Delivery:
    """Send the test message, which a button on Settings asks for."""
    body = sentence(Reason.TEST_BODY)
    if address := app_url(context):
        body += f"\n\n{address}/retention"
    return deliver(context, Message(sentence(Reason.TEST_TITLE), body), test=True)


def last(context: Context) -> Note:
    """The note on how the last message went; an empty one if none was sent yet."""
    return context.registry.notes.get(DELIVERY) or Note(DELIVERY)


def retry_at(note: Note) -> datetime | None:
    """When a message may be tried again, by the note on one that no channel took; else None."""
    next_try = note.body.get("next_try")
    return datetime.fromisoformat(str(next_try)) if next_try else None


def _how_it_went(delivery: Delivery, *, test: bool) -> str:
    reached = wording.test_reached if test else wording.warning_reached
    return " ".join([reached(delivery.reached), *delivery.problems[:MOST_PROBLEMS]])
