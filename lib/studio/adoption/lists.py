"""Reads lists of existing voices as people paste them: plain lines or CSV, tolerantly. Pure.

A line holds an ID or an address, and may hold a name, a kind or service, a date, and tags, with or
without a header, between commas, semicolons, tabs or bars. What cannot be read becomes a fault of
its own line.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import islice

from lib.services import KINDS, SERVICES, Kind, Service
from lib.studio.core.typed_text import one_line, tidy_tags

MAX_LINES = 500
MAX_CHARS = 1_000_000
MAX_CELL = 8_000
SEPARATORS = "\t;,|"
LINES_SAMPLED = 20
"""How many filled lines are sampled to find the separator of a list."""
HEADERS = {
    "id": "id", "voiceid": "id", "customvoiceid": "id", "providervoiceid": "id", "voice": "id",
    "url": "id", "embedding": "id", "embeddingurl": "id", "speakerembeddingurl": "id",
    "address": "id", "link": "id",
    "name": "name", "title": "name", "label": "name", "voicename": "name", "displayname": "name",
    "kind": "kind", "type": "kind", "model": "kind", "service": "kind", "provider": "kind",
    "source": "kind",
    "made": "made", "date": "made", "datemade": "made", "created": "made", "createdat": "made",
    "creationdate": "made", "cloned": "made", "clonedat": "made", "cloneddate": "made",
    "tags": "tags", "tag": "tags", "labels": "tags",
    "transcript": "transcript", "referencetext": "transcript", "text": "transcript",
    "description": "description", "note": "description", "notes": "description",
    "language": "language", "lang": "language",
}  # fmt: skip
"""Names of columns, in small letters and digits alone, and what they hold."""
_KIND_WORDS = frozenset({"voice", "voices", "id", "embedding", "clone", "cloned", "tts", "speech"})
_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{1,2}:\d{2}\S*( ?UTC)?", re.IGNORECASE)
_LIKE_A_DATE = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}([T ].*)?")


class BadList(Exception):
    """A list that cannot be taken as a whole; `str()` is a sentence."""


@dataclass(frozen=True)
class Line:
    """One voice of a list. `made` is a day, or a moment in UTC; `fault` a sentence on what is
    wrong.
    """

    number: int
    id: str = field(default="", repr=False)
    name: str = ""
    kind: str = ""
    service: str = ""
    made: date | datetime | None = None
    tags: tuple[str, ...] = ()
    transcript: str = ""
    description: str = ""
    language: str = ""
    fault: str = ""


def read(text: str) -> list[Line]:
    """The voices of a list, in its order, without blank lines.

    What is wrong with one line stands in its `fault`. Raises `BadList` if the list is too long.
    """
    if len(text) > MAX_CHARS:
        raise BadList("This list is too long. Bring it in parts of 500 lines.")
    text = text.replace("\ufeff", "").replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    rows = _rows(text)
    if not rows:
        return []
    columns = _header(rows[0][1])
    if columns:
        rows = rows[1:]
    if len(rows) > MAX_LINES:
        raise BadList(f"This list has {len(rows):,} lines. Bring {MAX_LINES} at a time.")
    return [_line(number, cells, columns) for number, cells in rows]


def format_list(voices: Iterable[tuple[str, str, str]]) -> str:
    """Write voices as a list that `read` accepts: the first 500.

    Each voice is a tuple of its ID, its name, and its kind or service.
    """
    rows = ["id\tname\tkind"]
    for cells in islice(voices, MAX_LINES):
        rows.append("\t".join(cell.replace("\t", " ").replace('"', "'") for cell in cells))
    return "\n".join(rows)


def decode(data: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 with a byte order mark, or else Windows-1252.

    Raises `BadList` if the file is too large.
    """
    if len(data) > MAX_CHARS * 4:
        raise BadList("This file is too large. Bring it in parts of 500 lines.")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """The filled lines with their numbers, each in cells."""
    separator = _separator(text)
    rows: list[tuple[int, list[str]]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        found = _cells(line, separator) if separator else _two_parts(line.strip())
        cells = [cell.strip() for cell in found]
        if any(cells):
            rows.append((number, cells))
    return rows


def _cells(line: str, separator: str) -> list[str]:
    """One line's cells. Each line is read by itself: a quote that is never closed must not
    swallow the voices after it.
    """
    try:
        return next(csv.reader([line], delimiter=separator, skipinitialspace=True, strict=True), [])
    except csv.Error:
        return [cell.strip().strip('"') for cell in line.split(separator)]


def _separator(text: str) -> str:
    """The separator that most of the first lines hold; "" where there is none."""
    first = [line for line in text.split("\n") if line.strip()][:LINES_SAMPLED]
    bare = [re.sub(r'"[^"]*"|https?://\S*?(?=[\t;,|\s]|$)', "", line) for line in first]
    counts = {sign: sum(sign in line for line in bare) for sign in SEPARATORS}
    best = max(counts, key=lambda sign: counts[sign])
    return best if counts[best] else ""


def _two_parts(line: str) -> list[str]:
    """An ID and, behind a blank, a name."""
    first, _, rest = line.strip('"').partition(" ")
    return [first, *([rest.strip(" -–—:")] if rest.strip() else [])]


def _header(cells: Sequence[str]) -> list[str] | None:
    """What each column holds, if this line is a header: it names an ID, and nothing unknown to
    be one.
    """
    named = [HEADERS.get(re.sub(r"[^a-z0-9]", "", cell.lower()), "") for cell in cells]
    plain = all(not cell or re.fullmatch(r"[\w /-]{1,40}", cell) for cell in cells)
    return named if "id" in named and plain else None


def _line(number: int, cells: Sequence[str], columns: Sequence[str] | None) -> Line:
    if any(len(cell) > MAX_CELL for cell in cells):
        return Line(number, fault="It is too long for a voice.")
    parts = _by_header(cells, columns) if columns else _by_form(cells)
    kind, service = _kind(parts.get("kind", ""))
    fault = ""
    made: date | datetime | None = None
    if parts.get("made"):
        try:
            made = read_date(parts["made"])
        except ValueError:
            fault = "Its date cannot be read. Write it as 2026-11-20."
    if parts.get("kind") and not kind and not service:
        fault = fault or f"Its kind is not known here. Write {_what_may_be_written()}."
    if not parts.get("id"):
        fault = "There is no ID in this line."
    return Line(
        number,
        id=parts.get("id", ""),
        name=one_line(parts.get("name", "")),
        kind=kind,
        service=service,
        made=made,
        tags=tidy_tags(re.split(r"[,;|]", parts.get("tags", ""))),
        transcript=parts.get("transcript", ""),
        description=one_line(parts.get("description", "")),
        language=one_line(parts.get("language", "")),
        fault=fault,
    )


def _by_header(cells: Sequence[str], columns: Sequence[str]) -> dict[str, str]:
    """The first filled cell of each meaning; of two about the kind, both count."""
    parts: dict[str, str] = {}
    for cell, what in zip(cells, columns, strict=False):
        if cell and what == "kind" and parts.get("kind"):
            parts["kind"] += f" {cell}"
        elif cell and what:
            parts.setdefault(what, cell)
    return parts


def _by_form(cells: Sequence[str]) -> dict[str, str]:
    """Without a header each cell is what its form shows. The ID is the cell that looks like one
    among the first two, else the first.
    """
    filled = [cell for cell in cells if cell]
    if not filled:
        return {}
    first = next((cell for cell in filled[:2] if _like_an_id(cell)), filled[0])
    parts = {"id": first}
    rest = list(filled)
    rest.remove(first)
    tags: list[str] = []
    for cell in rest:
        kind, service = _kind(cell)
        if kind or service:
            parts["kind"] = f"{parts.get('kind', '')} {cell}".strip()
        elif "made" not in parts and _LIKE_A_DATE.fullmatch(cell):
            parts["made"] = cell
        elif "name" not in parts:
            parts["name"] = cell
        else:
            tags.append(cell)
    return parts | ({"tags": ";".join(tags)} if tags else {})


def _like_an_id(cell: str) -> bool:
    prefixes = (offer.prefix for service in SERVICES.values() for offer in service.adopts)
    if cell.startswith(("https://", "http://", *filter(None, prefixes))):
        return True
    has_digit = any(char.isdigit() for char in cell)
    return bool(has_digit and re.fullmatch(r"[A-Za-z][\w.:-]{7,199}", cell, re.ASCII))


def _kind(text: str) -> tuple[str, str]:
    """Kind and service that a cell names, "" for what it does not; ("", "") for another text."""
    kinds, services = _names(KINDS.values()), _names(SERVICES.values())
    joined = text.lower()
    for name in (*kinds, *services):  # of two words, as one
        joined = joined.replace(name, _squashed(name))
    words = [word for word in re.split(r"[^a-z0-9]+", joined) if word]
    kind = next((kinds[word] for word in words if word in kinds), "")
    service = next((services[word] for word in words if word in services), "")
    strange = [word for word in words if word not in kinds | services and word not in _KIND_WORDS]
    if strange or len(words) > 4:
        return "", ""
    return kind or _only_kind(service), service


def _names(known: Iterable[Kind | Service]) -> dict[str, str]:
    """What people call each, in small letters, also as one word; and its id."""
    spelled = {
        name.lower(): item.id for item in known for name in (item.id, item.title, *item.also_called)
    }
    return spelled | {_squashed(name): found for name, found in spelled.items()}


def _squashed(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name)


def _only_kind(service: str) -> str:
    """The kind of voices that a service has, if it is one."""
    kinds = {offer.kind for offer in SERVICES[service].adopts} if service else set()
    return kinds.pop() if len(kinds) == 1 else ""


def _what_may_be_written() -> str:
    """The kinds, and the services whose name says the kind as well."""
    alone = [service.title for service in SERVICES.values() if _only_kind(service.id)]
    *others, last = [*(kind.title for kind in KINDS.values()), *alone]
    return f"{', '.join(others)} or {last}"


def read_date(text: str) -> date | datetime:
    """A day, or a moment in UTC. Raises `ValueError`, also where day and month could be swapped."""
    text = text.strip()
    if _MOMENT.fullmatch(text):
        clock = re.sub(r" ?UTC$", "+00:00", text, flags=re.IGNORECASE)
        moment = datetime.fromisoformat(clock)
        try:
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except OverflowError:  # its zone takes it out of the calendar
            raise ValueError("not a date") from None
    if found := _DAY.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    elif found := _DOTTED.fullmatch(text):
        day, month, year = (int(part) for part in found.groups())
    else:
        raise ValueError("not a date")
    return date(year, month, day)
