"""Addresses of files: what in them names the file, and what only lets somebody in. Pure."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode

SIGNATURE = re.compile(
    r"x-amz-.*|x-goog-.*|expires|signature|sig|token|policy|key-pair-id|awsaccesskeyid"
    r"|googleaccessid|security-token|exp|hmac",
    re.IGNORECASE,
)
"""Parts of an address that let somebody in for a while, and say nothing of the file."""
AZURE = frozenset({"sv", "ss", "srt", "sp", "se", "st", "spr", "sr", "sip", "skoid", "sktid",
                   "skt", "ske", "sks", "skv"})  # fmt: skip
"""The same beside a `sig`; elsewhere names so short may say which file it is."""


def unsigned(address: str) -> str:
    """An address without its signature: the same for the same file, however often it is signed."""
    head, _, query = address.partition("#")[0].partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    azure = AZURE if any(name == "sig" for name, _ in pairs) else frozenset()
    kept = [
        (name, value)
        for name, value in pairs
        if not SIGNATURE.fullmatch(name) and name not in azure
    ]
    return f"{head}?{urlencode(sorted(kept), errors='replace')}" if kept else head


def identity(address: str) -> str:
    """What tells a file from others: its address without the signature, but where only something
    like a token says which file it is.
    """
    bare = unsigned(address)
    names_it = "?" in bare or "." in bare.rpartition("/")[2]
    return bare if names_it else address
