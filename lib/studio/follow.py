"""What happens to an order after it was sent: poll, fetch, store, commit. Nothing here is paid."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from lib.models import (
    ErrorKind,
    Evidence,
    EvidenceKind,
    Job,
    JobKind,
    JobState,
    Take,
    Voice,
    new_id,
)
from lib.providers.base import Failed, Pending, ProviderError, Ticket
from lib.recordings.inspect import Recording, UnreadableRecording, inspect
from lib.registry import Outcome
from lib.retention import use_is_news
from lib.studio import reading
from lib.studio.perform import finished_result, not_found, note_balance_after
from lib.studio.workshop import NotConnected, Workshop
from lib.vault.base import VaultError, content_key, sha256_hex

log = logging.getLogger("voicekeep.follow")

TURN = timedelta(minutes=2)
SLOWEST_POLL = timedelta(minutes=1)
SLOWEST_ASK = timedelta(minutes=5)
SLOWEST_RETRY = timedelta(hours=1)
LOOK_AGAIN_AFTER = timedelta(hours=1)
"""A paid speech may be refunded later, which takes the evidence away."""
LOOKS_AGAIN = 3
"""Then it stands, where the service refuses the question."""
LOOK_AGAIN_FOR = timedelta(days=7)
"""So long it is asked while nobody answers: an outage must not hide a refund."""
FORGOTTEN_AFTER = timedelta(hours=1)
REFUSING = frozenset({ErrorKind.NOT_FOUND, ErrorKind.INPUT})
"""The service works, and does not know what is asked about."""
MAX_SOUND_BYTES = 50_000_000
FETCH_FOR = timedelta(days=1)
"""A sound that was paid for is asked for this long, unless the host says that it is gone."""
GONE_TRIES = 3


def follow(workshop: Workshop, job: Job) -> str:
    """Do what is due for a sent job; says what was done ("" for nothing)."""
    jobs = workshop.registry.jobs
    now = workshop.now(job.service)
    if job.state is JobState.SUBMITTING:
        _no_answer(workshop, job, now)
        return ""
    until = now + workshop.told(job.service, TURN)
    if not jobs.take_turn(job, workshop.owner, now=now, until=until):
        return ""
    try:
        if job.is_whole:
            reading.look(workshop, job)
        elif job.state is JobState.DONE:
            _look_again(workshop, job)
        elif job.result:
            collect(workshop, job, job.result)
        else:
            _poll(workshop, job)
    except NotConnected as problem:
        _later(workshop, job, str(problem), SLOWEST_RETRY)
        return ""
    after = jobs.get(job.id) if job.kind is JobKind.ACTIVATION else None
    if after is None or after.state is not JobState.DONE or job.state is not JobState.WAITING:
        return "polled"
    return "refreshed" if job.request.get("again") is True else "activated"


def _no_answer(workshop: Workshop, job: Job, now: datetime) -> None:
    """The time of a paid request is over. A sound that reached this disk was its answer."""
    jobs = workshop.registry.jobs
    if workshop.spool.get(job.id) is not None:
        jobs.accepted(
            job.id,
            now=now,
            submitted_at=job.submitted_at or now,
            next_at=now,
            ticket={},
            result={"spooled": True},
            charged=None,
            request_id="",
        )
    elif jobs.lose_sight(job.id, now=now, why="The answer of the service never came."):
        note_balance_after(workshop, job)


def _poll(workshop: Workshop, job: Job) -> None:
    try:
        answer = workshop.provider(job.service).check(Ticket.from_json(job.ticket))
    except ProviderError as problem:
        if _is_forgotten(workshop, job, problem):
            workshop.registry.jobs.lose_sight(
                job.id,
                now=workshop.now(job.service),
                why="The service does not know this order any more.",
                request_id=job.request_id,
                states=(JobState.WAITING,),
            )
            return
        asked = timedelta(seconds=problem.retry_after or 0)
        _later(workshop, job, problem.sentence, max(asked, _growing(job.attempts, SLOWEST_ASK)))
        return
    now = workshop.now(job.service)
    if isinstance(answer, Pending):
        pause = timedelta(seconds=answer.after) if answer.after else _poll_pause(job, now)
        why = "The service is still working on it."
        workshop.registry.jobs.later(job.id, next_at=now + pause, answer=why, in_trouble=False)
    elif isinstance(answer, Failed):
        _failed(workshop, job, answer)
    else:
        result = finished_result(answer)
        if workshop.registry.jobs.answered(job.id, now=now, result=result):
            collect(workshop, job, result)


def _is_forgotten(workshop: Workshop, job: Job, problem: ProviderError) -> bool:
    """A ticket that the service does not know must not keep the next attempt out for ever."""
    waited = workshop.now(job.service) - (job.submitted_at or job.created_at)
    return (
        job.kind is JobKind.ACTIVATION
        and problem.kind in REFUSING
        and job.attempts >= GONE_TRIES
        and waited >= FORGOTTEN_AFTER
    )


def _failed(workshop: Workshop, job: Job, answer: Failed) -> None:
    now = workshop.now(job.service)
    workshop.registry.jobs.fail(
        job.id,
        now=now,
        error=answer.sentence,
        error_kind=answer.kind,
        request_id=answer.request_id,
        charged=job.charged or job.estimate,  # the ticket was paid, whatever it said of money
        refunded=answer.refunded,
        evidence=not_found(job, now) if answer.kind is ErrorKind.NOT_FOUND else None,
    )


def _look_again(workshop: Workshop, job: Job) -> None:
    """A paid speech, an hour later: a refund means that it does not count."""
    try:
        answer = workshop.provider(job.service).check(Ticket.from_json(job.ticket))
    except ProviderError as problem:
        enough = job.attempts + 1 >= LOOKS_AGAIN and problem.kind in REFUSING
        done_at = job.finished_at or job.created_at
        over = enough or workshop.now(job.service) - done_at >= LOOK_AGAIN_FOR
        _later(workshop, job, problem.sentence, None if over else LOOK_AGAIN_AFTER)
        return
    if not isinstance(answer, Failed):
        _later(workshop, job, "Looked at again: it stands.", None)
        return
    now = workshop.now(job.service)
    dossier = workshop.registry.voices.dossier(job.voice_id)
    for item in dossier.evidence if dossier else ():
        if item.job_id == job.id and item.withdrawn_at is None:
            workshop.registry.voices.change_evidence(
                item, withdrawn_at=now, withdrawn_why="The service took this speech back."
            )
    workshop.registry.jobs.note(
        job.id,
        now=now,
        what="taken back by the service",
        refunded=answer.refunded or job.charged or job.estimate,
        next_check_at=None,
        last_answer=answer.sentence,
        lease_owner="",
        lease_until=None,
    )


def collect(workshop: Workshop, job: Job, result: dict[str, Any]) -> None:
    """The run ended well: bring home what it made and commit it."""
    if job.kind in (JobKind.CLONE, JobKind.DESIGN):
        _collect_voice(workshop, job, result)
    else:
        _collect_sound(workshop, job, result)


def _collect_voice(workshop: Workshop, job: Job, result: dict[str, Any]) -> None:
    """The hosted address is committed first; fetching the file is the keeper's next step."""
    fields: dict[str, Any] = {}
    if url := result.get("embedding_url"):
        fields = {"embedding_url": url, "embedding_model": str(job.request.get("model", ""))}
    if voice_id := result.get("voice_id"):
        fields["provider_voice_id"] = voice_id
    workshop.registry.jobs.finish(
        job.id,
        now=workshop.now(job.service),
        outcome=Outcome(result, job.charged or job.estimate, voice_fields=fields or None),
    )
    workshop.wake()


def _collect_sound(workshop: Workshop, job: Job, result: dict[str, Any]) -> None:
    try:
        audio = _sound(workshop, job, result)
        facts = inspect(audio)
    except ProviderError as problem:
        _fetch_failed(workshop, job, problem)
        return
    except UnreadableRecording:
        workshop.spool.drop(job.id)
        _unusable(workshop, job, "What the service sent back is not a sound.")
        return
    workshop.spool.put(job.id, audio)
    voice = workshop.registry.voices.get(job.voice_id)
    if voice is None:
        _unusable(workshop, job, "The voice of this order is not there any more.")
    elif job.kind is JobKind.ACTIVATION:
        _finish_activation(workshop, job, voice, audio, facts)
    else:
        _finish_take(workshop, job, voice, audio, facts)


def _sound(workshop: Workshop, job: Job, result: dict[str, Any]) -> bytes:
    kept = workshop.spool.get(job.id)
    if kept is not None:
        return kept
    provider = workshop.provider(job.service)
    return provider.fetch(str(result.get("audio_url", "")), max_bytes=MAX_SOUND_BYTES)


def _finish_activation(
    workshop: Workshop, job: Job, voice: Voice, audio: bytes, facts: Recording
) -> None:
    """Evidence is committed whatever the vault does; its sound follows when it can."""
    if not _spoke_with(job, voice):
        _unusable(workshop, job, "Meanwhile this voice has another id, so this proves nothing.")
        return
    proof = use_evidence(job, audio, workshop.now(job.service))
    done = workshop.registry.jobs.finish(
        job.id,
        now=proof.at,
        outcome=Outcome(
            {**job.result, "seconds": facts.seconds, "extension": facts.extension},
            job.charged or job.estimate,
            evidence=proof,
            look_again_at=_look_again_at(workshop, job, proof.at),
        ),
    )
    if done:
        _prove_unknown_clone(workshop, job, voice, proof.at)
        store_sound(workshop, job.id)


def use_evidence(job: Job, audio: bytes, at: datetime) -> Evidence:
    """A real speech with this voice, its sound in our hands."""
    return Evidence(
        id=new_id(),
        voice_id=job.voice_id,
        kind=EvidenceKind.ACTIVATION,
        at=at,
        role="activation",
        job_id=job.id,
        sha256=sha256_hex(audio),
        size=len(audio),
        model=str(job.request.get("model", "")),
        run_id=str(job.ticket.get("run_id", "")) or job.request_id,
        cost=job.charged or job.estimate,
        summary=str(job.request.get("text", "")),
    )


def store_sound(workshop: Workshop, job_id: str) -> bool:
    """Move the sound of an activation from the spool to the vault, if the vault takes it."""
    audio = workshop.spool.get(job_id)
    job = workshop.registry.jobs.get(job_id)
    if audio is None or job is None or job.state is not JobState.DONE:
        return False
    dossier = workshop.registry.voices.dossier(job.voice_id)
    seen = dossier.evidence if dossier else ()
    proof = next((item for item in seen if item.job_id == job_id and not item.key), None)
    if proof is None:  # it is stored; whoever did that did not come to drop it
        workshop.spool.drop(job_id)
        return False
    extension = str(job.result.get("extension", "bin"))
    key = content_key(f"voices/{job.voice_id}/activation", audio, extension)
    try:
        stored = workshop.vault(job.service).put_verified(key, audio, f"audio/{extension}")
    except VaultError as problem:
        log.warning("The sound of an activation waits for the vault: %s", problem)
        return False
    workshop.registry.voices.change_evidence(
        proof, vault=stored.vault, key=stored.key, read_back_at=stored.read_back_at
    )
    workshop.spool.drop(job_id)
    return True


def _finish_take(
    workshop: Workshop, job: Job, voice: Voice, audio: bytes, facts: Recording
) -> None:
    """A take is done when it is in the vault; until then its sound waits on this disk."""
    try:
        stored = workshop.vault(job.service).put_verified(
            f"takes/{job.id}/audio.{facts.extension}", audio, facts.media_type
        )
    except VaultError as problem:
        why = f"The sound is here, but not in the vault yet: {problem}"
        _later(workshop, job, why, _growing(job.attempts, SLOWEST_RETRY))
        return
    now = workshop.now(job.service)
    take = Take(
        id=job.id,
        voice_id=job.voice_id,
        text=str(job.request["text"]),
        model=str(job.request["model"]),
        created_at=now,
        settings=dict(job.request.get("settings", {})),
        seconds=facts.seconds,
        vault=stored.vault,
        key=stored.key,
        sha256=stored.sha256,
        size=stored.size,
        mime=facts.media_type,
    )
    proof = use_evidence(job, audio, now) if _counts_as_use(workshop, job, voice) else None
    if proof:
        proof = replace(proof, vault=stored.vault, key=stored.key, read_back_at=stored.read_back_at)
    workshop.registry.jobs.finish(
        job.id,
        now=now,
        outcome=Outcome(
            {**job.result, "seconds": facts.seconds},
            job.charged or job.estimate,
            evidence=proof,
            take=take,
            look_again_at=_look_again_at(workshop, job, now) if proof else None,
        ),
    )
    workshop.spool.drop(job.id)
    _prove_unknown_clone(workshop, job, voice, now)


def _spoke_with(job: Job, voice: Voice) -> bool:
    """Whether it was exactly this voice: an order sent once more gives it another id."""
    return bool(job.request.get("voice_id", "") == voice.provider_voice_id)


def _counts_as_use(workshop: Workshop, job: Job, voice: Voice) -> bool:
    """Any real speech keeps a voice; one piece of evidence is enough."""
    dossier = workshop.registry.voices.dossier(voice.id)
    if dossier is None or not _spoke_with(job, voice):
        return False
    return use_is_news(dossier, workshop.terms(voice), workshop.now(voice.service))


def _prove_unknown_clone(workshop: Workshop, job: Job, voice: Voice, now: datetime) -> None:
    """A voice with an id of ours that speaks was made, even if nobody told us."""
    if not _spoke_with(job, voice):
        return
    dossier = workshop.registry.voices.dossier(voice.id)
    making = dossier.making if dossier else None
    if making and making.state is JobState.UNKNOWN and voice.id_made_here:
        workshop.registry.jobs.finish(
            making.id,
            now=now,
            outcome=Outcome({"proven_by_test": True}, making.charged or making.estimate),
            states=(JobState.UNKNOWN,),
        )


def _look_again_at(workshop: Workshop, job: Job, now: datetime) -> datetime | None:
    return now + LOOK_AGAIN_AFTER if job.ticket.get("run_id") else None


def _fetch_failed(workshop: Workshop, job: Job, problem: ProviderError) -> None:
    waited = workshop.now(job.service) - (job.submitted_at or job.created_at)
    is_gone = problem.kind is ErrorKind.NOT_FOUND and job.attempts >= GONE_TRIES
    if is_gone or waited > FETCH_FOR:
        _unusable(workshop, job, f"The sound could not be fetched. {problem.sentence}")
        return
    _later(workshop, job, problem.sentence, _growing(job.attempts, SLOWEST_RETRY))


def _unusable(workshop: Workshop, job: Job, why: str) -> None:
    """Paid, and nothing to show for it: say so."""
    charged = job.charged or job.estimate
    workshop.registry.jobs.fail(
        job.id,
        now=workshop.now(job.service),
        error=f"{why} This probably cost {charged}.",
        error_kind="input",
        charged=charged,
    )


def _poll_pause(job: Job, now: datetime) -> timedelta:
    """3 s at first, then a tenth of the time it has run, a minute at most."""
    ran = now - (job.submitted_at or now)
    return min(max(timedelta(seconds=3), ran / 10), SLOWEST_POLL)


def _growing(tries: int, longest: timedelta) -> timedelta:
    return min(timedelta(seconds=5 * 2 ** min(tries, 12)), longest)


def _later(workshop: Workshop, job: Job, why: str, pause: timedelta | None) -> None:
    next_at = None if pause is None else workshop.now(job.service) + pause
    workshop.registry.jobs.later(job.id, next_at=next_at, answer=why)
