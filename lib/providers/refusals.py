"""What a service's error answer, or its silence, means: error kinds and sentences of `base.py`.

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
from lib.providers.base import ErrorKind, ProviderError, Spent
from lib.providers.http import Answer, ExchangeError, NotSent, Unsendable, money
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
    to have, where we name it; `price` what the service names for
    this, `if_lost` what to say should its answer be lost.
    """

    title: str
    subject: str
    target: str
    paid: bool = False
    voice_kind: str = ""
    new_id: str = ""
    price: Money | None = None
    if_lost: str = ""


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


_SAYS = {
    ErrorKind.INPUT: "{title} refused the request",
    ErrorKind.KEY: "The {title} key was not accepted",
    ErrorKind.BALANCE: "Your {title} balance is too low",
    ErrorKind.PERMISSION: "This {title} key is not allowed to do that",
    ErrorKind.NOT_FOUND: "{title} does not know this {target}",
    ErrorKind.BUSY: "{title} asks for a short pause",
    ErrorKind.LIMIT: "The daily limit of this {title} key is reached; it resets at 00:00 UTC",
    ErrorKind.EXISTS: "{title} already has a voice with this ID",
    ErrorKind.UNREACHABLE: "{title} could not be reached",
    ErrorKind.TROUBLE: "{title} has a problem of its own right now",
    ErrorKind.UNKNOWN_OUTCOME: "The request was sent, but {title} gave no usable answer",
    ErrorKind.CONTENT_POLICY: "The content rules of {title} do not allow this {subject}",
}
_SAYS_BY_STATUS = {
    409: "{title} already has this {subject}, or is working on it",
    413: "This {subject} is more than {title} accepts in one request",
    501: "{title} cannot do this with the chosen model",
}
_QUOTED = (
    ErrorKind.INPUT, ErrorKind.PERMISSION, ErrorKind.NOT_FOUND, ErrorKind.TROUBLE,
    ErrorKind.UNKNOWN_OUTCOME, ErrorKind.CONTENT_POLICY,
)  # fmt: skip
"""Kinds where the service's own words help; those about money may hold an offer to pay."""
_TO_DO = {
    ErrorKind.INPUT: " Check the {subject} and the options you chose.",
    ErrorKind.PERMISSION: " Allow it for this key at {title}, or use another key.",
    ErrorKind.CONTENT_POLICY: " Change the {subject}.",
}


def quote(title: str, said: Complaint) -> str:
    """What the service says, to stand behind what happened, what it cost and what to do."""
    return f" {title} says: “{said.message}”." if said.message else ""


def refusal(
    kind: ErrorKind,
    asked: Asked,
    *,
    answer: Answer | None = None,
    said: Complaint | None = None,
    spent: Spent | None = None,
    words: str = "",
) -> ProviderError:
    """The error for a request that was refused, or whose outcome is not known.

    `words`: a sentence of its own, without the stop, in place of the usual one.
    """
    said = said or Complaint()
    if spent is None:
        spent = Spent.UNKNOWN if kind is ErrorKind.UNKNOWN_OUTCOME else Spent.NO
    status = answer.status if answer and kind is ErrorKind.INPUT else 0
    usual = _SAYS_BY_STATUS.get(status, _SAYS[kind])
    sentence = words or usual.format(title=asked.title, subject=asked.subject, target=asked.target)
    needed = said.needed or asked.price
    if needed is not None and kind is ErrorKind.BALANCE:
        sentence += f" (it needs {needed})"
    to_do = _TO_DO.get(kind, "") if asked.paid and not words else ""
    to_do = to_do.format(title=asked.title, subject=asked.subject)
    quoted = quote(asked.title, said) if kind in _QUOTED and not words else ""
    lost = f" {asked.if_lost}" if asked.if_lost and spent is Spent.UNKNOWN else ""
    return ProviderError(
        kind,
        f"{sentence}. {_about_money(kind, asked, spent)}{lost}{to_do}{quoted}",
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


def _about_money(kind: ErrorKind, asked: Asked, spent: Spent) -> str:
    if not asked.paid:
        return "Asking costs nothing."
    if spent is Spent.NO:
        sent = "Nothing was sent and nothing" if kind is ErrorKind.UNREACHABLE else "Nothing"
        return f"{sent} was charged."
    return "It may have been charged."
