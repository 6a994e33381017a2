"""How a voice stands: its deadline, what proves that it lives, what speaks against it."""

from __future__ import annotations

from datetime import datetime, timedelta

from lib.models import Dossier, Evidence, EvidenceKind, Health, Heard, Job, JobState, Role, Source
from lib.retention.reasons import Reason, Why, as_said
from lib.retention.terms import (
    AT_RISK_BELOW,
    DUE_SOON_BELOW,
    LOST_APART,
    SILENT_AFTER,
    STORED_WITHIN,
    Standing,
    Terms,
    while_it_lives,
)
from lib.services import NONE, USE, Retention


def deadline_of(dossier: Dossier, rule: Retention) -> datetime | None:
    """When the voice may be lost: the start of its clock and the window, whatever was done."""
    start = dossier.voice.clock_start
    return start + rule.window if start and rule.window else None


def judge(dossier: Dossier, terms: Terms, now: datetime) -> Standing:
    """The health of a voice at this moment."""
    rule = terms.rule
    deadline = deadline_of(dossier, rule)
    if not exists(dossier):
        if deadline and rule.stopped_by == USE and _may_exist(dossier, now):
            health = Health.AT_RISK if now < deadline else Health.PROBABLY_LOST
            return Standing(health, deadline, Why(Reason.MAYBE_MADE))
        return Standing(Health.BEING_MADE, None, Why(Reason.BEING_MADE))
    if rule.stopped_by == NONE:
        return Standing(Health.PERSISTENT, None, Why(Reason.NO_EXPIRY))
    if lost := loss_of(dossier, terms):
        return Standing(Health.LOST, deadline, Why(Reason.GONE), lost)
    if proof := proof_of(dossier, terms):
        return _proven(dossier, terms, proof, now)
    if deadline is None:
        return Standing(Health.UNKNOWN, None, _why_unknown(dossier, terms, now))
    return Standing(_by_time(dossier, deadline, now), deadline, _why_not_safe(dossier, terms, now))


def exists(dossier: Dossier) -> bool:
    """Whether the voice was made, as far as is known; an adopted one was."""
    making = dossier.making
    return making is None or making.state is JobState.DONE


def proof_of(dossier: Dossier, terms: Terms) -> Evidence | None:
    """The latest thing seen that keeps this voice: a real use, or a copy in the current vault."""
    if terms.rule.stopped_by == USE:
        uses = dossier.valid_evidence(EvidenceKind.ACTIVATION)
        return uses[-1] if uses and not _wants_an_ear(dossier) else None
    return dossier.copy(Role.EMBEDDING, terms.vault) if terms.vault_counts else None


def unheard_use(dossier: Dossier, terms: Terms, now: datetime) -> Evidence | None:
    """The latest use that proves nothing before a person has said whether it was the voice.

    One whose sound neither reached the vault nor was seen on a disk for long is gone with its
    disk: nobody can listen to it.
    """
    if terms.rule.stopped_by != USE or not _wants_an_ear(dossier):
        return None
    uses = dossier.valid_evidence(EvidenceKind.ACTIVATION)
    deadline = deadline_of(dossier, terms.rule)
    heard = (
        use
        for use in reversed(uses)
        if use.key
        or now - (use.read_back_at or use.at) < while_it_lives(STORED_WITHIN, use.at, deadline)
    )
    return next(heard, None)


def verdict_of(dossier: Dossier) -> Evidence | None:
    """The use about which somebody said last whether it was the voice."""
    said = [item for item in dossier.evidence if item.heard_at and item.heard is not Heard.NOT_YET]
    return max(said, key=lambda item: item.heard_at or item.at, default=None)


def _wants_an_ear(dossier: Dossier) -> bool:
    """The id of an adopted voice came from a person: any voice might answer to it. Once somebody
    knew the voice again, its later uses speak for themselves.
    """
    if dossier.voice.source is not Source.ADOPTED or dossier.voice.id_made_here:
        return False
    verdict = verdict_of(dossier)
    return verdict is None or verdict.heard is not Heard.YES


def doubt_of(dossier: Dossier, terms: Terms) -> Evidence | None:
    """The first "not found" after the last proof that a voice is kept by use, if there is one."""
    proof = proof_of(dossier, terms)
    if proof is None or terms.rule.stopped_by != USE:
        return None
    answers = dossier.valid_evidence(EvidenceKind.NOT_FOUND)
    return next((item for item in answers if item.at > proof.at), None)


def loss_of(dossier: Dossier, terms: Terms) -> Evidence | None:
    """The second of two "not found" answers an hour apart.

    Where a use keeps the voice, both came after the window and after the last proof.
    """
    answers = dossier.valid_evidence(EvidenceKind.NOT_FOUND)
    if dossier.valid_evidence(EvidenceKind.COPY, Role.EMBEDDING):
        return None  # wherever that copy lies, the voice is not lost
    if terms.rule.stopped_by == USE:
        proof = proof_of(dossier, terms)
        since = [deadline_of(dossier, terms.rule), proof.at if proof else None]
        bounds = [moment for moment in since if moment]
        answers = tuple(item for item in answers if bounds and item.at >= max(bounds))
    # One "not found" may be a service in trouble; it is believed when it says so again.
    if answers and answers[-1].at - answers[0].at >= LOST_APART:
        return answers[-1]
    return None


def _proven(dossier: Dossier, terms: Terms, proof: Evidence, now: datetime) -> Standing:
    if doubt_of(dossier, terms):
        deadline = deadline_of(dossier, terms.rule)
        over = deadline is None or now >= deadline
        health = Health.PROBABLY_LOST if over else Health.AT_RISK
        return Standing(health, deadline, Why(Reason.DENIED_LATELY))
    reason = Reason.USED if terms.rule.stopped_by == USE else Reason.BACKED_UP
    return Standing(Health.SAFE, None, Why(reason), proof)


def _may_exist(dossier: Dossier, now: datetime) -> bool:
    """Its clock may run without our knowing: no answer, or none for longer than making takes."""
    making = dossier.making
    if making is None:
        return False
    if making.state is JobState.WAITING and making.submitted_at:
        return now - making.submitted_at >= SILENT_AFTER
    return making.state is JobState.UNKNOWN


def _by_time(dossier: Dossier, deadline: datetime, now: datetime) -> Health:
    left = deadline - now
    if left <= timedelta(0):
        in_flight = any(
            (job.is_open or job.is_asked_after) and job.submitted_at and job.submitted_at < deadline
            for job in dossier.activations
        )
        used = used_unheard(dossier)
        in_flight |= bool(used and used.submitted_at and used.submitted_at < deadline)
        return Health.AT_RISK if in_flight else Health.PROBABLY_LOST
    if left < AT_RISK_BELOW:
        return Health.AT_RISK
    return Health.DUE_SOON if left < DUE_SOON_BELOW else Health.WAITING


def used_unheard(dossier: Dossier) -> Job | None:
    """The latest use that the service calls completed, and whose sound never came: most likely the
    voice lives, but nothing proves it. Nothing has spoken against it since.
    """
    denied = dossier.valid_evidence(EvidenceKind.NOT_FOUND)
    since = denied[-1].at if denied else None
    used = (
        job
        for job in reversed(dossier.activations)
        if job.is_used and (since is None or (job.submitted_at or job.created_at) > since)
    )
    return next(used, None)


def _why_unknown(dossier: Dossier, terms: Terms, now: datetime) -> Why:
    if unheard_use(dossier, terms, now):
        return Why(Reason.UNHEARD)
    if dossier.valid_evidence(EvidenceKind.NOT_FOUND):
        return Why(Reason.NOT_FOUND)
    if terms.rule.stopped_by != USE:
        return _why_not_safe(dossier, terms, now)
    verdict = verdict_of(dossier)
    if verdict and verdict.heard is Heard.NO:
        return Why(Reason.OTHER_VOICE)
    refused = refusal_of(dossier)
    return (as_said(refused.error) if refused else None) or Why(Reason.AGE_UNKNOWN)


def refusal_of(dossier: Dossier) -> Job | None:
    """The latest use, where it was refused."""
    last = dossier.activations[-1] if dossier.activations else None
    return last if last and last.state is JobState.FAILED else None


def _why_not_safe(dossier: Dossier, terms: Terms, now: datetime) -> Why:
    if unheard_use(dossier, terms, now):
        return Why(Reason.UNHEARD)
    if terms.rule.stopped_by == USE and dossier.valid_evidence(EvidenceKind.NOT_FOUND):
        return Why(Reason.NOT_FOUND)
    if used := used_unheard(dossier):
        lost = used.state is JobState.FAILED
        return Why(Reason.SOUND_LOST if lost else Reason.SOUND_AWAITED)
    if terms.rule.stopped_by == USE:
        return Why(Reason.NOT_USED)
    if dossier.copy(Role.EMBEDDING, terms.vault):
        return Why(Reason.ON_DISK_ONLY)
    if dossier.valid_evidence(EvidenceKind.COPY, Role.EMBEDDING):
        return Why(Reason.IN_PREVIOUS_STORAGE)
    return Why(Reason.NOT_BACKED_UP)
