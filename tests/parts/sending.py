"""An order as its service has it, without one."""

from __future__ import annotations

from datetime import datetime

from lib.models import JobState
from lib.registry import Registry


def send(registry: Registry, job_id: str, now: datetime) -> None:
    """A confirmed order leaves, as far as the registry knows; any other stays as it is."""
    registry.jobs.move(job_id, (JobState.CONFIRMED,), now, "", "sent", state=JobState.SUBMITTING)
