"""What changes while a process runs and belongs to no database: progress, callbacks, clients.

All else that is handed down, the `Context`, is fixed from the moment the process opens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lib.services import SpeechModel
from lib.single_flight import SingleFlight
from lib.vault.base import Vault


@dataclass
class Reconciliation:
    """How far the first reading of the vault is; until it ended no orders are taken.

    `done` of `total` stories were read. `passed_over`: how many of them could not be taken, as
    they were damaged or contradict ours. `trouble`: why the vault cannot be read, as a sentence.
    """

    done: int = 0
    total: int = 0
    passed_over: int = 0
    finished: bool = False
    trouble: str = ""


@dataclass
class TaskProgress:
    """How far something is that takes its time: `total` is 0 while nothing is under way."""

    done: int = 0
    total: int = 0

    def report(self, done: int, total: int) -> None:
        """Note that so many of so many are done."""
        self.done, self.total = done, total


@dataclass(frozen=True)
class Listed:
    """What services said of themselves, as read at that moment of the process's own clock.

    `at_once`: for which account, and how much may be under way.
    """

    read_at: float = float("-inf")
    models: Mapping[str, tuple[SpeechModel, ...]] = field(default_factory=dict)
    at_once: Mapping[str, tuple[str, int]] = field(default_factory=dict)


@dataclass
class Runtime:
    """The state of one running process.

    `reconciliation`: the first reading of the vault. `exporting`: the export that somebody asked
    for. `vault_rests_until`: on the process's own clock (`time.monotonic`), when a use of a voice
    waits for the vault again. `old_vaults`: the clients of vaults of before, by name. `judged`
    and `shelf`: all voices (`library/listing.py`). `wake` tells the keeper of this
    process that something is due, `stop_keeper` ends it; without one they do nothing.
    """

    reconciliation: Reconciliation = field(default_factory=Reconciliation)
    exporting: TaskProgress = field(default_factory=TaskProgress)
    listed: Listed = field(default_factory=Listed)
    vault_rests_until: float = 0.0
    old_vaults: dict[str, Vault] = field(default_factory=dict)
    judged: SingleFlight[Any] = field(default_factory=SingleFlight)
    shelf: SingleFlight[Any] = field(default_factory=SingleFlight)
    wake: Callable[[], None] = lambda: None
    stop_keeper: Callable[[], None] = lambda: None
