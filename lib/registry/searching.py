"""What somebody searches for, as conditions: words, and the names to choose from."""

from __future__ import annotations

import unicodedata

from sqlalchemy import ColumnElement, Select, func, or_, select

from lib import storable

MOST_WORDS = 12
"""Of a search; more would only slow it down."""


def words_of(search: str) -> list[str]:
    """The words of a search, spelt as what people type is stored."""
    return unicodedata.normalize("NFC", storable.text(search)).split()[:MOST_WORDS]


def says(column: ColumnElement[str], word: str) -> ColumnElement[bool]:
    """Whatever its case (SQLite itself knows that of plain letters only), and however its accents
    are spelt: what was stored by earlier versions may have them as signs of their own.
    """
    cased = (word, word.upper(), word.capitalize())
    spelt = (unicodedata.normalize("NFD", form) for form in cased)
    forms = [(column, form) for form in dict.fromkeys((*cased, *spelt))]
    forms.append((func.lower(column), word.lower()))
    return or_(*(where.contains(form, autoescape=True) for where, form in forms))


def each_name(person: ColumnElement[str], *conditions: ColumnElement[bool]) -> Select[tuple[str]]:
    """All names in this column but "", by name, of the rows for which the conditions hold.

    Each next one is looked up in the index: reading all rows would take ever longer.
    """
    first = select(func.min(person).label("name")).where(person != "", *conditions)
    names = first.cte(recursive=True)
    later = select(func.min(person)).where(person > names.c.name, *conditions).scalar_subquery()
    whole = names.union_all(select(later).where(names.c.name.is_not(None)))
    return select(whole.c.name).where(whole.c.name.is_not(None))
