"""What the tests of the use cases tell their stories with: recordings, contexts, days."""

from __future__ import annotations

import io
import ssl
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import httpx
import numpy as np
import pytest

from lib import keeper
from lib.keeper import Summary
from lib.models import Dossier, Health, Job, JobState, KeepPolicy, LongText, Money, TextState
from lib.providers.http import Timeouts
from lib.providers.nanogpt import NanoGPT
from lib.registry import DatabaseUnavailable
from lib.retention import judge
from lib.services import NANOGPT
from lib.settings import Settings
from lib.studio.core import accounts
from lib.studio.core.context import Context
from lib.studio.core.opening import open_context
from lib.studio.core.standpoint import standpoint_of
from lib.studio.jobs import sending
from lib.studio.orders import cloning
from lib.studio.orders.cloning import CloneRequest
from lib.studio.orders.speaking import SpeechRequest
from lib.team import Team
from tests.parts.clock import SettableClock
from tests.parts.persons import ADA
from tests.parts.reopened import reopen
from tests.studio.service import PretendService

KEY = "sk-nano-00000000-0000-0000-0000-000000000001"
NEW_KEY = "sk-nano-00000000-0000-0000-0000-000000000002"
MOST_PASSES = 400
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

Order = TypeVar("Order", Job, LongText)


@cache
def recording(seed: int = 1, seconds: float = 12, rate: int = 8_000, channels: int = 1) -> bytes:
    """A WAV with a hum in it: the same for the same arguments, different for each seed."""
    t = np.arange(int(seconds * rate)) / rate
    noise = np.random.default_rng(seed).normal(0, 500, t.size)
    hum = (np.sin(2 * np.pi * (100 + seed) * t) * 8_000 + noise).astype("<i2")
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.repeat(hum, channels).tobytes())
    return out.getvalue()


def large_recording() -> bytes:
    """Over 3 MB: more than goes to the service directly."""
    return recording(seconds=17, rate=48_000, channels=2)


def clone_request(kind: str = "minimax", seed: int = 1, **changes: Any) -> CloneRequest:
    """An order as a careful person fills it in, with these fields changed."""
    request = CloneRequest(
        service=NANOGPT,
        kind=kind,
        name=f"Grace {seed}",
        recording=recording(seed),
        speaker="Grace Hopper",
        consent=True,
        person=ADA,
        no_speech_accepted=True,  # it is a hum
        transcript="A hum." if kind == "qwen" else "",
    )
    return replace(request, **changes)


@dataclass
class Story:
    """One team with its service, disk and clock. `settings` hold for contexts built later."""

    clock: SettableClock
    service: PretendService
    folder: Path
    database: str
    settings: dict[str, str] = field(default_factory=dict)
    team: Team = field(default_factory=Team)
    opened: list[Context] = field(default_factory=list)

    def context(
        self, name: str = "data", *, read: bool = True, database: str = "", **settings: str
    ) -> Context:
        """A container of the app: the disk `name` is its own, database and vault are the team's.

        `read`: the first reading of the vault is over, so that orders are taken.
        """
        values = {
            "NANOGPT_API_KEY": KEY,
            "NANOGPT_BASE_URL": self.service.base_url,
            "DATABASE_URL": database or self.database,
            "VAULT_URL": f"file://{self.folder / 'vault'}",
        }
        known = Settings(
            {n: v for n, v in (values | self.settings | settings).items() if v},
            team=self.team,
            data_folder=self.folder / name,
        )
        context = open_context(known, clock=self.clock)
        if NANOGPT in context.providers:
            client = self.client(known.base_url(NANOGPT), known.get("NANOGPT_API_KEY"))
            reopen(context, providers={**context.providers, NANOGPT: client})
        context.runtime.reconciliation.finished = read
        self.opened.append(context)
        return context

    def new_container(self, name: str = "new", *, read: bool = False) -> Context:
        """The same secrets and vault, an empty disk, and a database that nobody has used yet."""
        database = f"sqlite:///{self.folder / name / 'voicekeep.db'}"
        return self.context(name, read=read, database=database)

    def vault_breaks(self) -> None:
        """A file stands where the folder of the vault was: nothing can be written or listed."""
        vault = self.folder / "vault"
        vault.rename(self.folder / "away")
        vault.write_text("in the way")

    def vault_is_mended(self) -> None:
        vault = self.folder / "vault"
        vault.unlink()
        (self.folder / "away").rename(vault)

    def client(self, base_url: str, key: str = KEY, paid_read: float = 10) -> NanoGPT:
        """The real client; its pauses take no time, and a silent service is left after a while."""
        return NanoGPT(
            NANOGPT,
            base_url,
            key,
            transport=_plain_http(),
            timeouts=Timeouts(connect=5, read=10, paid_read=paid_read, write=10, pool=5),
            clock=self.clock,
            sleep=lambda _: None,
        )

    def loses_patience(self, context: Context) -> None:
        """A paid request that gets no answer is left after half a second."""
        impatient = self.client(self.service.base_url, paid_read=0.5)
        reopen(context, providers={**context.providers, NANOGPT: impatient})

    def live(self, context: Context, how_long: timedelta) -> list[Summary]:
        """Passes of the keeper, each when it is due, until so much time is over."""
        end = self.clock.now() + how_long
        done = [keeper.one_pass(context)]
        while len(done) < MOST_PASSES:
            due = keeper.outlook(context).next_due
            at = max(due, self.clock.now() + SECOND) if due else end
            if at >= end:
                self.clock.advance(max(end - self.clock.now(), timedelta(0)))
                return [*done, keeper.one_pass(context)]
            self.clock.advance(at - self.clock.now())
            done.append(keeper.one_pass(context))
        raise AssertionError("the keeper does not come to rest")

    def hourly(self, context: Context, hours: int, *, apart: int = 1) -> None:
        """One pass of the keeper each hour, or every so many hours, whatever is due in between."""
        for _ in range(hours // apart):
            self.clock.advance(apart * HOUR)
            keeper.one_pass(context)

    def until(self, context: Context, good: Callable[[], bool]) -> None:
        """Passes, three seconds apart, until what is waited for is so."""
        for _ in range(40):
            if good():
                return
            keeper.one_pass(context)
            self.clock.advance(3 * SECOND)
        raise AssertionError("it never came to that")

    def made(self, context: Context, kind: str = "minimax", seed: int = 1, **more: Any) -> str:
        """A voice that was cloned just now; returns its id."""
        job = cloning.clone(context, clone_request(kind, seed, **more))
        self.until(context, lambda: state(context, job) is JobState.DONE)
        return job.voice_id

    def asking(self, context: Context) -> str:
        """A voice that was made just now, and whose keeping waits for a person."""
        return self.made(context, keep_policy=KeepPolicy.ASK)

    def to_be_kept(self, context: Context) -> str:
        """A voice that was made just now and is to be used once, in the next pass."""
        voice_id = self.asking(context)
        context.registry.voices.change(voice_id, keep_policy=KeepPolicy.AT_ONCE)
        return voice_id

    def kept(self, context: Context, kind: str = "minimax", seed: int = 1, **more: Any) -> str:
        """A voice that was cloned and is safe; returns its id."""
        voice_id = self.made(context, kind, seed, **more)
        self.until(context, lambda: health(context, voice_id) is Health.SAFE)
        return voice_id


@cache
def _plain_http() -> httpx.HTTPTransport:
    """What the client would make for itself, without reading all certificates for each test."""
    return httpx.HTTPTransport(
        verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        trust_env=False,
        limits=httpx.Limits(max_keepalive_connections=0),
    )


def dossier(context: Context, voice_id: str) -> Dossier:
    found = context.registry.voices.dossier(voice_id)
    assert found is not None
    return found


def fresh(context: Context, order: Order) -> Order:
    """The job, or the long text, as it stands now."""
    registry = context.registry
    home = registry.long_texts if isinstance(order, LongText) else registry.jobs
    found = home.get(order.id)
    assert found is not None
    return found


def state(context: Context, order: Job | LongText) -> JobState | TextState:
    return fresh(context, order).state


def health(context: Context, voice_id: str) -> Health:
    found = dossier(context, voice_id)
    return judge(found, standpoint_of(context).terms(found.voice), context.clock.now()).health


def all_jobs(context: Context) -> list[Job]:
    return context.registry.jobs.latest(services=[NANOGPT], limit=1_000)


def attempts(context: Context, voice_id: str) -> tuple[Job, ...]:
    """The attempts to keep a voice by using it, oldest first."""
    return dossier(context, voice_id).activations


def text_order(voice_id: str, text: str = "Good morning.", **more: Any) -> SpeechRequest:
    """A text for a voice, spoken by the usual model."""
    model, person = more.pop("model", "Minimax-Speech-02-HD"), more.pop("person", ADA)
    return SpeechRequest(voice_id, text, model, person, **more)


def spend(context: Context, amount: Money) -> None:
    """A balance that was seen just now."""
    context.registry.accounts.note_balance(
        standpoint_of(context).account(NANOGPT), amount, context.clock.now()
    )


def key_question(context: Context) -> accounts.Question | None:
    """What Settings asks about the key of NanoGPT in use, if anything."""
    return accounts.question_about(accounts.all_known(context)[NANOGPT])


@contextmanager
def database_out(context: Context) -> Iterator[None]:
    """It is out of reach just when what a service answered is to be committed."""

    def is_out(*_: object, **__: object) -> None:
        raise DatabaseUnavailable("The database cannot be reached right now.")

    with pytest.MonkeyPatch.context() as outage:
        outage.setattr(sending.time, "sleep", lambda _: None)
        outage.setattr(type(context.registry.jobs), "accepted", is_out)
        yield
