"""Days, lengths of time and of files, and how many there are, as people read them. Pure."""

from __future__ import annotations

from datetime import date, timedelta


def day(number: date) -> str:
    """A day: "3 May 2026"."""
    return f"{number.day} {number:%b %Y}"


def span(length: timedelta) -> str:
    """A length of time in its two largest units: "2 d 4 h", "3 min", "12 s"."""
    seconds = int(abs(length.total_seconds()))
    if seconds == 0:
        return "under 1 s"
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, left = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{left} s"


def seconds(length: float) -> str:
    """The length of a sound: "4.2 s", "1 min 5 s"."""
    if length < 59.95:
        return f"{length:.1f} s"
    minutes, rest = divmod(round(length), 60)
    return f"{minutes} min {rest} s"


def size(length: int) -> str:
    """A number of bytes: "16 kB", "12.3 MB", "1.2 GB"."""
    if length < 1_000_000:
        return f"{max(length, 1) / 1_000:.0f} kB" if length >= 1_000 else f"{length} bytes"
    if length < 1_000_000_000:
        return f"{length / 1_000_000:.1f} MB"
    return f"{length / 1_000_000_000:.1f} GB"


def count(number: float, one: str, several: str = "") -> str:
    """How many there are: "1 voice", "1,200 voices"; "2 copies" where the plural has no mere s."""
    shown = f"{number:,}" if isinstance(number, int) else f"{number:g}"
    return f"{shown} {one if number == 1 else several or one + 's'}"
