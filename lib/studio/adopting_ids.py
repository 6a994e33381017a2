"""What an ID or an address can be: which kind of voice, at which service, and why not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from lib.services import DEMO, INWORLD, KYMA, MINIMAX, NANOGPT, QWEN, SERVICES
from lib.studio.adopting_lists import Line
from lib.studio.workshop import Workshop

ADOPTED_KINDS: dict[str, tuple[str, ...]] = {
    NANOGPT: (MINIMAX, QWEN, INWORLD),
    KYMA: (MINIMAX,),
    DEMO: (MINIMAX, QWEN, INWORLD),
}
"""Which kinds of voices can be brought to which service."""
TITLES = {MINIMAX: "MiniMax", QWEN: "Qwen", INWORLD: "Inworld"}
KYMA_ID = re.compile(r"kyma_[0-9a-f]{16}")
MINIMAX_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{6,198}[A-Za-z0-9]")
INWORLD_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{1,199}")
MAX_URL = 2_000


@dataclass(frozen=True)
class Way:
    """One kind of voice at one service."""

    service: str
    kind: str

    @property
    def title(self) -> str:
        return f"{TITLES[self.kind]} · {SERVICES[self.service].title}"


def ways_in(workshop: Workshop) -> list[Way]:
    """All kinds of voices that can be brought to the services in use."""
    return [
        Way(service, kind)
        for service in workshop.settings.services
        for kind in ADOPTED_KINDS.get(service, ())
    ]


def way_of(workshop: Workshop, line: Line, default: Way) -> Way | str:
    """What this line is: what it says, what its ID looks like, or the default; or why not."""
    service, kind = line.service, line.kind
    in_use = workshop.settings.services
    if not kind and line.id.startswith(("https://", "http://")):
        kind = QWEN
    if not service and KYMA_ID.fullmatch(line.id) and kind in ("", MINIMAX):
        service, kind = (KYMA if KYMA in in_use or default.service != DEMO else DEMO), MINIMAX
    kind = kind or (default.kind if service in ("", default.service) else MINIMAX)
    if not service:
        able = [name for name in in_use if kind in ADOPTED_KINDS.get(name, ())]
        service = default.service if default.service in able else next(iter(able), "")
    if service not in in_use:
        title = SERVICES[service].title if service in SERVICES else "this service"
        return f"There is no key for {title} here. Settings shows what to paste."
    if kind not in ADOPTED_KINDS.get(service, ()):
        return f"{TITLES[kind]} voices cannot be brought to {SERVICES[service].title}."
    return Way(service, kind)


def fault_of(workshop: Workshop, text: str, way: Way) -> str:
    """Why this cannot be the ID or address of such a voice, or ""."""
    if way.kind == QWEN:
        return _address_fault(workshop, text, way.service)
    if "://" in text:
        return f"This is an address. {TITLES[way.kind]} voices have an ID."
    if way.kind == INWORLD:
        return "" if INWORLD_ID.fullmatch(text) else "This is no ID of an Inworld voice."
    is_kyma = KYMA_ID.fullmatch(text) is not None
    if way.service == KYMA:
        return "" if is_kyma else "IDs of Kyma are kyma_ and 16 more digits or letters a to f."
    if is_kyma and way.service != DEMO:
        return "This is an ID of Kyma. Write Kyma in its line, or choose it above."
    if MINIMAX_ID.fullmatch(text):
        return ""
    return "An ID of MiniMax has 8 letters or digits at least, and begins with a letter."


def _address_fault(workshop: Workshop, text: str, service: str) -> str:
    if len(text) > MAX_URL:
        return "This address is too long."
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or any(char.isspace() for char in text) or not text.isprintable():
        return "A Qwen voice is brought by the web address of its voice file."
    if parts.username or parts.password:
        return "This address holds a name or a password. Leave them out."
    home = workshop.settings.base_url(service)
    if parts.scheme != "https" and not text.startswith(f"{home}/"):
        return "The address has to begin with https."
    return ""
