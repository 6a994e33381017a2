"""Kinds of columns: what any database and any manifest can hold, and how it is read back."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, String, Text, TypeDecorator
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeEngine

from lib import storable
from lib.json_reading import JsonObject
from lib.models import Money

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class Utc(TypeDecorator[datetime]):
    """A UTC-aware moment; SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without its zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Line(TypeDecorator[str]):
    """A short text, as any database and any manifest can hold it."""

    impl = String
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable.text(value, self.length)


class Prose(TypeDecorator[str]):
    """A longer text, as any database and any manifest can hold it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable.text(value)


class Free(TypeDecorator[JsonObject]):
    """What was asked for or answered, as it was: any JSON that can be stored and read back."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: JsonObject | None, dialect: Dialect) -> object:
        return storable.json_value(value)

    def coerce_compared_value(self, op: OperatorType | None, value: object) -> TypeEngine[object]:
        return self.impl_instance.coerce_compared_value(op, value)


class Micros(TypeDecorator[Money]):
    """Money as integer micro-dollars."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Money | None, dialect: Dialect) -> int | None:
        return None if value is None else value.micros

    def process_result_value(self, value: int | None, dialect: Dialect) -> Money | None:
        return None if value is None else Money(value)


class Word(TypeDecorator[StrEnum]):
    """One word of an enumeration, as text."""

    impl = String(32)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.words(value)


class Words(TypeDecorator[tuple[str, ...]]):
    """A few short texts."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Iterable[str] | None, dialect: Dialect) -> list[str]:
        return [storable.text(word) for word in value or ()]

    def process_result_value(self, value: list[str] | None, dialect: Dialect) -> tuple[str, ...]:
        return tuple(value or ())


class Several(TypeDecorator[tuple[Any, ...]]):
    """Several small records of one kind, each as a JSON object."""

    impl = JSON
    cache_ok = True

    def __init__(self, kind: type[DataclassInstance]) -> None:
        super().__init__()
        self.kind = kind
        self.names = frozenset(field.name for field in dataclasses.fields(kind))

    def process_bind_param(self, value: Iterable[Any] | None, dialect: Dialect) -> object:
        return storable.json_value([dataclasses.asdict(item) for item in value or ()])

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[Any, ...]:
        """Without what only a later version knows."""
        return tuple(
            self.kind(**{name: item[name] for name in self.names & item.keys()})
            for item in value or ()
        )
