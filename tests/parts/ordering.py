"""Orders of clones for tests that have many of them at once."""

from __future__ import annotations

from lib.models import KeepPolicy, VoiceKind
from lib.services import NANOGPT
from lib.studio.orders.cloning import CloneRequest
from tests.parts.persons import ADA
from tests.parts.speech import spoken


def numbered_order(number: int) -> CloneRequest:
    """A MiniMax clone of a recording of its own."""
    return CloneRequest(
        service=NANOGPT,
        kind=VoiceKind.MINIMAX,
        name=f"Ordered {number}",
        recording=spoken(seed=number),
        speaker="Ada",
        consent=True,
        person=ADA,
        keep_policy=KeepPolicy.ASK,
    )
