"""The text of a file that somebody saved, in whatever encoding their program chose.

A byte order mark, zero bytes and valid UTF-8 leave no doubt. For the rest charset-normalizer says
which encodings fit; lists are so short that several often do, and then the language of the reader
decides. What was found is shown, and can be changed.
"""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from charset_normalizer import from_bytes

from lib.studio.adoption.tables import MAX_CHARS, BadList
from lib.studio.adoption.wording import Reason, sentence

MAX_BYTES = MAX_CHARS * 4
MAX_LOOKED_AT = 32_768
"""How many bytes of lines that are not ASCII the detector gets."""
SIMILAR = 0.1
"""How much more disorder than in the best reading the detector may see in one that counts too."""


@dataclass(frozen=True)
class Encoding:
    """One encoding by its name in Python, its name on screen, and who writes with it."""

    codec: str
    title: str
    languages: tuple[str, ...] = ()


UTF8 = Encoding("utf-8", "Unicode (UTF-8)")
UTF16 = Encoding("utf-16", "Unicode (UTF-16)")
UTF32 = Encoding("utf-32", "Unicode (UTF-32)")
LOCAL = (
    Encoding("cp1252", "Western (Windows-1252)"),
    Encoding("gb18030", "Chinese, simplified (GB 18030)", ("zh",)),
    Encoding("cp932", "Japanese (Shift JIS)", ("ja",)),
    Encoding("cp1251", "Cyrillic (Windows-1251)", ("ru", "uk", "be", "bg", "sr", "mk", "kk")),
    Encoding("cp949", "Korean (CP949)", ("ko",)),
    Encoding("big5", "Chinese, traditional (Big5)", ("zh-tw", "zh-hk", "zh-hant")),
    Encoding("euc_jp", "Japanese (EUC-JP)", ("ja",)),
    Encoding("cp1250", "Central European (Windows-1250)", ("pl", "cs", "sk", "hu", "ro", "sl")),
    Encoding("cp1254", "Turkish (Windows-1254)", ("tr", "az")),
    Encoding("cp1253", "Greek (Windows-1253)", ("el",)),
    Encoding("cp1255", "Hebrew (Windows-1255)", ("he",)),
    Encoding("koi8_r", "Cyrillic (KOI8-R)", ("ru",)),
    Encoding("cp1256", "Arabic (Windows-1256)", ("ar", "fa", "ur")),
    Encoding("cp874", "Thai (Windows-874)", ("th",)),
    Encoding("cp1257", "Baltic (Windows-1257)", ("et", "lv", "lt")),
    Encoding("cp1258", "Vietnamese (Windows-1258)", ("vi",)),
    Encoding("mac_roman", "Western (Mac)"),
    Encoding("cp850", "Western (DOS)"),
)  # fmt: skip
"""Where nothing else tells two apart, the first one counts."""
_MARKS = (
    (codecs.BOM_UTF8, UTF8),
    (codecs.BOM_UTF32_LE, UTF32),  # begins as the one of UTF-16 does
    (codecs.BOM_UTF32_BE, UTF32),
    (codecs.BOM_UTF16_LE, UTF16),
    (codecs.BOM_UTF16_BE, UTF16),
)


@dataclass(frozen=True)
class Decoded:
    """A file's text, the encoding it was read in, and all that it can be read in (one where there
    is no doubt). `is_damaged`: some signs could not be read.
    """

    text: str
    encoding: Encoding
    possible: tuple[Encoding, ...]

    @property
    def is_damaged(self) -> bool:
        return "\ufffd" in self.text


def decode(data: bytes, *, language: str = "", codec: str = "") -> Decoded:
    """Read a file. `language`: the reader's, as in "zh-TW"; `codec`: the encoding that somebody
    chose, if it is possible.

    Raises `BadList` if the file is too large or holds no text.
    """
    if len(data) > MAX_BYTES:
        raise BadList(sentence(Reason.FILE_TOO_LARGE))
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = data.decode(encoding.codec, errors="replace").removeprefix("\ufeff")
            return Decoded(text, encoding, (encoding,))
    if b"\0" in data:
        return _without_mark(data)
    if data.isascii():
        return Decoded(data.decode("ascii"), UTF8, (UTF8,))
    possible = tuple(_possible(data, language))
    chosen = next((each for each in possible if each.codec == codec), possible[0])
    return Decoded(data.decode(chosen.codec, errors="replace"), chosen, possible)


def _without_mark(data: bytes) -> Decoded:
    """Text has zero bytes in UTF-16 alone, on one side of each ASCII sign."""
    codec = "utf-16-le" if data[1::2].count(0) > data[::2].count(0) else "utf-16-be"
    no_text = BadList(sentence(Reason.NO_TEXT))
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        raise no_text from None
    if "\0" in text:
        raise no_text
    return Decoded(text, UTF16, (UTF16,))


def _possible(data: bytes, language: str) -> Iterable[Encoding]:
    """What such a file can be written in, the likeliest first."""
    if _reads(data, UTF8):
        yield UTF8
    sample = _telling(data)
    disorder = _disorder(sample)
    least = min(disorder.values(), default=0.0)

    def rank(encoding: Encoding) -> tuple[bool, int, bool, float]:
        seen = disorder.get(encoding.codec, 1.0)
        return (
            seen > least + SIMILAR,
            _odd(sample, encoding),
            not _is_of(encoding, language),
            seen,
        )

    yield from sorted((each for each in LOCAL if _reads(sample, each)), key=rank)


def _disorder(sample: bytes) -> dict[str, float]:
    """How disordered the sample reads in each encoding that the detector finds fit: 0 to 1."""
    found: dict[str, float] = {}
    codecs_known = [encoding.codec for encoding in LOCAL]
    for match in from_bytes(sample, cp_isolation=codecs_known, enable_fallback=False):
        for codec in (match.encoding, *match.could_be_from_charset):
            found[codec] = match.chaos
    return found


def _odd(sample: bytes, encoding: Encoding) -> int:
    """How many signs this reading has that names are not written with."""
    text = sample.decode(encoding.codec)
    return sum(not char.isascii() and not _is_of_a_name(char) for char in text)


def _is_of_a_name(char: str) -> bool:
    """Whether it is a letter of its own, or a dash or a quote of print."""
    is_letter = unicodedata.category(char)[0] in "LM"
    is_print = "\u2010" <= char <= "\u203a" and char.isprintable()
    return is_print or (is_letter and unicodedata.normalize("NFKC", char) == char)


def _is_of(encoding: Encoding, language: str) -> bool:
    """Whether the reader writes with it; "zh-tw" has an encoding of its own beside that of "zh"."""
    known = [name for each in LOCAL for name in each.languages if language.startswith(name)]
    return bool(known) and max(known, key=len) in encoding.languages


def _telling(data: bytes) -> bytes:
    """The lines that are not ASCII, which alone tell encodings apart, as far as they fit."""
    found: list[bytes] = []
    size = 0
    for line in data.splitlines():
        size += 0 if line.isascii() else len(line)
        if not line.isascii() and (size <= MAX_LOOKED_AT or not found):
            found.append(line)
    return b"\n".join(found)


def _reads(data: bytes, encoding: Encoding) -> bool:
    try:
        data.decode(encoding.codec)
    except UnicodeDecodeError:
        return False
    return True
