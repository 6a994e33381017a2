"""Whether the bytes of a voice file (`.safetensors`) are whole, and what they hold.

Layout: 8 bytes header length (little-endian), a JSON header, the numbers. The library looks at
every offset; what it leaves open is checked here: size, header length, twins, and emptiness.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import safetensors

from lib.recordings.problems import BadEmbedding
from lib.recordings.reasons import Reason, Why

MIN_BYTES = 8
MAX_BYTES = 5_000_000
"""A real file has about 16 kB (fal's model page); with the codes of a long clip it has more."""
MAX_HEADER_BYTES = 100_000
_SHOWN_TENSORS = 4
_SHOWN_NAME = 40


def inspect_embedding(data: bytes) -> str:
    """Read a voice file; returns what it holds, for people: name, number type and shape of each
    tensor, the first few of them. Raises `BadEmbedding` with the reason, and nothing else.
    """
    header = _header(data)
    try:
        found = safetensors.deserialize(data)  # type: ignore[no-untyped-call]
        _refuse_twins(header)
    except BadEmbedding:
        raise
    except Exception as exc:  # the library's own error is no public class of all its versions
        raise BadEmbedding(Why(Reason.VOICE_FILE_DAMAGED)) from exc
    if not any(tensor["data"] for _, tensor in found):
        raise BadEmbedding(Why(Reason.VOICE_FILE_HOLLOW))
    return _summary(sorted((name, str(item["dtype"]), item["shape"]) for name, item in found))


def _header(data: bytes) -> bytes:
    """The JSON header, its length checked before anything believes it."""
    if not data:
        raise BadEmbedding(Why(Reason.VOICE_FILE_EMPTY))
    if len(data) > MAX_BYTES:
        raise BadEmbedding(Why(Reason.VOICE_FILE_LARGE, bound=MAX_BYTES))
    length = int.from_bytes(data[:MIN_BYTES], "little")
    if len(data) < MIN_BYTES or length > min(MAX_HEADER_BYTES, len(data) - MIN_BYTES):
        raise BadEmbedding(Why(Reason.NO_VOICE_FILE))
    return data[MIN_BYTES : MIN_BYTES + length]


def _refuse_twins(header: bytes) -> None:
    """The library keeps the last of two entries with one name; other readers keep the first."""

    def without_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len({name for name, _ in pairs}) != len(pairs):
            raise BadEmbedding(Why(Reason.VOICE_FILE_TWINS))
        return dict(pairs)

    json.loads(header, object_pairs_hook=without_twins)


def _summary(tensors: Sequence[tuple[str, str, Sequence[int]]]) -> str:
    """For people: the names are a stranger's text, so they are shown short and printable."""
    shown = [
        f"{''.join(c if c.isprintable() else '?' for c in name[:_SHOWN_NAME])} {dtype} "
        f"{list(shape)}"
        for name, dtype, shape in tensors[:_SHOWN_TENSORS]
    ]
    more = len(tensors) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
