"""The demo: a pretend service that offers what the others do, for play money."""

from __future__ import annotations

from dataclasses import replace

from lib.services import inworld, minimax, qwen, whisper
from lib.services.offers import Service

DEMO = "demo"
SOURCE = "The demo plays by the rules of the real service."
_MINIMAX_RETENTION = replace(
    minimax.MINIMAX_RETENTION,
    who="MiniMax voices of the demo",
    expires="The demo deletes the voice, as the real service would.",
    source=SOURCE,
)
_QWEN_RETENTION = replace(
    qwen.QWEN_RETENTION,
    who="Qwen voices of the demo",
    expires="The demo removes the voice file some time after this.",
    source=SOURCE,
)

SERVICE = Service(
    id=DEMO,
    title="Demo",
    base_url="http://demo.invalid/api",
    key_setting="",
    base_url_setting="",
    clones=(
        minimax.clone_offer(DEMO, SOURCE, _MINIMAX_RETENTION),
        qwen.clone_offer(DEMO, SOURCE, _QWEN_RETENTION),
    ),
    designs=(minimax.design_offer(DEMO, SOURCE, _MINIMAX_RETENTION),),
    speech=(*minimax.SPEECH, qwen.SPEECH),
    requests_per_second=100,
    is_demo=True,
    adopts=(minimax.ADOPT, qwen.ADOPT, inworld.ADOPT),
    transcript=whisper.transcript_offer(DEMO, SOURCE),
)
