"""Many voices that are due at once, and keepers in processes of their own that work on them when
they are told: `python -m tests.studio.crowd`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock

from sqlalchemy import insert

from lib import keeper
from lib.demo.state import State
from lib.manifest import TakeStory
from lib.models import Dossier, JobState, Money
from lib.providers.nanogpt import NanoGPT
from lib.registry import Registry, consents, schema
from lib.registry.schema import columns_of
from lib.services import NANOGPT
from lib.settings import Settings
from lib.studio.core.context import Context
from lib.studio.core.opening import open_context
from tests.conftest import ROOT
from tests.parts.clock import SettableClock
from tests.parts.reopened import reopen
from tests.registry.records import a_job, a_voice
from tests.studio.service import PretendService, Reply, Seen, Trouble

MOST_PASSES = 30


def voices_made(count: int, at: datetime) -> list[Dossier]:
    """Voices of which each was cloned at that moment, and is still to be used."""
    return [_made(number, at) for number in range(count)]


def _made(number: int, at: datetime) -> Dossier:
    voice = a_voice(
        id=f"voice-{number:04}",
        name=f"Grace {number}",
        provider_voice_id=f"Grace{number:04}abcdefgh",
        id_made_here=True,
        created_at=at,
        clock_start=at,
    )
    making = a_job(
        voice,
        id=f"clone-{number:04}",
        state=JobState.DONE,
        created_at=at,
        submitted_at=at,
        finished_at=at,
        charged=Money.usd(1),
        result={"finished": True},
    )
    return Dossier(voice, (making,))


def known_at_the_service(dossiers: list[Dossier], service_state: Path) -> None:
    """The service knows these voices, as if each had been cloned there."""
    at_the_service = State(service_state)
    for found in dossiers:
        voice = found.voice
        made_at = (voice.clock_start or voice.created_at).timestamp()
        at_the_service.install_voice(
            voice.provider_voice_id, bytes(32), created_at=made_at, used_at=None
        )


def settle_in(dossiers: list[Dossier], registry: Registry, takes: Sequence[TakeStory] = ()) -> None:
    """The team's registry knows these voices and takes."""
    jobs = [job for found in dossiers for job in found.jobs]
    given = [consents.of_voice(found.voice) for found in dossiers]
    with registry.database.write() as connection:
        for table, records in (
            (schema.consents, list({each.id: each for each in given if each}.values())),
            (schema.voices, [found.voice for found in dossiers]),
            (schema.jobs, [*jobs, *(story.order for story in takes)]),
            (schema.evidence, [item for found in dossiers for item in found.evidence]),
            (schema.takes, [story.take for story in takes]),
        ):
            if records:
                connection.execute(insert(table), [columns_of(record) for record in records])


class Crowded(PretendService):
    """A service that fails some voices, and counts the paid requests for each."""

    def fails(self, troubles: dict[str, Trouble]) -> None:
        """Each of these voices, by its id at the service, meets its trouble always."""
        self.troubles = troubles
        self.asked: Counter[str] = Counter()
        self.open_now: Counter[str] = Counter()
        self.most_open = 0
        self._counting = Lock()

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Reply:
        voice = Seen("", target, "", body).field("voice") if target.endswith("/tts") else ""
        if not voice:
            return super().answer(method, target, headers, body)
        with self._counting:
            self.asked[voice] += 1
            self.open_now[voice] += 1
            self.most_open = max(self.most_open, self.open_now[voice])
        try:
            ask = super().answer
            trouble = self.troubles.get(voice)
            if trouble is None:
                return ask(method, target, headers, body)
            return trouble(lambda: ask(method, target, headers, body))
        finally:
            with self._counting:
                self.open_now[voice] -= 1


@dataclass(frozen=True)
class Worked:
    """What one keeper did when it was told to."""

    passes: int
    seconds: float
    activated: int
    sent: int
    failed: list[str]


def work(context: Context) -> Worked:
    """Passes at this moment of the clock, until there is nothing left to do."""
    started = time.monotonic()
    summaries: list[keeper.Summary] = []
    while len(summaries) < MOST_PASSES:
        summaries.append(keeper.one_pass(context))
        if not summaries[-1].did_something:
            break
    return Worked(
        len(summaries),
        round(time.monotonic() - started, 2),
        sum(one.activated for one in summaries),
        sum(one.sent for one in summaries),
        [line for one in summaries for line in one.failed],
    )


def hurried(context: Context) -> Context:
    """The same with a client whose polite pauses take no time."""
    settings = context.settings
    client = NanoGPT(
        NANOGPT,
        settings.base_url(NANOGPT),
        settings.get("NANOGPT_API_KEY"),
        clock=context.clock,
        sleep=lambda _: None,
    )
    reopen(context, providers={**context.providers, NANOGPT: client})
    return context


class Elsewhere:
    """A keeper in a process of its own."""

    def __init__(self, child: subprocess.Popen[str]) -> None:
        self._child = child

    def begin(self, now: datetime) -> None:
        """Let it work on what is due at that moment."""
        assert self._child.stdin is not None
        self._child.stdin.write(now.isoformat() + "\n")
        self._child.stdin.flush()

    def end(self) -> Worked:
        """Wait until it has nothing left to do."""
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        assert line, "the keeper has ended"
        return Worked(**json.loads(line))


@contextmanager
def elsewhere(settings: dict[str, str], folder: Path) -> Iterator[Elsewhere]:
    """A keeper with these settings and a disk of its own, as long as the block lasts."""
    command = [sys.executable, "-m", __name__, json.dumps(settings), str(folder)]
    with subprocess.Popen(
        command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        yield Elsewhere(child)
        assert child.stdin is not None
        child.stdin.close()


def main() -> None:
    settings, folder = json.loads(sys.argv[1]), Path(sys.argv[2])
    clock = SettableClock()
    known = Settings(settings, data_folder=folder)
    context = hurried(open_context(known, clock=clock))
    for line in sys.stdin:
        clock.advance(datetime.fromisoformat(line.strip()) - clock.now())
        print(json.dumps(asdict(work(context))), flush=True)
    context.close()


if __name__ == "__main__":
    main()
