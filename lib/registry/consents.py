"""Records of consent. A voice names its record; several voices of one person share one.

What a record tells is part of the story of each of its voices: where it changes, their manifests
are due. What was withdrawn stays withdrawn, whatever an older manifest tells.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from lib.consent import Consent
from lib.models import Evidence, Voice
from lib.registry import schema
from lib.registry.database import Database
from lib.registry.schema import columns_of, first_of

_consents, _voices = schema.consents, schema.voices


class Consents:
    """Commits what is said about consent; voices are loaded with theirs (`voices.py`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def give(self, voice_ids: Collection[str], consent: Consent, *seen: Evidence) -> None:
        """These voices have this record of consent from now on; `seen`: files that show it."""
        with self._database.write() as connection:
            meet(connection, self._database, consent)
            for item in seen:
                connection.execute(insert(schema.evidence).values(columns_of(item)))
            connection.execute(
                update(_voices)
                .where(_voices.c.id.in_(voice_ids))
                .values(consent_id=consent.id, revision=_voices.c.revision + 1)
            )
            drop_unused(connection)

    def withdraw(self, ids: Collection[str], *, at: datetime, by: str) -> None:
        """These records hold no more; those that were withdrawn before stay as they are."""
        with self._database.write() as connection:
            _withdraw(connection, ids, at=at, by=by)


def of_voice(voice: Voice) -> Consent | None:
    """The record that a voice brings, with the id that it is stored by."""
    consent = voice.consent
    return consent and (consent if consent.id else replace(consent, id=voice.id))


def meet(connection: Connection, database: Database, consent: Consent | None) -> bool:
    """Store a record that a voice brings, unless it is here. Returns False where ours tells more:
    it was withdrawn, and the one that is brought was not.
    """
    if consent is None:
        return True
    row = database.insert(_consents).on_conflict_do_nothing().values(columns_of(consent))
    if connection.execute(row).rowcount == 1:
        return True
    ours = first_of(Consent, connection, select(_consents).where(_consents.c.id == consent.id))
    if ours is None or ours.withdrawn_at:
        return ours is None or consent.withdrawn_at is not None
    if consent.withdrawn_at:
        _withdraw(connection, [consent.id], at=consent.withdrawn_at, by=consent.withdrawn_by)
    return True


def _withdraw(connection: Connection, ids: Collection[str], *, at: datetime, by: str) -> None:
    holds = _consents.c.id.in_(ids) & _consents.c.withdrawn_at.is_(None)
    connection.execute(
        update(_voices)
        .where(_voices.c.consent_id.in_(select(_consents.c.id).where(holds)))
        .values(revision=_voices.c.revision + 1)
    )
    connection.execute(update(_consents).where(holds).values(withdrawn_at=at, withdrawn_by=by))


def drop_unused(connection: Connection) -> None:
    """Forget the records that no voice names any more."""
    used = select(func.distinct(_voices.c.consent_id))
    connection.execute(delete(_consents).where(_consents.c.id.not_in(used)))
