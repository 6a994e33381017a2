"""The choices a person has where an order stands still: each with its price on the button."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from lib.models import ErrorKind, Job, JobKind, JobState, Money, Voice, VoiceKind
from lib.retention import Reach
from lib.services import DEMO
from lib.studio.core import accounts
from lib.studio.core.context import Context
from lib.studio.core.standpoint import Standpoint, standpoint_of
from lib.studio.orders import activation, cloning
from lib.studio.orders.activation import CannotKeep
from lib.studio.orders.cloning import OrderRefused
from lib.vault.base import sha256_hex

OTHER_KEY = (
    "This was ordered while another key was in use. Say in Settings whether the new one is one of "
    "the same account. Nothing was spent."
)


@dataclass(frozen=True)
class RecoveryOption:
    """One button: its name (for its key), label, help, and what it does."""

    name: str
    label: str
    help: str
    run: Callable[[Context, Job, str], None]


def options_for(context: Context, job: Job, voice: Voice | None) -> list[RecoveryOption]:
    """What can be done about a voice's job that waits for a person; keeping never does."""
    if job.kind is JobKind.ACTIVATION:
        return []
    if job.state is JobState.CONFIRMED:
        return [
            RecoveryOption("send", f"Send it now ({_price(job)})", "The order as it was.", _send),
            RecoveryOption("withdraw", "Withdraw it", "Costs nothing.", cloning.withdraw),
        ]
    if job.state is JobState.FAILED:
        return _options_for_failed(context, job, voice)
    if job.state is not JobState.UNKNOWN:
        return []
    options = [
        RecoveryOption(
            "again",
            f"Send it once more ({_price(job)})",
            "If the first one was done after all, both are charged.",
            _order_again,
        ),
        RecoveryOption("giveup", "Give it up", "It may still have been charged.", cloning.withdraw),
    ]
    return [*_test_options(context, job, voice), *options]


def _options_for_failed(context: Context, job: Job, voice: Voice | None) -> list[RecoveryOption]:
    """A run that was paid and called failed may have made the voice all the same. What a person
    gave up stays given up.
    """
    if job.error_kind == ErrorKind.UNKNOWN_OUTCOME:
        return []
    is_this = voice is not None and job.request.get("voice_id") == voice.provider_voice_id
    ran = bool(job.ticket and job.charged and job.charged.micros)
    return _test_options(context, job, voice) if is_this and ran else []


def _test_options(context: Context, job: Job, voice: Voice | None) -> list[RecoveryOption]:
    try:
        test = _test_price(context, job, voice)
    except CannotKeep:
        return []
    if test is None:
        return []
    price = f"{test} play money" if job.service == DEMO else f"{test}"
    help_text = "If it speaks, it was made, and is kept as well."
    return [RecoveryOption("test", f"Try the voice ({price})", help_text, _test)]


def _price(job: Job) -> str:
    return f"{job.estimate} play money" if job.service == DEMO else str(job.estimate)


def _test_price(context: Context, job: Job, voice: Voice | None) -> Money | None:
    """A call proves a voice only where its id was made here: nobody else can have it."""
    if voice is None or job.kind is not JobKind.CLONE:
        return None
    if voice.kind is not VoiceKind.MINIMAX or not voice.id_made_here:
        return None
    return activation.price_of_keeping(context, voice)


def _send(context: Context, job: Job, person: str) -> None:
    cloning.send_after_all(context, job, person)


def _test(context: Context, job: Job, person: str) -> None:
    dossier = context.registry.voices.dossier(job.voice_id)
    if dossier is None:
        raise OrderRefused("This voice is not here any more.")
    try:
        activation.order_activation(context, dossier, person=person)
    except CannotKeep as problem:
        raise OrderRefused(str(problem)) from None


def _order_again(context: Context, job: Job, person: str) -> None:
    """Give the unknown one up and order the same for the same voice, with a fresh id.

    The first id stays with the order that was given up: it may live and was perhaps paid.
    """
    standpoint = standpoint_of(context)
    cloning.check_money(context, standpoint, job.service, job.estimate)
    dossier = context.registry.voices.dossier(job.voice_id)
    if dossier:
        _check_account(standpoint, job, dossier.voice)
    if dossier is None or any(test.is_open for test in dossier.activations):
        raise OrderRefused("The voice is being tried right now. Wait for what that shows.")
    voice = dossier.voice
    request, fields = job.request, {}
    if job.kind is JobKind.CLONE and voice.provider_voice_id:
        fresh = cloning.make_voice_id(voice.name)
        request = job.request | {"voice_id": fresh}
        fields = {"provider_voice_id": fresh, "id_made_here": True, "clock_start": None}
    key = sha256_hex(f"again {job.id}".encode())
    again = replace(
        cloning.confirmed(context, standpoint, job.kind, voice, person, key, request, job.estimate),
        reading=job.reading,
    )
    why = "Nobody knows whether it was done; it was sent once more."
    cloning.commit_instead(context, job, again, voice_fields=fields, why=why)


def _check_account(standpoint: Standpoint, job: Job, voice: Voice) -> None:
    """With the key of another account the first order must not be given up: it could not be sent
    again, and what it made would be forgotten. Raises `OrderRefused`.
    """
    if job.kind is JobKind.SPEECH:
        why = accounts.why_not_speak(standpoint, voice)
    else:
        why = "" if standpoint.reach(voice) is Reach.OURS else OTHER_KEY
    if why:
        raise OrderRefused(f"{why} The order stays as it is.")
