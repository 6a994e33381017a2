"""What a service's error answer, or its silence, means: the error kinds of `base.py`.

`complaint` reads error bodies of any shape, `kind_of` tells what a status means, `refusal` and
`unanswered` make the error that people read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from lib.json_reading import json_object, object_of
from lib.models import Money
from lib.providers import wording
from lib.providers.base import ErrorKind, ProviderError, Spent
from lib.providers.http import Answer, ExchangeError, NotSent, Unsendable, money
from lib.providers.wording import CHARGES, Charge, Reason, Thing, sentence
from lib.services import SERVICES
from lib.storable import is_seen
from lib.text_breaks import beginning

MAX_MESSAGE_CHARS = 200


@dataclass(frozen=True)
class Complaint:
    """What an error body says. `message` is safe to show, `code` lower-case with the type."""

    message: str = ""
    code: str = ""
    status: int | None = None
    needed: Money | None = None


def complaint(body: bytes | Mapping[str, object], *, hide: str = "") -> Complaint:
    """Read an error body in any of the known shapes; `hide` is the key, should it be quoted.

    Shapes: `{error: {message, type, code}}`, `{error: text, status, code, requiredBalance}`,
    `{error: number, message}`, `{message}`, `{detail}`; anything else says nothing.
    """
    found = json_object(body) if isinstance(body, bytes) else body
    if not found:
        return Complaint()
    said = found.get("error")
    inner = object_of(said)
    texts = (inner.get("message"), found.get("message"), found.get("detail"), said)
    codes = [part.get(name) for part in (inner, found) for name in ("code", "type")]
    codes += [said] if isinstance(said, str) and " " not in said else []
    numbers = (found.get("status"), inner.get("status"), said, inner.get("code"))
    needs = (money(part.get("requiredBalance")) for part in (found, inner))
    return Complaint(
        message=plain(next((text for text in texts if text and isinstance(text, str)), ""), hide),
        code=" ".join(code.lower()[:100] for code in codes if isinstance(code, str)),
        status=next((n for n in numbers if type(n) is int and 400 <= n < 600), None),
        needed=next((need for need in needs if need is not None), None),
    )


_TAG = re.compile(
    r"<(script|style)\b[^<>]*>.*?(?:</\1\s*>|$)|<!--.*?(?:-->|$)|<[^<>]{0,500}>", re.I | re.S
)
_SIGN_IN = re.compile(r"(?<=://)[^\s/?#@]*@")
# A named value anywhere (an address may have lost its head); all that follows a ? or # in a whole
# address. Signatures stand there.
_QUERY = re.compile(r"(?<=\S)[?#&][\w.%~-]{1,60}=\S*|(?<=://)([^\s?#]*)[?#]\S*")


@cache
def _keys(prefixes: tuple[str, ...]) -> re.Pattern[str]:
    """What looks like a key: it has a known beginning, is a UUID, or merely long. ASCII, as other
    scripts write without spaces.
    """
    known = "|".join(map(re.escape, prefixes))
    return re.compile(
        rf"\bBearer\s+\S+|\b(?:{known})\S{{6,}}|[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}"
        r"|[\w+/=-]{32,}",
        re.I | re.ASCII,
    )


def plain(text: str, hide: str = "") -> str:
    """A stranger's text as one short line without control characters, keys and address queries."""
    if len(hide) >= 6:  # a shorter one is no key, and would blot out common words
        text = text.replace(hide, "…")
    text = "".join(c if is_seen(c) else " " for c in text[:2_000])
    text = _QUERY.sub(r"\1", _SIGN_IN.sub("", _TAG.sub(" ", text)))
    prefixes = (prefix for service in SERVICES.values() for prefix in service.key_prefixes)
    text = _keys(tuple(prefixes)).sub("…", text)
    text = " ".join(text.split()).rstrip(" .")
    return text if len(text) <= MAX_MESSAGE_CHARS else beginning(text, MAX_MESSAGE_CHARS - 1) + "…"


@dataclass(frozen=True)
class Asked:
    """What a request was about, for sentences: "this text", "does not know this voice".

    `voice_kind` is that of the voice to speak with, else empty; `new_id` the ID that a new voice is
    to have, where we name it; `price` what the service names for this, `if_lost` the reason to tell
    as well should its answer be lost.
    """

    title: str
    subject: Thing
    target: Thing
    paid: bool = False
    voice_kind: str = ""
    new_id: str = ""
    price: Money | None = None
    if_lost: Reason | None = None


_BY_STATUS = {
    401: ErrorKind.KEY,
    402: ErrorKind.BALANCE,
    403: ErrorKind.PERMISSION,
    404: ErrorKind.NOT_FOUND,
    429: ErrorKind.BUSY,
}
_BALANCE_CODES = ("insufficient_quota", "insufficient_credits", "billing_error")


def kind_of(status: int, code: str = "", *, paid: bool) -> ErrorKind:
    """What a refusal means. Pure.

    Only an answer that proves that nothing ran may be called a refusal: 408, 5xx, redirects and
    whatever is no known refusal leave the outcome of a paid request open.
    """
    if status == 408 or not (400 <= status < 500 or status == 501):
        return ErrorKind.UNKNOWN_OUTCOME if paid else ErrorKind.TROUBLE
    if "content_policy" in code:
        return ErrorKind.CONTENT_POLICY
    if any(name in code for name in _BALANCE_CODES):
        return ErrorKind.BALANCE
    if status == 429 and "daily_" in code:
        return ErrorKind.LIMIT
    return _BY_STATUS.get(status, ErrorKind.INPUT)


_QUOTED = (
    ErrorKind.INPUT, ErrorKind.PERMISSION, ErrorKind.NOT_FOUND, ErrorKind.TROUBLE,
    ErrorKind.UNKNOWN_OUTCOME, ErrorKind.CONTENT_POLICY,
)  # fmt: skip
"""Kinds where the service's own words help; those about money may hold an offer to pay."""


def quote(title: str, said: Complaint) -> str:
    """What the service says, to stand behind what happened, what it cost and what to do."""
    return wording.says(title, said.message) if said.message else ""


def refusal(
    kind: ErrorKind,
    asked: Asked,
    *,
    answer: Answer | None = None,
    said: Complaint | None = None,
    spent: Spent | None = None,
    reason: Reason | None = None,
) -> ProviderError:
    """The error for a request that was refused, or whose outcome is not known.

    `reason`: one of its own, in place of what the kind tells.
    """
    said = said or Complaint()
    if spent is None:
        spent = Spent.UNKNOWN if kind is ErrorKind.UNKNOWN_OUTCOME else Spent.NO
    told = [
        _happened(kind, asked, said, answer) if reason is None else sentence(reason),
        CHARGES[_charge(kind, asked, spent)],
    ]
    if asked.if_lost and spent is Spent.UNKNOWN:
        told.append(sentence(asked.if_lost))
    if reason is None and asked.paid:
        told.append(_to_do(kind, asked))
    if reason is None and kind in _QUOTED:
        told.append(quote(asked.title, said))
    return ProviderError(
        kind,
        wording.joined(*told),
        spent=spent,
        request_id=answer.request_id if answer else "",
        retry_after=answer.retry_after if answer else None,
    )


def unanswered(why: ExchangeError, asked: Asked) -> ProviderError:
    """The error for a request that led to no answer."""
    if isinstance(why, Unsendable):
        return refusal(ErrorKind.INPUT, asked)
    if isinstance(why, NotSent):
        return refusal(ErrorKind.UNREACHABLE, asked)
    return refusal(ErrorKind.UNKNOWN_OUTCOME if asked.paid else ErrorKind.TROUBLE, asked)


def _happened(kind: ErrorKind, asked: Asked, said: Complaint, answer: Answer | None) -> str:
    if kind is ErrorKind.BALANCE:
        return wording.balance_too_low(asked.title, said.needed or asked.price)
    status = answer.status if answer and kind is ErrorKind.INPUT else 0
    if status == 409:
        return wording.already_there(asked.title, asked.subject)
    if status == 413:
        return wording.too_much(asked.title, asked.subject)
    if status == 501:
        return wording.model_cannot(asked.title)
    return wording.refused(kind, asked.title, asked.subject, asked.target)


def _charge(kind: ErrorKind, asked: Asked, spent: Spent) -> Charge:
    if not asked.paid:
        return Charge.FREE
    if spent is Spent.NO:
        return Charge.NOT_SENT if kind is ErrorKind.UNREACHABLE else Charge.NONE
    return Charge.MAYBE


def _to_do(kind: ErrorKind, asked: Asked) -> str:
    if kind is ErrorKind.INPUT:
        return wording.check_order(asked.subject)
    if kind is ErrorKind.PERMISSION:
        return wording.allow_it(asked.title)
    return wording.change(asked.subject) if kind is ErrorKind.CONTENT_POLICY else ""
