"""Sends orders: prepare, commit `submitting`, send the paid request, commit its answer.

No other module calls a paid method of a provider. Everything that may fail or wait comes before
`submitting` is committed. After that comes nothing but the paid request, and after the request
nothing but the commit of its answer.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from lib.backoff import Backoff
from lib.models import (
    Dossier,
    ErrorKind,
    Evidence,
    EvidenceKind,
    Job,
    JobKind,
    JobState,
    KeepPolicy,
    Money,
    Purpose,
    Source,
    Voice,
    new_id,
)
from lib.providers.base import (
    CloneOrder,
    Designer,
    Finished,
    Provider,
    ProviderError,
    Sound,
    SpeechOrder,
    Spent,
    Ticket,
    Transcriber,
    Transcript,
    TranscriptOrder,
)
from lib.registry import UNLIMITED, Budget, DatabaseUnavailable, Outcome, OverBudget, VoiceChanges
from lib.retention import (
    Reach,
    deadline_of,
    proof_of,
    purpose_of_use,
    unheard_use,
    use_is_news,
)
from lib.roles import KEEPER
from lib.services import SERVICES
from lib.studio.core import accounts, consents, money
from lib.studio.core.balances import note_balance_after
from lib.studio.core.context import Context, NotConnected
from lib.studio.core.standpoint import Standpoint, standpoint_of
from lib.studio.core.typed_text import several_lines
from lib.studio.jobs import queueing, rate_limits, wording
from lib.studio.jobs.rate_limits import limit_pause
from lib.studio.jobs.requests import InvalidOrder, NotReady, Order, Refused, build_order
from lib.studio.jobs.wording import Reason, sentence
from lib.studio.storage import manifests
from lib.vault.base import VaultError

log = logging.getLogger("voicekeep.sending")

PREPARE_WITHIN = timedelta(minutes=5)
COMMITTING = Backoff((timedelta(seconds=1), timedelta(seconds=5), timedelta(seconds=20)))
"""Between tries to commit an answer; together less than `LEASE_SLACK`."""
LEASE_SLACK = timedelta(minutes=1)
FIRST_POLL = 3.0
NOTHING_RAN = (ErrorKind.UNREACHABLE, ErrorKind.BUSY)
FIRST_RECHECK = timedelta(minutes=5)
"""When an order of unknown outcome is looked at first: the balance shows a late charge by then."""
USES = frozenset({JobKind.ACTIVATION, JobKind.SPEECH})
SENDING = Backoff.doubling(timedelta(seconds=10), timedelta(minutes=15))
"""Between tries to send an order that was not taken."""
OVER_BUDGET_PAUSE = timedelta(hours=1)
"""Between two looks whether a refresh fits into the budget by now."""
SLOT_FOR = timedelta(minutes=1)
"""How long a slot is held while an order is prepared. For the paid request it is held anew."""
PaidAnswer = Ticket | Finished | Sound | Transcript
"""What a service answers to a paid request that it took."""
MAX_CLOCK_DIFFERENCE = timedelta(hours=1)
"""An answer whose `Date` header differs more from our clock comes from a wrong clock."""


def send(context: Context, job: Job) -> bool:
    """Send one confirmed order. Returns whether a paid request left.

    Any number of callers in any number of processes may try at once: one of them sends it. An order
    that cannot be sent now is put off or failed, and says why.
    """
    jobs = context.registry.jobs
    now = context.now(job.service)
    until = now + context.service_time(job.service, PREPARE_WITHIN)
    if not jobs.reserve(job.id, context.owner, now=now, until=until):
        return False
    if allowed_at := rate_limits.paused_until(context, job):
        answer = wording.key_paused(SERVICES[job.service].title)
        jobs.later(job, next_at=allowed_at, answer=answer, kind=ErrorKind.BUSY)
        return False
    standpoint = standpoint_of(context)
    with queueing.acquire_slot(context, standpoint, job, SLOT_FOR) as slot:
        try:
            return slot is not None and _send(context, standpoint, job, slot)
        except OverBudget as problem:
            _handle_over_budget(context, job, problem)
            return False


def _send(context: Context, standpoint: Standpoint, job: Job, slot: queueing.Slot) -> bool:
    """Prepare the order, commit that it is being sent, and send the paid request."""
    try:
        dossier = _dossier_of(context, job)
        _check_account(standpoint, job, dossier, context.now(job.service))
        if dossier:
            _check_consent(job, dossier.voice, context.now(job.service))
        if dossier and job.kind is JobKind.ACTIVATION:
            _check_still_wanted(standpoint, job, dossier, context.now(job.service))
        budget = _budget(context, standpoint, job)
        if job.service not in budget.without_services:
            now = context.now(job.service)
            budgets = context.registry.budgets
            budgets.ask(budget, job.estimate, now, person=job.person, sent=True)
        provider = context.provider(job.service)
        order = build_order(context, provider, job, dossier)
        balance = _check_balance(context, standpoint, provider, job)
        manifests.save_before_sending(context, job)
    except NotReady as problem:
        _retry_later(context, job, str(problem), problem.kind, problem.retry_after)
        return False
    except (VaultError, NotConnected) as problem:
        no_key = isinstance(problem, NotConnected)
        _retry_later(context, job, str(problem), ErrorKind.NO_KEY if no_key else ErrorKind.STORAGE)
        return False
    except Refused as refusal:
        _fail_unsent(context, job, refusal)
        return False
    longest = timedelta(seconds=provider.longest_wait) + LEASE_SLACK
    with queueing.hold_slot(context, job, slot, longest) as ours:
        if not ours:
            _retry_later(context, job, sentence(Reason.TURN_ENDED), ErrorKind.BUSY)
            return False
        now = context.now(job.service)
        standpoint = standpoint_of(context)  # whose the key is may have been said meanwhile
        sent = context.registry.jobs.submit(
            job.id,
            context.owner,
            now=now,
            until=now + context.service_time(job.service, longest),
            account=standpoint.account(job.service),
            balance=balance,
            voice_changes=_first_clock_start(context, job, now),
            budget=_budget(context, standpoint, job),
        )
        if sent and _send_paid_request(context, provider, job, order, sent_at=now):
            queueing.note_progress(context, standpoint, job)
    return sent


def _dossier_of(context: Context, job: Job) -> Dossier | None:
    """The voice of an order; None for a transcript, which has none. Raises `InvalidOrder`."""
    if job.kind is JobKind.TRANSCRIPT:
        return None
    dossier = context.registry.voices.dossier(job.voice_id)
    if dossier is None:
        raise InvalidOrder(sentence(Reason.ORDERED_VOICE_GONE))
    return dossier


def _budget(context: Context, standpoint: Standpoint, job: Job) -> Budget:
    """What bounds this order. A use on which its voice's life depends by now is bounded by
    nothing, whatever it was ordered for.
    """
    is_use = job.purpose in money.CEILED
    found = context.registry.voices.dossier(job.voice_id) if is_use else None
    if found:
        now = context.now(job.service)
        if purpose_of_use(found, standpoint.terms(found.voice), now) is Purpose.KEEPING:
            return UNLIMITED
    return money.budget_for(context, job.purpose)


def _handle_over_budget(context: Context, job: Job, problem: OverBudget) -> None:
    """Since this was ordered, the budget was lowered or other things became dearer. A refresh waits
    until it fits; anything else fails, and a person may order it again.
    """
    if job.purpose is not Purpose.REFRESH:
        why = wording.nothing_spent(money.over_budget(problem))
        _fail_unsent(context, job, Refused(why, ErrorKind.BUDGET))
        return
    why = sentence(Reason.LIMIT_REACHED)
    next_at = context.now(job.service) + OVER_BUDGET_PAUSE
    context.registry.jobs.later(job, next_at=next_at, answer=why, kind=ErrorKind.BUDGET)


def _check_account(
    standpoint: Standpoint, job: Job, dossier: Dossier | None, now: datetime
) -> None:
    """The key may have changed since this was ordered. Raises `Refused` or `NotReady`.

    A use that keeps a voice then waits until a person says whose key it is (`NotReady`); any other
    order has to be made again (`Refused`).
    """
    if dossier is None:
        if job.account != standpoint.account(job.service):
            raise Refused(sentence(Reason.KEY_CHANGED), ErrorKind.PERMISSION)
        return
    if job.kind in (JobKind.CLONE, JobKind.DESIGN):
        if standpoint.reach(dossier.voice) is not Reach.OURS:
            raise Refused(sentence(Reason.KEY_CHANGED), ErrorKind.PERMISSION)
        return
    if job.kind is not JobKind.ACTIVATION:
        if why := accounts.why_not_speak(standpoint, dossier.voice):
            raise Refused(why, ErrorKind.PERMISSION)
        if job.account != standpoint.account(job.service):
            raise Refused(sentence(Reason.KEY_CHANGED), ErrorKind.PERMISSION)
        return
    why = accounts.why_not_keep(standpoint, dossier, now)
    if why and standpoint.reach(dossier.voice) is Reach.OTHER:
        raise Refused(why, ErrorKind.PERMISSION)
    if why:
        raise NotReady(why, ErrorKind.ACCOUNT)


def _check_consent(job: Job, voice: Voice, now: datetime) -> None:
    """Consent may have ended or been withdrawn since this was ordered; what keeps a voice goes on.
    Raises `Refused`.
    """
    if why := consents.why_not_send(job.kind, voice, now):
        raise Refused(wording.nothing_spent(why), ErrorKind.PERMISSION)


def _check_still_wanted(standpoint: Standpoint, job: Job, dossier: Dossier, now: datetime) -> None:
    """A use may have waited for days: what was decided meanwhile counts. Raises `Refused`."""
    voice = dossier.voice
    terms = standpoint.terms(voice)
    deadline = deadline_of(dossier, terms.rule)
    over = deadline is not None and now >= deadline and proof_of(dossier, terms) is None
    by_itself = job.person == KEEPER.label
    by_hand = voice.keep_policy is KeepPolicy.ASK and not voice.refresh_days
    reasons = (
        (voice.archived_at is not None, Reason.ARCHIVED),
        (unheard_use(dossier, terms, now), Reason.UNHEARD),
        (not use_is_news(dossier, terms, now), Reason.KEPT_MEANWHILE),
        (by_itself and over, Reason.EXPIRED),
        (by_itself and by_hand and voice.source is not Source.DESIGNED, Reason.KEPT_BY_HAND),
    )
    for applies, reason in reasons:
        if applies:
            raise Refused(wording.nothing_spent(sentence(reason)), ErrorKind.INPUT)


def _send_paid_request(
    context: Context,
    provider: Provider,
    job: Job,
    order: Order,
    *,
    sent_at: datetime,
) -> bool:
    """Send the paid request and commit what came of it. False if nothing ran and it is queued
    again.
    """
    try:
        answer = _call_provider(provider, order)
    except ProviderError as failure:
        problem = failure
        _commit_with_retries(lambda: _commit_problem(context, job, problem))
        rate_limits.note_rate_limit(context, job.service, problem)
        return problem.kind not in NOTHING_RAN
    except Exception:
        log.exception("A paid request of job %s ended in a defect of ours", job.id)
        now = context.now(job.service)
        context.registry.jobs.mark_unknown(
            job.id, now=now, why=sentence(Reason.NOT_UNDERSTOOD), next_at=now + FIRST_RECHECK
        )
    else:
        _commit_with_retries(lambda: _commit_answer(context, job, answer, sent_at))
        _note_balance(context, job, answer)
        manifests.save_after_answer(context, job)
    return True


def _commit_with_retries(commit: Callable[[], None]) -> None:
    """What was paid for must not be lost because the database is away for a moment. Every commit
    is guarded by the job's state, so that repeating it changes nothing.
    """
    for pause in COMMITTING.steps:
        try:
            return commit()
        except DatabaseUnavailable as problem:
            log.warning("The answer to a paid request is committed again: %s", problem)
            time.sleep(pause.total_seconds())
    return commit()


def _call_provider(provider: Provider, order: Order) -> PaidAnswer:
    if isinstance(order, CloneOrder):
        return provider.clone(order)
    if isinstance(order, SpeechOrder):
        return provider.speak(order)
    if isinstance(order, TranscriptOrder):
        assert isinstance(provider, Transcriber)  # noqa: S101 - looked at before it was sent
        return provider.transcribe(order)
    assert isinstance(provider, Designer)  # noqa: S101 - looked at before it was sent
    return provider.design(order)


def _note_balance(context: Context, job: Job, answer: PaidAnswer) -> None:
    """Some answers say what balance is left. To note it is not worth failing for."""
    left = answer.balance if isinstance(answer, Finished | Sound) else None
    if left is not None:
        with suppress(DatabaseUnavailable):
            now = context.now(job.service)
            account = standpoint_of(context).account(job.service)
            context.registry.accounts.note_balance(account, left, now)


def _commit_answer(context: Context, job: Job, answer: PaidAnswer, sent_at: datetime) -> None:
    now = context.now(job.service)
    submitted_at = _submitted_at(sent_at, answer.answered_at)
    wait = 0.0
    ticket: dict[str, object] = {}
    result: dict[str, object] = {}
    if isinstance(answer, Ticket):
        ticket = answer.to_json()
        wait = answer.poll_after or FIRST_POLL
    elif isinstance(answer, Finished):
        result = finished_result(answer)
    elif isinstance(answer, Transcript):
        result = {"transcript": several_lines(answer.text), "language": answer.language}
    elif answer.audio is not None:
        context.spool.put(job.id, answer.audio)
        result = {"spooled": True}
    else:
        result = {"audio_url": answer.url}
    if "spooled" not in result:
        with suppress(OSError):  # the database comes first
            context.spool.put_answer(job.id, {**result, "ticket": ticket})
    context.registry.jobs.accepted(
        job.id,
        now=now,
        submitted_at=submitted_at,
        next_at=now + timedelta(seconds=wait),
        ticket=ticket,
        result=result,
        charged=answer.cost,
        request_id=answer.request_id,
        voice_changes=_clock_start(job, submitted_at),
    )
    context.spool.drop_answer(job.id)


def _clock_start(job: Job, sent_at: datetime) -> VoiceChanges | None:
    """A voice's window counts from the sending of the order that makes it."""
    return {"clock_start": sent_at} if job.kind in (JobKind.CLONE, JobKind.DESIGN) else None


def _first_clock_start(context: Context, job: Job, now: datetime) -> VoiceChanges | None:
    """An order that is sent again may have made its voice the first time, so an earlier start
    stays.
    """
    if (begun := _clock_start(job, now)) is None:
        return None
    voice = context.registry.voices.get(job.voice_id)
    return None if voice and voice.clock_start else begun


def is_already_made(context: Context, job: Job) -> bool:
    """Whether the service can refuse this ID as taken only because an earlier sending of this order
    made the voice: the ID was made here, so nobody else has it.
    """
    voice = context.registry.voices.get(job.voice_id)
    asked = job.request.get("voice_id")
    return bool(voice and voice.id_made_here and asked and asked == voice.provider_voice_id)


def finish_already_made(context: Context, job: Job) -> None:
    """Finish an order whose voice an earlier sending made, which was most likely charged."""
    context.registry.jobs.finish(
        job.id,
        now=context.now(job.service),
        outcome=Outcome({"finished": True, "made_before": True}, job.charged or job.estimate),
    )
    context.wake()


def finished_result(answer: Finished) -> dict[str, object]:
    """What a finished run made, as it is stored in the job's `result`: IDs and addresses only."""
    fields = {
        "voice_id": answer.voice_id,
        "embedding_url": answer.embedding_url,
        "preview_url": answer.preview_url,
        "audio_url": answer.audio_url,
    }
    return {"finished": True} | {name: value for name, value in fields.items() if value}


def _commit_problem(context: Context, job: Job, problem: ProviderError) -> None:
    jobs = context.registry.jobs
    now = context.now(job.service)
    why = problem.sentence
    if problem.kind in NOTHING_RAN:
        named = timedelta(seconds=problem.retry_after or 0)
        pause = named if named and not job.attempts else max(named, SENDING.pause(job.attempts + 1))
        next_at = now + limit_pause(context, job, pause, now)
        jobs.requeue(job.id, now=now, next_at=next_at, why=why, kind=problem.kind)
    elif problem.kind is ErrorKind.UNKNOWN_OUTCOME or problem.spent is Spent.UNKNOWN:
        jobs.mark_unknown(
            job.id,
            now=now,
            why=why,
            request_id=problem.request_id,
            next_at=now + FIRST_RECHECK,
        )
        note_balance_after(context, job)
    elif problem.kind is ErrorKind.EXISTS and is_already_made(context, job):
        finish_already_made(context, job)
    else:
        if problem.kind is ErrorKind.PERMISSION:
            why = f"{why} {_account_of_voice(context, job)}".strip()
        jobs.fail(
            job.id,
            now=now,
            error=why,
            error_kind=problem.kind,
            error_tells_cost=problem.spent is Spent.NO,
            request_id=problem.request_id,
            charged=job.estimate if problem.spent is Spent.YES else Money(),
            evidence=evidence_against(job, now) if problem.kind is ErrorKind.NOT_FOUND else None,
        )


def _account_of_voice(context: Context, job: Job) -> str:
    """A sentence on which account made the voice that this key may not use, or ""."""
    voice = context.registry.voices.get(job.voice_id)
    if voice is None or job.kind not in USES:
        return ""
    return accounts.who_made(standpoint_of(context), voice)


def evidence_against(job: Job, now: datetime) -> Evidence | None:
    """The evidence that a service did not know the voice of this use; None for other orders."""
    if job.kind not in USES:
        return None
    return Evidence(new_id(), job.voice_id, EvidenceKind.NOT_FOUND, now, job_id=job.id)


def _check_balance(
    context: Context, standpoint: Standpoint, provider: Provider, job: Job
) -> Money | None:
    """The balance right before paying; None where the service tells none: it refuses by itself
    what cannot be paid. Raises `NotReady` or `Refused`; costs nothing.
    """
    keeping = job.kind is JobKind.ACTIVATION
    try:
        balance = provider.balance()
    except ProviderError as problem:
        rate_limits.note_rate_limit(context, job.service, problem)
        # A use that keeps a voice is retried until the voice's time is over; other orders are not.
        if problem.kind in (ErrorKind.KEY, ErrorKind.PERMISSION) and not keeping:
            raise Refused(wording.not_sent(problem.sentence), problem.kind) from None
        why = wording.not_sent_yet(problem.sentence)
        raise NotReady(why, problem.kind, problem.retry_after) from None
    if balance is None:
        return None
    now = context.now(job.service)
    context.registry.accounts.note_balance(standpoint.account(job.service), balance, now)
    if balance < job.estimate:
        why = wording.balance_too_low(balance, job.estimate)
        raise (NotReady if keeping else Refused)(why, ErrorKind.BALANCE)
    return balance


def _submitted_at(sent_at: datetime, answered_at: datetime | None) -> datetime:
    """The earlier of our clock and the answer's `Date`, the safe side for a deadline."""
    if answered_at and sent_at - MAX_CLOCK_DIFFERENCE < answered_at < sent_at:
        return answered_at
    return sent_at


def _retry_later(
    context: Context, job: Job, why: str, kind: ErrorKind, retry_after: float | None = None
) -> None:
    now = context.now(job.service)
    asked = timedelta(seconds=retry_after or 0)
    pause = limit_pause(context, job, max(asked, SENDING.pause(job.attempts + 1)), now)
    context.registry.jobs.later(job, next_at=now + pause, answer=why, kind=kind)


def _fail_unsent(context: Context, job: Job, refusal: Refused) -> None:
    context.registry.jobs.fail(
        job.id,
        now=context.now(job.service),
        error=str(refusal),
        error_kind=refusal.kind,
        error_tells_cost=refusal.tells_cost,
        charged=Money(),
        states=(JobState.CONFIRMED,),
    )
