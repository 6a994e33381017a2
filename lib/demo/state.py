"""What the demo remembers, in one SQLite file: voices, runs, files, charges, requests,
saved IDs, its time.

Every operation opens the file, does one transaction and closes it, so that threads and several
processes (an app and a keeper) can share it. Times are seconds since 1970 by the demo's clock,
money is integer micro-dollars. Nothing is deleted when a voice ends: whether it still lives is
computed from the time.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lib.clock import Clock, FasterClock
from lib.demo.wire import BalanceTooSmall, Refusal

MICROS = 1_000_000
"""Micro-dollars in a dollar."""
KEPT_SOUNDS = 500
KEPT_SOUND_BYTES = 200_000_000
KEPT_REQUESTS = 10_000

_SCHEMA = """
CREATE TABLE IF NOT EXISTS voices (
    id TEXT PRIMARY KEY, speaker BLOB NOT NULL, created_at REAL NOT NULL, used_at REAL);
CREATE TABLE IF NOT EXISTS owners (voice_id TEXT PRIMARY KEY, account TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS runs (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, model TEXT NOT NULL, cost INTEGER NOT NULL,
    ready_at REAL NOT NULL, file TEXT NOT NULL, error TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS files (
    position INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE NOT NULL,
    media_type TEXT NOT NULL, data BLOB NOT NULL, gone_at REAL);
CREATE TABLE IF NOT EXISTS charges (
    position INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL, kind TEXT NOT NULL,
    model TEXT NOT NULL, voice_id TEXT NOT NULL, cost INTEGER NOT NULL, at REAL NOT NULL,
    refunded INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS requests (
    position INTEGER PRIMARY KEY AUTOINCREMENT, method TEXT NOT NULL, path TEXT NOT NULL,
    kind TEXT NOT NULL, status INTEGER NOT NULL, at REAL NOT NULL, fields TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS saved_voice_ids (voice_id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS anchor (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    real_start REAL NOT NULL, told_start REAL NOT NULL, speed REAL NOT NULL);
"""
_SPENT = "SELECT COALESCE(SUM(cost), 0) FROM charges WHERE refunded = 0"


@dataclass(frozen=True)
class StoredFile:
    """A file the demo hosts. `gone_at`: when it is there no more; None where only room counts."""

    name: str
    media_type: str
    data: bytes
    gone_at: float | None = None


@dataclass(frozen=True)
class Run:
    """Paid work. Its result (`file`) or its failure (`error`) shows from `ready_at` on."""

    id: str
    kind: str
    model: str
    cost: int
    ready_at: float
    file: str = ""
    error: str = ""


class State:
    """The demo's memory in the SQLite file at `path`, made where it is missing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._transaction() as database:
            for statement in _SCHEMA.split(";"):
                database.execute(statement)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=30, isolation_level=None)) as database:
            database.row_factory = sqlite3.Row
            # At once, so that the balance that is read is still the balance when it is charged.
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
            except BaseException:
                database.execute("ROLLBACK")
                raise
            database.execute("COMMIT")

    def _rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        with closing(sqlite3.connect(self._path, timeout=30, isolation_level=None)) as database:
            database.row_factory = sqlite3.Row
            return database.execute(query, values).fetchall()

    def accept(
        self,
        run: Run,
        *,
        voice_id: str,
        at: float,
        budget: int,
        file: StoredFile | None = None,
        new_speaker: bytes | None = None,
        owner: str = "",
    ) -> None:
        """Charges and keeps a run with all that comes of it, or nothing at all.

        With `new_speaker` a voice of `voice_id` is made, created when the run is ready, for the
        account `owner` where the contract knows owners; without it a voice of that id, if there
        is one, counts as used. `budget` is the balance at the start. Raises BalanceTooSmall, and
        Refusal 400 for an id that a voice had before: it is not free again after a deletion.
        """
        with self._transaction() as database:
            spent = int(database.execute(_SPENT).fetchone()[0])
            if spent + run.cost > budget:
                raise BalanceTooSmall(run.cost / MICROS)
            if new_speaker is not None:
                _add_voice(database, voice_id, new_speaker, run.ready_at)
                if owner:
                    database.execute("INSERT INTO owners VALUES (?, ?)", (voice_id, owner))
            elif run.kind == "speech":
                database.execute(
                    "UPDATE voices SET used_at = COALESCE(used_at, ?) WHERE id = ?", (at, voice_id)
                )
            database.execute(
                "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?)",
                (run.id, run.kind, run.model, run.cost, run.ready_at, run.file, run.error),
            )
            database.execute(
                "INSERT INTO charges (run_id, kind, model, voice_id, cost, at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (run.id, run.kind.partition(":")[0], run.model, voice_id, run.cost, at),
            )
            if file is not None:
                _put_file(database, file)

    def run(self, run_id: str) -> Run | None:
        """The run of that id."""
        rows = self._rows("SELECT * FROM runs WHERE id = ?", run_id)
        return Run(**dict(rows[0])) if rows else None

    def refund(self, run_id: str) -> None:
        """Gives back what the run cost; once, however often it is asked."""
        with self._transaction() as database:
            database.execute("UPDATE charges SET refunded = 1 WHERE run_id = ?", (run_id,))

    def spent(self) -> int:
        """All charges that were not given back, in micro-dollars."""
        return int(self._rows(_SPENT)[0][0])

    def charges(self) -> list[sqlite3.Row]:
        """All charges in the order in which they came."""
        return self._rows("SELECT * FROM charges ORDER BY position")

    def speaker(self, voice_id: str, *, at: float, window: float) -> bytes | None:
        """Who speaks with this id: None before it is made and `window` seconds on, if unused."""
        rows = self._rows(
            "SELECT speaker FROM voices WHERE id = ? AND created_at <= ?"
            " AND (used_at IS NOT NULL OR ? < created_at + ?)",
            voice_id, at, at, window,
        )  # fmt: skip
        return bytes(rows[0]["speaker"]) if rows else None

    def owner(self, voice_id: str) -> str:
        """The account that made the voice; empty for one that belongs to nobody."""
        rows = self._rows("SELECT account FROM owners WHERE voice_id = ?", voice_id)
        return str(rows[0]["account"]) if rows else ""

    def owned(self, account: str) -> list[str]:
        """The ids of all voices that the account made."""
        rows = self._rows("SELECT voice_id FROM owners WHERE account = ? ORDER BY rowid", account)
        return [str(row["voice_id"]) for row in rows]

    def install_voice(
        self, voice_id: str, speaker: bytes, *, created_at: float, used_at: float | None
    ) -> None:
        """Puts a voice in, unless one of this id was there before."""
        with self._transaction() as database:
            database.execute(
                "INSERT OR IGNORE INTO voices VALUES (?, ?, ?, ?)",
                (voice_id, speaker, created_at, used_at),
            )

    def install_file(self, file: StoredFile) -> None:
        """Puts a file in, unless one of this name was there before."""
        with self._transaction() as database:
            _put_file(database, file)

    def file(self, name: str, *, at: float) -> StoredFile | None:
        """The hosted file of that name, while it is there."""
        rows = self._rows(
            "SELECT name, media_type, data, gone_at FROM files WHERE name = ?"
            " AND (gone_at IS NULL OR ? < gone_at)",
            name, at,
        )  # fmt: skip
        return StoredFile(**dict(rows[0])) if rows else None

    def note_request(
        self, method: str, path: str, kind: str, status: int, at: float, fields: dict[str, object]
    ) -> None:
        """Writes one request down and forgets those of long ago."""
        with self._transaction() as database:
            position = database.execute(
                "INSERT INTO requests (method, path, kind, status, at, fields)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (method, path, kind, status, at, json.dumps(fields)),
            ).lastrowid
            database.execute(
                "DELETE FROM requests WHERE position <= ?", ((position or 0) - KEPT_REQUESTS,)
            )

    def requests(self) -> list[sqlite3.Row]:
        """The requests of late, in the order in which they were answered; `fields` is JSON."""
        return self._rows(
            "SELECT method, path, kind, status, at, fields FROM requests ORDER BY position"
        )

    def count_requests(self, folder: str, *, since: float) -> int:
        """How many requests below this address were answered since then."""
        rows = self._rows(
            "SELECT COUNT(*) FROM requests WHERE substr(path, 1, ?) = ? AND at >= ?",
            len(folder), folder, since,
        )  # fmt: skip
        return int(rows[0][0])

    def save_id(self, voice_id: str) -> None:
        """Puts an ID on the list of saved ones, unless it is there."""
        with self._transaction() as database:
            database.execute("INSERT OR IGNORE INTO saved_voice_ids VALUES (?)", (voice_id,))

    def saved_ids(self) -> list[str]:
        """All saved IDs in the order in which they came."""
        rows = self._rows("SELECT voice_id FROM saved_voice_ids ORDER BY rowid")
        return [str(row["voice_id"]) for row in rows]

    def anchor_time(self, base: Clock, speed: float) -> FasterClock:
        """A clock that goes on from the time last told, from now on at this speed.

        An anchor that still tells the right time stays as it is: looking writes nothing.
        """
        with self._transaction() as database:
            real, seen = base.now(), _last_seen(database)
            told = real
            if kept := _kept_clock(database, base):
                # The computer's clock may have been set back: then time stands.
                has_begun = kept.real_start <= real
                told = kept.now() if has_begun else kept.told_start
                if has_begun and kept.speed == speed and seen <= told:
                    return kept
            reached = max(told, seen)
            database.execute(
                "INSERT OR REPLACE INTO anchor VALUES (1, ?, ?, ?)",
                (real.timestamp(), reached.timestamp(), speed),
            )
        return FasterClock(base, real, reached, speed)


def demo_clock(state_path: Path, base_clock: Clock, speed: float) -> FasterClock:
    """The demo's clock: `speed` times as fast as `base_clock`, kept in the state at that path.

    A fresh state at speed 1 tells real time. A restart goes on from the time last told, whatever
    the speed was and is, and never back. Raises ValueError for a speed that is not above 0.
    """
    if not 0 < speed <= 1_000_000:
        raise ValueError("the demo's speed must be above 0 and at most 1,000,000")
    return State(state_path).anchor_time(base_clock, speed)


def _add_voice(
    database: sqlite3.Connection, voice_id: str, speaker: bytes, created_at: float
) -> None:
    try:
        database.execute(
            "INSERT INTO voices (id, speaker, created_at) VALUES (?, ?, ?)",
            (voice_id, speaker, created_at),
        )
    except sqlite3.IntegrityError:
        raise Refusal(400, "customVoiceId already exists", "duplicate_voice_id") from None


def _put_file(database: sqlite3.Connection, file: StoredFile) -> None:
    """Keeps a file, unless one of its name is there; the oldest sounds make room."""
    database.execute(
        "INSERT OR IGNORE INTO files (name, media_type, data, gone_at) VALUES (?, ?, ?, ?)",
        (file.name, file.media_type, file.data, file.gone_at),
    )
    database.execute(
        "DELETE FROM files WHERE position IN (SELECT position FROM (SELECT position,"
        " ROW_NUMBER() OVER newest AS number, SUM(LENGTH(data)) OVER newest AS size"
        " FROM files WHERE gone_at IS NULL WINDOW newest AS (ORDER BY position DESC))"
        " WHERE number > 1 AND (number > ? OR size > ?))",
        (KEPT_SOUNDS, KEPT_SOUND_BYTES),
    )


def _kept_clock(database: sqlite3.Connection, base: Clock) -> FasterClock | None:
    """The clock of the anchor that is there, at the speed of then."""
    row = database.execute("SELECT real_start, told_start, speed FROM anchor").fetchone()
    if row is None:
        return None
    real_start, told_start = (datetime.fromtimestamp(at, UTC) for at in row[:2])
    return FasterClock(base, real_start, told_start, row["speed"])


def _last_seen(database: sqlite3.Connection) -> datetime:
    """The latest time noted: another process may have run on a faster anchor until now."""
    seen = database.execute("SELECT COALESCE(MAX(at), 0) FROM requests").fetchone()[0]
    return datetime.fromtimestamp(seen, UTC)
