"""The commands about files that hold a library: `export`, `import`, and `verify FILE`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO

from lib import manifest
from lib.event_kinds import EventKind
from lib.keeper import wording
from lib.keeper.printing import NotPossible, show
from lib.keeper.wording import Reason, sentence
from lib.roles import KEEPER
from lib.studio.core import record
from lib.studio.core.context import Context
from lib.studio.storage import manifests
from lib.studio.transfer import exporting, importing
from lib.studio.transfer.importing import Checked, Outcome, Taken

STDOUT = "-"


def export(context: Context, options: argparse.Namespace) -> int:
    """Write the whole library into one file, or to stdout; the report then goes to stderr.

    Returns 1 if a file of a voice could not be exported, else 0. Raises `NotPossible`.
    """
    if not context.registry.voices.revisions():
        raise NotPossible(sentence(Reason.NOTHING_TO_EXPORT))
    with _target(options.file) as target:
        written = exporting.write(
            context, target, person=KEEPER, progress=_progress(wording.voices_done)
        )
    record.note(context, KEEPER, EventKind.EXPORTED, sentence(Reason.EXPORTED))
    text = wording.exported(
        voices=written.voices, takes=written.takes, files=written.files, size=written.bytes
    )
    out = sys.stderr if options.file == STDOUT else sys.stdout
    show(options, asdict(written), "\n".join([text, *written.missing]), out)
    return 1 if written.missing else 0


def import_library(context: Context, options: argparse.Namespace) -> int:
    """Import from an export what this library lacks; with `--dry-run`, only say what that is.

    Returns 1 if something was refused, damaged or is not there, else 0. Raises `BadExport` and
    `VaultError`.
    """
    if not options.dry_run:
        manifests.reconcile(context)  # what the vault knows is not to be taken for missing
    context.runtime.reconciliation.finished = True
    with Path(options.file).open("rb") as source:
        taken = importing.take(
            context,
            source,
            dry_run=options.dry_run,
            person=KEEPER,
            progress=_progress(wording.voices_and_takes_done),
        )
    counts = {
        kind: {outcome.value: taken.count(outcome, kind) for outcome in Outcome}
        for kind in manifest.FILES
    }
    remarks = [f"{item.name}: {item.why}" for item in taken.items if item.why]
    imported = wording.would_be_imported if options.dry_run else wording.imported
    text = [
        imported(kind, new=of["new"], newer=of["newer"], here=of["here"], refused=of["refused"])
        for kind, of in counts.items()
    ]
    found = {"faults": taken.faults, "absent": taken.absent, "added": taken.added}
    show(
        options, {**counts, "remarks": remarks, **found}, "\n".join([*text, *remarks, *_of(taken)])
    )
    refused = any(of["refused"] for of in counts.values())
    return 1 if refused or taken.faults or taken.absent else 0


def verify(options: argparse.Namespace) -> int:
    """Check the digests of an export. Needs no settings and no database, and writes nothing.

    Returns 0 if all files are as they were written, else 1. Raises `BadExport`.
    """
    with Path(options.file).open("rb") as source:
        checked = importing.check(source)
    written_at = checked.written_at.isoformat() if checked.written_at else None
    body = asdict(checked) | {"written_at": written_at, "good": checked.is_good}
    found = wording.export_intact if checked.is_good else wording.export_not_intact
    text = found(
        voices=checked.voices,
        takes=checked.takes,
        scripts=checked.scripts,
        files=checked.files,
    )
    show(options, body, "\n".join([text, *_of(checked), *checked.missing]))
    return 0 if checked.is_good else 1


def _of(found: Checked | Taken) -> list[str]:
    """A line for each file that is refused, absent or ignored."""
    return [
        *found.faults,
        *map(wording.file_absent, found.absent),
        *map(wording.file_ignored, found.added),
    ]


@contextmanager
def _target(name: str) -> Iterator[BinaryIO]:
    """Where an export goes: a file of this name appears only when it is whole."""
    if name == STDOUT:
        if sys.stdout.isatty():
            raise NotPossible(sentence(Reason.EXPORT_TO_SCREEN))
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(name)
    # Readable by its owner only: voices are biometric data.
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as part:
        try:
            yield part  # type: ignore[misc]  # typeshed: a wrapper that behaves as the file
            part.flush()
            os.fsync(part.fileno())
            os.replace(part.name, path)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise


def _progress(how_far: Callable[[int, int], str]) -> Callable[[int, int], None]:
    """Reports progress to a person at a terminal, and stays silent in a log or a pipe."""
    if not sys.stderr.isatty():
        return lambda done, total: None

    def report(done: int, total: int) -> None:
        end = "\n" if done == total else "\r"
        print(how_far(done, total), end=end, file=sys.stderr, flush=True)

    return report
