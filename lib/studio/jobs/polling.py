"""Polls orders after they were sent, gives up on tickets, and rechecks what ended. All of it is
free."""

from __future__ import annotations

from datetime import datetime, timedelta

from lib.backoff import Backoff
from lib.json_reading import JsonObject, object_of
from lib.models import ErrorKind, Inquiry, Job, JobKind, JobState
from lib.providers.base import Failed, Finished, Pending, ProviderError, Ticket
from lib.retention import BLOCKING, DUE_SOON_BELOW, SILENT_AFTER, quarter_left
from lib.studio.core.balances import note_balance_after, refund_shown
from lib.studio.core.context import Context, NotConnected
from lib.studio.jobs import rate_limits, wording
from lib.studio.jobs.collecting import (
    POLL_FOR,
    RECHECK_AFTER,
    RETRYING,
    TRIES_UNTIL_GONE,
    collect,
    postpone,
)
from lib.studio.jobs.rate_limits import keep_deadline, limit_pause
from lib.studio.jobs.sending import (
    FIRST_RECHECK,
    USES,
    evidence_against,
    finish_already_made,
    finished_result,
    is_already_made,
)
from lib.studio.jobs.wording import Deed, Reason, deed, sentence

LEASE_FOR = timedelta(minutes=2)
SLOWEST_POLL = timedelta(minutes=1)
ASKING = Backoff.doubling(timedelta(seconds=5), timedelta(minutes=5))
"""Between questions about a run that met trouble."""
MAX_REFUSED_RECHECKS = 3
"""How often an ended order is rechecked while the service refuses the question."""
RECHECK_FOR = timedelta(days=7)
"""How long an ended order is rechecked while nobody answers, because an outage must not hide a
refund; and how long a failed run may still turn out well."""
RECHECK_FAILED_EVERY = timedelta(days=1)
RECHECK_BEFORE_NEXT_USE = timedelta(minutes=10)
"""When a ticket that was given up is polled once more: before the next use is paid for."""
UNKNOWN_TICKET_TIMEOUT = timedelta(hours=1)
USE_TIMEOUT = timedelta(hours=3)
"""One sentence is spoken in seconds, so a use that takes this long is given up."""
REFUSING = frozenset({ErrorKind.NOT_FOUND, ErrorKind.INPUT})
"""Answers of a service that works but does not know the ticket."""


def poll(context: Context, job: Job) -> str:
    """Do what is due for an order that was sent: poll it, collect its result, or recheck it.

    Returns "polled"; "activated" or "refreshed" if a use was finished by it; "" if nothing was
    done, for example because another worker has the job.
    """
    jobs = context.registry.jobs
    now = context.now(job.service)
    if job.state is JobState.SUBMITTING:
        _handle_expired_lease(context, job, now)
        return ""
    until = now + context.service_time(job.service, LEASE_FOR)
    if not jobs.lease(job, context.owner, now=now, until=until):
        return ""
    try:
        if job.state is JobState.DONE:
            _recheck_done(context, job)
        elif job.state is JobState.FAILED:
            _recheck_failed(context, job)
        elif job.result:
            _fetch_result(context, job)
        elif job.state is JobState.UNKNOWN:
            _recheck_unknown(context, job)
        else:
            _poll_ticket(context, job)
    except NotConnected as problem:
        over = job.state in (JobState.UNKNOWN, JobState.FAILED) and _is_recheck_over(context, job)
        postpone(context, job, str(problem), None if over else RETRYING.steps[-1])
        return ""
    after = jobs.get(job.id) if job.kind is JobKind.ACTIVATION else None
    if after is None or after.state is not JobState.DONE or job.state is JobState.DONE:
        return "polled"
    return "refreshed" if job.request.get("again") is True else "activated"


def _handle_expired_lease(context: Context, job: Job, now: datetime) -> None:
    """The lease of a paid request has ended. An answer that reached this disk is its answer;
    without one, its outcome is unknown.
    """
    jobs = context.registry.jobs
    why = sentence(Reason.NEVER_ANSWERED)
    if answer := _spooled_answer(context, job.id):
        _accept(context, job, answer)
        context.spool.drop_answer(job.id)
    elif jobs.mark_unknown(job.id, now=now, why=why, next_at=now + FIRST_RECHECK):
        note_balance_after(context, job)


def accept_late_answer(context: Context, job_id: str) -> bool:
    """Commit an answer to a paid request that only this disk has, however late.

    Returns whether the order was changed by it. The answer is dropped from the disk once it is of
    no use any more.
    """
    job = context.registry.jobs.get(job_id)
    if job is None or job.state in (JobState.CONFIRMED, JobState.SUBMITTING):
        return False  # not read from the vault yet, or whoever sends it commits it
    if job.kind is JobKind.SPEECH and "text" not in job.request:
        context.spool.drop(job_id)  # it was deleted meanwhile
        return False
    answer = _spooled_answer(context, job_id) or {}
    is_sound = bool(answer.get("spooled"))
    is_accepted = False
    if is_sound and (_is_ours_to_collect(job) or _cannot_reopen(job)):
        collect(context, job, answer)
        return True
    if answer and job.state is JobState.UNKNOWN:
        is_accepted = _accept(context, job, answer)
        if is_sound and (accepted := context.registry.jobs.get(job_id)):
            collect(context, accepted, answer)  # before another keeper misses it
    elif job.state is JobState.FAILED:
        is_accepted = _note_made_voice(context, job, answer)
    context.spool.drop_answer(job_id)
    return is_accepted


def _cannot_reopen(job: Job) -> bool:
    """Whether the order must not be opened again: the next use of its voice may be open, or it has
    a ticket that is still polled.
    """
    return job.state is JobState.UNKNOWN and (job.kind is JobKind.ACTIVATION or bool(job.ticket))


def _is_ours_to_collect(job: Job) -> bool:
    """Whether another keeper looked first, did not have the sound, and perhaps called it lost."""
    elsewhere = job.state is JobState.WAITING and job.answer_kind is ErrorKind.OTHER_DISK
    return elsewhere or (job.state is JobState.FAILED and job.error_kind is ErrorKind.NO_SOUND)


def _spooled_answer(context: Context, job_id: str) -> JsonObject | None:
    """The answer to a paid request, as far as this disk has it."""
    if context.spool.has(job_id):
        return {"spooled": True}
    return context.spool.answer(job_id)


def _note_made_voice(context: Context, job: Job, answer: JsonObject) -> bool:
    """A person gave the order up before its answer was found. The voice that was paid for is named
    in the order, so that it can be adopted.
    """
    voice_id = answer.get("voice_id")
    made = voice_id or answer.get("embedding_url")
    if not made:
        return False
    return context.registry.jobs.note(
        job.id,
        now=context.now(job.service),
        what=deed(Deed.ANSWER_FOUND),
        error=wording.voice_found(job.error, str(made), by_id=bool(voice_id)),
    )


def _accept(context: Context, job: Job, answer: JsonObject) -> bool:
    """Commit an answer from this disk: a ticket that is polled from now on, or a result."""
    now = context.now(job.service)
    result = {name: value for name, value in answer.items() if name != "ticket"}
    return context.registry.jobs.accepted(
        job.id,
        now=now,
        submitted_at=job.submitted_at or now,
        next_at=now,
        ticket=object_of(answer.get("ticket")),
        result=result,
        charged=None,
        request_id="",
    )


def _poll_ticket(context: Context, job: Job) -> None:
    try:
        answer = context.provider(job.service).check(Ticket.from_json(job.ticket))
    except ProviderError as problem:
        rate_limits.note_rate_limit(context, job.service, problem)
        if _is_timed_out(context, job, problem):
            _mark_unknown(
                context, job, problem.sentence, poll_again=not _is_unknown_to_service(job, problem)
            )
            return
        asked = timedelta(seconds=problem.retry_after or 0)
        pause = max(asked, ASKING.pause(job.attempts + 1))
        now = context.now(job.service)
        postpone(context, job, problem.sentence, limit_pause(context, job, pause, now))
        return
    now = context.now(job.service)
    if isinstance(answer, Pending) and _is_timed_out(context, job):
        _mark_unknown(context, job, sentence(Reason.NOT_FINISHED), poll_again=True)
    elif isinstance(answer, Pending):
        pause = timedelta(seconds=answer.after) if answer.after else _poll_pause(job, now)
        context.registry.jobs.later(
            job, next_at=now + pause, answer=sentence(Reason.STILL_WORKING), in_trouble=False
        )
    elif isinstance(answer, Failed):
        _record_failure(context, job, answer)
    else:
        result = finished_result(answer)
        if context.registry.jobs.answered(job.id, now=now, result=result):
            collect(context, job, result)


def _fetch_result(context: Context, job: Job) -> None:
    """Collect the result of a run that ended well. After a failed try the ticket is polled for a
    fresh address first, because addresses expire.
    """
    answer: Pending | Finished | Failed | None = None
    if job.attempts and job.ticket.get("run_id"):
        try:
            answer = context.provider(job.service).check(Ticket.from_json(job.ticket))
        except ProviderError as problem:
            rate_limits.note_rate_limit(context, job.service, problem)
    if isinstance(answer, Failed):
        _record_failure(context, job, answer)
        return
    fresh = finished_result(answer) if isinstance(answer, Finished) else {}
    collect(context, job, {**job.result, **fresh})


def _is_timed_out(context: Context, job: Job, problem: ProviderError | None = None) -> bool:
    """Whether a ticket is given up. One that never ends must not hold up the next attempt to keep a
    voice, nor what a person can do instead.
    """
    sent_at = job.submitted_at or job.created_at
    waited = context.now(job.service) - sent_at
    if problem and problem.kind in BLOCKING:
        return waited >= _blocked_timeout(context, job, sent_at)
    if problem and _is_unknown_to_service(job, problem):
        timeout = UNKNOWN_TICKET_TIMEOUT
    else:
        timeout = USE_TIMEOUT if job.kind in USES else SILENT_AFTER
    return waited >= limit_pause(context, job, timeout, sent_at)


def _blocked_timeout(context: Context, job: Job, sent_at: datetime) -> timedelta:
    """How long a ticket waits for something that a person can mend, such as a key: until a voice is
    about to be lost; a day where none is.
    """
    deadline = keep_deadline(context, job)
    if deadline is None or deadline <= sent_at:
        return SILENT_AFTER
    return max(deadline - DUE_SOON_BELOW - sent_at, quarter_left(sent_at, deadline))


def _is_unknown_to_service(job: Job, problem: ProviderError) -> bool:
    return problem.kind in REFUSING and job.attempts >= TRIES_UNTIL_GONE


def _mark_unknown(context: Context, job: Job, why: str, *, poll_again: bool) -> None:
    now = context.now(job.service)
    before_the_next = limit_pause(context, job, RECHECK_BEFORE_NEXT_USE, now)
    context.registry.jobs.let_go(
        job.id, now=now, why=why, next_at=now + before_the_next if poll_again else None
    )


def _recheck_unknown(context: Context, job: Job) -> None:
    """Look at an order of unknown outcome. A late answer to its ticket counts; without a ticket,
    the balance shows what was charged meanwhile.
    """
    now = context.now(job.service)
    next_at = None if _is_recheck_over(context, job) else now + RECHECK_AFTER
    if job.inquiry is Inquiry.COMPARING:
        seen = note_balance_after(context, job)
        next_at = None if seen else next_at
        context.registry.jobs.later(job, next_at=next_at, answer=job.last_answer, is_compared=seen)
        return
    answer = _poll_again(context, job)
    if isinstance(answer, Pending):
        context.registry.jobs.later(
            job, next_at=next_at, answer=sentence(Reason.STILL_WORKING), in_trouble=False
        )
    elif isinstance(answer, Failed):
        _record_failure(context, job, answer)
    elif answer is not None:
        collect(context, job, finished_result(answer))


def _is_recheck_over(context: Context, job: Job) -> bool:
    """Whether an order that ended was rechecked for long enough."""
    longest = POLL_FOR if job.state is JobState.UNKNOWN else RECHECK_FOR
    return context.now(job.service) - (job.finished_at or job.created_at) >= longest


def _record_failure(context: Context, job: Job, answer: Failed) -> None:
    if answer.kind is ErrorKind.EXISTS and is_already_made(context, job):
        finish_already_made(context, job)
        return
    now = context.now(job.service)
    # "Not found" from a ticket that was given up says something of the time when it ran.
    ran_at = job.submitted_at or now if job.state is JobState.UNKNOWN else now
    context.registry.jobs.fail(
        job.id,
        now=now,
        error=answer.sentence,
        error_kind=answer.kind,
        request_id=answer.request_id,
        charged=job.charged or job.estimate,  # the ticket was paid, whatever it said of money
        refunded=answer.refunded or refund_shown(context, job),
        evidence=evidence_against(job, ran_at) if answer.kind is ErrorKind.NOT_FOUND else None,
        look_again_at=now + RECHECK_AFTER,
    )


def _recheck_failed(context: Context, job: Job) -> None:
    """Look at a run that the service called failed: it may have been refunded, or have ended well
    after all.
    """
    answer = _poll_again(context, job)
    if isinstance(answer, Finished):
        collect(context, job, finished_result(answer))
        return
    if answer is None:
        return
    new_refund = answer.refunded if isinstance(answer, Failed) else None
    refunded = new_refund or (None if job.refunded else refund_shown(context, job))
    now = context.now(job.service)
    if refunded and refunded != job.refunded:
        context.registry.jobs.note(job.id, now=now, what=deed(Deed.REFUNDED), refunded=refunded)
    over = bool(refunded or job.refunded) or _is_recheck_over(context, job)
    next_at = None if over else now + RECHECK_FAILED_EVERY
    context.registry.jobs.later(job, next_at=next_at, answer=job.last_answer, in_trouble=False)


def _poll_again(context: Context, job: Job) -> Pending | Finished | Failed | None:
    """Poll the ticket of an order that ended; None if there is no answer, and it was postponed."""
    if not job.ticket.get("run_id"):  # a manifest held something else
        postpone(context, job, job.last_answer, None)
        return None
    try:
        return context.provider(job.service).check(Ticket.from_json(job.ticket))
    except ProviderError as problem:
        rate_limits.note_rate_limit(context, job.service, problem)
        enough = job.attempts + 1 >= MAX_REFUSED_RECHECKS and problem.kind in REFUSING
        over = enough or _is_recheck_over(context, job)
        postpone(context, job, problem.sentence, None if over else RECHECK_AFTER)
        return None


def _recheck_done(context: Context, job: Job) -> None:
    """Look at a paid speech an hour later: if it was refunded, it is no evidence any more."""
    answer = _poll_again(context, job)
    if answer is None:
        return
    if not isinstance(answer, Failed):
        postpone(context, job, sentence(Reason.STILL_CHARGED), None)
        return
    now = context.now(job.service)
    dossier = context.registry.voices.dossier(job.voice_id)
    for item in dossier.evidence if dossier else ():
        if item.job_id == job.id and item.withdrawn_at is None:
            context.registry.voices.change_evidence(
                item, withdrawn_at=now, withdrawn_why=sentence(Reason.SPEECH_TAKEN_BACK)
            )
    context.registry.jobs.note(
        job.id,
        now=now,
        what=deed(Deed.TAKEN_BACK),
        refunded=answer.refunded or job.charged or job.estimate,
        next_check_at=None,
        last_answer=answer.sentence,
        lease_owner="",
        lease_until=None,
    )


def _poll_pause(job: Job, now: datetime) -> timedelta:
    """3 s at first, then a tenth of the time that the run has taken, 60 s at most."""
    ran = now - (job.submitted_at or now)
    return min(max(timedelta(seconds=3), ran / 10), SLOWEST_POLL)
