"""Words that somebody searches for, as conditions."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, or_

from lib import storable

MOST_WORDS = 12
"""Of a search; more would only slow it down."""


def words_of(search: str) -> list[str]:
    """The words of a search."""
    return storable.text(search).split()[:MOST_WORDS]


def says(column: ColumnElement[str], word: str) -> ColumnElement[bool]:
    """Whatever its case: SQLite itself knows that of plain letters only."""
    forms = [(column, form) for form in (word, word.upper(), word.capitalize())]
    forms.append((func.lower(column), word.lower()))
    return or_(*(where.contains(form, autoescape=True) for where, form in forms))
