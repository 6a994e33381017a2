"""The token by which a device is known again: who signed in on it, and when. Pure.

It is signed, so nobody can make one or change it, and not encrypted: what is in it is no secret,
but whoever has it is in. The key is derived and never stored. It depends on the passphrase and on
all secrets of the app, so that each change of one ends every sign-in, and a lost disk none.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from lib.json_reading import object_of, short_text, whole
from lib.services import SERVICES
from lib.settings import Settings

LASTS = timedelta(days=30)
"""How long a sign-in lasts, in an open tab as well."""
CLOCKS_DIFFER = timedelta(minutes=5)
"""So far ahead another process of the same app may have been when it signed a token."""
MAX_TOKEN = 4_000
"""Characters of a token. One with the longest name is half as long."""
UNGUESSABLE = 16
"""Characters from which on a secret that a service gave out cannot be guessed."""
PURPOSE = b"voicekeep: the key that signs the tokens of devices, 1"
"""Keeps this key apart from anything else that is ever derived from the same secrets."""


@dataclass(frozen=True)
class DeviceToken:
    """One sign-in on one device. `id` is random; `name` what somebody calls themselves."""

    id: str
    name: str
    issued_at: datetime

    @property
    def until(self) -> datetime:
        """When it ends by itself."""
        return self.issued_at + LASTS

    def counts_at(self, now: datetime) -> bool:
        """Whether it has begun, and not ended by itself."""
        return self.issued_at - CLOCKS_DIFFER <= now < self.until


def signing_key(settings: Settings, own: bytes) -> bytes:
    """The key that signs tokens, as the settings are now.

    The secrets of the app keep it from being guessed: without them, whoever finds a token could
    try passphrases on it at their own computer. `own` takes their place where none is long enough:
    something random that only this process knows.
    """
    guarding = list(_secrets(settings))
    parts = [settings.door.value, settings.team.passphrase, settings.get("DATABASE_URL"), *guarding]
    if not any(len(secret) >= UNGUESSABLE for secret in guarding):
        parts.append(own.hex())
    return hmac.digest(PURPOSE, json.dumps(parts).encode(), hashlib.sha256)


def sign(token: DeviceToken, key: bytes) -> str:
    """The token as it is kept on the device: letters, digits, and `.`, `-`, `_`."""
    content = {"id": token.id, "name": token.name, "at": int(token.issued_at.timestamp())}
    return _serializer(key).dumps(content)


def read(text: object, key: bytes, now: datetime) -> DeviceToken | None:
    """What a device handed over; None where this key did not sign it, or its time is over.

    Its content is looked at only after its signature was found right.
    """
    if not isinstance(text, str) or not 0 < len(text) <= MAX_TOKEN:
        return None
    try:
        content = object_of(_serializer(key).loads(text))
    except (BadData, ValueError):  # the second one: a text with halves of characters in it
        return None
    id_, name = short_text(content.get("id")), short_text(content.get("name"))
    issued_at = datetime.fromtimestamp(whole(content.get("at")), UTC)
    token = DeviceToken(id_, name, issued_at)
    return token if id_ and name and token.counts_at(now) else None


def _secrets(settings: Settings) -> Iterator[str]:
    """What services gave out for this app alone, "" for what is not set, always in this order."""
    for service in SERVICES.values():
        yield from (settings.get(name) for name in service.secret_settings)
    yield settings.get("AWS_SECRET_ACCESS_KEY")


def _serializer(key: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(
        key,
        salt=PURPOSE,
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
