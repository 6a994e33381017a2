"""How states, times and money read on screen. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lib import units
from lib.consent import ConsentState, Relation
from lib.event_kinds import EventKind
from lib.models import Health, Job, JobKind, JobState, KeepPolicy, Money, Purpose, Source
from lib.studio.core.money import Sum
from lib.studio.core.records import OrderRow
from lib.text_breaks import beginning
from lib.units import span

COLOURS = {
    "red": "#c4201d",
    "orange": "#bf8a00",
    "violet": "#8a5cd6",
    "blue": "#3a7fd0",
    "green": "#2a8f5a",
    "gray": "#77778a",
}
"""Of badges, by Streamlit's names, and as tables and pictures show them: seen on white and on near
black, and told apart by all eyes.
"""

APP = "Voicekeep"
_JOINERS = "\u200c\u200d"
"""Not seen, but part of how names of some scripts are written, and of joined pictures."""
WORD_JOINER = "\u2060"
"""Takes no room and is not seen."""
_REPLACED = re.compile(
    r"(?<!\S)(?:<->|<-|->|--|[<>~]=)(?!\S)|:(?=material/|streamlit:)"
    r"|(?:https?|ftp|mailto|xmpp)(?=:)|www(?=\.)|@",
    re.IGNORECASE,
)
"""What Streamlit draws as an arrow, a sign, an icon or a link, escaped or not."""


@dataclass(frozen=True)
class Label:
    """A word with its icon and colour: never colour alone. `sign` stands where no icon can."""

    word: str
    icon: str
    colour: str
    sign: str = ""

    @property
    def signed(self) -> str:
        """As plain text, for the cells of a table."""
        return f"{self.sign} {self.word}".strip()

    @property
    def badge(self) -> str:
        """As Markdown, for use inside a line."""
        return f":{self.colour}-badge[{self.icon} {self.word}]"

    def counted(self, number: int) -> str:
        """A badge that says how many are so."""
        return f":{self.colour}-badge[{self.icon} {number:,} {self.word.lower()}]"


HEALTH = {
    Health.LOST: Label("Lost", ":material/cancel:", "red", "✕"),
    Health.PROBABLY_LOST: Label("Probably lost", ":material/help:", "red", "⁇"),
    Health.AT_RISK: Label("At risk", ":material/warning:", "red", "⚠"),
    Health.DUE_SOON: Label("Due soon", ":material/schedule:", "orange", "◔"),
    Health.UNKNOWN: Label("Unknown", ":material/question_mark:", "violet", "?"),
    Health.WAITING: Label("Waiting", ":material/hourglass_top:", "blue", "…"),
    Health.SAFE: Label("Safe", ":material/verified_user:", "green", "✓"),
    Health.PERSISTENT: Label("Persistent", ":material/all_inclusive:", "green", "∞"),
    Health.BEING_MADE: Label("Being made", ":material/progress_activity:", "gray", "○"),
}
HEALTH_COLOURS = {health: COLOURS[label.colour] for health, label in HEALTH.items()}
STATE = {
    JobState.CONFIRMED: Label("Queued", ":material/schedule_send:", "blue", "…"),
    JobState.SUBMITTING: Label("Sending", ":material/upload:", "blue", "↑"),
    JobState.WAITING: Label("Working", ":material/progress_activity:", "blue", "◔"),
    JobState.UNKNOWN: Label("Unconfirmed", ":material/help:", "orange", "?"),
    JobState.DONE: Label("Done", ":material/check_circle:", "green", "✓"),
    JobState.FAILED: Label("Failed", ":material/error:", "red", "✕"),
}
NOT_SENT = Label("Not sent", ":material/pause_circle:", "orange", "‖")
"""Of an order that was not sent in time, and waits for a person."""
TO_DECIDE = "Needs a decision"
"""Of orders that stand still until a person says what becomes of them."""
SOURCE = {
    Source.CLONED: "cloned",
    Source.DESIGNED: "designed from words",
    Source.ADOPTED: "added as an existing voice",
}
WORK = {
    JobKind.CLONE: "Clone",
    JobKind.DESIGN: "Design",
    JobKind.SPEECH: "Speech",
    JobKind.ACTIVATION: "Keep",
    JobKind.TRANSCRIPT: "Transcript",
}
SPENT_ON = {
    **{kind.value: title for kind, title in WORK.items()},
    Purpose.REFRESH.value: "Keep again",
    Purpose.TEST_CALL.value: "Test call",
}
"""What money is summed by: uses by what they are for."""
CONSENT = {
    ConsentState.RECORDED: Label("Consent recorded", ":material/how_to_reg:", "green", "✓"),
    ConsentState.NOT_RECORDED: Label("Consent not recorded", ":material/help:", "gray", "?"),
    ConsentState.ENDED: Label("Consent ended", ":material/event_busy:", "orange", "◔"),
    ConsentState.WITHDRAWN: Label("Consent withdrawn", ":material/person_cancel:", "red", "✕"),
    ConsentState.NOT_NEEDED: Label("No consent needed", ":material/person_off:", "gray", "–"),
}
RELATION = {
    Relation.NOT_SAID: "",
    Relation.SELF: "Said so themselves",
    Relation.AGREED: "They agreed",
    Relation.ON_BEHALF: "A parent, guardian or estate agreed",
    Relation.LICENSED: "A contract or licence allows it",
}
ANY_USE = "Anything this team makes"
POLICY = {
    KeepPolicy.AT_ONCE: "At once",
    KeepPolicy.BEFORE_DEADLINE: "Before the deadline",
    KeepPolicy.ASK: "Ask me",
}
POLICY_HELP = {
    KeepPolicy.AT_ONCE: "As soon as the voice is ready, so nobody can forget it.",
    KeepPolicy.BEFORE_DEADLINE: "Halfway to its deadline, unless somebody uses it first.",
    KeepPolicy.ASK: "Only when you press Keep. If nobody does in time, the voice is lost.",
}

DEED = {
    EventKind.ORDERED: "Ordered",
    EventKind.DECIDED: "Order changed",
    EventKind.DELETED: "Take deleted",
    EventKind.NAMED: "Take changed",
    EventKind.SCRIPT: "Script",
    EventKind.CHANGED: "Voice changed",
    EventKind.ADOPTED: "Existing voice added",
    EventKind.CONSENT: "Consent",
    EventKind.LISTENED: "Listening test",
    EventKind.DOWNLOADED: "Downloaded",
    EventKind.EXPORTED: "Exported",
    EventKind.IMPORTED: "Imported",
    EventKind.ACCOUNT: "Account",
    EventKind.ERASED: "Erased",
    EventKind.SHARED: "Shared",
    EventKind.STORAGE: "Storage",
    EventKind.CHECKED: "Check",
    EventKind.TESTED: "Test message",
    EventKind.SIGNED_IN: "Signed in",
    EventKind.REFUSED: "Sign-in refused",
    EventKind.SIGNED_OUT: "Signed out",
    EventKind.ELEVATED: "Became admin",
    EventKind.OTHER: "Other",
}

REFRESH_HELP = {
    0: "One real use keeps a voice for good, by the services' own rules.",
    6: "A stricter reading of those rules: used again before each deadline.",
    30: "Once a month, to check that it still works.",
}


def subject(kind: JobKind, voice: str) -> str:
    """What an order is about: its voice by its name, or a recording that is no voice's."""
    if kind is JobKind.TRANSCRIPT:
        return "A recording"
    return voice or "A voice that is gone"


def demo_badge(*, demo: bool) -> str:
    """What marks the demo's own, behind a name; "" for everything else."""
    return " :violet-badge[:material/science: Demo]" if demo else ""


def refresh(days: int) -> str:
    """How often a kept voice is used again."""
    return f"Every {days} days" if days else "Off"


def stage(order: Job | OrderRow, now: datetime) -> Label:
    """An order's state, with the one thing a state does not say: one that waits for a person."""
    return NOT_SENT if order.is_expired(now) else STATE[order.state]


def hours(number: int) -> str:
    """The time that a rule gives: "7 days", or "36 hours" where it is no number of days."""
    whole_days, rest = divmod(number, 24)
    return units.count(number, "hour") if rest else units.count(whole_days, "day")


def until(moment: datetime, now: datetime) -> str:
    """ "in 2 d 4 h" or "2 d 4 h ago"."""
    if abs(moment - now) < timedelta(seconds=1):
        return "now"
    return f"in {span(moment - now)}" if moment > now else f"{span(now - moment)} ago"


def zone(name: str | None) -> tzinfo:
    """The viewer's zone; UTC where the browser names none that is known."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def local(moment: datetime, zone_name: str | None) -> str:
    """Day and time in the viewer's zone: "Sat 21 Nov, 14:05"."""
    there = moment.astimezone(zone(zone_name))
    suffix = " UTC" if there.tzinfo is UTC else ""
    return f"{there:%a} {there.day} {there:%b}, {there:%H:%M}{suffix}"


def price(amount: Money, *, demo: bool = False) -> str:
    """A cost as it stands on buttons; the demo's is play money."""
    return f"{amount} play money" if demo else str(amount)


def each(amount: Money, *, demo: bool = False) -> str:
    """The price of one of several, beside their sum: five times "$0.01" would not be "$0.03"."""
    least = Money.usd("0.01")
    return f"under {price(least, demo=demo)}" if amount < least else price(amount, demo=demo)


def total(amount: Sum) -> str:
    """A sum of real and of play money, as far as there is any; "nothing" for none."""
    parts = [price(amount.live)] if amount.live.micros else []
    if amount.play.micros:
        parts.append(price(amount.play, demo=True))
    return " and ".join(parts) or "nothing"


def month(of: date) -> str:
    """A month by its name: "November 2026"."""
    return f"{of:%B %Y}"


def short(name: str, length: int = 40) -> str:
    """A name for a list of names: one line, and not too long."""
    line = " ".join(name.split())
    return line if len(line) <= length else beginning(line, length - 1).rstrip() + "…"


def tab_title(name: str = "") -> str:
    """What a browser's tab is called that shows this page or voice. A stranger's name stays on one
    line, and has no signs that hide or turn round what follows.
    """
    seen = short("".join(sign for sign in name if sign in _JOINERS or _is_drawn(sign)))
    return f"{seen} · {APP}" if seen and seen != APP else APP


def _is_drawn(sign: str) -> bool:
    return sign.isspace() or unicodedata.category(sign)[0] != "C"


def plain(text: str) -> str:
    """A stranger's text for use inside Markdown: its signs mean nothing there."""
    text = _REPLACED.sub(lambda found: found[0][0] + WORD_JOINER + found[0][1:], text)
    return "".join("\\" + char if char in r"\`*_{}[]()#+-.!|<>$:~&" else char for char in text)
