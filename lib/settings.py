"""What the operator set: environment, `VOICEKEEP_SECRETS`, secrets files → one frozen object.

First found wins per name. Read once at the border, handed down; nothing below reads the
environment. An empty string means not set. Parsed without Streamlit, so the keeper reads the same.
What is not followed is never passed over in silence: it is in `Settings.problems`, and where no
key of a service is understood it ends the reading.
"""

from __future__ import annotations

import codecs
import hashlib
import math
import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from lib.database_parameters import missed
from lib.services import DEMO, SERVICES
from lib.setting_problems import (
    ENVIRONMENT,
    REFUSALS,
    TEAM,
    ProblemKind,
    Refusal,
    SettingProblem,
    describe,
    nearest,
    nearest_in_environment,
    unknown_settings,
)
from lib.sign_in import AUTH, Auth, read_auth
from lib.team import READERS, PassphraseFault, Team, read_team

SECRETS_VARIABLE = "VOICEKEEP_SECRETS"
FILE = "secrets.toml"
AWS_NAMES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL",
)
OUR_NAMES = ("NOTIFY_URLS", "KEEPER_PING_URL", "DEMO_SPEED")
COMMON_NAMES = ("DATABASE_URL", "VAULT_URL", *AWS_NAMES, "APP_URL", "DEMO")
"""Names that other programs use as well."""
HARMLESS = frozenset({"APP_URL", "DEMO", "DEMO_SPEED"})
"""What an app may be set to and still be nobody's."""
STRANGERS = frozenset({AUTH, "connections"})
"""Tables of a secrets file that are Streamlit's own."""
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DATA_FOLDER = Path("data")
PASSPHRASE = f"{TEAM}.passphrase"
ADMIN_PASSPHRASE = f"{TEAM}.admin_passphrase"
FASTEST_DEMO = 100_000.0


class BadSettings(Exception):
    """Settings that cannot be used; `str()` says in a sentence which and why, without the value."""


class NotUnderstood(BadSettings):
    """Some settings are not understood, and no key of a service is among the others.

    `str()` is for everybody to read: it names what is near a known name, and counts the rest.
    """

    def __init__(self, problems: Sequence[SettingProblem]) -> None:
        self.problems = tuple(problems)
        near = [describe(problem) for problem in problems if problem.is_near_miss]
        others = len(problems) - len(near)
        if others:
            near.append(unknown_settings(others))
        super().__init__(" ".join([*near, REFUSALS[Refusal.NO_KEY]]))


class Door(StrEnum):
    """How visitors are let in; one of these at a time."""

    SIGN_IN = "sign_in"
    """A sign-in service says who somebody is, and [team] lists who may enter."""
    PASSPHRASE = "passphrase"  # noqa: S105 - a kind of door
    EVERYBODY = "everybody"
    """Nothing is set that could be somebody's: the demo is open."""
    TRUSTED_HOST = "trusted_host"
    """The host checks visitors itself."""
    THIS_MACHINE = "this_machine"
    """Only a browser on the app's own machine."""
    SHUT = "shut"
    """What should open it cannot be used."""


@dataclass(frozen=True)
class Settings:
    """All settings. `origins` tells where each set value came from, for the Settings page, and
    `problems` what is set and not followed.
    """

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    origins: Mapping[str, str] = field(default_factory=dict)
    team: Team = field(default_factory=Team)
    auth: Auth | None = None
    demo_speed: float = 1.0
    keeps_demo_out: bool = False
    data_folder: Path = DATA_FOLDER
    problems: tuple[SettingProblem, ...] = ()

    def get(self, name: str) -> str:
        """The value of a setting that stands above the tables; "" where it is not set."""
        return self.values.get(name, "")

    @property
    def aws(self) -> dict[str, str]:
        """The settings of the bucket's account by their usual names, "" for what is not set."""
        return {name: self.get(name) for name in AWS_NAMES}

    @property
    def live_services(self) -> tuple[str, ...]:
        """Services with a key of the team's own."""
        return tuple(
            service.id
            for service in SERVICES.values()
            if service.key_setting and self.get(service.key_setting)
        )

    @property
    def has_only_demo(self) -> bool:
        """Nothing but the demo can be at work here: no key, no database, no bucket."""
        secrets = [name for service in SERVICES.values() for name in service.secret_settings]
        real = any(self.get(name) for name in (*secrets, "DATABASE_URL", "VAULT_URL"))
        return not real and not self.keeps_demo_out

    @property
    def is_pure_demo(self) -> bool:
        """Nothing is set that could be somebody's: the app may be open to all."""
        team = self.team != Team() or any(name.startswith(f"{TEAM}.") for name in self.origins)
        is_ours = team or self.auth is not None or any(map(self._is_ours, self.values))
        return self.has_only_demo and not is_ours

    @property
    def door(self) -> Door:
        """What lets visitors in. The strictest that is set, and nothing where that is unclear."""
        team = self.team
        is_unclear = team.passphrase_fault is PassphraseFault.UNCLEAR
        if self.auth and not self.auth.fault and not is_unclear:
            return Door.SIGN_IN
        if team.passphrase and not team.passphrase_fault:
            return Door.PASSPHRASE
        if self.auth or team.passphrase_fault:
            return Door.SHUT
        if self.is_pure_demo and not self.keeps_demo_out:
            return Door.EVERYBODY
        return Door.TRUSTED_HOST if team.trust_host else Door.THIS_MACHINE

    def _is_ours(self, name: str) -> bool:
        """Whether a setting can be meant for this app alone, and tells that it is somebody's."""
        common = name in AWS_NAMES and self.origins.get(name) == ENVIRONMENT
        harmless = name in HARMLESS or any(name == s.base_url_setting for s in SERVICES.values())
        return bool(self.get(name)) and not harmless and not common

    @property
    def shows_demo(self) -> bool:
        """Whether the demo is in use: alone, or beside live services where somebody wants that."""
        return self.has_only_demo or self.get("DEMO").lower() in ("1", "true")

    @property
    def services(self) -> tuple[str, ...]:
        """The services in use, the demo last."""
        return (*self.live_services, DEMO) if self.shows_demo else self.live_services

    @property
    def visible(self) -> tuple[str, ...]:
        """Services whose voices are shown: also one without a key, and the demo if it is on."""
        return tuple(name for name in SERVICES if name != DEMO or self.shows_demo)

    @property
    def database_url(self) -> str:
        """The database that was set, or else a SQLite file in the data folder."""
        given = self.get("DATABASE_URL")
        return given or f"sqlite:///{(self.data_folder / 'voicekeep.db').absolute()}"

    def differs_from(self, other: Settings) -> bool:
        """Whether something else is set, wherever it was set."""
        return (self.values, self.team, self.auth) != (other.values, other.team, other.auth)

    def base_url(self, service: str) -> str:
        """Where the service answers: the operator's address or the documented one."""
        known = SERVICES[service]
        return (self.get(known.base_url_setting) or known.base_url).rstrip("/")


def fingerprint(key: str) -> str:
    """A key's public name: 12 characters of its SHA-256, enough to tell keys apart."""
    return hashlib.sha256(key.encode()).hexdigest()[:12]


def known_names() -> tuple[str, ...]:
    """All names that stand above the tables; a service brings its own."""
    return (*_names_of_services(), *COMMON_NAMES, *OUR_NAMES)


def _names_of_services() -> tuple[str, ...]:
    return tuple(name for service in SERVICES.values() for name in service.setting_names)


def usual_folders() -> tuple[Path, ...]:
    """Where secrets files may be: the project's folder, and the home folder if there is one."""
    try:
        return tuple(dict.fromkeys((Path.cwd(), Path.home().absolute())))
    except RuntimeError:  # a user without a name
        return (Path.cwd(),)


def load(environment: Mapping[str, str], folders: Sequence[Path] = ()) -> Settings:
    """Read all settings; `folders` hold `.streamlit/secrets.toml`, the first one wins.

    Raises `BadSettings`.
    """
    layers, problems = _layers(environment, folders)
    # The environment, the first layer, is full of names of others, so it is judged more mildly.
    problems += _strange_variables(environment, [layer for _, layer in layers[1:]])
    for origin, layer in layers[1:]:
        problems += _strange_names(layer, origin)
    values: dict[str, str] = {}
    origins: dict[str, str] = {}
    for name in known_names():
        for origin, layer in layers:
            text = _text(layer.get(name))
            if text:
                values[name], origins[name] = text, origin
                break
    table: dict[str, object] = {}
    for origin, layer in reversed(layers[1:]):  # the first one wins, so it comes last
        inner = layer.get(TEAM)
        if isinstance(inner, dict):
            given = {
                n: value for n, value in inner.items() if n in READERS and value not in ("", [])
            }
            table |= given
            origins |= {f"{TEAM}.{n}": origin for n in given}
    team, unusable = read_team(table)
    problems += [SettingProblem(ProblemKind.UNUSABLE, name, origins[name]) for name in unusable]
    if team.passphrase_fault:
        problems.append(SettingProblem(ProblemKind.SHUT, PASSPHRASE, origins[PASSPHRASE]))
    if team.admin_passphrase_fault:
        name = ADMIN_PASSPHRASE
        problems.append(SettingProblem(ProblemKind.SHUT, name, origins[name]))
    if not team.passphrase and _meant(PASSPHRASE, problems):
        fault = team.passphrase_fault or PassphraseFault.UNCLEAR
        team = replace(team, passphrase_fault=fault)
    if not team.admin_passphrase and _meant(ADMIN_PASSPHRASE, problems):
        fault = team.admin_passphrase_fault or PassphraseFault.UNCLEAR
        team = replace(team, admin_passphrase_fault=fault)
    settings = Settings(values, origins, team, _auth(layers[1:], origins, team))
    unclear = [problem for problem in problems if not problem.is_understood]
    if unclear and not settings.live_services:
        raise NotUnderstood(unclear)
    settings = replace(settings, demo_speed=_demo_speed(settings))
    return replace(settings, problems=(*problems, *_without_effect(settings, table)))


def _layers(
    environment: Mapping[str, str], folders: Sequence[Path]
) -> tuple[list[tuple[str, Mapping[str, object]]], list[SettingProblem]]:
    """The places that settings come from, the environment first, and the files out of reach."""
    layers: list[tuple[str, Mapping[str, object]]] = [(ENVIRONMENT, environment)]
    problems = []
    if pasted := _text(environment.get(SECRETS_VARIABLE)):
        table = _toml(pasted)
        if table is None:
            problems.append(SettingProblem(ProblemKind.NO_TOML, SECRETS_VARIABLE, SECRETS_VARIABLE))
        else:
            layers.append((SECRETS_VARIABLE, table))
    for path in secrets_files(folders):
        read = _read(path)
        if isinstance(read, ProblemKind):
            problems.append(SettingProblem(read, FILE, FILE))
        elif read is not None:
            layers.append((FILE, read))
    return layers, problems


def _read(path: Path) -> dict[str, object] | ProblemKind | None:
    """What stands in a secrets file, or why that cannot be known; None where there is none."""
    try:
        text = _decoded(path.read_bytes())
    except OSError:
        return ProblemKind.UNREADABLE if os.path.lexists(path) else None
    except ValueError:
        return ProblemKind.NO_TEXT
    table = _toml(text)
    return ProblemKind.NO_TOML if table is None else table


def secrets_files(folders: Sequence[Path]) -> list[Path]:
    """Where a secrets file is looked for, the first one wins."""
    return [folder / ".streamlit" / FILE for folder in folders]


def stamp(folders: Sequence[Path]) -> tuple[tuple[int, ...], ...]:
    """What changes when a secrets file does."""
    return tuple(_stamp(path) for path in secrets_files(folders))


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        seen = path.stat()
    except OSError:
        return ()
    return (seen.st_ctime_ns, seen.st_mtime_ns, seen.st_size, seen.st_ino)


def written(folders: Sequence[Path]) -> set[tuple[str, str]]:
    """Names and values above the tables of the secrets files, as far as those can be read."""
    tables = [read for path in secrets_files(folders) if isinstance(read := _read(path), dict)]
    items = [item for table in tables for item in table.items()]
    return {(name, str(value)) for name, value in items if isinstance(value, (str, int, float))}


def _decoded(data: bytes) -> str:
    """A text as editors save it, with or without a byte order mark. Raises `ValueError`."""
    encoding = next((name for mark, name in BYTE_ORDER_MARKS if data.startswith(mark)), "utf-8")
    return data.decode(encoding)


def _toml(text: str) -> dict[str, object] | None:
    """What stands in it; None if it is not TOML. The parser's own message may quote a secret."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return None


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, list):
        return "\n".join(str(item).strip() for item in value)
    return _unquoted(str(value)) if isinstance(value, (str, int, float)) else ""


def _unquoted(text: str) -> str:
    """Without blanks around it, and one pair of quotes around the whole: an env file keeps them."""
    text = text.lstrip("\ufeff").strip()
    for quote in ('"', "'"):
        if len(text) > 1 and text[0] == text[-1] == quote and quote not in text[1:-1]:
            return text[1:-1].strip()
    return text


def _strange_variables(
    environment: Mapping[str, str], tables: Sequence[Mapping[str, object]]
) -> Iterator[SettingProblem]:
    """Variables that are clearly slips of our names; all others are others' business.

    Streamlit puts what stands in a secrets file into the environment as well.
    """
    ours = (*_names_of_services(), *OUR_NAMES, SECRETS_VARIABLE)
    common = (*COMMON_NAMES, PASSPHRASE)
    taken = {*ours, *common}.union(*tables)
    for name, value in environment.items():
        near = nearest_in_environment(name, ours, common) if name not in taken else ""
        if near and value.strip():
            yield SettingProblem(ProblemKind.UNKNOWN, name, ENVIRONMENT, near)


def _strange_names(layer: Mapping[str, object], origin: str) -> Iterator[SettingProblem]:
    """What stands in a TOML text and is not read."""
    top = known_names()
    for name, value in layer.items():
        if value == "":
            continue
        if name in top:
            if not isinstance(value, (str, int, float, list)):
                yield SettingProblem(ProblemKind.UNUSABLE, name, origin)
        elif name == TEAM and isinstance(value, dict):
            yield from _strange_in_team(value, origin)
        elif name == TEAM:
            yield SettingProblem(ProblemKind.UNUSABLE, name, origin)
        elif isinstance(value, dict):
            yield from _strange_table(name, value, origin)
        elif near := nearest(name, top):
            yield SettingProblem(ProblemKind.UNKNOWN, name, origin, near)
        elif name.lower() in READERS:
            yield SettingProblem(ProblemKind.MISPLACED, name, origin, f"{TEAM}.{name.lower()}")
        else:
            yield SettingProblem(ProblemKind.UNKNOWN, name, origin, nearest(name, _team_names()))


def _strange_in_team(table: Mapping[str, object], origin: str) -> Iterator[SettingProblem]:
    for name, value in table.items():
        if name in READERS or value == "":
            continue
        written = f"{TEAM}.{name}"
        inner = list(_swallowed(written, value, origin)) if isinstance(value, dict) else []
        meant = nearest(name, _team_names())
        if "password" in name.lower():
            meant = ADMIN_PASSPHRASE if "admin" in name.lower() else PASSPHRASE
        if inner:
            yield from inner
        elif meant:
            yield SettingProblem(ProblemKind.UNKNOWN, written, origin, meant)
        elif near := nearest(name, known_names()):
            yield SettingProblem(ProblemKind.MISPLACED, written, origin, near)
        else:
            yield SettingProblem(ProblemKind.UNKNOWN, written, origin)


def _team_names() -> tuple[str, ...]:
    return tuple(f"{TEAM}.{name}" for name in READERS)


def _strange_table(
    title: str, table: Mapping[str, object], origin: str
) -> Iterator[SettingProblem]:
    """A table that is not ours: what stands below its line by mistake, or else the table itself."""
    swallowed = list(_swallowed(title, table, origin))
    yield from swallowed
    if not swallowed and title not in STRANGERS:
        near = TEAM if nearest(title, [TEAM]) or nearest(title, [f"{TEAM}s"]) else ""
        yield SettingProblem(ProblemKind.UNKNOWN, f"{title}.*", origin, near and f"[{near}]")


def _swallowed(title: str, table: Mapping[str, object], origin: str) -> Iterator[SettingProblem]:
    """Our names below the line of another table. In one of Streamlit's own, others use such names
    as well: there it has to be one that is ours alone.
    """
    ours = (*_names_of_services(), *OUR_NAMES)
    known = (*known_names(), *_team_names())
    whole_names = title.partition(".")[0] in STRANGERS
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _swallowed(f"{title}.{name}", value, origin)
        elif value != "":
            near = (name if name in ours else "") if whole_names else nearest(name, known)
            if near:
                yield SettingProblem(ProblemKind.MISPLACED, f"{title}.{name}", origin, near)


def _without_effect(settings: Settings, team: Mapping[str, object]) -> Iterator[SettingProblem]:
    """What is understood, and nothing comes of it."""
    origins = settings.origins

    def idle(name: str) -> SettingProblem:
        return SettingProblem(ProblemKind.IDLE, name, origins[name])

    for service in SERVICES.values():
        if service.base_url_setting in origins and service.id not in settings.live_services:
            name = service.base_url_setting
            yield SettingProblem(ProblemKind.LACKING, name, origins[name], service.key_setting)
    for name in AWS_NAMES:
        if origins.get(name, ENVIRONMENT) != ENVIRONMENT and not settings.get("VAULT_URL"):
            yield SettingProblem(ProblemKind.LACKING, name, origins[name], "VAULT_URL")
    if "DEMO_SPEED" in origins and (settings.live_services or not settings.shows_demo):
        yield idle("DEMO_SPEED")
    if settings.get("DEMO").lower() not in ("", "0", "1", "true", "false"):
        yield idle("DEMO")
    for parameter in missed(settings.get("DATABASE_URL")):
        name = "DATABASE_URL"
        yield SettingProblem(ProblemKind.LEFT_OUT, name, origins[name], parameter)
    if settings.auth is None:
        for name in (f"{TEAM}.viewers", f"{TEAM}.members", f"{TEAM}.admins"):
            if name in origins:  # nobody signs in by an address
                yield SettingProblem(ProblemKind.LACKING, name, origins[name], f"[{AUTH}]")
    elif settings.auth.fault:
        fault = settings.auth.fault
        yield SettingProblem(ProblemKind.SHUT, AUTH, origins[AUTH], auth_fault=fault)
    elif ADMIN_PASSPHRASE in origins:
        yield idle(ADMIN_PASSPHRASE)
    if not isinstance(team.get("trust_host", False), bool):
        yield idle(f"{TEAM}.trust_host")


def _auth(
    tables: Sequence[tuple[str, Mapping[str, object]]], origins: dict[str, str], team: Team
) -> Auth | None:
    """The sign-in that is set. Streamlit itself reads it from files alone."""
    for read_by_streamlit in (True, False):
        for origin, layer in tables:
            table = layer.get(AUTH)
            if isinstance(table, dict) and (origin == FILE) is read_by_streamlit:
                origins[AUTH] = origin
                return read_auth(
                    table, is_read_by_streamlit=read_by_streamlit, lists_people=team.lists_people
                )
    return None


def _meant(setting: str, problems: Sequence[SettingProblem]) -> bool:
    """Whether somebody set this one of [team], or may have, and it is not known: then nothing else
    opens to strangers.
    """
    return any(
        setting in (item.name, item.nearest) or item.name == TEAM or item.is_of_a_file
        for item in problems
    )


def _demo_speed(settings: Settings) -> float:
    """The demo's own time, and only while no live key is set."""
    if settings.live_services:
        return 1.0
    try:
        speed = float(settings.get("DEMO_SPEED") or 1)
    except ValueError:
        speed = math.nan
    if math.isnan(speed):
        raise BadSettings(REFUSALS[Refusal.DEMO_SPEED])
    return min(max(speed, 1.0), FASTEST_DEMO)
