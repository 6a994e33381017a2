"""What is raised where a file will not do. `str()` of each is a sentence for a person."""

from __future__ import annotations

from lib.recordings.reasons import Why
from lib.recordings.wording import reason_words


class _Problem(Exception):
    """With the reason as data."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return reason_words(self.why)


class UnreadableRecording(_Problem):
    """No sound can be had from these bytes."""


class CannotBeMade(_Problem):
    """The service takes nothing that can be made of this."""


class BadEmbedding(_Problem):
    """These bytes are no whole voice file."""
