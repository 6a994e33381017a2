"""What people type, made fit to be stored, sent and shown: every use case cleans it here.

Control signs, halves of characters and signs that nobody sees are taken out. The two joiners stay:
Persian and Hindi are written with them, and they hold emoji together.
"""

from __future__ import annotations

from collections.abc import Iterable

JOINERS = "\u200c\u200d"
MAX_NAME = 80
"""Characters of a voice's name, and of a person's."""
MAX_TAGS = 20
MAX_TAG = 40


def one_line(text: str, longest: int | None = None) -> str:
    """One line without control characters and repeated blanks; cut where it is too long."""
    seen = "".join(char if _is_seen(char) else _instead(char) for char in text)
    line = " ".join(seen.split()).strip(f"{JOINERS} ")
    return line[:longest].strip(f"{JOINERS} ")  # nor does a cut leave a blank at the end


def several_lines(text: str) -> str:
    """The same for a text that may have line breaks, which stay as they are."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    seen = (char if char == "\n" or _is_seen(char) else _instead(char) for char in lines)
    return "".join(seen).strip().strip(JOINERS).strip()


def tidy_tags(texts: Iterable[str]) -> tuple[str, ...]:
    """The tags in these texts, each once: at most 20, of at most 40 characters each."""
    tags = (one_line(text, MAX_TAG) for text in texts)
    return tuple(dict.fromkeys(tag for tag in tags if tag))[:MAX_TAGS]


def name_fault(name: str) -> str:
    """Why this cannot be the name of a voice, in a sentence; "" where it can."""
    if not name:
        return "Give the voice a name."
    if len(name) > MAX_NAME:
        return f"The name is too long: {MAX_NAME} characters at most."
    return ""


def _is_seen(char: str) -> bool:
    return char in JOINERS or char.isprintable()


def _instead(char: str) -> str:
    """A blank of any kind is a blank, so that no words run together."""
    return " " if char.isspace() else ""
