"""What the operator set: environment, `VOICEKEEP_SECRETS`, secrets files → one frozen object.

First found wins per name. Read once at the border, handed down; nothing below reads the
environment. An empty string means not set. Parsed without Streamlit, so the keeper reads the same.
"""

from __future__ import annotations

import hashlib
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from lib.models import MAX_REFRESH_DAYS, KeepPolicy, Money
from lib.services import DEMO, SERVICES

SECRETS_VARIABLE = "VOICEKEEP_SECRETS"
AWS_NAMES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL",
)
NAMES = (
    "NANOGPT_API_KEY",
    "NANOGPT_BASE_URL",
    "NANOGPT_SESSION_COOKIE",
    "KYMA_API_KEY",
    "KYMA_BASE_URL",
    "DATABASE_URL",
    "VAULT_URL",
    *AWS_NAMES,
    "NOTIFY_URLS",
    "APP_URL",
    "KEEPER_PING_URL",
    "DEMO",
    "DEMO_SPEED",
)
DATA_FOLDER = Path("data")
EXAMPLE_PASSPHRASE = "choose your own"  # noqa: S105 - known to all, and refused
"""What README, example and the closed page show: pasted as it is, it lets nobody in."""
FASTEST_DEMO = 100_000.0
MAX_BUDGET_USD = 1_000_000_000


class BadSettings(Exception):
    """Settings that cannot be used; `str()` says in a sentence which and why, without the value."""


@dataclass(frozen=True)
class Team:
    """Who may enter and how the team works.

    `monthly_budget`: None for no limit. `monthly_keeping`: for refreshes of safe voices and test
    calls of adopted ones; None: refreshes are not limited, and test calls by the budget.
    """

    passphrase: str = field(default="", repr=False)
    trust_host: bool = False
    members: tuple[str, ...] = ()
    admins: tuple[str, ...] = ()
    monthly_budget: Money | None = None
    monthly_keeping: Money | None = None
    keep_policy: KeepPolicy = KeepPolicy.AT_ONCE
    refresh_days: int = 0


@dataclass(frozen=True)
class Settings:
    """All settings. `origins` tells where each set value came from, for the Settings page."""

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    origins: Mapping[str, str] = field(default_factory=dict)
    team: Team = Team()
    demo_speed: float = 1.0
    keeps_demo_out: bool = False
    data_folder: Path = DATA_FOLDER

    def get(self, name: str) -> str:
        return self.values.get(name, "")

    @property
    def aws(self) -> dict[str, str]:
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
    def is_pure_demo(self) -> bool:
        """Nothing of anybody's is at stake: no key, no database, no bucket."""
        keys = ("NANOGPT_API_KEY", "NANOGPT_SESSION_COOKIE", "KYMA_API_KEY")
        return not any(self.get(name) for name in (*keys, "DATABASE_URL", "VAULT_URL"))

    @property
    def shows_demo(self) -> bool:
        return (self.is_pure_demo and not self.keeps_demo_out) or self.get("DEMO") == "1"

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
        given = self.get("DATABASE_URL")
        return given or f"sqlite:///{(self.data_folder / 'voicekeep.db').absolute()}"

    def base_url(self, service: str) -> str:
        """Where the service answers: the operator's address or the documented one."""
        known = SERVICES[service]
        return (self.get(known.base_url_setting) or known.base_url).rstrip("/")


def fingerprint(key: str) -> str:
    """A key's public name: 12 characters of its SHA-256, enough to tell keys apart."""
    return hashlib.sha256(key.encode()).hexdigest()[:12]


def load(environment: Mapping[str, str], folders: Sequence[Path] = ()) -> Settings:
    """Read all settings; `folders` hold `.streamlit/secrets.toml`, the first one wins.

    Raises `BadSettings`.
    """
    layers = _layers(environment, folders)
    values: dict[str, str] = {}
    origins: dict[str, str] = {}
    for name in NAMES:
        for origin, layer in layers:
            text = _text(layer.get(name))
            if text:
                values[name], origins[name] = text, origin
                break
    team: dict[str, Any] = {}
    for origin, layer in reversed(layers):
        table = layer.get("team")
        if isinstance(table, dict):
            given = {name: value for name, value in table.items() if value != ""}
            team |= given
            origins |= {f"team.{name}": origin for name in given}
    settings = Settings(values, origins, _team(team))
    return Settings(values, origins, settings.team, demo_speed=_demo_speed(settings))


def _layers(
    environment: Mapping[str, str], folders: Sequence[Path]
) -> list[tuple[str, Mapping[str, Any]]]:
    layers: list[tuple[str, Mapping[str, Any]]] = [("environment", environment)]
    if pasted := environment.get(SECRETS_VARIABLE, ""):
        layers.append((SECRETS_VARIABLE, _toml(pasted, SECRETS_VARIABLE)))
    for folder in folders:
        path = folder / ".streamlit" / "secrets.toml"
        try:
            text = path.read_text("utf-8")
        except OSError:
            continue
        except ValueError:
            raise BadSettings("A secrets.toml is not readable text.") from None
        layers.append(("secrets.toml", _toml(text, "secrets.toml")))
    return layers


def _toml(text: str, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        # The parser's own message may quote a secret.
        raise BadSettings(f"{where} is not valid TOML. Check its quotes and brackets.") from None


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, list):
        return "\n".join(str(item).strip() for item in value)
    return str(value).strip() if isinstance(value, (str, int, float)) else ""


def _team(table: Mapping[str, Any]) -> Team:
    try:
        return Team(
            passphrase=_passphrase(table.get("passphrase", "")),
            trust_host=table.get("trust_host") is True,
            members=_addresses(table.get("members", [])),
            admins=_addresses(table.get("admins", [])),
            monthly_budget=_budget(table.get("monthly_budget_usd")),
            monthly_keeping=_budget(table.get("monthly_keeping_usd")),
            keep_policy=KeepPolicy(table.get("keep_policy", KeepPolicy.AT_ONCE)),
            refresh_days=_days(table.get("refresh_days", 0)),
        )
    except (ValueError, TypeError, ArithmeticError):
        raise BadSettings(
            "A value under [team] cannot be used. Look at .streamlit/secrets.example.toml."
        ) from None


def _passphrase(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise TypeError("not a text")
    if str(value).strip() == EXAMPLE_PASSPHRASE:
        raise BadSettings("The passphrase is the one of the example, which everybody knows.")
    return str(value)


def _addresses(value: object) -> tuple[str, ...]:
    """Addresses in lower case; one alone may stand without its brackets."""
    listed = value.split(",") if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        raise TypeError("not a list of addresses")
    return tuple(address for item in listed if (address := item.strip().lower()))


def _budget(value: object) -> Money | None:
    if value is None:
        return None
    dollars = Decimal(str(value))
    if not 0 <= dollars <= MAX_BUDGET_USD:
        raise ValueError("not a budget")
    return Money.usd(dollars)


def _days(value: Any) -> int:
    days = int(value)
    if not 0 <= days <= MAX_REFRESH_DAYS:
        raise ValueError("not a number of days")
    return days


def _demo_speed(settings: Settings) -> float:
    """The demo's own time, and only while no live key is set."""
    if settings.live_services:
        return 1.0
    try:
        speed = float(settings.get("DEMO_SPEED") or 1)
    except ValueError:
        speed = math.nan
    if math.isnan(speed):
        raise BadSettings("DEMO_SPEED is not a number.")
    return min(max(speed, 1.0), FASTEST_DEMO)
