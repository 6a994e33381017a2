"""What was paid for and is not safe yet waits on this disk: sounds, and what answers said. So do
recordings that are to be sent and belong to no voice."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from lib.json_reading import JsonObject
from lib.models import is_id

SUFFIX = ".sound"
ANSWER = ".answer"
RECORDING = ".recording"


class Spool:
    """A folder on this disk with one file per job id, written at once and whole.

    All methods raise `ValueError` for what is no id of a job, and `OSError` where the disk refuses.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, job_id: str, audio: bytes) -> None:
        """Keep the sound of this job until `drop`; it is on the disk when this returns."""
        self._write(self._path(job_id), audio)

    def has(self, job_id: str) -> bool:
        """Whether the sound of this job waits here; it may be large, and is not read."""
        return self._path(job_id).is_file()

    def get(self, job_id: str) -> bytes | None:
        """The sound of this job; None where there is none here."""
        try:
            return self._path(job_id).read_bytes()
        except FileNotFoundError:
            return None

    def drop(self, job_id: str) -> None:
        """Delete the sound of this job, if it is here."""
        self._path(job_id).unlink(missing_ok=True)

    def put_answer(self, job_id: str, result: JsonObject) -> None:
        """Keep what a service answered, a ticket or a result, until the database has it.

        Raises OSError.
        """
        self._write(self._path(job_id, ANSWER), json.dumps(result).encode())

    def answer(self, job_id: str) -> JsonObject | None:
        """What a service answered for this job; None where nothing readable is here."""
        try:
            stored = json.loads(self._path(job_id, ANSWER).read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        return stored if isinstance(stored, dict) else None

    def drop_answer(self, job_id: str) -> None:
        """Delete the answer for this job, if it is here."""
        self._path(job_id, ANSWER).unlink(missing_ok=True)

    def put_recording(self, job_id: str, audio: bytes) -> None:
        """Keep the recording that this job is to send; it is on the disk when this returns.

        Raises OSError.
        """
        self._write(self._path(job_id, RECORDING), audio)

    def recording(self, job_id: str) -> bytes | None:
        """The recording that this job is to send; None where it is not here."""
        try:
            return self._path(job_id, RECORDING).read_bytes()
        except FileNotFoundError:
            return None

    def drop_recording(self, job_id: str) -> None:
        """Delete the recording of this job, if it is here."""
        self._path(job_id, RECORDING).unlink(missing_ok=True)

    def recordings(self) -> dict[str, datetime]:
        """Ids of the jobs whose recordings are here, and when each was put here (UTC)."""
        found = {}
        for job_id in self._ids(RECORDING):
            with suppress(FileNotFoundError):
                put_at = self._path(job_id, RECORDING).stat().st_mtime
                found[job_id] = datetime.fromtimestamp(put_at, UTC)
        return found

    def waiting(self) -> list[str]:
        """Ids of the jobs whose sounds wait here."""
        return self._ids(SUFFIX)

    def answers(self) -> list[str]:
        """Ids of the jobs whose answers wait here."""
        return self._ids(ANSWER)

    def _ids(self, suffix: str) -> list[str]:
        return sorted(path.stem for path in self._folder.glob(f"*{suffix}") if is_id(path.stem))

    def _write(self, path: Path, data: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = path.with_suffix(f".{os.getpid()}.part")
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)

    def _path(self, job_id: str, suffix: str = SUFFIX) -> Path:
        if not is_id(job_id):
            raise ValueError("not a job's id")
        return self._folder / f"{job_id}{suffix}"
