"""What every use case is handed: the settings, clocks, stores and clients of one process."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lib import demo as demo_service
from lib.clock import Clock
from lib.providers.base import Provider
from lib.registry import Registry
from lib.services import DEMO, SERVICES
from lib.settings import Settings
from lib.studio.core.drafts import Drafts
from lib.studio.core.runtime import Runtime
from lib.studio.core.spool import Spool
from lib.studio.core.wording import not_connected
from lib.vault.base import Vault


class NotConnected(Exception):
    """A service is asked for that has no key here; `str()` is a sentence."""

    def __init__(self, service: str) -> None:
        super().__init__(not_connected(SERVICES[service].title if service in SERVICES else ""))


@dataclass(frozen=True)
class Context:
    """What is fixed when a process opens its library (`opening.py`), and handed down from there.

    What changes while it runs is in `runtime`; all else is in the database.

    `clock` tells the real time, `demo_clock` that of demo voices, which may run faster.
    `live_vault` takes files of real voices, `demo_vault` those of demo voices.
    `providers`: by service, the client of each one that can be used here; `demo` is the pretend
    service itself, where it is shown. `loopback`: the app answers on this machine only, so its
    disk is the operator's own. `outside`: this is no app but a keeper by itself, which works while
    the app sleeps. `owner` names this process in leases.
    """

    settings: Settings
    registry: Registry
    clock: Clock
    demo_clock: Clock
    live_vault: Vault
    demo_vault: Vault
    spool: Spool
    drafts: Drafts
    providers: Mapping[str, Provider]
    demo: demo_service.DemoService | None = None
    loopback: bool = False
    outside: bool = False
    owner: str = field(default_factory=lambda: secrets.token_hex(6))
    runtime: Runtime = field(default_factory=Runtime)

    def now(self, service: str) -> datetime:
        """The time (UTC) as it is told to voices of this service: the demo's may run faster."""
        return self.demo_clock.now() if service == DEMO else self.clock.now()

    def service_time(self, service: str, real: timedelta) -> timedelta:
        """A real length of time, as this service's clock tells it."""
        return real * self.settings.demo_speed if service == DEMO else real

    def vault(self, service: str) -> Vault:
        """Where files of this service's voices go: demo voices never leave this machine."""
        return self.demo_vault if service == DEMO else self.live_vault

    def vault_counts(self, service: str) -> bool:
        """Whether a copy in the vault of this service's voices is a copy that lasts."""
        return service == DEMO or bool(self.settings.get("VAULT_URL")) or self.loopback

    def provider(self, service: str) -> Provider:
        """The client of a service. Raises `NotConnected` where there is no key for it."""
        try:
            return self.providers[service]
        except KeyError:
            raise NotConnected(service) from None

    def wake(self) -> None:
        """Tell the keeper of this process that something is due."""
        self.runtime.wake()

    def close(self) -> None:
        """Let the keeper end what is under way, and close the database."""
        self.runtime.stop_keeper()
        self.registry.close()
