"""A client whose service answers inside this process: how the demo is reached."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from lib.providers.nanogpt import NanoGPT


def nanogpt_inside(
    service: str, base_url: str, key: str, application: Callable[..., Any]
) -> NanoGPT:
    """NanoGPT's own client over a WSGI application instead of the network."""
    transport = httpx.WSGITransport(app=application)
    return NanoGPT(service, base_url, key, transport=transport)
