"""The floors and rooms of the code, read from its imports, and the picture that is made of them.

`python -m tests.house` draws the picture in `docs/architecture.md` anew.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "architecture.md"
BEGIN = "<!-- Drawn by `python -m tests.house`; changes made by hand are lost. -->"
END = "<!-- End of what is drawn. -->"

FLOORS = (
    {
        "addresses",
        "backoff",
        "clock",
        "earlier_manifests",
        "json_reading",
        "models",
        "services",
        "setting_problems",
        "storable",
        "summing",
        "time_limit",
    },
    {"retention", "pricing", "settings", "manifest", "splitting"},
    {"downloads", "demo"},
    {"recordings", "registry", "vault", "providers", "notify"},
    {"studio"},
    {"keeper"},
    {"ui"},
    {"pages"},
    {"streamlit_app"},
)
"""From the ground."""
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


def arrows_between_rooms() -> Arrows:
    """Which rooms each room imports from."""
    found: dict[str, set[str]] = {room: set() for room in FLOOR_OF}
    for file in FILES:
        here = room_of(module_of(file))
        if here in FLOOR_OF:
            there = {room_of(module) for module in all_imports(file) if is_ours(module)}
            found[here] |= there & FLOOR_OF.keys() - {here}
    return found


def arrows_inside(folder: str) -> Arrows:
    """Which modules of one folder of `lib` each of its modules imports from."""
    files = [
        file for file in LIB if file.startswith(f"lib/{folder}/") and not file.endswith("_.py")
    ]
    names = {Path(file).stem for file in files}
    found: dict[str, set[str]] = {}
    for file in files:
        imported = (name.split(".") for name in all_imports(file))
        inner = {parts[2] for parts in imported if parts[:2] == ["lib", folder]}
        found[Path(file).stem] = inner & names - {Path(file).stem}
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


def levels(arrows: Arrows) -> list[list[str]]:
    """From the ground: each module lies above everything that it imports from."""
    level: dict[str, int] = {}

    def of(module: str, above: tuple[str, ...] = ()) -> int:
        if module in above:
            raise ValueError(f"imports in a circle: {' → '.join((*above, module))}")
        if module not in level:
            level[module] = 1 + max(
                (of(below, (*above, module)) for below in arrows[module]), default=-1
            )
        return level[module]

    highest = max(map(of, arrows), default=-1)
    return [sorted(name for name in arrows if level[name] == floor) for floor in range(highest + 1)]


def picture() -> str:
    """What stands between the marks on the page."""
    return "\n\n".join(
        (
            "Arrows that a longer way makes superfluous are left out of the picture; the table "
            "below it has them all.",
            _diagram(),
            _table(),
            "The modules of `lib/studio`, each row above everything that it imports from:",
            _studio(),
        )
    )


def _diagram() -> str:
    lines = ["```mermaid", "flowchart TD"]
    for number, rooms in reversed(list(enumerate(FLOORS))):
        lines.append(f'    subgraph floor{number}["Floor {number}"]')
        lines += [f"        {room}" for room in sorted(rooms)]
        lines.append("    end")
    for start, ends in sorted(without_detours(arrows_between_rooms()).items()):
        lines += [f"    {start} --> {end}" for end in sorted(ends)]
    return "\n".join([*lines, "```"])


def _table() -> str:
    arrows = arrows_between_rooms()
    lines = ["| floor | room | imports from |", "|---|---|---|"]
    for number, rooms in reversed(list(enumerate(FLOORS))):
        for room in sorted(rooms):
            lines.append(f"| {number} | `{room}` | {', '.join(sorted(arrows[room])) or '–'} |")
    return "\n".join(lines)


def _studio() -> str:
    rows = reversed(list(enumerate(levels(arrows_inside("studio")))))
    lines = [f"| {number} | {', '.join(names)} |" for number, names in rows]
    return "\n".join(["| level | modules |", "|---|---|", *lines])


def drawn(page: str) -> str:
    """The page with the picture as it is now."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("The page has no place for the picture.")
    return f"{before}{BEGIN}\n\n{picture()}\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text("utf-8")), "utf-8")
