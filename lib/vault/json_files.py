"""Small JSON files in a vault. Anybody who can write there may have changed or broken them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from lib.vault.base import Stored, Vault, VaultError

FORMAT = 1
MAX_BYTES = 2_000_000


def write_json(vault: Vault, key: str, **body: object) -> Stored:
    """Write these fields as one file and read it back. Raises `VaultError`."""
    data = json.dumps({"format": FORMAT, **body}, ensure_ascii=False, indent=1).encode()
    return vault.put_verified(key, data, "application/json")


def read_json(vault: Vault, key: str) -> dict[str, object]:
    """The fields of such a file; none where it is not there, or was not written by `write_json`.

    Of what the fields hold nothing is checked. Raises `VaultError` where the vault is in trouble.
    """
    try:
        body = json.loads(vault.get(key, max_bytes=MAX_BYTES))
    except VaultError as problem:
        if problem.is_about_the_file:
            return {}
        raise
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) and body.get("format") == FORMAT else {}


def moment(text: object) -> datetime | None:
    """A time in such a file, in UTC; None where it is none, or does not say its zone."""
    try:
        found = datetime.fromisoformat(str(text))
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None
