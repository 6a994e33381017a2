"""Collects what finished runs made: voices, sounds, takes, transcripts, and the evidence they are.
All of it is free."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from lib.backoff import Backoff
from lib.json_reading import JsonObject, object_of, text_of
from lib.models import (
    ErrorKind,
    Evidence,
    EvidenceKind,
    Job,
    JobKind,
    JobState,
    Source,
    Take,
    Voice,
    new_id,
)
from lib.providers.base import ProviderError
from lib.recordings.inspect import Recording, inspect
from lib.recordings.problems import UnreadableRecording
from lib.recordings.wav_sizes import with_right_sizes
from lib.registry import SENT, Outcome, VoiceChanges
from lib.retention import quarter_left, use_is_news
from lib.studio.core.context import Context
from lib.studio.core.standpoint import standpoint_of
from lib.studio.jobs import wording
from lib.studio.jobs.rate_limits import keep_deadline, limit_pause
from lib.studio.jobs.wording import Reason, sentence
from lib.vault.base import Stored, VaultError, content_key, sha256_hex

log = logging.getLogger("voicekeep.collecting")

MAX_SOUND_BYTES = 50_000_000
RETRYING = Backoff.doubling(timedelta(seconds=5), timedelta(hours=1))
"""Between tries to fetch, store or join a sound."""
POLL_FOR = timedelta(days=14)
"""How long the ticket of an order of unknown outcome is polled: twice a voice's window of 7 days.
"""
FETCH_FOR = timedelta(days=7)
"""How long a paid sound is fetched from its address: as long as it may exist there at NanoGPT
(retention.md §4), unless the host says repeatedly that it is gone."""
TRIES_UNTIL_GONE = 3
GONE_AFTER = timedelta(hours=1)
"""A host that does not find a sound at first may not have it yet."""
UNKNOWN_AFTER = timedelta(days=1)
"""When an unfetched sound becomes an unknown outcome, so that a person may order it again, while it
is still being fetched."""
RECHECK_AFTER = timedelta(hours=1)
"""When a paid speech is polled once more: a refund by then withdraws its evidence."""
SEEN_EVERY = timedelta(hours=1)
"""How often it is noted that the audio of a use is still on this disk while the vault is out."""
OTHER_DISK_TAKE_TIMEOUT = timedelta(days=1)
"""How long a take's sound may wait for the vault on another keeper's disk before it is given up."""
OTHER_DISK_USE_TIMEOUT = timedelta(minutes=10)
"""The same for a use, which needs no vault: whoever has its sound commits it at once."""
UNCERTAIN = (JobState.WAITING, JobState.UNKNOWN, JobState.FAILED)
"""States of the order that makes a voice in which the voice may exist all the same."""
OTHER_DISK_CHECK = timedelta(seconds=30)
RECORDING_FOR = timedelta(days=1)
"""How long a recording that is to be written down may lie on this disk."""
MISSING_SINCE = "missing_since"
"""Key in a job's result: since when (Unix seconds) the host has said that the sound is not there.
"""


def collect(context: Context, job: Job, result: JsonObject) -> None:
    """Commit what a run made that ended well: a voice, or a sound that is fetched first.

    `result` is the job's stored result, or a fresher one. What cannot be fetched or stored now is
    postponed; what never can is failed, and says what it cost.
    """
    if job.kind in (JobKind.CLONE, JobKind.DESIGN):
        _collect_voice(context, job, result)
    elif job.kind is JobKind.TRANSCRIPT:
        _collect_transcript(context, job, result)
    else:
        _collect_sound(context, job, result)


def _collect_voice(context: Context, job: Job, result: JsonObject) -> None:
    """The hosted address is committed first; fetching the file is the keeper's next step.

    A run that was called failed before still yields its voice, unless another order made it
    meanwhile.
    """
    dossier = (
        context.registry.voices.dossier(job.voice_id) if job.state is JobState.FAILED else None
    )
    if dossier and dossier.making and dossier.making.id != job.id:
        postpone(context, job, sentence(Reason.MADE_BY_ANOTHER), None)
        return
    fields = VoiceChanges()
    if url := text_of(result.get("embedding_url")):
        model = text_of(job.request.get("model"))
        fields = VoiceChanges(embedding_url=url, embedding_model=model)
    if voice_id := text_of(result.get("voice_id")):
        fields["provider_voice_id"] = voice_id
    context.registry.jobs.finish(
        job.id,
        now=context.now(job.service),
        outcome=Outcome(result, job.charged or job.estimate, voice_changes=fields),
        states=_finishable_states(job),
    )
    context.wake()


def _collect_transcript(context: Context, job: Job, result: JsonObject) -> None:
    """The words came in the paid answer itself."""
    outcome = Outcome(result, job.charged or job.estimate)
    context.registry.jobs.finish(job.id, now=context.now(job.service), outcome=outcome)


def drop_recordings(context: Context) -> None:
    """Delete the recordings on this disk that no order is to send any more.

    One of unknown outcome keeps its recording for a day, as a person may send it once more.
    """
    for job_id, put_at in context.spool.recordings().items():
        job = context.registry.jobs.get(job_id)
        if job is None:  # its order is committed in a moment, or the process ended before
            is_over = context.clock.now() - put_at > RECORDING_FOR
        else:
            length = context.service_time(job.service, RECORDING_FOR)
            is_old = context.now(job.service) - job.created_at > length
            is_over = is_old or job.state in (JobState.WAITING, JobState.DONE, JobState.FAILED)
        if is_over:
            context.spool.drop_recording(job_id)


def _collect_sound(context: Context, job: Job, result: JsonObject) -> None:
    if job.kind is JobKind.SPEECH and "text" not in job.request:  # it was deleted meanwhile
        postpone(context, job, job.last_answer, None)
        return
    if result.get("spooled") and not context.spool.has(job.id):
        _wait_for_other_keeper(context, job)
        return
    try:
        audio = with_right_sizes(_fetch_sound(context, job, result))
        facts = inspect(audio)
    except ProviderError as problem:
        _fetch_failed(context, job, result, problem)
        return
    except UnreadableRecording:
        context.spool.drop(job.id)
        if result.get("spooled"):  # it came in the paid answer itself: there is no other
            _fail_charged(context, job, sentence(Reason.NO_SOUND_IN_ANSWER))
        else:
            why = sentence(Reason.NO_SOUND_AT_ADDRESS)
            _fetch_failed(context, job, result, ProviderError(ErrorKind.TROUBLE, why))
        return
    context.spool.put(job.id, audio)
    voice = context.registry.voices.get(job.voice_id)
    if voice is None:
        _fail_charged(context, job, sentence(Reason.ORDERED_VOICE_GONE))
    elif job.kind is JobKind.ACTIVATION:
        _finish_activation(context, job, voice, audio, facts)
    else:
        _finish_take(context, job, voice, audio, facts)


def _wait_for_other_keeper(context: Context, job: Job) -> None:
    """The sound is on another process's disk, which collects it, or was lost together with it."""
    now = context.now(job.service)
    timeout = OTHER_DISK_USE_TIMEOUT if job.kind is JobKind.ACTIVATION else OTHER_DISK_TAKE_TIMEOUT
    if now - (job.submitted_at or job.created_at) > timeout:
        _fail_charged(context, job, sentence(Reason.SOUND_LOST), ErrorKind.NO_SOUND)
        return
    context.registry.jobs.later(
        job,
        next_at=now + OTHER_DISK_CHECK,
        answer=sentence(Reason.SOUND_ELSEWHERE),
        kind=ErrorKind.OTHER_DISK,
        in_trouble=False,
    )


def _fetch_sound(context: Context, job: Job, result: JsonObject) -> bytes:
    spooled = context.spool.get(job.id)
    if spooled is not None:
        return spooled
    url = str(result.get("audio_url", ""))
    if not url:
        raise ProviderError(ErrorKind.TROUBLE, sentence(Reason.NO_ADDRESS))
    return context.provider(job.service).fetch(url, max_bytes=MAX_SOUND_BYTES)


def _finish_activation(
    context: Context, job: Job, voice: Voice, audio: bytes, facts: Recording
) -> None:
    """Commit the evidence of a use whatever the vault does; its sound is stored when that
    can be.
    """
    if not _is_same_voice(job, voice):
        _fail_charged(context, job, sentence(Reason.OTHER_VOICE_ID))
        return
    proof = use_evidence(job, audio, context.now(job.service))
    done = context.registry.jobs.finish(
        job.id,
        now=proof.at,
        outcome=Outcome(
            {**job.result, "seconds": facts.seconds, "extension": facts.extension},
            job.charged or job.estimate,
            evidence=proof,
            look_again_at=_recheck_at(context, job, proof.at),
        ),
        states=_finishable_states(job),
    )
    if done:
        _prove_unknown_clone(context, job, voice, proof.at)
        store_sound(context, job.id)


def use_evidence(job: Job, audio: bytes, at: datetime) -> Evidence:
    """The evidence that a voice really spoke: this order's sound is in our hands."""
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


def store_sound(context: Context, job_id: str) -> bool:
    """Move the sound of an activation from the spool to the vault. Returns whether it was moved; a
    vault that does not take it now is tried again in the next pass.
    """
    audio = context.spool.get(job_id)
    job = context.registry.jobs.get(job_id)
    if audio is None or job is None or job.state is not JobState.DONE:
        return False
    dossier = context.registry.voices.dossier(job.voice_id)
    seen = dossier.evidence if dossier else ()
    proof = next((item for item in seen if item.job_id == job_id and not item.key), None)
    if proof is None:  # it is stored; whoever did that did not come to drop it
        context.spool.drop(job_id)
        return False
    extension = str(job.result.get("extension", "bin"))
    key = content_key(f"voices/{job.voice_id}/activation", audio, extension)
    try:
        stored = context.vault(job.service).put_verified(key, audio, f"audio/{extension}")
    except VaultError as problem:
        log.warning("The audio of an activation waits for the storage: %s", problem)
        now = context.now(job.service)
        if now - (proof.read_back_at or proof.at) >= SEEN_EVERY:
            context.registry.voices.change_evidence(proof, read_back_at=now)
        return False
    context.registry.voices.change_evidence(
        proof, vault=stored.vault, key=stored.key, read_back_at=stored.read_back_at
    )
    context.spool.drop(job_id)
    return True


def _finish_take(context: Context, job: Job, voice: Voice, audio: bytes, facts: Recording) -> None:
    """Store a take. Its order is done only when the sound is in the vault; it waits on
    this disk.
    """
    proof = _proof_of_use(context, job, voice, audio)
    try:
        stored = context.vault(job.service).put_verified(
            f"takes/{job.id}/audio.{facts.extension}", audio, facts.media_type
        )
        if proof:
            proof = _with_sound(proof, _store_sample(context, voice, audio, facts) or stored)
    except VaultError as problem:
        why = wording.sound_not_stored_yet(str(problem))
        postpone(context, job, why, RETRYING.pause(job.attempts + 1))
        return
    now = context.now(job.service)
    take = Take(
        id=job.id,
        voice_id=job.voice_id,
        text=str(job.request["text"]),
        model=str(job.request["model"]),
        created_at=now,
        settings=object_of(job.request.get("settings")),
        seconds=facts.seconds,
        vault=stored.vault,
        key=stored.key,
        sha256=stored.sha256,
        size=stored.size,
        mime=facts.media_type,
    )
    is_done = context.registry.jobs.finish(
        job.id,
        now=now,
        outcome=Outcome(
            {**job.result, "seconds": facts.seconds},
            job.charged or job.estimate,
            evidence=proof,
            take=take,
            look_again_at=_recheck_at(context, job, now) if proof else None,
        ),
        states=_finishable_states(job),
    )
    if is_done:
        context.spool.drop(job.id)
        _prove_unknown_clone(context, job, voice, now)


def _finishable_states(job: Job) -> tuple[JobState, ...]:
    """A result that is in our hands may also finish an order that was failed for lack of it."""
    return (*SENT, JobState.FAILED) if job.state is JobState.FAILED else SENT


def _is_same_voice(job: Job, voice: Voice) -> bool:
    """Whether the order spoke with the voice's present ID; cloning it once more gives another."""
    return bool(job.request.get("voice_id", "") == voice.provider_voice_id)


def _proof_of_use(context: Context, job: Job, voice: Voice, audio: bytes) -> Evidence | None:
    """Any real speech keeps a voice, so it is evidence, unless there is enough already."""
    dossier = context.registry.voices.dossier(voice.id)
    if dossier is None or not _is_same_voice(job, voice):
        return None
    now = context.now(voice.service)
    is_news = use_is_news(dossier, standpoint_of(context).terms(voice), now)
    return use_evidence(job, audio, now) if is_news else None


def _store_sample(context: Context, voice: Voice, audio: bytes, facts: Recording) -> Stored | None:
    """Store the first sound of a designed voice, which cannot be made again, with the voice, so
    that it stays when the take is deleted. Raises `VaultError`.
    """
    if voice.source is not Source.DESIGNED:
        return None
    key = content_key(f"voices/{voice.id}/activation", audio, facts.extension)
    return context.vault(voice.service).put_verified(key, audio, facts.media_type)


def _with_sound(proof: Evidence, stored: Stored) -> Evidence:
    return replace(proof, vault=stored.vault, key=stored.key, read_back_at=stored.read_back_at)


def _prove_unknown_clone(context: Context, job: Job, voice: Voice, now: datetime) -> None:
    """A voice that speaks with an ID made here exists, so the order that made it is done."""
    if not _is_same_voice(job, voice):
        return
    dossier = context.registry.voices.dossier(voice.id)
    making = dossier.making if dossier else None
    if making and making.state in UNCERTAIN and voice.id_made_here:
        context.registry.jobs.finish(
            making.id,
            now=now,
            outcome=Outcome({"proven_by_test": True}, making.charged or making.estimate),
            states=UNCERTAIN,
        )


def _recheck_at(context: Context, job: Job, now: datetime) -> datetime | None:
    return now + RECHECK_AFTER if job.ticket.get("run_id") else None


def _fetch_failed(context: Context, job: Job, result: JsonObject, problem: ProviderError) -> None:
    """The sound was made, and is fetched again for as long as it may exist at its address."""
    now = context.now(job.service)
    result = _with_missing_since(result, problem, now)
    if _is_gone(job, result, now) or now >= _fetch_deadline(job):
        why = wording.sound_not_fetched(problem.sentence)
        _fail_charged(context, job, why, ErrorKind.NO_SOUND)
        return
    pause = limit_pause(context, job, RETRYING.pause(job.attempts + 1), now)
    context.registry.jobs.later(
        job, next_at=now + pause, answer=problem.sentence, kind=problem.kind, result=result
    )
    if job.state is JobState.WAITING and now >= _unknown_deadline(context, job):
        why = wording.sound_not_fetched_yet(problem.sentence)
        context.registry.jobs.let_go(job.id, now=now, why=why, next_at=now + pause)


def _with_missing_since(result: JsonObject, problem: ProviderError, now: datetime) -> JsonObject:
    """The result, with the moment since which its host has said that the sound is not there."""
    known = {name: value for name, value in result.items() if name != MISSING_SINCE}
    if problem.kind is not ErrorKind.NOT_FOUND:
        return known
    return known | {MISSING_SINCE: result.get(MISSING_SINCE, now.timestamp())}


def _is_gone(job: Job, result: JsonObject, now: datetime) -> bool:
    since = result.get(MISSING_SINCE)
    missing = now.timestamp() - since if isinstance(since, int | float) else 0.0
    return job.attempts >= TRIES_UNTIL_GONE and missing >= GONE_AFTER.total_seconds()


def _fetch_deadline(job: Job) -> datetime:
    """Until when a sound is fetched: longer with a ticket, which names a fresh address
    each time.
    """
    if job.state is JobState.UNKNOWN and job.ticket:
        return (job.finished_at or job.created_at) + POLL_FOR
    return (job.submitted_at or job.created_at) + FETCH_FOR


def _unknown_deadline(context: Context, job: Job) -> datetime:
    """When an unfetched sound becomes an unknown outcome, so that the next use of the voice may
    begin, or a person may order the take again.
    """
    sent_at = job.submitted_at or job.created_at
    deadline = keep_deadline(context, job)
    if deadline and deadline > sent_at:
        return sent_at + quarter_left(sent_at, deadline)
    return sent_at + UNKNOWN_AFTER


def _fail_charged(context: Context, job: Job, why: str, kind: ErrorKind = ErrorKind.INPUT) -> None:
    """Fail a paid order without a usable result, and say what it cost."""
    if job.state is JobState.FAILED:
        postpone(context, job, why, None)
        return
    charged = job.charged or job.estimate
    context.registry.jobs.fail(
        job.id,
        now=context.now(job.service),
        error=wording.probably_cost(why, charged),
        error_kind=kind,
        charged=charged,
    )


def postpone(context: Context, job: Job, why: str, pause: timedelta | None) -> None:
    """Look at a job again after this pause (None: never again), and count one more failed try."""
    next_at = None if pause is None else context.now(job.service) + pause
    context.registry.jobs.later(job, next_at=next_at, answer=why)
