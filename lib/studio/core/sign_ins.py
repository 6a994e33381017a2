"""Sign-ins: whether a service is there for one, and those that were ended before their time."""

from __future__ import annotations

from datetime import datetime

from lib.providers import discovery
from lib.providers.discovery import NotAService, OutOfReach
from lib.studio.core.context import Context

__all__ = ["NotAService", "OutOfReach", "end", "has_ended", "look_for_service"]


def look_for_service(metadata_url: str) -> None:
    """Whether somebody can be sent there to sign in. Raises `OutOfReach`, `NotAService`."""
    discovery.look(metadata_url)


def end(context: Context, sign_in_id: str, until: datetime) -> None:
    """Let no tab and no device go on with this sign-in, which would end by itself at `until`."""
    context.registry.ended_sign_ins.add(sign_in_id, until=until, now=context.clock.now())


def has_ended(context: Context, sign_in_id: str) -> bool:
    """Whether somebody ended it."""
    return context.registry.ended_sign_ins.has(sign_in_id)
