"""How states, times and money read on screen. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lib.clock import span
from lib.event_kinds import EventKind
from lib.models import Health, Job, JobKind, JobState, KeepPolicy, Money, Source, Voice
from lib.studio.core.money import Sum

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
    JobState.CONFIRMED: Label("In line", ":material/schedule_send:", "blue"),
    JobState.SUBMITTING: Label("Sending", ":material/upload:", "blue"),
    JobState.WAITING: Label("Working", ":material/progress_activity:", "blue"),
    JobState.UNKNOWN: Label("Not known", ":material/help:", "orange"),
    JobState.DONE: Label("Done", ":material/check_circle:", "green"),
    JobState.FAILED: Label("Failed", ":material/error:", "red"),
}
SOURCE = {
    Source.CLONED: "cloned",
    Source.DESIGNED: "designed from words",
    Source.ADOPTED: "adopted",
}
WORK = {
    JobKind.CLONE: "Clone",
    JobKind.DESIGN: "Design",
    JobKind.SPEECH: "Speech",
    JobKind.ACTIVATION: "Keep",
    JobKind.TRANSCRIPT: "Transcript",
}
POLICY = {
    KeepPolicy.AT_ONCE: "At once",
    KeepPolicy.BEFORE_DEADLINE: "Before the deadline",
    KeepPolicy.ASK: "Ask me",
}
POLICY_HELP = {
    KeepPolicy.AT_ONCE: "As soon as the voice is there. Nothing can be forgotten.",
    KeepPolicy.BEFORE_DEADLINE: "Half-way to its deadline, if nobody has used it by then.",
    KeepPolicy.ASK: "Never by itself. You press the button in time, or the voice is lost.",
}

DEED = {
    EventKind.ORDERED: "Ordered",
    EventKind.DECIDED: "Order changed",
    EventKind.DELETED: "Take deleted",
    EventKind.CHANGED: "Voice changed",
    EventKind.ADOPTED: "Existing voice added",
    EventKind.LISTENED: "Listening test",
    EventKind.DOWNLOADED: "Downloaded",
    EventKind.EXPORTED: "Exported",
    EventKind.IMPORTED: "Imported",
    EventKind.ACCOUNT: "Account",
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
    0: "One real use keeps a voice for good, as far as the services' own pages say.",
    6: "For the strict reading of those pages: used again before its time is over.",
    30: "Once a month, to hear that it still speaks.",
}


def subject(kind: JobKind, voice: Voice | None) -> str:
    """What an order is about: its voice by its name, or a recording that is no voice's."""
    if kind is JobKind.TRANSCRIPT:
        return "A recording"
    return voice.name if voice else "A voice that is gone"


def demo_badge(*, demo: bool) -> str:
    """What marks the demo's own, behind a name; "" for everything else."""
    return " :violet-badge[:material/science: Demo]" if demo else ""


def refresh(days: int) -> str:
    """How often a kept voice is used again."""
    return f"Every {days} days" if days else "Off"


def stage(job: Job, now: datetime) -> Label:
    """A job's state, with the one thing a state does not say: an order that waits for a person."""
    if job.is_expired(now):
        return Label("Not sent", ":material/pause_circle:", "orange")
    return STATE[job.state]


def hours(number: int) -> str:
    """The time that a rule gives: "7 days", or "36 hours" where it is no number of days."""
    whole_days, rest = divmod(number, 24)
    return count(number, "hour") if rest else count(whole_days, "day")


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


def seconds(length: float) -> str:
    """The length of a sound: "4.2 s", "1 min 5 s"."""
    if length < 59.95:
        return f"{length:.1f} s"
    minutes, rest = divmod(round(length), 60)
    return f"{minutes} min {rest} s"


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


def size(length: int) -> str:
    """A number of bytes: "16 kB", "12.3 MB", "1.2 GB"."""
    if length < 1_000_000:
        return f"{max(length, 1) / 1_000:.0f} kB" if length >= 1_000 else f"{length} bytes"
    if length < 1_000_000_000:
        return f"{length / 1_000_000:.1f} MB"
    return f"{length / 1_000_000_000:.1f} GB"


def count(number: int, noun: str) -> str:
    """ "1 voice" or "1,200 voices"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def short(name: str, length: int = 40) -> str:
    """A name for a list of names: one line, and not too long."""
    line = " ".join(name.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def file_stem(name: str) -> str:
    """A stranger's name for a file: its letters, digits and blanks, "" where it has none."""
    return re.sub(r"[^\w -]+", "", name).strip()[:60]


def plain(text: str) -> str:
    """A stranger's text for use inside Markdown: its signs mean nothing there."""
    text = _REPLACED.sub(lambda found: found[0][0] + WORD_JOINER + found[0][1:], text)
    return "".join("\\" + char if char in r"\`*_{}[]()#+-.!|<>$:~&" else char for char in text)
