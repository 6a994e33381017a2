"""Everything a use case needs, built once from the settings and handed down."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pkgutil import resolve_name

from lib import demo as demo_service
from lib.clock import Clock, SystemClock
from lib.models import Account, Voice
from lib.providers.base import Provider
from lib.registry import Registry
from lib.registry.database import Database
from lib.retention import Reach, Terms
from lib.services import DEMO, SERVICES, SpeechModel, retention_of
from lib.settings import Settings, fingerprint
from lib.studio.core.rate import SharedRate
from lib.studio.core.spool import Spool
from lib.vault import open_vault
from lib.vault.base import Vault

DEMO_KEY = "demo"
KEEPER = "Voicekeep"
"""Who orders what nobody ordered by hand."""
LATELY = 2.0
"""Seconds that one look at whose a key is serves all voices."""


class NotConnected(Exception):
    """A service is asked for that has no key here; `str()` is a sentence."""


@dataclass
class Reconciliation:
    """How far the first reading of the vault is; until it ended no orders are taken.

    `passed_over`: stories that could not be taken, as they were damaged or contradict ours.
    """

    done: int = 0
    total: int = 0
    passed_over: int = 0
    finished: bool = False
    trouble: str = ""


@dataclass
class TaskProgress:
    """How far something is that takes its time: `total` is 0 while nothing is under way."""

    done: int = 0
    total: int = 0

    def report(self, done: int, total: int) -> None:
        self.done, self.total = done, total


@dataclass(frozen=True)
class Listed:
    """What services said of themselves, as read at that moment of the process's own clock.

    `at_once`: for which account, and how much may be under way.
    """

    read_at: float = float("-inf")
    models: Mapping[str, tuple[SpeechModel, ...]] = field(default_factory=dict)
    at_once: Mapping[str, tuple[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class KeyOwner:
    """Whose the key in use is. `write`: the last one of this process before that was read."""

    account: Account
    write: int
    at: float


def is_account_id(service: str, text: str) -> bool:
    """Whether this names an account by its first key; what else may stand there says nothing."""
    return re.fullmatch(rf"{re.escape(service)}-[0-9a-f]{{12}}", text) is not None


@dataclass
class Context:
    """Settings, clocks, stores and services of one process.

    `loopback`: the app answers on this machine only, so its disk is the operator's own.
    `outside`: this is no app but a keeper by itself, which works while the app sleeps.
    `owner` names this process in leases. `wake` tells the keeper that something is due.
    `vault_rests_until`: on the process's own clock, when a use waits for the vault again.
    """

    settings: Settings
    registry: Registry
    clock: Clock
    demo_clock: Clock
    live_vault: Vault
    demo_vault: Vault
    spool: Spool
    providers: Mapping[str, Provider]
    demo: demo_service.DemoService | None = None
    loopback: bool = False
    outside: bool = False
    owner: str = field(default_factory=lambda: secrets.token_hex(6))
    wake: Callable[[], None] = lambda: None
    reconciliation: Reconciliation = field(default_factory=Reconciliation)
    exporting: TaskProgress = field(default_factory=TaskProgress)
    listed: Listed = field(default_factory=Listed)
    vault_rests_until: float = 0.0
    old_vaults: dict[str, Vault] = field(default_factory=dict)
    keys: dict[str, KeyOwner] = field(default_factory=dict, repr=False)
    stop_keeper: Callable[[], None] = lambda: None

    def now(self, service: str = "") -> datetime:
        """The time as it is told to voices of this service: the demo's may run faster."""
        return self.demo_clock.now() if service == DEMO else self.clock.now()

    def service_time(self, service: str, real: timedelta) -> timedelta:
        """A real length of time, as this service's clock tells it."""
        return real * self.settings.demo_speed if service == DEMO else real

    def vault(self, service: str) -> Vault:
        """Where files of this service's voices go: demo voices never leave this machine."""
        return self.demo_vault if service == DEMO else self.live_vault

    def vault_counts(self, service: str) -> bool:
        """Whether a copy there is a copy that lasts."""
        return service == DEMO or bool(self.settings.get("VAULT_URL")) or self.loopback

    def terms(self, voice: Voice) -> Terms:
        """What judgements about this voice stand on."""
        rule = retention_of(voice.service, voice.kind, voice.source)
        vault, counts = self.vault(voice.service).name, self.vault_counts(voice.service)
        return Terms(rule, vault, counts, self.reach(voice))

    def reach(self, voice: Voice) -> Reach:
        """Whether the key in use is one of the account that made this voice."""
        current = self.account_in_use(voice.service)
        foreign = is_account_id(voice.service, voice.account)
        if current is None or voice.account == current.id or not foreign:
            return Reach.OURS
        return Reach.OTHER if current.settled else Reach.ASKED

    def provider(self, service: str) -> Provider:
        """The client of a service. Raises `NotConnected`."""
        try:
            return self.providers[service]
        except KeyError:
            title = SERVICES[service].title if service in SERVICES else "this service"
            raise NotConnected(f"There is no key for {title} here.") from None

    def account(self, service: str) -> str:
        """The id of the account whose key is in use. Raises `NotConnected`."""
        if service == DEMO:
            return DEMO
        current = self.account_in_use(service)
        if current is None:
            raise NotConnected(f"There is no key for {SERVICES[service].title} here.")
        return current.id

    def account_in_use(self, service: str) -> Account | None:
        """The account whose key is in use; None for the demo and where there is no key.

        One look at the database serves all voices, until something is written.
        """
        known = SERVICES.get(service)
        key = self.settings.get(known.key_setting) if known and known.key_setting else ""
        if known is None or not key:
            return None
        write, now = Database.last_write, time.monotonic()
        last = self.keys.get(service)
        if last is None or last.write != write or now - last.at > LATELY:
            account = self.registry.accounts.whose(service, known.title, fingerprint(key))
            last = self.keys[service] = KeyOwner(account, Database.last_write, now)
        return last.account

    def close(self) -> None:
        self.stop_keeper()
        self.registry.close()


def open_context(
    settings: Settings,
    *,
    loopback: bool = False,
    clock: Clock | None = None,
    read_only: bool = False,
) -> Context:
    """Open the database, the vault and the clients that the settings name.

    `read_only`: the database refuses whatever would change it, and is not brought up to date.
    Raises `DatabaseUnavailable` and `VaultError`; no service is called.
    """
    registry = Registry(settings.database_url, read_only=read_only)
    try:
        return _open_around(registry, settings, clock or SystemClock(), loopback=loopback)
    except BaseException:
        registry.close()
        raise


def _open_around(
    registry: Registry, settings: Settings, clock: Clock, *, loopback: bool
) -> Context:
    """What goes with these records: the vaults and the clients."""
    data = settings.data_folder
    if settings.has_only_demo and registry.voices.services() - {DEMO}:
        # It looks like the demo only because the key of these voices went missing.
        settings = replace(settings, keeps_demo_out=True)
    demo_vault = open_vault("", clock, aws={}, default_folder=data / "vault")
    live_vault = open_vault(
        settings.get("VAULT_URL"), clock, aws=settings.aws, default_folder=data / "vault"
    )
    providers: dict[str, Provider] = {
        service: _live_client(service, settings, registry) for service in settings.live_services
    }
    demo_clock: Clock = clock
    demo = None
    if settings.shows_demo:
        demo_clock = demo_service.demo_clock(data / "demo.db", clock, settings.demo_speed)
        demo = demo_service.DemoService(data / "demo.db", demo_clock)
        providers[DEMO] = _demo_client(demo)
    return Context(
        settings=settings,
        registry=registry,
        clock=clock,
        demo_clock=demo_clock,
        live_vault=live_vault,
        demo_vault=demo_vault,
        spool=Spool(data / "spool"),
        providers=providers,
        demo=demo,
        loopback=loopback,
    )


def _live_client(service: str, settings: Settings, registry: Registry) -> Provider:
    """The service's own client, imported only now: a team pays for what it uses."""
    known = SERVICES[service]
    key = settings.get(known.key_setting)
    lease = f"rate:{service}:{fingerprint(key)}"
    pace = SharedRate(registry.leases, lease, known.requests_per_second)
    client: Callable[..., Provider] = resolve_name(known.client)
    return client(service, settings.base_url(service), key, pace=pace)


def _demo_client(demo: demo_service.DemoService) -> Provider:
    """The clients of the real services, over the pretend one inside this process."""
    from lib.providers.embedded import Inside

    base_url = SERVICES[DEMO].base_url
    return Inside(DEMO, base_url, f"{base_url.removesuffix('/api')}/v1", DEMO_KEY, demo)
