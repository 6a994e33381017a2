"""The boxes of an MP4, made and replaced: files that claim what they do not hold."""

from __future__ import annotations

import struct

CONTAINERS = frozenset(b"moov trak mdia minf stbl moof traf edts udta mvex".split())


def numbers(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *values)


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return numbers(len(body) + 8) + kind + body


def full(kind: bytes, *parts: bytes, flags: int = 0) -> bytes:
    """A box that begins with a version and flags."""
    return box(kind, numbers(flags), *parts)


def replaced(data: bytes, kind: bytes, new: bytes) -> bytes:
    """The first box of this kind, with another in its place; what holds it has the right size."""
    parents, start = _found(data, kind)
    end = start + _size(data, start)
    made = bytearray(data[:start] + new + data[end:])
    for parent in parents:
        made[parent : parent + 4] = numbers(_size(data, parent) + len(new) - (end - start))
    return bytes(made)


def _found(data: bytes, kind: bytes) -> tuple[list[int], int]:
    waiting: list[tuple[list[int], int, int]] = [([], 0, len(data))]
    while waiting:
        parents, start, end = waiting.pop()
        if start + 8 > end:
            continue
        name, stop = data[start + 4 : start + 8], start + _size(data, start)
        if name == kind:
            return parents, start
        waiting.append((parents, stop, end))
        if name in CONTAINERS:
            waiting.append(([*parents, start], start + 8, stop))
    raise KeyError(kind)


def _size(data: bytes, start: int) -> int:
    return int.from_bytes(data[start : start + 4], "big")
