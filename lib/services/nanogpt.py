"""NanoGPT (docs.nano-gpt.com, read on 2026-11-20)."""

from __future__ import annotations

from lib.services import inworld, minimax, qwen, whisper
from lib.services.offers import Copies, Service

NANOGPT = "nanogpt"
CLONE_PAGE = "docs.nano-gpt.com, Voice Cloning"

SERVICE = Service(
    id=NANOGPT,
    title="NanoGPT",
    base_url="https://nano-gpt.com/api",
    key_setting="NANOGPT_API_KEY",
    base_url_setting="NANOGPT_BASE_URL",
    cookie_setting="NANOGPT_SESSION_COOKIE",
    client="lib.providers.nanogpt:NanoGPT",
    key_prefixes=("sk-",),
    also_called=("nano-gpt", "nano gpt"),
    clones=(minimax.clone_offer(NANOGPT, CLONE_PAGE), qwen.clone_offer(NANOGPT, CLONE_PAGE)),
    speech=(*minimax.SPEECH, qwen.SPEECH),
    requests_per_second=10,  # documented: 25 a second; scope not stated
    adopts=(minimax.ADOPT, qwen.ADOPT, inworld.ADOPT),
    copies=Copies(
        who="NanoGPT",
        keeps=(
            "It passes the recording on to whoever makes the voice. Its page on cloning does not "
            "say how long it keeps it."
        ),
        ends="No API key can list or delete a voice: ask its support.",
        source=CLONE_PAGE,
    ),
    transcript=whisper.transcript_offer(NANOGPT, "docs.nano-gpt.com, Speech-to-Text"),
)
