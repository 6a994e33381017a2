"""Deadlines, health and the next step of a voice, from its dossier and the time. Pure.

Rules: a voice is never *Safe* without standing evidence, its health never improves because time
passes, what is blocked is tried again, and a use that is proven is never paid for twice. The facts
behind them are in `services/`.
"""

from lib.retention.files import Want, copy_pause, elsewhere, held, wanted
from lib.retention.health import (
    deadline_of,
    doubt_of,
    judge,
    proof_of,
    refusal_of,
    unheard_use,
)
from lib.retention.moments import reads_alike_until
from lib.retention.reasons import Reason, Why, as_said
from lib.retention.steps import (
    BLOCKING,
    counted_attempts,
    next_step,
    number_of,
    paid_attempts,
    purpose_of_use,
    steps,
    told_step,
    use_is_news,
)
from lib.retention.terms import (
    DUE_SOON_BELOW,
    LOST_APART,
    SILENT_AFTER,
    TIME_RUNS,
    Reach,
    Standing,
    Step,
    StepKind,
    Terms,
    quarter_left,
    rule_of,
    while_it_lives,
)
from lib.retention.urgency import Rank, Urgency, distance, rank_of, urgency_of
from lib.retention.wording import reason_words

__all__ = [
    "BLOCKING",
    "DUE_SOON_BELOW",
    "LOST_APART",
    "SILENT_AFTER",
    "TIME_RUNS",
    "Rank",
    "Reach",
    "Reason",
    "Standing",
    "Step",
    "StepKind",
    "Terms",
    "Urgency",
    "Want",
    "Why",
    "as_said",
    "copy_pause",
    "counted_attempts",
    "deadline_of",
    "distance",
    "doubt_of",
    "elsewhere",
    "held",
    "judge",
    "next_step",
    "number_of",
    "paid_attempts",
    "proof_of",
    "purpose_of_use",
    "quarter_left",
    "rank_of",
    "reads_alike_until",
    "reason_words",
    "refusal_of",
    "rule_of",
    "steps",
    "told_step",
    "unheard_use",
    "urgency_of",
    "use_is_news",
    "wanted",
    "while_it_lives",
]
