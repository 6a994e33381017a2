"""What the demo charged, for tests that count money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from lib.demo import DemoService
from lib.demo.state import MICROS


@dataclass(frozen=True)
class Charge:
    """What was charged for one run. `kind` is clone, design, speech or transcript, `cost` dollars.

    `voice_id` is MiniMax's ID, the name of the voice file for a Qwen clone, empty for its speech.
    """

    run_id: str
    kind: str
    model: str
    voice_id: str
    cost: Decimal
    at: datetime
    refunded: bool


def charges_of(demo: DemoService) -> list[Charge]:
    """All charges in the order in which they came."""
    return [
        Charge(
            run_id=row["run_id"],
            kind=row["kind"],
            model=row["model"],
            voice_id=row["voice_id"],
            cost=Decimal(row["cost"]) / MICROS,
            at=datetime.fromtimestamp(row["at"], UTC),
            refunded=bool(row["refunded"]),
        )
        for row in demo.state.charges()
    ]
