"""The demo: a pretend service that offers what the others do, for play money."""

from __future__ import annotations

from lib.services import minimax, nanogpt, qwen
from lib.services.names import DEMO
from lib.services.offers import Service

SOURCE = "The demo plays by the rules of the real service."

SERVICE = Service(
    id=DEMO,
    title="Demo",
    base_url="http://demo.invalid/api",
    key_setting="",
    base_url_setting="",
    clones=(minimax.clone_offer(DEMO, SOURCE), qwen.clone_offer(DEMO, SOURCE)),
    designs=(minimax.design_offer(DEMO, SOURCE),),
    speech=(*minimax.SPEECH, qwen.SPEECH),
    requests_per_second=100,
    is_demo=True,
    adopts=(minimax.ADOPT, qwen.ADOPT, nanogpt.INWORLD_ADOPT),
)
