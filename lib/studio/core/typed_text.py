"""What people type, made fit to be stored, sent and shown: every use case cleans it here.

Control signs, halves of characters and signs that nobody sees are taken out, but the two joiners.
What is left is spelt in one way (NFC): keyboards and file systems spell "é" in one sign or in two.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import regex

from lib.storable import JOINERS, is_seen
from lib.studio.core.reasons import Reason
from lib.studio.core.wording import name_too_long, sentence
from lib.text_breaks import beginning

MAX_NAME = 80
"""Characters of a voice's name, and of a person's."""
MAX_DESCRIPTION = 1_000
MAX_LANGUAGE = 60
MAX_TAGS = 20
MAX_TAG = 40
_NOT_IN_FILES = regex.compile(
    r"[^\w\p{M}\u200c\u200d -]+|(?<![\p{L}\p{M}])[\u200c\u200d]+|[\u200c\u200d]+(?!\p{L})"
)
"""All but letters with their accents and vowel signs, joiners between them, digits and blanks."""


def one_line(text: str, longest: int | None = None) -> str:
    """One line without control characters and repeated blanks; cut where it is too long."""
    seen = "".join(char if is_seen(char) else _instead(char) for char in text)
    line = unicodedata.normalize("NFC", " ".join(seen.split())).strip(f"{JOINERS} ")
    if longest is None:
        return line
    return beginning(line, longest).strip(f"{JOINERS} ")  # nor does a cut leave a blank at the end


def several_lines(text: str) -> str:
    """The same for a text that may have line breaks, which stay as they are."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    seen = (char if char == "\n" or is_seen(char) else _instead(char) for char in lines)
    return unicodedata.normalize("NFC", "".join(seen)).strip().strip(JOINERS).strip()


def searchable(text: str) -> str:
    """Whatever the case of its letters, and however their accents are spelt."""
    return unicodedata.normalize("NFC", text).lower()


def file_stem(name: str, longest: int = 60) -> str:
    """A stranger's name for a file: its letters, digits and blanks, "" where it has none."""
    return beginning(_NOT_IN_FILES.sub("", name).strip(), longest).strip()


def tidy_tags(texts: Iterable[str]) -> tuple[str, ...]:
    """The tags in these texts, each once: at most 20, of at most 40 characters each."""
    tags = (one_line(text, MAX_TAG) for text in texts)
    return tuple(dict.fromkeys(tag for tag in tags if tag))[:MAX_TAGS]


def name_fault(name: str) -> str:
    """Why this cannot be the name of a voice, in a sentence; "" where it can."""
    if not name:
        return sentence(Reason.NO_NAME)
    if len(name) > MAX_NAME:
        return name_too_long(MAX_NAME)
    return ""


def _instead(char: str) -> str:
    """A blank of any kind is a blank, so that no words run together."""
    return " " if char.isspace() else ""
