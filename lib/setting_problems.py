"""What somebody set and the app does not follow: as data, and the sentence for each.

A sentence names the setting, where it stands and the nearest name that is known; never a value.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from lib import units
from lib.sign_in import MIN_COOKIE_SECRET, AuthFault

TEAM = "team"
ENVIRONMENT = "environment"
SIMILAR = 0.75
"""How alike two names are, from 0 to 1, before one is taken for a slip of the other."""
ALIKE = 0.85
"""The same in an environment, which is full of the names of others."""
SAME_BEGINNING = 0.8
"""The same there for names that begin as a service's do."""
MAX_SHOWN = 40
MAX_DIGITS = 3
"""In a name that is shown as it stands; a key that was pasted in its place has more."""
AUTH_FAULTS: Mapping[AuthFault, str] = {
    AuthFault.ELSEWHERE: "it is in a place where it is not read",
    AuthFault.INCOMPLETE: "something is missing in it",
    AuthFault.WEAK: (
        f"its cookie_secret could be guessed: it has to be at least {MIN_COOKIE_SECRET} random "
        "characters, used for nothing else"
    ),
    AuthFault.NAME: "the names of two services differ in case alone, or one has an underscore",
    AuthFault.REDIRECT: "its redirect_uri is not an https address that ends in /oauth2callback",
    AuthFault.CLEAR: "it would contact a service without encryption",
    AuthFault.EVERY_TENANT: "its Microsoft address is not for your organization alone, and anybody "
    "could claim any mail address there",
    AuthFault.NOBODY: "nobody is listed under [team]",
}
"""Why a sign-in that is set lets nobody in: what follows "as" or a colon."""


class ProblemKind(StrEnum):
    """What is the matter with a setting."""

    UNKNOWN = "unknown"
    """Nothing here has this name."""
    MISPLACED = "misplaced"
    """A known name that stands in a table where nobody reads it, or outside of its own."""
    UNREADABLE = "unreadable"
    """A file of settings that is there and cannot be read."""
    NO_TEXT = "no_text"
    """A file of settings that holds no text."""
    NO_TOML = "no_toml"
    """A file of settings, or one pasted as a variable, whose text is not TOML."""
    UNUSABLE = "unusable"
    """The name is known, and its value is none that can be used."""
    LACKING = "lacking"
    """It has no effect without the setting named in `nearest`."""
    SHUT = "shut"
    """A passphrase or a sign-in that can let nobody in: all else works."""
    IDLE = "idle"
    """It has no effect with this value, or beside the other settings."""
    LEFT_OUT = "left_out"
    """A parameter of an address, named in `nearest`, that is not followed; the rest is."""


@dataclass(frozen=True)
class SettingProblem:
    """One setting that is not followed. Names in a table read `table.name`. `auth_fault`: what is
    the matter with a sign-in.
    """

    kind: ProblemKind
    name: str
    origin: str
    nearest: str = ""
    auth_fault: AuthFault | None = None

    @property
    def is_understood(self) -> bool:
        """Whether it is clear what was meant, and only nothing comes of it."""
        return self.kind in (
            ProblemKind.LACKING,
            ProblemKind.IDLE,
            ProblemKind.SHUT,
            ProblemKind.LEFT_OUT,
        )

    @property
    def is_near_miss(self) -> bool:
        """Whether naming it gives away no more than the names that everybody can read up."""
        return bool(self.nearest) or self.is_of_a_file or self.kind is ProblemKind.UNUSABLE

    @property
    def is_of_a_file(self) -> bool:
        """Whether nobody knows what a whole file says."""
        return self.kind in (ProblemKind.UNREADABLE, ProblemKind.NO_TEXT, ProblemKind.NO_TOML)


_PLAIN: Mapping[ProblemKind, str] = {
    ProblemKind.UNREADABLE: "There is a file {where}, but it cannot be read. Check who may read "
    "it.",
    ProblemKind.NO_TEXT: "A {where} is not readable text.",
    ProblemKind.NO_TOML: "{where} is not valid TOML. Check its quotes and brackets.",
    ProblemKind.LACKING: "{name} in {where} has no effect without {near}.",
    ProblemKind.IDLE: "{name} in {where} has no effect as written. See docs/operate.md.",
    ProblemKind.LEFT_OUT: "{near} in {name} in {where} is not followed: tables are made where the "
    "database puts those of its user. Before the first start, ALTER ROLE <user> SET search_path TO "
    "<schema>; puts them elsewhere.",
}


class Refusal(StrEnum):
    """Why the settings as a whole cannot be used."""

    NO_KEY = "no_key"
    DEMO_SPEED = "demo_speed"


REFUSALS: Mapping[Refusal, str] = {
    Refusal.NO_KEY: "No key of a service is among the other settings.",
    Refusal.DEMO_SPEED: "DEMO_SPEED is not a number.",
}


def nearest(name: str, known: Collection[str], is_alike: float = SIMILAR) -> str:
    """The known name that this one is most probably a slip of, or ""; its case is no matter."""
    folded = {_folded(item): item for item in known}
    found = get_close_matches(_folded(name), folded, 1, is_alike)
    return folded[found[0]] if found else ""


def nearest_in_environment(name: str, ours: Collection[str], generic: Collection[str]) -> str:
    """The same for a variable of the environment, where most names are others' business.

    `ours` are names that nobody else uses. What others use as well (`generic`) has to be the same
    but for case and dashes.
    """
    squashed = {_squashed(item): item for item in (*generic, *ours)}
    if same := squashed.get(_squashed(name)):
        return same
    beginnings = {item.partition("_")[0] for item in ours}
    is_alike = SAME_BEGINNING if name.upper().partition("_")[0] in beginnings else ALIKE
    return nearest(name, ours, is_alike)


def describe(problem: SettingProblem) -> str:
    """The sentence about one setting, for whoever may know what this app is set to."""
    name, near = _shown(problem.name), _placed(problem.nearest)
    where = "the environment" if problem.origin == ENVIRONMENT else problem.origin
    match problem.kind:
        case ProblemKind.UNKNOWN:
            guess = f" Did you mean {near}?" if near else ""
            return f"{name} in {where} is not a known setting.{guess}"
        case ProblemKind.MISPLACED if problem.nearest.startswith(f"{TEAM}."):
            return f"{name} in {where} belongs under [{TEAM}]. Move it below that line."
        case ProblemKind.MISPLACED:
            return (
                f"{name} in {where} is not read there. Move it above the first line in brackets, "
                f"as {near}."
            )
        case ProblemKind.UNUSABLE if problem.name.startswith(f"{TEAM}."):
            return (
                f"The value of {name} in {where} cannot be used. .streamlit/secrets.example.toml "
                "shows what goes there."
            )
        case ProblemKind.UNUSABLE if problem.name == TEAM:
            return f"[{TEAM}] in {where} needs a line of its own, with its settings below it."
        case ProblemKind.UNUSABLE:
            return f"The value of {name} in {where} cannot be used. See docs/operate.md."
        case ProblemKind.SHUT if problem.auth_fault:
            why = AUTH_FAULTS[problem.auth_fault]
            return f"[{name}] in {where} lets nobody in: {why}. docs/operate.md says what to write."
        case ProblemKind.SHUT if problem.name.endswith(".admin_passphrase"):
            return (
                f"The admin passphrase under [{TEAM}] in {where} makes nobody an admin. It has to "
                "be one line of text in quotes, not the example, and long enough."
            )
        case ProblemKind.SHUT:
            return (
                f"The passphrase under [{TEAM}] in {where} lets nobody in, so the app is closed. "
                "The page that visitors see says why."
            )
        case ProblemKind.LEFT_OUT if near.lower() == "sslaccept":
            return (
                f"{near} in {name} in {where} is not followed. For a certificate that is checked, "
                "write sslmode=verify-full in its place."
            )
        case _:
            return _PLAIN[problem.kind].format(name=name, where=where, near=near)


def unknown_settings(count: int) -> str:
    """So many settings are not known, for whoever may not know which."""
    what = units.count(count, "setting is", "settings are")
    return f"{what} unknown. The log and the keeper say which."


def _folded(name: str) -> str:
    return name.upper().replace("-", "_").rpartition(".")[2]


def _squashed(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", name.upper())


def _placed(name: str) -> str:
    table, _, inner = name.rpartition(".")
    return f"{inner} under [{table}]" if table else name


def _shown(name: str) -> str:
    """A name as it may be told: what does not look like one may be a secret in the wrong place."""
    table, _, inner = name.rpartition(".")
    where = f" under [{table if _looks_like_a_name(table) else '…'}]" if table else ""
    if inner == "*":
        return f"The table{where.removeprefix(' under')}"
    return (inner if _looks_like_a_name(inner) else "A name that looks like none") + where


def _looks_like_a_name(text: str) -> bool:
    plain = re.fullmatch(r"[\w.-]+", text, re.ASCII) is not None and len(text) <= MAX_SHOWN
    return plain and sum(sign.isdigit() for sign in text) <= MAX_DIGITS
