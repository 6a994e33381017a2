"""The sound that stands for a voice wherever voices are listed: what somebody hears of it first."""

from __future__ import annotations

from collections.abc import Iterable

from lib.models import Dossier, Evidence, EvidenceKind, Take
from lib.studio.core.context import Context
from lib.studio.library import first_sound

Sample = Evidence | Take


def sample(context: Context, dossier: Dossier) -> Sample | None:
    """The stored preview of this voice, else its newest take, else the sound of its first use.

    One query at most: none where there is a preview.
    """
    return samples(context, [dossier]).get(dossier.voice.id)


def samples(context: Context, dossiers: Iterable[Dossier]) -> dict[str, Sample]:
    """The sample of each of these voices that has one, by the id of the voice; see `sample`.

    One query at most, however many voices there are.
    """
    found: dict[str, Sample] = {}
    without_preview: list[str] = []
    for dossier in dossiers:
        sound = first_sound.find(context, dossier)
        if sound:
            found[dossier.voice.id] = sound
        if sound is None or sound.kind is not EvidenceKind.COPY:
            without_preview.append(dossier.voice.id)
    if without_preview:
        vaults = {context.live_vault.name, context.demo_vault.name}
        takes = context.registry.takes.newest_of(without_preview, vaults=vaults)
        found |= {take.voice_id: take for take in takes}
    return found
