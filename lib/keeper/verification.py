"""Verifies all stored copies now: each is read from the vault and compared, due or not."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from lib.keeper.wording import Reason, sentence
from lib.models import Dossier, Evidence
from lib.retention import Step, StepKind, held
from lib.studio.core.context import Context
from lib.studio.orders import activation
from lib.studio.storage.in_memory import AT_ONCE
from lib.studio.storage.wording import NAMES


@dataclass(frozen=True)
class Finding:
    """A copy that is missing or changed, or that could not be read; `why` is a sentence."""

    id: str
    name: str
    role: str
    why: str

    @property
    def line(self) -> str:
        """What a person reads about it."""
        file = NAMES.get(self.role, sentence(Reason.SOME_FILE))
        return f"{self.name}: {file}. {self.why}"


@dataclass(frozen=True)
class VerifyResult:
    """What was found. A copy is `unread` where the vault did not answer: neither good nor bad."""

    copies: int = 0
    good: int = 0
    bad: tuple[Finding, ...] = ()
    unread: tuple[Finding, ...] = ()


def count_copies(context: Context) -> dict[str, int]:
    """How many copies each voice has in the vault in use, by the voice's id."""
    dossiers = context.registry.library.of(context.settings.visible, max_age=0.0)
    counted = {dossier.voice.id: len(_held(context, dossier)) for dossier in dossiers}
    return {voice_id: count for voice_id, count in counted.items() if count}


def verify_all(context: Context) -> VerifyResult:
    """Verify every copy of every voice, and record the results in the evidence, as a pass does.

    Raises `VaultError` if the vault cannot even be listed; then nothing was read or recorded.
    """
    voice_ids = list(count_copies(context))
    # An unreachable vault is said once, and not of every copy.
    next(iter(context.live_vault.keys("voices/")), None)
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="voicekeep-files") as pool:
        return _sum(pool.map(partial(_read, context), voice_ids))


def _read(context: Context, voice_id: str) -> VerifyResult:
    """One voice: its copies before, compared with what is noted of them afterwards."""
    before = context.registry.voices.dossier(voice_id)
    if before is None:
        return VerifyResult()
    started = context.now(before.voice.service)
    activation.do_step(context, before, Step(StepKind.VERIFY))
    after = context.registry.voices.dossier(voice_id) or before
    seen = {item.id: item for item in _held(context, after)}
    all_of_it = _held(context, before)
    bad = [item for item in all_of_it if item.id not in seen]
    good = [item for item in seen.values() if item.read_back_at and item.read_back_at >= started]
    unread = [item for item in seen.values() if item not in good]
    # What was not read although nothing failed was left to whoever holds the lease of its files.
    why = after.voice.copy_error or sentence(Reason.COPY_IN_USE)
    return VerifyResult(
        copies=len(bad) + len(seen),
        good=len(good),
        bad=tuple(_finding(after, item, sentence(Reason.BAD_COPY)) for item in bad),
        unread=tuple(_finding(after, item, why) for item in unread),
    )


def _held(context: Context, dossier: Dossier) -> tuple[Evidence, ...]:
    return held(dossier, context.vault(dossier.voice.service).name)


def _finding(dossier: Dossier, item: Evidence, why: str) -> Finding:
    return Finding(dossier.voice.id, dossier.voice.name, str(item.role or ""), why)


def _sum(parts: Iterable[VerifyResult]) -> VerifyResult:
    every = list(parts)
    return VerifyResult(
        copies=sum(part.copies for part in every),
        good=sum(part.good for part in every),
        bad=tuple(finding for part in every for finding in part.bad),
        unread=tuple(finding for part in every for finding in part.unread),
    )
