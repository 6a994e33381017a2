"""How times and orders read on screen."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib import units
from lib.models import JobKind
from lib.studio.core.typed_text import file_stem
from lib.ui import words


def test_every_kind_of_order_has_its_word_and_says_what_it_is_about() -> None:
    assert words.WORK.keys() == set(JobKind)
    assert words.subject(JobKind.CLONE, "Grace") == "Grace"
    assert words.subject(JobKind.SPEECH, "") == "A voice that is gone"
    assert words.subject(JobKind.TRANSCRIPT, "") == "A recording"


@pytest.mark.parametrize(
    ("number", "told"),
    [(168, "7 days"), (24, "1 day"), (36, "36 hours"), (1, "1 hour"), (169, "169 hours")],
)
def test_the_time_of_a_rule_is_told_in_days_where_it_has_whole_ones(number: int, told: str) -> None:
    assert words.hours(number) == told


@pytest.mark.parametrize(
    ("length", "told"),
    [(1.94, "1.9 s"), (59.94, "59.9 s"), (59.96, "1 min 0 s"), (119.7, "2 min 0 s"),
     (356.83, "5 min 57 s")],
)  # fmt: skip
def test_the_length_of_a_sound_is_rounded_to_what_is_told(length: float, told: str) -> None:
    assert units.seconds(length) == told


@pytest.mark.parametrize(
    ("name", "length", "shown"),
    [
        ("Grace Hopper", 12, "Grace Hopper"),
        ("Grace  Hopper", 6, "Grace…"),
        ("ab👩\u200d🚀cd", 4, "ab…"),
        ("ที่นี่", 5, "ที่…"),
        ("🇩🇪🇫🇷", 3, "🇩🇪…"),
    ],
)
def test_a_name_is_shortened_between_signs(name: str, length: int, shown: str) -> None:
    assert words.short(name, length) == shown


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Dr. Grace/Hopper: “Ada”?", "Dr GraceHopper Ada"),
        ("हिन्दी आवाज़", "हिन्दी आवाज़"),
        ("ที่นี่", "ที่นี่"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🚀 Ada", "Ada"),
        ("../..", ""),
    ],
)
def test_a_file_is_called_by_the_letters_of_a_name(name: str, stem: str) -> None:
    assert file_stem(name) == stem


ROOT = Path(__file__).resolve().parents[2]


READ = [
    "pages",
    "lib/ui",
    "lib/studio",
    "lib/keeper",
    "lib/services",
    "lib/retention",
    "lib/providers",
]
READ += ["lib/recordings", "lib/vault", "lib/registry", "lib/notify.py", "lib/downloads.py"]
READ += ["lib/setting_problems.py", "lib/roles.py", "lib/manifest.py", "lib/settings.py"]
"""Where the sentences are made that people read."""
NOT_READ = {"migrations", "reading_texts.py"}
"""Statements of a database; texts to be read into a microphone."""


def screen_sentences() -> Iterator[tuple[str, str]]:
    """Each text with a blank in it that people may read, by its file; no docstrings."""
    rooms = [ROOT / room for room in READ]
    files = [file for room in rooms for file in ([room] if room.suffix else room.rglob("*.py"))]
    for file in files:
        if NOT_READ.intersection(file.parts):
            continue
        tree = ast.parse(file.read_text("utf-8"))
        notes = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and " " in text and id(node) not in notes:
                yield file.name, text


def words_to_avoid() -> list[str]:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rows = page.split("### Words on screen")[1].split("###")[0].splitlines()
    cells = [row.strip("|").split("|") for row in rows if row.startswith("| ")][1:]
    assert {len(row) for row in cells} == {3}
    return [word.strip() for row in cells for word in row[2].split(",")]


def test_the_screen_says_one_word_for_one_thing() -> None:
    avoided = words_to_avoid()
    assert len(avoided) >= 60
    found = re.compile(rf"\b({'|'.join(map(re.escape, avoided))})\b", re.IGNORECASE)
    sentences = list(screen_sentences())
    assert len(sentences) >= 1_500
    assert [(file, text) for file, text in sentences if found.search(text)] == []


@pytest.mark.parametrize(
    ("number", "noun", "shown"),
    [
        (0, ("voice",), "0 voices"),
        (1, ("voice",), "1 voice"),
        (1_200, ("voice",), "1,200 voices"),
        (1, ("copy", "copies"), "1 copy"),
        (2, ("copy", "copies"), "2 copies"),
        (1.5, ("second",), "1.5 seconds"),
    ],
)
def test_how_many_there_are_is_told_with_the_right_form_of_the_word(
    number: float, noun: tuple[str, ...], shown: str
) -> None:
    assert units.count(number, *noun) == shown
