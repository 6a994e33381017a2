"""The voice IDs that NanoGPT's own web app keeps for a person: listed and added to.

`GET` and `POST /user/voice-ids` accept the session of a browser only, never an API key. As
docs.nano-gpt.com (Voice Cloning, 2026-08-22) has it, the list is `{"voiceIds": ["..."]}`, what
goes in is `{"voiceId": "..."}` and nothing else, and the answer to that is
`{"success": true, "voiceIds": ["..."]}`.

The cookie is a key: it goes to this host alone, and into no sentence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from lib.json_reading import list_of, object_of, short_text
from lib.models import ErrorKind
from lib.providers.base import ProviderError
from lib.providers.http import Answer, Endpoint, ExchangeError, NotSent, RateLimit, Timeouts
from lib.providers.wording import Reason, sentence

PATH = "user/voice-ids"
MOST = 2_000
LISTS = ("voiceIds", "voice_ids", "data")
IDS = ("voiceId", "voice_id", "id")
TIMEOUTS = Timeouts(connect=5, read=15, write=10, pool=5)
_PAIR = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,200})=([\x21-\x3a\x3c-\x7e]{0,8000})")


class SavedIds:
    """The list of one person, reached with a browser's session. Methods raise `ProviderError`."""

    def __init__(self, base_url: str, cookie: str, *, timeouts: Timeouts = TIMEOUTS) -> None:
        self._cookies = cookies_in(cookie)
        self._endpoint = Endpoint(base_url, "", limit=RateLimit(2), timeouts=timeouts)

    def all(self) -> list[str]:
        """What is saved there, each ID once. Free."""
        body = self._asked("GET").json()
        if body is None:
            raise _refused()  # a page to sign in on, most likely
        return saved_in(body)

    def save(self, voice_id: str) -> None:
        """Add one to the list. Free."""
        self._asked("POST", {"voiceId": voice_id})

    def _asked(self, method: str, body: object = None) -> Answer:
        if not self._cookies:
            raise ProviderError(ErrorKind.KEY, sentence(Reason.COOKIE_IS_NONE))
        try:
            answer = self._endpoint.call(method, PATH, cookies=self._cookies, json=body)
        except NotSent:
            raise ProviderError(
                ErrorKind.UNREACHABLE, sentence(Reason.SAVED_IDS_UNREACHABLE)
            ) from None
        except ExchangeError:
            raise ProviderError(ErrorKind.TROUBLE, sentence(Reason.SAVED_IDS_UNANSWERED)) from None
        if answer.is_ok:
            return answer
        if answer.status in (401, 403) or 300 <= answer.status < 400:
            raise _refused()
        if answer.status == 429:
            raise ProviderError(
                ErrorKind.BUSY,
                sentence(Reason.SAVED_IDS_BUSY),
                retry_after=answer.retry_after,
            )
        if answer.status in (404, 405):
            raise ProviderError(ErrorKind.INPUT, sentence(Reason.SAVED_IDS_MOVED))
        if answer.status in (400, 409, 422):
            raise ProviderError(ErrorKind.INPUT, sentence(Reason.ID_NOT_SAVED))
        raise ProviderError(ErrorKind.TROUBLE, sentence(Reason.SAVED_IDS_IN_TROUBLE))


def cookies_in(text: str) -> dict[str, str]:
    """The cookies of a pasted header line; what is none is passed over."""
    line = re.sub(r"^\s*cookie:\s*", "", text, flags=re.IGNORECASE)
    found = (_PAIR.fullmatch(part.strip()) for part in line.split(";"))
    return {match[1]: match[2] for match in found if match}


def saved_in(body: Mapping[str, object]) -> list[str]:
    """The saved IDs of an answer, each once; what cannot be an ID is passed over.

    The list is documented as texts below `voiceIds`. The page is not one for programs and may
    change, so other usual names, and objects that hold an ID, are read as well.
    """
    listed = next((body[name] for name in LISTS if isinstance(body.get(name), list)), None)
    found = (_id_in(item) for item in list_of(listed)[:MOST])
    return list(dict.fromkeys(filter(None, found)))


def _id_in(item: object) -> str:
    """The first short text among the fields that may hold an ID, or the item itself."""
    values = [item, *(object_of(item).get(name) for name in IDS)]
    return next(filter(None, map(short_text, values)), "")


def _refused() -> ProviderError:
    return ProviderError(ErrorKind.KEY, sentence(Reason.SESSION_REFUSED))
