"""How long orders wait after a service has limited the rate of a key (HTTP 429).

Such a pause holds for every order of the key, in all processes, because it is a note in the
database. It never costs a voice: see `limit_pause`.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from lib.models import Dossier, ErrorKind, Job, JobKind
from lib.providers.base import ProviderError
from lib.registry import DatabaseUnavailable
from lib.retention import deadline_of, rule_of, while_it_lives
from lib.services import SERVICES
from lib.settings import fingerprint
from lib.studio.core.context import Context

DEFAULT_PAUSES = {ErrorKind.BUSY: timedelta(seconds=10), ErrorKind.LIMIT: timedelta(minutes=15)}
"""The pause where a service limits the rate without saying for how long."""


def note_rate_limit(context: Context, service: str, problem: ProviderError) -> None:
    """Note the pause that this refusal asks for, if it asks for one.

    A longer pause that is noted already stays. A pause that is made longer keeps its beginning.
    """
    asked_for = timedelta(seconds=problem.retry_after or 0)
    pause = asked_for or DEFAULT_PAUSES.get(problem.kind, timedelta(0))
    if not pause:
        return
    now = context.now(service)
    until = now + pause
    with suppress(DatabaseUnavailable):  # what came of the request matters more
        stored = _stored_pause(context, service)
        if stored is None or stored[1] < until:
            since = stored[0] if stored and stored[1] > now else now
            body = {"since": since.isoformat(), "until": until.isoformat()}
            context.registry.notes.write(_note_name(context, service), body, now)


def paused_until(context: Context, job: Job) -> datetime | None:
    """When this order may be sent, if its key has to pause; None if it may be sent now."""
    stored = _stored_pause(context, job.service)
    if stored is None:
        return None
    since, until = max(stored[0], job.created_at), stored[1]
    allowed_at = since + limit_pause(context, job, until - since, since)
    return allowed_at if allowed_at > context.now(job.service) else None


def limit_pause(context: Context, job: Job, pause: timedelta, now: datetime) -> timedelta:
    """This pause, but for a use that keeps a voice at most a quarter of the time that is left to it
    at `now`, even where the service asks for more: a refused try costs less than a voice.
    """
    return while_it_lives(pause, now, keep_deadline(context, job))


def keep_deadline(context: Context, job: Job) -> datetime | None:
    """When the voice that this order is to keep is lost; None for other orders and
    without an end.
    """
    voice = context.registry.voices.get(job.voice_id) if job.kind is JobKind.ACTIVATION else None
    return deadline_of(Dossier(voice), rule_of(voice)) if voice else None


def _stored_pause(context: Context, service: str) -> tuple[datetime, datetime] | None:
    note = context.registry.notes.get(_note_name(context, service))
    if note is None:
        return None
    return datetime.fromisoformat(str(note.body["since"])), datetime.fromisoformat(
        str(note.body["until"])
    )


def _note_name(context: Context, service: str) -> str:
    setting = SERVICES[service].key_setting if service in SERVICES else ""
    key = context.settings.get(setting) if setting else ""
    return f"pause:{service}:{fingerprint(key)}"
