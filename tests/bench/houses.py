"""Libraries of any size, each made once, and apps that show them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from sqlalchemy import insert

from lib import keeper, manifest
from lib.event_kinds import EventKind
from lib.manifest import Story, TakeStory
from lib.models import Dossier, VoiceKind
from lib.registry import schema
from lib.services import NANOGPT
from lib.settings import Settings
from lib.studio.core.context import Context
from lib.studio.core.opening import open_context
from lib.studio.core.standpoint import standpoint_of
from tests.journeys.servers import App, running_service, start_app
from tests.pages import people

QUIET = ("--logger.level", "info", "--server.websocketPingInterval", "600")
"""Without the first the apps of tests tell all they do, which takes longer than doing it; without
the second they hang up on a tab that waits for its turn."""
MOST_PASSES = 40
_KINDS: tuple[dict[str, object], ...] = (
    {"kept": True},
    {"kind": VoiceKind.QWEN},
    {"kept": True, "hours_ago": 150.0},
    {"kind": VoiceKind.QWEN, "hours_ago": 160.0},
    {"hours_ago": 30.0},
    {"kept": True, "hours_ago": 90.0},
    {"hours_ago": 150.0},
    {"kind": VoiceKind.QWEN, "hours_ago": 100.0},
    {"kept": True, "hours_ago": 165.0},
    {"hours_ago": 200.0},
)
"""Kept and not kept, with an ID or a file, fresh, nearly and probably lost, one after another."""


@dataclass(frozen=True)
class Scale:
    """How much is measured: the sizes of the libraries, and how long and how often."""

    few: int = 10
    many: int = 1_000
    most: int = 10_000
    tabs: int = 20
    viewers: int = 50
    files: int = 200
    rounds: int = 9
    patience: float = 5.0
    seconds: float = 3.0
    minutes_of_sound: float = 5.0


SHORT = Scale(3, 20, 20, tabs=3, files=6, rounds=2, patience=0, seconds=0.4, minutes_of_sound=0.5)
"""Shows that all of it runs."""


class Houses:
    """Everything that a bench has running. All of it ends with `stack`."""

    def __init__(self, folder: Path, scale: Scale, stack: ExitStack) -> None:
        self.folder = folder
        self.scale = scale
        self.stack = stack
        self._libraries: dict[int, Path] = {}
        self._apps: dict[int, App] = {}

    @cached_property
    def service(self) -> dict[str, str]:
        """The settings that lead to a service."""
        return self.stack.enter_context(running_service(self.folder / "service")).settings

    def settings(self, voices: int) -> dict[str, str]:
        """What an app needs to show a library of so many voices: a service, and their vault."""
        return {**self.service, "VAULT_URL": f"file://{self.folder / f'vault-{voices}'}"}

    def app(self, voices: int) -> App:
        """A running app whose library has so many voices."""
        if voices not in self._apps:
            folder = self.copy(voices, f"app-{voices}")
            app = start_app(folder, self.settings(voices), options=QUIET)
            self.stack.enter_context(app.child)
            app.child.wait_for_port(app.port)
            self._apps[voices] = app
        return self._apps[voices]

    def copy(self, voices: int, name: str) -> Path:
        """A folder of this name for an app or a keeper, with a library of so many voices."""
        if voices not in self._libraries:
            self._libraries[voices] = self._made(voices)
        return shutil.copytree(self._libraries[voices], self.folder / name)

    @contextmanager
    def opened(self, voices: int, folder: Path) -> Iterator[Context]:
        """The library of such a folder, in this process."""
        known = Settings(self.settings(voices), data_folder=folder / "data")
        context = open_context(known, loopback=True)
        try:
            yield context
        finally:
            context.close()

    def _made(self, voices: int) -> Path:
        folder = self.folder / f"library-{voices}"
        folder.mkdir()
        with self.opened(voices, folder) as context:
            keeper.one_pass(context)  # notes the vault and the account
            stories = settle(context, voices)
            write(stories, self.folder / f"vault-{voices}")
        return folder


def settle(context: Context, count: int) -> list[Story]:
    """So many voices move in: each with its clone, its files and its evidence, every second one
    with a take. Nothing of them is due. Returns their stories.
    """
    vault, now = context.live_vault.name, datetime.now(UTC)
    account = standpoint_of(context).account(NANOGPT)
    dossiers = [
        _of_account(people.clone(number, now, vault=vault, **_KINDS[number % len(_KINDS)]), account)  # type: ignore[arg-type]
        for number in range(count)
    ]
    speeches = [
        people.speech(number, dossier, f"What person {number} said.", vault=vault)
        for number, dossier in enumerate(dossiers)
        if number % 2
    ]
    people.move_in(context, dossiers, speeches)
    events = [
        {
            "at": dossier.voice.created_at,
            "person": "Ada",
            "what": "ordered a clone",
            "voice_id": dossier.voice.id,
            "job_id": dossier.jobs[0].id,
            "kind": EventKind.ORDERED,
            "saved_in": "earlier",
        }
        for dossier in dossiers
    ]
    with context.registry.database.write() as connection:
        connection.execute(insert(schema.events), events)
    return [*dossiers, *(TakeStory(speech.job, speech.take) for speech in speeches)]


def write(stories: Iterable[Story], vault: Path) -> None:
    """Put the manifests of all into a vault; a keeper would write a few hundred in each pass."""
    for story in stories:
        path = vault / manifest.key_of(story)
        path.parent.mkdir(parents=True)
        path.write_bytes(manifest.write(story))


def _of_account(dossier: Dossier, account: str) -> Dossier:
    return replace(
        dossier,
        voice=replace(dossier.voice, account=account),
        jobs=tuple(replace(job, account=account) for job in dossier.jobs),
    )
