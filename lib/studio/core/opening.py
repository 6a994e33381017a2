"""Opening the library: the database, the vaults and the clients that the settings name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pkgutil import resolve_name

from lib import demo as demo_service
from lib.clock import Clock, SystemClock
from lib.providers.base import Provider
from lib.registry import Registry
from lib.services import DEMO, SERVICES
from lib.settings import Settings, fingerprint
from lib.studio.core.context import Context
from lib.studio.core.drafts import Drafts
from lib.studio.core.rate import SharedRate
from lib.studio.core.spool import Spool
from lib.vault import open_vault

DEMO_KEY = "demo"


def open_context(
    settings: Settings,
    *,
    loopback: bool = False,
    outside: bool = False,
    clock: Clock | None = None,
    read_only: bool = False,
) -> Context:
    """Open the database, the vault and the clients that the settings name.

    `loopback` and `outside` are told on with the context. `read_only`: the database refuses
    whatever would change it, and is not brought up to date. Raises `DatabaseUnavailable` and
    `VaultError`; no service is called.
    """
    registry = Registry(settings.database_url, read_only=read_only)
    try:
        if settings.has_only_demo and registry.voices.services() - {DEMO}:
            # It looks like the demo only because the key of these voices went missing.
            settings = replace(settings, keeps_demo_out=True)
        return _opened(
            registry, settings, clock or SystemClock(), loopback=loopback, outside=outside
        )
    except BaseException:
        registry.close()
        raise


def _opened(
    registry: Registry, settings: Settings, clock: Clock, *, loopback: bool, outside: bool
) -> Context:
    """What goes with these records: the vaults and the clients."""
    data = settings.data_folder
    vault_url = settings.get("VAULT_URL")
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
        live_vault=open_vault(vault_url, clock, aws=settings.aws, default_folder=data / "vault"),
        demo_vault=open_vault("", clock, aws={}, default_folder=data / "vault"),
        spool=Spool(data / "spool"),
        drafts=Drafts(data / "drafts", clock),
        providers=providers,
        demo=demo,
        loopback=loopback,
        outside=outside,
    )


def _live_client(service: str, settings: Settings, registry: Registry) -> Provider:
    """The service's own client, imported only now: a team pays for what it uses. All processes
    with its key keep to one rate together.
    """
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
