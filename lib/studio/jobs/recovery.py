"""What a person can do about an order that does not go on by itself, each with its price."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from lib.models import ErrorKind, Job, JobKind, JobState, Money, Voice
from lib.registry import VoiceChanges
from lib.retention import Reach
from lib.roles import Person
from lib.services import DEMO, KINDS
from lib.studio.core import accounts, consents
from lib.studio.core.context import Context
from lib.studio.core.people import recorded_as
from lib.studio.core.standpoint import Standpoint, standpoint_of
from lib.studio.jobs import wording
from lib.studio.jobs.wording import Button, Reason, button, sentence
from lib.studio.orders import activation, confirming, transcribing
from lib.studio.orders.cloning import make_voice_id
from lib.studio.orders.confirming import OrderRefused


@dataclass(frozen=True)
class RecoveryOption:
    """One button: its name (for its widget key), its label and help, and what it does.

    `run` takes the context, the job and the person, and raises `NotPermitted` and `OrderRefused`.
    """

    name: str
    label: str
    help: str
    run: Callable[[Context, Job, Person], None]


def options_for(context: Context, job: Job, voice: Voice | None) -> list[RecoveryOption]:
    """The options for this job and its voice; none while it goes on by itself.

    An activation has none at all: its next attempt follows without a person.
    """
    if job.kind is JobKind.ACTIVATION:
        return []
    if job.state is JobState.CONFIRMED:
        return [
            RecoveryOption(
                "send",
                wording.send_now(_shown(job.estimate, job)),
                button(Button.AS_ORDERED),
                confirming.send_after_all,
            ),
            RecoveryOption(
                "withdraw", button(Button.WITHDRAW), button(Button.IS_FREE), confirming.withdraw
            ),
        ]
    if job.state is JobState.FAILED:
        return _options_for_failed(context, job, voice)
    if job.state is not JobState.UNKNOWN:
        return []
    options = [
        RecoveryOption(
            "again",
            wording.send_again(_shown(job.estimate, job)),
            button(Button.MAY_PAY_TWICE),
            _order_again,
        ),
        RecoveryOption(
            "giveup", button(Button.CANCEL), button(Button.MAY_BE_CHARGED), confirming.withdraw
        ),
    ]
    return [*_test_options(context, job, voice), *options]


def _options_for_failed(context: Context, job: Job, voice: Voice | None) -> list[RecoveryOption]:
    """A paid run that the service called failed may have made the voice all the same, which a test
    call shows. An order that a person gave up stays given up.
    """
    if job.error_kind is ErrorKind.UNKNOWN_OUTCOME:
        return []
    is_this = voice is not None and job.request.get("voice_id") == voice.provider_voice_id
    ran = bool(job.ticket and job.charged and job.charged.micros)
    return _test_options(context, job, voice) if is_this and ran else []


def _test_options(context: Context, job: Job, voice: Voice | None) -> list[RecoveryOption]:
    try:
        test = _test_price(context, job, voice)
    except OrderRefused:
        return []
    if test is None:
        return []
    label = wording.try_voice(_shown(test, job))
    return [RecoveryOption("test", label, button(Button.SPEAKING_KEEPS), _test)]


def _shown(price: Money, job: Job) -> str:
    return wording.play_money(price) if job.service == DEMO else str(price)


def _test_price(context: Context, job: Job, voice: Voice | None) -> Money | None:
    """A test call proves a voice only if its ID was made here, because then nobody else has it."""
    if voice is None or job.kind is not JobKind.CLONE:
        return None
    if KINDS[voice.kind].is_file or not voice.id_made_here:
        return None
    return activation.price_of_keeping(context, voice)


def _test(context: Context, job: Job, person: Person) -> None:
    dossier = context.registry.voices.dossier(job.voice_id)
    if dossier is None:
        raise OrderRefused(sentence(Reason.VOICE_GONE))
    activation.order_activation(context, dossier, person=person)


def _order_again(context: Context, job: Job, person: Person) -> None:
    """Give the unknown one up and order the same for the same voice, with a fresh id.

    The first id stays with the order that was given up: it may live and was perhaps paid.
    """
    person.require(confirming.TO_ORDER[job.kind])
    standpoint = standpoint_of(context)
    confirming.check_money(context, standpoint, job.service, job.estimate, recorded_as(person))
    if job.kind is JobKind.TRANSCRIPT:
        _transcribe_again(context, standpoint, job, person)
        return
    dossier = context.registry.voices.dossier(job.voice_id)
    if dossier:
        _check_account(standpoint, job, dossier.voice)
        if why := consents.why_not_send(job.kind, dossier.voice, context.now(job.service)):
            raise OrderRefused(wording.order_stays(why))
    if dossier is None or any(test.is_open for test in dossier.activations):
        raise OrderRefused(sentence(Reason.BEING_TESTED))
    voice = dossier.voice
    request, fields = job.request, VoiceChanges()
    if job.kind is JobKind.CLONE and voice.provider_voice_id:
        fresh = make_voice_id(voice.name)
        request = job.request | {"voice_id": fresh}
        fields = VoiceChanges(provider_voice_id=fresh, id_made_here=True, clock_start=None)
    key = confirming.again_key(job.id)
    again = replace(
        confirming.confirmed(
            context, standpoint, job.kind, voice, person, key, request, job.estimate
        ),
        long_text_id=job.long_text_id,
        part=job.part,
    )
    confirming.commit_instead(
        context, job, again, voice_changes=fields, why=sentence(Reason.SENT_AGAIN)
    )


def _transcribe_again(context: Context, standpoint: Standpoint, job: Job, person: Person) -> None:
    """The same for a transcript: the recording is still on this disk, for a day."""
    recording = context.spool.recording(job.id)
    if recording is None:
        raise OrderRefused(sentence(Reason.RECORDING_GONE))
    again = confirming.confirmed_at(
        context,
        standpoint,
        job.kind,
        job.service,
        person,
        confirming.again_key(job.id),
        job.request,
        job.estimate,
    )
    if again.account != job.account:
        raise OrderRefused(wording.order_stays(sentence(Reason.KEY_IN_QUESTION)))
    with transcribing.kept_for(context, again, recording):
        confirming.commit_instead(
            context, job, again, voice_changes=VoiceChanges(), why=sentence(Reason.SENT_AGAIN)
        )


def _check_account(standpoint: Standpoint, job: Job, voice: Voice) -> None:
    """With the key of another account the first order must not be given up: it could not be sent
    again, and what it made would be forgotten. Raises `OrderRefused`.
    """
    if job.kind is JobKind.SPEECH:
        why = accounts.why_not_speak(standpoint, voice)
    else:
        is_ours = standpoint.reach(voice) is Reach.OURS
        why = "" if is_ours else sentence(Reason.KEY_IN_QUESTION)
    if why:
        raise OrderRefused(wording.order_stays(why))
