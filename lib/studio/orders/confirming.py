"""How an order of any kind is confirmed: checked, made once, committed, and taken back.

Cloning, designing, cloning again, speaking and keeping all come through here. An order is taken
only where it can be paid and its result be kept; the same order while one is open is that one;
the budget decides in the transaction that commits it. Nothing is sent here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta

from lib.json_reading import JsonObject
from lib.models import ErrorKind, Evidence, Job, JobKind, JobState, Money, Voice, new_id
from lib.registry import AlreadyOrdered, Budget, OverBudget, VoiceChanges
from lib.roles import Permission, Person
from lib.studio.core import money
from lib.studio.core.context import Context, NotConnected
from lib.studio.core.people import recorded_as
from lib.studio.core.reasons import Priced
from lib.studio.core.standpoint import Standpoint, standpoint_of
from lib.studio.orders import wording
from lib.studio.orders.wording import Reason, sentence
from lib.vault.base import VaultError, sha256_hex

SEND_WITHIN = timedelta(minutes=15)
"""A confirmed order not sent by then is not sent by itself any more."""
ASK_AGAIN_WITHIN = timedelta(hours=24)
TO_ORDER = {
    JobKind.CLONE: Permission.CLONE,
    JobKind.DESIGN: Permission.CLONE,
    JobKind.SPEECH: Permission.SPEAK,
    JobKind.ACTIVATION: Permission.KEEP,
    JobKind.TRANSCRIPT: Permission.CLONE,
}
"""What an order of each kind takes; it also lets somebody decide what becomes of one."""


class OrderRefused(Exception):
    """An order cannot be taken as it is; `str()` says why and what to do. Nothing was spent."""


class AskFirst(Exception):
    """The same was ordered lately. `another` is to be passed to order it once more."""

    def __init__(self, question: str, another: int) -> None:
        super().__init__(question)
        self.another = another


def check_ready(context: Context, service: str) -> None:
    """Raises `OrderRefused` while the vault is still being read, or where nothing paid can last."""
    check_reconciled(context)
    check_durable(context, service)


def why_none(context: Context, service: str, price: Money, person: str) -> str:
    """Why nothing of this price can be ordered in this name at this service at the moment, as far
    as that is known here, in a sentence; "" where it can. No service is asked.
    """
    try:
        check_ready(context, service)
        check_money(context, standpoint_of(context), service, price, person)
    except OrderRefused as refusal:
        return str(refusal)
    return ""


def check_reconciled(context: Context) -> None:
    """Raises `OrderRefused` while the vault is still being read."""
    if not context.runtime.reconciliation.finished:
        raise OrderRefused(sentence(Reason.STORAGE_BEING_READ))


def check_durable(context: Context, service: str) -> None:
    """Raises `OrderRefused` where a paid thing could not be kept."""
    if not context.vault_counts(service):
        raise OrderRefused(sentence(Reason.NO_BUCKET))


def check_money(
    context: Context,
    standpoint: Standpoint,
    service: str,
    price: Money,
    person: str,
    *,
    reader: str | None = None,
) -> None:
    """Raises `OrderRefused` where a budget or the balance last seen does not reach, and where no
    key of the service is in use. `person`: in whose name it is ordered; `reader`: who asks, if that
    is somebody else.
    """
    check_money_for_all(context, standpoint, {service: price}, person, reader=reader)


def check_money_for_all(
    context: Context,
    standpoint: Standpoint,
    prices: Mapping[str, Money],
    person: str,
    *,
    reader: str | None = None,
) -> None:
    """As `check_money`, for several orders together: what is paid to each service in all."""
    try:
        with within_budget(person if reader is None else reader):
            fault = money.fault(context, standpoint, prices, person)
    except NotConnected as problem:
        raise OrderRefused(str(problem)) from None
    if fault:
        raise OrderRefused(fault)


def check_consent(*, speaker: str, agreed: bool, person: str, who: str, tick: str) -> None:
    """Raises `OrderRefused` unless it is known who speaks, that they agree, and who says so.

    `who` and `tick`: what the form asks for where the speaker or the agreement is missing.
    """
    if not speaker:
        raise OrderRefused(who)
    if not agreed:
        raise OrderRefused(tick)
    if not person:
        raise OrderRefused(sentence(Reason.NO_ATTESTER))


def order_key(*parts: object) -> str:
    """What makes two orders the same one: the SHA-256 of all that they are made of."""
    return sha256_hex(json.dumps(parts, sort_keys=True, default=str).encode())


def open_twin(
    context: Context,
    kind: JobKind,
    service: str,
    key: str,
    *,
    is_same: Callable[[Job], bool],
    another: int,
    question: str,
) -> Job | None:
    """The open order with this key; None where there is none and a new one may be made.

    `is_same` tells orders of the last day that asked for the same thing; failed ones apart, those
    beyond the `another` that the person knows of raise `AskFirst` with this question.
    """
    since = context.now(service) - context.service_time(service, ASK_AGAIN_WITHIN)
    recent = sum(
        is_same(job) and job.state is not JobState.FAILED
        for job in context.registry.jobs.since(kind, service, since)
    )
    # Looked up after the orders of the day: the same order, committed in between, is found here.
    if twin := context.registry.jobs.open_order(key):
        return twin
    if recent > another:
        raise AskFirst(question, another=recent)
    return None


def again_key(job_id: str) -> str:
    """The key of the order that is made in place of one whose outcome nobody knows."""
    return sha256_hex(f"again {job_id}".encode())


def confirmed(
    context: Context,
    standpoint: Standpoint,
    kind: JobKind,
    voice: Voice,
    person: Person,
    key: str,
    request: JsonObject,
    estimate: Money,
) -> Job:
    """An order that a person has just agreed to. It is sent soon, or not by itself at all.

    `key`: what makes it the same as another (`order_key`). `estimate`: the price that was shown.
    Raises `OrderRefused` where no key of the service is in use.
    """
    job = confirmed_at(context, standpoint, kind, voice.service, person, key, request, estimate)
    return replace(job, voice_id=voice.id)


def confirmed_at(
    context: Context,
    standpoint: Standpoint,
    kind: JobKind,
    service: str,
    person: Person,
    key: str,
    request: JsonObject,
    estimate: Money,
) -> Job:
    """As `confirmed`, for what is ordered at a service and is about no voice."""
    now = context.now(service)
    try:
        account = standpoint.account(service)
    except NotConnected as problem:
        raise OrderRefused(str(problem)) from None
    return Job(
        id=new_id(),
        voice_id="",
        kind=kind,
        state=JobState.CONFIRMED,
        order_key=key,
        service=service,
        account=account,
        created_at=now,
        person=recorded_as(person),
        request=request,
        estimate=estimate,
        send_before=now + context.service_time(service, SEND_WITHIN),
    )


def commit(
    context: Context,
    job: Job,
    voice: Voice | None = None,
    files: Sequence[Evidence] = (),
    *,
    budget: Budget | None = None,
    if_over: Reason = Reason.NOTHING_SPENT,
) -> Job:
    """Make an order, with its new voice and files; the one that is open, if it is the same.

    `budget`: what it has to fit into, this month's unless another is given. Raises `OrderRefused`,
    whose sentence ends with that for `if_over`.
    """
    try:
        with within_budget(job.person, if_over=sentence(if_over)):
            context.registry.jobs.order(
                job, voice, files, budget=budget or money.budget_for(context)
            )
    except AlreadyOrdered as already:
        forget_files(context, job.service, files)
        return already.job
    except OrderRefused:
        forget_files(context, job.service, files)
        raise
    context.wake()
    return job


def forget_files(context: Context, service: str, files: Sequence[Evidence]) -> None:
    """Delete the files of an order that was not made: without a record they would be taken for what
    is left of a voice.
    """
    for copy in files:
        with suppress(VaultError):
            context.vault(service).delete(copy.key)


def commit_instead(
    context: Context, unknown: Job, job: Job, *, voice_changes: VoiceChanges, why: str
) -> Job:
    """Give up an order whose outcome nobody knows, and make this one, if it fits as well.

    `voice_changes` are made to the voice in the same transaction; `why` is told as the end of the
    first order. Raises `OrderRefused`.
    """
    with within_budget(job.person, if_over=sentence(Reason.NOTHING_SPENT)):
        ordered = context.registry.jobs.order_instead(
            unknown, job, voice_changes=voice_changes, why=why, budget=money.budget_for(context)
        )
    _check_moved(ordered)
    context.wake()
    return job


@contextmanager
def within_budget(reader: str, priced: Priced = Priced.ONE, *, if_over: str = "") -> Iterator[None]:
    """What does not fit into a budget is refused in a sentence for its reader, and that of
    `if_over`. Raises `OrderRefused`.
    """
    try:
        yield
    except OverBudget as problem:
        why = money.over_budget(problem, priced, reader=reader)
        raise OrderRefused(wording.over_budget(why, if_over)) from None


def send_after_all(context: Context, job: Job, person: Person) -> None:
    """A person wants an order sent that was not sent in time.

    Raises `NotPermitted` and `OrderRefused`.
    """
    person.require(TO_ORDER[job.kind])
    reader, standpoint = recorded_as(person), standpoint_of(context)
    check_money(context, standpoint, job.service, job.estimate, job.person, reader=reader)
    now = context.now(job.service)
    until = now + context.service_time(job.service, SEND_WITHIN)
    with within_budget(reader, if_over=sentence(Reason.NOTHING_SPENT)):
        renewed = context.registry.jobs.renew(
            job.id,
            person=recorded_as(person),
            now=now,
            send_before=until,
            budget=money.budget_for(context),
        )
    _check_moved(renewed)
    context.wake()


def withdraw(context: Context, job: Job, person: Person) -> None:
    """A person gives up an order that was not sent, or one whose outcome nobody knows.

    Raises `NotPermitted`, and `OrderRefused` where it is neither, or was sent since the person
    looked.
    """
    person.require(TO_ORDER[job.kind])
    sent = job.state is JobState.UNKNOWN
    _check_moved(
        context.registry.jobs.fail(
            job.id,
            now=context.now(job.service),
            error=sentence(Reason.GIVEN_UP if sent else Reason.WITHDRAWN),
            error_kind=ErrorKind.UNKNOWN_OUTCOME if sent else ErrorKind.NONE,
            error_tells_cost=not sent,
            charged=job.perhaps_charged if sent else Money(),
            states=(JobState.UNKNOWN if sent else JobState.CONFIRMED,),
            person=recorded_as(person),
        )
    )


def _check_moved(is_moved: bool) -> None:
    """Raises `OrderRefused` where the order was not any more what the person saw."""
    if not is_moved:
        raise OrderRefused(sentence(Reason.HAS_CHANGED))
