"""The names in a ZIP as people's programs write them, and how to see ours in them.

Who unpacks an export and packs it again gets a folder on top, files that the system keeps for
itself, and, with some programs, backslashes. However the letters of that folder are written, it
begins all the names alike. Nothing is ever stored under such a name: it only finds the file, whose
sum is then compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_SYSTEM_FOLDERS = frozenset(
    {
        "__macosx", ".appledouble", ".fseventsd", ".spotlight-v100", ".temporaryitems", ".trashes",
        "$recycle.bin", "system volume information", "@eadir", "lost+found",
    }
)  # fmt: skip
_SYSTEM_FILES = frozenset(
    {
        ".ds_store", ".localized", ".apdisk", "icon\r", "thumbs.db", "ehthumbs.db", "desktop.ini",
        ".directory", ".hidden",
    }
)  # fmt: skip
_SYSTEM_BEGINNING = "._"
"""What macOS knows of a file, beside it, on disks of other systems."""
_SYSTEM_ENDING = ":zone.identifier"
"""What Windows notes of a download, once it was copied to a Linux."""
_DRIVE = re.compile(r"[A-Za-z]:")


def with_slashes(name: str) -> str:
    return name.replace("\\", "/")


def is_folder(name: str) -> bool:
    return name.endswith("/")


def is_a_systems(name: str) -> bool:
    """Whether a system put this file there for itself."""
    *folders, last = name.lower().split("/")
    return (
        last in _SYSTEM_FILES
        or last.startswith(_SYSTEM_BEGINNING)
        or last.endswith(_SYSTEM_ENDING)
        or not _SYSTEM_FOLDERS.isdisjoint(folders)
    )


def folders_with(names: Iterable[str], wanted: Iterable[str]) -> list[str]:
    """The folders, each as it begins a name ("" for the top), that hold most of these files; of
    those only the ones nearest to the top. One that climbs or starts at a root is none.
    """
    held: dict[str, set[str]] = {}
    for name in names:
        last = name.rpartition("/")[2]
        if last in wanted:
            held.setdefault(name.removesuffix(last), set()).add(last)
    order = {
        folder: (-len(files), folder.count("/"))
        for folder, files in held.items()
        if _stays_inside(folder)
    }
    best = min(order.values(), default=None)
    return sorted(folder for folder, place in order.items() if place == best)


def _stays_inside(folder: str) -> bool:
    return not folder.startswith("/") and not _DRIVE.match(folder) and ".." not in folder.split("/")
