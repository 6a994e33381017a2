"""The floors and rooms of the code, read from its imports, and the picture that is made of them.

`python -m tests.house` draws the picture in `docs/architecture.md` anew.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "architecture.md"
BEGIN = "<!-- Drawn by `python -m tests.house`; changes made by hand are lost. -->"
END = "<!-- End of what is drawn. -->"

Floors = Sequence[Collection[str]]
"""Rooms by floor, from the ground."""

FLOORS: Floors = (
    {
        "addresses",
        "backoff",
        "clock",
        "database_parameters",
        "consent",
        "earlier_manifests",
        "event_kinds",
        "host_names",
        "json_reading",
        "models",
        "proxies",
        "roles",
        "scripts",
        "services",
        "setting_problems",
        "sign_in",
        "single_flight",
        "storable",
        "summing",
        "team",
        "text_breaks",
        "time_limit",
        "units",
    },
    {"retention", "pricing", "settings", "manifest", "markup", "splitting"},
    {"downloads", "demo"},
    {"recordings", "registry", "vault", "providers", "notify"},
    {"studio"},
    {"keeper"},
    {"ui"},
    {"pages"},
    {"streamlit_app"},
)
"""From the ground."""
INNER_FLOORS: Mapping[str, Floors] = {
    "studio": (
        {"core"},
        {"storage"},
        {"orders"},
        {"jobs", "library"},
        {"adoption", "alerts", "transfer"},
        {"erasure", "scripts"},
    ),
    "ui": (
        {"appearance", "words"},
        {"access"},
        {"shared"},
        {
            "adoption",
            "clone",
            "home",
            "jobs",
            "playground",
            "retention",
            "scripts",
            "settings",
            "spending",
            "voice",
        },
    ),
}
"""The floors inside a room that has rooms of its own, from the ground."""
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

LIB = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "lib").rglob("*.py"))
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "pages").rglob("*.py"))
FILES = [*LIB, *PAGES, "streamlit_app.py"]

Arrows = Mapping[str, set[str]]
"""From each room, or module, to all that it imports from."""


@cache
def tree_of(file: str) -> ast.Module:
    return ast.parse((ROOT / file).read_text("utf-8"), file)


def room_of(module: str) -> str:
    """The room that a module of ours lies in: `lib.vault.s3` is in `vault`."""
    parts = module.split(".")
    return parts[1] if parts[0] == "lib" and len(parts) > 1 else parts[0]


def module_of(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imports_of(tree: ast.Module, file: str) -> Iterator[str]:
    """Each module, or name in a module, that a file imports anywhere, also inside functions."""
    package = (
        module_of(file) if file.endswith("__init__.py") else module_of(file).rpartition(".")[0]
    )
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1]
            start = ".".join(parents) if node.level else ""
            source = ".".join(filter(None, (start, node.module)))
            yield from (f"{source}.{alias.name}" for alias in node.names)


def all_imports(file: str) -> list[str]:
    return list(imports_of(tree_of(file), file))


def is_ours(module: str) -> bool:
    return module.split(".")[0] in ("lib", "pages", "streamlit_app")


def floor_of(floors: Floors) -> dict[str, int]:
    """The floor that each room lies on."""
    return {room: floor for floor, rooms in enumerate(floors) for room in rooms}


def arrows_between_rooms() -> Arrows:
    """Which rooms each room imports from."""
    return _arrows(FILES, FLOOR_OF, room_of)


def arrows_inside(folder: str) -> Arrows:
    """Which rooms of one folder of `lib` each of its rooms imports from."""
    files = [file for file in LIB if file.startswith(f"lib/{folder}/")]
    return _arrows(files, floor_of(INNER_FLOORS[folder]), lambda module: inner_room(folder, module))


def inner_room(folder: str, module: str) -> str:
    """The room inside a folder: `lib.studio.jobs.sending` is in `jobs`; "" if it is elsewhere."""
    parts = module.split(".")
    return parts[2] if parts[:2] == ["lib", folder] and len(parts) > 2 else ""


def _arrows(files: Iterable[str], rooms: Collection[str], of: Callable[[str], str]) -> Arrows:
    found: dict[str, set[str]] = {room: set() for room in rooms}
    for file in files:
        here = of(module_of(file))
        if here in found:
            there = {of(module) for module in all_imports(file) if is_ours(module)}
            found[here] |= there & found.keys() - {here}
    return found


def reachable(arrows: Arrows, start: str) -> set[str]:
    """All that can be reached from here over one or more arrows."""
    found: set[str] = set()
    ahead = [start]
    while ahead:
        fresh = arrows[ahead.pop()] - found
        found |= fresh
        ahead += fresh
    return found


def without_detours(arrows: Arrows) -> Arrows:
    """The same without arrows that longer ways make superfluous, so that a picture stays clear."""
    return {
        start: {
            end
            for end in ends
            if not any(end in reachable(arrows, other) for other in ends - {end})
        }
        for start, ends in arrows.items()
    }


def picture() -> str:
    """What stands between the marks on the page."""
    parts = [
        "Arrows that a longer way makes superfluous are left out of the pictures; the tables "
        "below them have them all.",
        _diagram(FLOORS, arrows_between_rooms()),
        _table(FLOORS, arrows_between_rooms()),
    ]
    for folder, floors in INNER_FLOORS.items():
        parts += [
            f"The rooms of `lib/{folder}`, and the modules in each:",
            _diagram(floors, arrows_inside(folder)),
            _modules(folder, floors),
        ]
    return "\n\n".join(parts)


def _diagram(floors: Floors, arrows: Arrows) -> str:
    lines = ["```mermaid", "flowchart TD"]
    for number, rooms in reversed(list(enumerate(floors))):
        lines.append(f'    subgraph floor{number}["Floor {number}"]')
        lines += [f"        {room}" for room in sorted(rooms)]
        lines.append("    end")
    for start, ends in sorted(without_detours(arrows).items()):
        lines += [f"    {start} --> {end}" for end in sorted(ends)]
    return "\n".join([*lines, "```"])


def _table(floors: Floors, arrows: Arrows) -> str:
    lines = ["| floor | room | imports from |", "|---|---|---|"]
    for number, rooms in reversed(list(enumerate(floors))):
        for room in sorted(rooms):
            lines.append(f"| {number} | `{room}` | {', '.join(sorted(arrows[room])) or '–'} |")
    return "\n".join(lines)


def _modules(folder: str, floors: Floors) -> str:
    arrows = arrows_inside(folder)
    inside: dict[str, list[str]] = {room: [] for room in floor_of(floors)}
    for file in LIB:
        path = Path(file)
        room = inner_room(folder, module_of(file))
        if room and path.stem != "__init__":
            inside[room].append(path.stem)
    lines = ["| floor | room | modules | imports from |", "|---|---|---|---|"]
    for number, rooms in reversed(list(enumerate(floors))):
        for room in sorted(rooms):
            modules, below = ", ".join(sorted(inside[room])), ", ".join(sorted(arrows[room])) or "–"
            lines.append(f"| {number} | `{room}` | {modules} | {below} |")
    return "\n".join(lines)


def drawn(page: str) -> str:
    """The page with the picture as it is now."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("The page has no place for the picture.")
    return f"{before}{BEGIN}\n\n{picture()}\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text("utf-8")), "utf-8")
