"""The voice IDs that NanoGPT's own web app keeps for a person: listed and added to.

`GET` and `POST /user/voice-ids` accept the session of a browser only, never an API key
(docs.nano-gpt.com, Voice Cloning, 2026-08-22); their bodies are not documented. Read here: a list,
or an object whose `voiceIds`, `voice_ids`, `voices`, `items` or `data` is one (the last may hold
another object of the same kind), or that maps a provider's name to a list. An item is an ID as
text, or an object with `voiceId`, `voice_id`, `customVoiceId`, `custom_voice_id`, `voice`, `value`
or `id`; `name`, `label`, `title` or `displayName`; `provider`, `model`, `type` or `kind`;
`createdAt`, `created_at` or `date`. Sent: `{"voiceId", "name", "provider"}`.

The cookie is a key: it goes to this host alone, and into no sentence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lib.models import ErrorKind
from lib.providers.base import ProviderError
from lib.providers.http import (
    Answer,
    Endpoint,
    ExchangeError,
    NotSent,
    RateLimit,
    Timeouts,
)

PATH = "user/voice-ids"
MOST = 2_000
MAX_TEXT = 200
DEEPEST = 4
LISTS = ("voiceIds", "voice_ids", "voices", "items", "data")
IDS = ("voiceId", "voice_id", "customVoiceId", "custom_voice_id", "voice", "value", "id")
NAMES = ("name", "label", "title", "displayName")
KINDS = ("provider", "model", "type", "kind")
DATES = ("createdAt", "created_at", "date")
TIMEOUTS = Timeouts(connect=5, read=15, write=10, pool=5)
_PAIR = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,200})=([\x21-\x3a\x3c-\x7e]{0,8000})")


@dataclass(frozen=True)
class SavedId:
    """One saved voice ID, with what was said of it."""

    id: str
    name: str = ""
    provider: str = ""
    made: str = ""


class SavedIds:
    """The list of one person, reached with a browser's session. Methods raise `ProviderError`."""

    def __init__(self, base_url: str, cookie: str, *, timeouts: Timeouts = TIMEOUTS) -> None:
        self._cookies = cookies_in(cookie)
        self._endpoint = Endpoint(base_url, "", limit=RateLimit(2), timeouts=timeouts)

    def all(self) -> list[SavedId]:
        """What is saved there, each ID once. Free."""
        answer = self._asked("GET")
        try:
            body = json.loads(answer.body)
        except (ValueError, RecursionError):
            raise _refused() from None  # a page to sign in on, most likely
        return list({item.id: item for item in saved_in(body)}.values())

    def save(self, item: SavedId) -> None:
        """Add one to the list. Free."""
        fields = {"voiceId": item.id, "name": item.name, "provider": item.provider}
        self._asked("POST", json={name: value for name, value in fields.items() if value})

    def _asked(self, method: str, **content: Any) -> Answer:
        if not self._cookies:
            raise ProviderError(
                ErrorKind.KEY,
                "NANOGPT_SESSION_COOKIE is no cookie. Paste it as a browser sends it: name=value.",
            )
        try:
            answer = self._endpoint.call(method, PATH, cookies=self._cookies, **content)
        except NotSent:
            raise ProviderError(
                ErrorKind.UNREACHABLE, "NanoGPT cannot be reached. Nothing was sent."
            ) from None
        except ExchangeError:
            raise ProviderError(ErrorKind.TROUBLE, "NanoGPT gave no proper answer.") from None
        if answer.is_ok:
            return answer
        if answer.status in (401, 403) or 300 <= answer.status < 400:
            raise _refused()
        if answer.status == 429:
            raise ProviderError(
                ErrorKind.BUSY,
                "NanoGPT asks for a short pause. Ask again in a minute.",
                retry_after=answer.retry_after,
            )
        if answer.status in (404, 405):
            raise ProviderError(
                ErrorKind.INPUT, "NanoGPT has no list of saved voice IDs at its address any more."
            )
        if answer.status in (400, 409, 422):
            raise ProviderError(ErrorKind.INPUT, "NanoGPT did not take this voice ID.")
        raise ProviderError(ErrorKind.TROUBLE, "NanoGPT has trouble of its own at the moment.")


def cookies_in(text: str) -> dict[str, str]:
    """The cookies of a pasted header line; what is none is passed over."""
    line = re.sub(r"^\s*cookie:\s*", "", text, flags=re.IGNORECASE)
    found = (_PAIR.fullmatch(part.strip()) for part in line.split(";"))
    return {match[1]: match[2] for match in found if match}


def saved_in(body: object) -> Iterator[SavedId]:
    """The saved IDs of an answer, in whatever of the known shapes it comes."""
    for number, (item, provider) in enumerate(_items(body, "", DEEPEST)):
        if number >= MOST:
            return
        fields = item if isinstance(item, dict) else {"id": item}
        if name := _text(fields, IDS):
            yield SavedId(
                name,
                _text(fields, NAMES),
                _text(fields, KINDS) or provider,
                _text(fields, DATES),
            )


def _items(body: object, provider: str, depth: int) -> Iterator[tuple[object, str]]:
    if depth == 0:
        return
    if isinstance(body, list):
        yield from ((item, provider) for item in body)
    elif isinstance(body, dict):
        named = next(
            (body[name] for name in LISTS if isinstance(body.get(name), list | dict)), None
        )
        if named is not None:
            yield from _items(named, provider, depth - 1)
            return
        for name, value in body.items():
            if isinstance(value, list):
                yield from _items(value, str(name)[:MAX_TEXT], depth - 1)


def _text(fields: dict[str, Any], names: tuple[str, ...]) -> str:
    """The first of these that is a short printable text."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, str) and value.isprintable() and 0 < len(value.strip()) <= MAX_TEXT:
            return value.strip()
    return ""


def _refused() -> ProviderError:
    return ProviderError(
        ErrorKind.KEY,
        "NanoGPT does not accept this session, or it has ended. Sign in there with a browser, and "
        "paste its cookie anew.",
    )
