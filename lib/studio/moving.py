"""After a change of `VAULT_URL`: what lies in the vaults of before moves to the one of now.

Files of voices move with each voice's own next step (`files.py`); here is where they come from,
what a new vault needs besides, and how far it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lib.models import Dossier
from lib.retention import elsewhere
from lib.services import DEMO
from lib.studio.workshop import Workshop
from lib.vault import open_vault
from lib.vault.base import Vault, VaultError, sha256_hex

NOTE = "vaults"
TAKES_PER_PASS = 200
MAX_TAKE_BYTES = 50_000_000


@dataclass(frozen=True)
class Progress:
    """How many files of how many are in the vault of now."""

    done: int
    total: int


def meet_vault(workshop: Workshop) -> bool:
    """Note the vault in use; True if it is a new one.

    A new vault needs every story once more: without them nothing could be rebuilt from it.
    """
    known = _names(workshop)
    name = workshop.live_vault.name
    if known and known[-1] == name:
        return False
    workshop.registry.voices.unsave(without=DEMO)
    workshop.registry.takes.unsave(without=DEMO)
    dossiers = workshop.registry.voices.dossiers(services=workshop.settings.live_services)
    body = {
        "names": [*(old for old in known if old != name), name],
        "total": _left(workshop, dossiers),
    }
    workshop.registry.notes.write(NOTE, body, workshop.clock.now())
    return True


def progress(workshop: Workshop, dossiers: Iterable[Dossier]) -> Progress | None:
    """How far the move is, or None where nothing is left to move."""
    left = _left(workshop, dossiers)
    if not left:
        return None
    note = workshop.registry.notes.all().get(NOTE)
    total = max(int(note.body.get("total", 0)) if note else 0, left)
    return Progress(total - left, total)


def known_vault(workshop: Workshop, name: str) -> Vault | None:
    """A vault that this library used before, if it can be opened with the settings of now.

    Only names that were noted here: what a manifest names is a stranger's word.
    """
    for vault in (workshop.live_vault, workshop.demo_vault):
        if vault.name == name:
            return vault
    if name not in _names(workshop):
        return None
    url = name.split("@")[0] if name.startswith("s3://") else name
    try:
        vault = open_vault(
            url,
            workshop.clock,
            aws=workshop.settings.aws,
            default_folder=workshop.settings.data_folder / "vault",
        )
    except VaultError:
        return None
    return vault if vault.name == name else None


def move_takes(workshop: Workshop) -> int:
    """Bring the sounds of takes into the vault of now, a bounded number; returns how many."""
    vault = workshop.live_vault
    moved = 0
    for take in workshop.registry.takes.elsewhere(vault.name, without=DEMO, limit=TAKES_PER_PASS):
        old = known_vault(workshop, take.vault)
        for source in (vault, old):
            data = _same_bytes(source, take.key, take.sha256) if source else None
            if data is not None:
                stored = vault.put_verified(take.key, data, take.mime or "audio/mpeg")
                workshop.registry.takes.moved(take.id, stored.vault)
                moved += 1
                break
    return moved


def _same_bytes(vault: Vault, key: str, sha256: str) -> bytes | None:
    try:
        data = vault.get(key, max_bytes=MAX_TAKE_BYTES)
    except (VaultError, ValueError):
        return None
    return data if sha256_hex(data) == sha256 else None


def _names(workshop: Workshop) -> list[str]:
    note = workshop.registry.notes.all().get(NOTE)
    return [str(name) for name in note.body.get("names", [])] if note else []


def _left(workshop: Workshop, dossiers: Iterable[Dossier]) -> int:
    name = workshop.live_vault.name
    files = sum(
        len(elsewhere(dossier, name)) for dossier in dossiers if dossier.voice.service != DEMO
    )
    return files + workshop.registry.takes.count_elsewhere(name, without=DEMO)
