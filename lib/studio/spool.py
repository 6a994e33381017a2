"""Sounds that were paid for and are not in the vault yet: they wait on this disk."""

from __future__ import annotations

import os
from pathlib import Path

from lib.models import is_id

SUFFIX = ".sound"


class Spool:
    """One file per job id, written at once and whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, job_id: str, audio: bytes) -> None:
        """Keep these bytes until `drop`. Raises OSError where the disk refuses."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._path(job_id)
        partial = path.with_suffix(f".{os.getpid()}.part")
        with partial.open("wb") as file:
            file.write(audio)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)

    def get(self, job_id: str) -> bytes | None:
        try:
            return self._path(job_id).read_bytes()
        except FileNotFoundError:
            return None

    def drop(self, job_id: str) -> None:
        self._path(job_id).unlink(missing_ok=True)

    def waiting(self) -> list[str]:
        """Ids of the jobs whose sounds wait here."""
        return sorted(path.stem for path in self._folder.glob(f"*{SUFFIX}") if is_id(path.stem))

    def _path(self, job_id: str) -> Path:
        if not is_id(job_id):
            raise ValueError("not a job's id")
        return self._folder / f"{job_id}{SUFFIX}"
