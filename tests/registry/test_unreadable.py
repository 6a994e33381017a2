"""Stories that cannot be read: noted as they were found, kept set aside, dropped when mended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from lib.manifest import Fault
from lib.registry import Registry
from lib.registry.unreadable import Unreadable
from tests.parts.clock import START

VAULT = "s3://team/voices"
DAMAGED = Unreadable(
    key="voices/voice-1/voice.json",
    vault=VAULT,
    fault=Fault.DAMAGED,
    found_at=START,
    sha256="0" * 64,
    told={"name": "Grace"},
    files={"reference": 1},
    first_at=START,
    last_at=START + timedelta(days=1),
)
GONE = Unreadable("takes/take-1/take.json", VAULT, Fault.MISSING, START)
ELSEWHERE = Unreadable("voices/voice-2/voice.json", "file:///old", Fault.NEWER, START)


def test_what_was_found_comes_back_as_it_was(registry: Registry) -> None:
    registry.unreadable.put([DAMAGED, GONE])
    assert registry.unreadable.all() == [GONE, DAMAGED]
    assert registry.unreadable.get(DAMAGED.key) == DAMAGED
    assert (DAMAGED.id, DAMAGED.what, DAMAGED.is_voice) == ("voice-1", "voice", True)
    assert (GONE.id, GONE.what, GONE.is_voice) == ("take-1", "take", False)


def test_found_again_it_keeps_since_when_and_who_set_it_aside(registry: Registry) -> None:
    later = START + timedelta(days=2)
    registry.unreadable.put([DAMAGED, GONE])
    registry.unreadable.set_aside(DAMAGED.key, person="Ada", at=later)
    registry.unreadable.put([replace(DAMAGED, found_at=later, files={"reference": 2})])
    aside = replace(DAMAGED, files={"reference": 2}, aside_at=later, aside_by="Ada")
    assert registry.unreadable.all() == [GONE, aside]


def test_spoiled_in_another_way_it_is_news(registry: Registry) -> None:
    later = START + timedelta(days=2)
    registry.unreadable.put([DAMAGED])
    registry.unreadable.set_aside(DAMAGED.key, person="Ada", at=later)
    worse = replace(DAMAGED, sha256="1" * 64, found_at=later)
    registry.unreadable.put([worse])
    assert registry.unreadable.all() == [worse]


def test_all_of_a_vault_are_replaced_at_once(registry: Registry) -> None:
    registry.unreadable.put([DAMAGED, GONE, ELSEWHERE])
    registry.unreadable.put([GONE], instead_of=VAULT)
    assert registry.unreadable.all() == [GONE, ELSEWHERE]
    registry.unreadable.drop([GONE.key])
    assert registry.unreadable.all() == [ELSEWHERE]
