"""What one cell of a list holds, whatever was copied along with it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum

from lib.services import KINDS, SERVICES, Kind, Service, kind_of_model
from lib.storable import JOINERS
from lib.studio.adoption.moments import is_date


class Column(StrEnum):
    """What a cell or a column may say of a voice."""

    UNUSED = ""
    ID = "id"
    NAME = "name"
    KIND = "kind"
    MADE = "made"
    TAGS = "tags"
    TRANSCRIPT = "transcript"
    DESCRIPTION = "description"
    LANGUAGE = "language"


NAMES = {
    Column.ID: (
        "providervoiceid", "customvoiceid", "voiceid", "embeddingurl", "speakerembeddingurl", "id",
        "voice", "embedding", "address", "url", "link",
    ),
    Column.NAME: ("name", "title", "label", "voicename", "displayname"),
    Column.KIND: ("kind", "type", "model", "service", "provider", "source"),
    Column.MADE: (
        "made", "date", "datemade", "created", "createdat", "creationdate", "cloned", "clonedat",
        "cloneddate",
    ),
    Column.TAGS: ("tags", "tag", "labels"),
    Column.TRANSCRIPT: ("transcript", "referencetext", "text"),
    Column.DESCRIPTION: ("description", "note", "notes"),
    Column.LANGUAGE: ("language", "lang"),
}  # fmt: skip
"""How programs name what they export, in small letters and digits alone, the most exact first."""
_MEANINGS = {name: column for column, names in NAMES.items() for name in names}
_AROUND = " \t\"'`´‘’‚‛“”„‟«»‹›「」『』〈〉《》()[]{}<>*~,;.!?…:=|"
_BULLET = re.compile(r"(?:\d{1,3}[.)]|\[[ xX]?\]|[^\w\s\"'`“„«‘(<\[{#/=]{1,3})\s+")
_LABEL = re.compile(r"[\W_]*(\w[\w /-]{0,29}?)[\W_]{0,3}?\s*[:=：]\s*(\S.*)", re.DOTALL)
_ADDRESS = re.compile(r"https?://[^\s<>\"`“”»]+", re.IGNORECASE)
_ID = re.compile(r"[A-Za-z][\w.:-]{7,199}", re.ASCII)
_FILE_NAME = re.compile(r".+\.(?:[A-Za-z][A-Za-z0-9]{2,4}|safetensors)")
_KIND_WORDS = frozenset({"voice", "voices", "id", "embedding", "clone", "cloned", "tts", "speech"})
_BETWEEN = " -–—:=→>"
MAX_ID = 2_100
"""Longer texts are no address, and are not looked into."""


def meaning(text: str) -> Column:
    """What a column of this name holds, as far as programs name it so."""
    return _MEANINGS.get(_squashed(text.lower()), Column.UNUSED)


def exactness(text: str) -> int:
    """How exactly a column's name says that it holds IDs of voices: 0 for the most exact."""
    return NAMES[Column.ID].index(_squashed(text.lower()))


def labelled(text: str) -> tuple[Column, str]:
    """What a cell says it holds, as in "Voice ID: Anna2024", and the rest; else the whole cell."""
    found = _LABEL.match(_seen(text)) if len(text) <= MAX_ID else None
    what = meaning(found[1]) if found else Column.UNUSED
    return (what, found[2].strip()) if found and what else (Column.UNUSED, text)


def clean_id(text: str) -> str:
    """The ID or the address inside of quotes, bullets, a label, signs that nobody sees."""
    if len(text) > MAX_ID:
        return text
    text = _seen(text, but=JOINERS).strip()
    if found := _ADDRESS.search(text):
        return _address(text, found)
    text = unicodedata.normalize("NFKC", text)
    for _ in range(3):  # a label inside of quotes behind a bullet
        what, rest = labelled(text := _without_bullets(text))
        text = (rest if what is Column.ID else text).strip(_AROUND)
    return text


def is_id(text: str) -> bool:
    """Whether a text is an address or has the form of an ID: letters, and a digit among them."""
    if len(text) > MAX_ID:
        return False
    prefixes = (offer.prefix for service in SERVICES.values() for offer in service.adopts)
    if text.startswith(("https://", "http://", *filter(None, prefixes))):
        return not any(char.isspace() for char in text)
    is_formed = any(char.isdigit() for char in text) and _ID.fullmatch(text) is not None
    is_other = _FILE_NAME.fullmatch(text) or kind_of_model(text) or is_date(text)
    return is_formed and not is_other


def parts_of_line(line: str) -> list[str]:
    """The cells of a line that has no separator: the ID, and a name before or behind it."""
    if len(line) > MAX_ID:
        return [line]
    text = _seen(line).strip()
    whole = clean_id(text)
    if not any(char.isspace() for char in whole):
        return [whole]
    what, rest = labelled(text := _without_bullets(text))
    if what is Column.ID:
        text = rest
    elif what:
        return [text]
    first, *others = text.split()
    before = text[: -len(others[-1])].rstrip() if others else ""
    if others and not is_id(clean_id(first)) and before.endswith(tuple(_BETWEEN.strip() + "(")):
        last = clean_id(others[-1])
        if is_id(last):
            return [last, before.strip(_BETWEEN + "()")]
    name = text[len(first) :].strip(_BETWEEN + "()")
    return [clean_id(first), *([name] if name else [])]


def kind_and_service(text: str) -> tuple[str, str]:
    """Kind and service that a cell names, "" for what it does not; ("", "") for another text."""
    if len(text) > 100:
        return "", ""
    kinds, services = _called(KINDS.values()), _called(SERVICES.values())
    joined = text.lower()
    for name in (*kinds, *services):  # of two words, as one
        joined = joined.replace(name, _squashed(name))
    words = [word for word in re.split(r"[^a-z0-9]+", joined) if word]
    kind = next((kinds[word] for word in words if word in kinds), "")
    service = next((services[word] for word in words if word in services), "")
    strange = [word for word in words if word not in kinds | services and word not in _KIND_WORDS]
    if strange or len(words) > 4:
        model = kind_of_model(text)
        return (model.id, "") if model else ("", "")
    return kind or only_kind(service), service


def only_kind(service: str) -> str:
    """The kind of voices that a service has, if it is one."""
    kinds = {offer.kind for offer in SERVICES[service].adopts} if service else set()
    return kinds.pop() if len(kinds) == 1 else ""


def _address(text: str, found: re.Match[str]) -> str:
    """The address, where nothing but its surroundings stands around it; else all of the text."""
    before, address, behind = text[: found.start()], found[0], text[found.end() :]
    is_link = before.endswith("](")
    if is_link and ")" in address:
        address, _, more = address.rpartition(")")
        behind = more + behind
    address = address.rstrip(".,;:!?'’")
    while address.endswith((")", "]", "}")) and not _is_balanced(address):
        address = address[:-1]
    is_label = labelled(f"{before}x")[0] is Column.ID
    if behind.strip(_AROUND) or not (is_link or is_label or not _bare(before)):
        return text
    return address


def _is_balanced(address: str) -> bool:
    opens = {")": "(", "]": "[", "}": "{"}[address[-1]]
    return address.count(opens) >= address.count(address[-1])


def _bare(before: str) -> str:
    """What is left in front of an address without bullets and quotes."""
    return _without_bullets(before).strip(_AROUND + "-–—•·→")


def _without_bullets(text: str) -> str:
    """A list's sign or number, and the box of a task, each with the blank behind it."""
    for _ in range(3):
        if found := _BULLET.match(text):
            text = text[found.end() :]
    return text


def _seen(text: str, *, but: str = "") -> str:
    """Without signs that nobody sees, and without these; every blank is a plain one. The joiners
    belong to names.
    """
    if text.isascii() and text.isprintable():
        return text
    plain = (" " if char.isspace() else char for char in text if char not in but)
    hidden = ("Cf", "Cc")
    return "".join(c for c in plain if c in JOINERS or unicodedata.category(c) not in hidden)


def _called(known: Iterable[Kind | Service]) -> dict[str, str]:
    """What people call each, in small letters, also as one word; and its id."""
    spelled = {
        name.lower(): item.id for item in known for name in (item.id, item.title, *item.also_called)
    }
    return spelled | {_squashed(name): found for name, found in spelled.items()}


def _squashed(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name)
