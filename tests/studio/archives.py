"""Exports: written by the app, made by hand as they should be, and then changed."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from lib import manifest
from lib.manifest import TakeStory
from lib.models import Dossier, Role, Source, Voice, VoiceKind, new_id
from lib.services import NANOGPT
from lib.studio.core.context import Context
from lib.studio.transfer import exporting, importing
from lib.studio.transfer.exporting import Written
from lib.studio.transfer.importing import Item, Taken
from lib.vault.base import sha256_hex
from tests.parts.clock import START
from tests.parts.persons import ADA
from tests.studio.story import Story, dossier


@dataclass
class EditableArchive:
    """The entries of a ZIP, and what `SHA256SUMS` says of them."""

    entries: dict[str, bytes] = field(default_factory=dict)
    sums: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, story: Dossier | TakeStory, files: Mapping[str, bytes] | None = None) -> io.BytesIO:
        """An export of one story with these files."""
        is_voice = isinstance(story, Dossier)
        name = (
            f"voices/{story.voice.id}/voice.json"
            if isinstance(story, Dossier)
            else f"takes/{story.order.id}/take.json"
        )
        index = {
            "format": 1,
            "written_at": START.isoformat(),
            "voices": int(is_voice),
            "takes": int(not is_voice),
            "missing": [],
        }
        edited = cls()
        for key, data in (files or {}).items():
            edited.replace(key, data)
        edited.replace(name, manifest.write(story))
        edited.replace("voicekeep.json", json.dumps(index).encode())
        return edited.file

    def replace(self, name: str, data: bytes, *, list_it: bool = True) -> None:
        self.entries[name] = data
        if list_it:
            self.sums[name] = sha256_hex(data)

    @property
    def file(self) -> io.BytesIO:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name, data in self.entries.items():
                archive.writestr(name, data)
            lines = "".join(f"{digest}  {name}\n" for name, digest in self.sums.items())
            archive.writestr("SHA256SUMS", lines)
        return out


def opened_archive(file: io.BytesIO) -> EditableArchive:
    """An export, opened to be changed."""
    archive = zipfile.ZipFile(file)
    entries = {name: archive.read(name) for name in archive.namelist() if name != "SHA256SUMS"}
    return EditableArchive(entries, {name: sha256_hex(data) for name, data in entries.items()})


def take(context: Context, file: io.BytesIO, *, dry_run: bool = False) -> Taken:
    return importing.take(context, file, dry_run=dry_run, person=ADA)


def only(taken: Taken) -> Item:
    (item,) = taken.items
    return item


def as_moved(found: Dossier, context: Context) -> Dossier:
    """A dossier without what an import must change: vaults, readings, one registry's own work."""
    here = context.live_vault.name
    voice = replace(found.voice, saved_revision=0, copy_tries=0, copy_next_at=None, copy_error="")
    jobs = [replace(j, saved_revision=0, lease_owner="", lease_until=None) for j in found.jobs]
    evidence = [
        replace(item, vault="here", read_back_at=None) if item.vault == here else item
        for item in found.evidence
    ]
    return Dossier(
        voice,
        tuple(sorted(jobs, key=lambda job: job.id)),
        tuple(sorted(evidence, key=lambda item: item.id)),
    )


def exported(context: Context, *voice_ids: str) -> tuple[io.BytesIO, Written]:
    """An export of these voices, or of all."""
    target = io.BytesIO()
    written = exporting.write(context, target, person=ADA, voice_ids=voice_ids or None)
    return target, written


def vault_path(story: Story, context: Context, voice_id: str, role: Role) -> Path:
    """Where a voice's file lies on the disk."""
    copy = dossier(context, voice_id).copy(role, context.live_vault.name)
    assert copy is not None
    return story.folder / "vault" / copy.key


def a_voice(**fields: object) -> Voice:
    voice = Voice(
        id=new_id(),
        name="Grace",
        kind=VoiceKind.MINIMAX,
        source=Source.CLONED,
        service=NANOGPT,
        account="theirs",
        created_at=START,
        provider_voice_id="Grace12345678",
    )
    return replace(voice, **fields)  # type: ignore[arg-type]
