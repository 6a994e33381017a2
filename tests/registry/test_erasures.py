"""Wishes to erase a voice."""

from __future__ import annotations

from dataclasses import replace

from lib.registry import Registry
from lib.registry.erasures import Erasure
from lib.services import NANOGPT
from tests.parts.clock import START

WISH = Erasure("voice-1", NANOGPT, START, "Ada", START)


def test_who_asks_first_is_told_so_and_nobody_else(registry: Registry) -> None:
    assert registry.erasures.ask(WISH)
    assert not registry.erasures.ask(replace(WISH, asked_by="Ben"))
    assert registry.erasures.get("voice-1") == WISH
