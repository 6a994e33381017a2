"""The voices as people see them: each with its health, its next step and its prices."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from lib.models import Dossier, Evidence, EvidenceKind, Health, JobState, Money, Role, Source, Voice
from lib.pricing import keeping_price
from lib.registry import DatabaseUnavailable
from lib.retention import (
    Rank,
    Standing,
    Step,
    StepKind,
    Terms,
    judge,
    next_step,
    rank_of,
    refusal_of,
    unheard_use,
)
from lib.services import COPY, DEMO, KIND_TITLES, SERVICES, Retention
from lib.studio.core.catalogue import activation_model, speech_models
from lib.studio.core.context import Context
from lib.studio.core.standpoint import Standpoint, standpoint_of

log = logging.getLogger("voicekeep.listing")

NOTHING = Money()


@dataclass(frozen=True)
class Entry:
    """One voice of the library, judged at the moment `now`.

    `use_price` is that of one use that keeps it, zero if no model is known.
    """

    dossier: Dossier
    standing: Standing
    step: Step
    now: datetime
    terms: Terms
    has_model: bool = True
    use_price: Money = NOTHING

    @property
    def rank(self) -> Rank:
        """Its place among all voices, the same on every page and in every message."""
        return rank_of(self.dossier, self.terms, self.standing, self.now)

    @property
    def rule(self) -> Retention:
        return self.terms.rule

    @property
    def is_archived(self) -> bool:
        return self.voice.archived_at is not None

    @property
    def has_copy(self) -> bool:
        """Whether any of its files is in the current storage."""
        copies = self.dossier.valid_evidence(EvidenceKind.COPY)
        return any(copy.vault == self.terms.vault for copy in copies)

    @property
    def is_in_progress(self) -> bool:
        """Whether something is under way that will change the voice, so that pages look again."""
        if self.standing.health is Health.BEING_MADE:
            return True
        if any(job.is_open for job in self.dossier.activations):
            return True
        at_rest = self.step.kind in (StepKind.ASK, StepKind.NOTHING)
        return not at_rest and self.step.at is not None and self.step.at <= self.now

    @property
    def voice(self) -> Voice:
        return self.dossier.voice

    @property
    def is_demo(self) -> bool:
        return self.voice.service == DEMO

    @property
    def can_speak(self) -> bool:
        """Whether it can be spoken with: made, not known to be lost, and with a model."""
        is_there = self.standing.health not in (Health.BEING_MADE, Health.LOST)
        return is_there and not self.why_mute

    @property
    def why_mute(self) -> str:
        """A sentence on why an existing voice cannot be spoken with from here, or ""."""
        if not self.has_model:
            title, kind = SERVICES[self.voice.service].title, KIND_TITLES[self.voice.kind]
            return f"{title} lists no model that speaks {kind} voices."
        if self.rule.stopped_by == COPY and not self._has_address:
            return "No service can fetch its file: that takes a bucket, or a hosted address."
        return ""

    @property
    def _has_address(self) -> bool:
        """Whether a service could fetch the voice's file."""
        copied = self.dossier.copy(Role.EMBEDDING, self.terms.vault) is not None
        own = copied and self.terms.vault.startswith("s3://")
        return own or bool(self.voice.embedding_url)

    @property
    def is_denied(self) -> bool:
        """Whether it was adopted, and the service does not know it or refused its test call."""
        adopted = self.voice.source is Source.ADOPTED and self.standing.evidence is None
        not_found = bool(self.dossier.valid_evidence(EvidenceKind.NOT_FOUND))
        return adopted and (not_found or refusal_of(self.dossier) is not None)

    @property
    def unheard(self) -> Evidence | None:
        """The test call of an adopted voice that waits for somebody to listen to it, if any."""
        return None if self.is_archived else unheard_use(self.dossier, self.terms, self.now)

    @property
    def needs_somebody(self) -> bool:
        """Whether a person has to act: the voice is in danger and nothing happens by itself, or not
        before something is mended; or a test call waits to be listened to.
        """
        if self.is_archived:
            return False
        if self.unheard or self.is_denied:
            return True
        return (self.step.at is None or self.step.blocked) and self.standing.health in (
            Health.PROBABLY_LOST,
            Health.AT_RISK,
            Health.DUE_SOON,
        )


def entries(context: Context) -> list[Entry]:
    """All voices that exist or are being made: what can still be saved first, archived ones last.

    Makes three queries at most, and none if nothing was written for a moment. A voice whose records
    cannot be judged is left out and logged; the keeper warns of it.
    """
    dossiers = context.registry.voices.cached_dossiers(context.settings.visible)
    standpoint = standpoint_of(context)
    found = (
        _entry_or_none(context, standpoint, item) for item in dossiers if not _never_made(item)
    )
    return sorted((item for item in found if item), key=_sort_key)


def _entry_or_none(context: Context, standpoint: Standpoint, dossier: Dossier) -> Entry | None:
    """One voice, or None if its records are so odd that judging them fails."""
    try:
        return _entry(context, standpoint, dossier)
    except DatabaseUnavailable:
        raise
    except Exception:  # one odd record must not hide all other voices
        log.exception("The voice %s cannot be judged", dossier.voice.id)
        return None


def find(context: Context, voice_id: str) -> Entry | None:
    """One voice of the services that are shown, judged now; None where there is no such voice."""
    dossier = context.registry.voices.dossier(voice_id)
    if dossier is None or dossier.voice.service not in context.settings.visible:
        return None
    return entry(context, dossier)


def entry(context: Context, dossier: Dossier) -> Entry:
    """One voice, judged now; two queries at most."""
    return _entry(context, standpoint_of(context), dossier)


def _entry(context: Context, standpoint: Standpoint, dossier: Dossier) -> Entry:
    voice = dossier.voice
    now = context.now(voice.service)
    terms = standpoint.terms(voice)
    model = activation_model(context, voice.service, voice.kind)
    return Entry(
        dossier,
        judge(dossier, terms, now),
        next_step(dossier, terms, now),
        now,
        terms,
        has_model=bool(speech_models(context, voice.service, voice.kind)),
        use_price=keeping_price(model) if model else NOTHING,
    )


def _never_made(dossier: Dossier) -> bool:
    """A clone that failed never became a voice; the Jobs page shows it."""
    making = dossier.making
    return making is not None and making.state is JobState.FAILED


def _sort_key(item: Entry) -> tuple[bool, Rank, str]:
    return (item.is_archived, item.rank, item.voice.name.lower())
