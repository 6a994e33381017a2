"""Sign-ins that were ended before their time."""

from __future__ import annotations

from datetime import datetime

from lib.studio.core.context import Context


def end(context: Context, sign_in_id: str, until: datetime) -> None:
    """Let no tab and no device go on with this sign-in, which would end by itself at `until`."""
    context.registry.ended_sign_ins.add(sign_in_id, until=until, now=context.clock.now())


def has_ended(context: Context, sign_in_id: str) -> bool:
    """Whether somebody ended it."""
    return context.registry.ended_sign_ins.has(sign_in_id)
