"""The keeper's command line, for a scheduler outside the app.

Exit 0: all due work done. 1: some of it failed or is blocked, the rest was done. 2: could not
run, for the reason in one sentence on stderr.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from lib import settings
from lib.keeper import commands, files
from lib.keeper.printing import NotPossible
from lib.registry import DatabaseUnavailable
from lib.settings import BadSettings, Settings
from lib.studio.workshop import Workshop, open_workshop
from lib.studio.zips import BadExport
from lib.vault.base import VaultError

log = logging.getLogger("voicekeep.keeper")

COMMANDS: tuple[tuple[str, Callable[[Workshop, argparse.Namespace], int], str], ...] = (
    ("once", commands.once, "do all that is due, then stop"),
    ("run", commands.run, "do what is due whenever it is due, until stopped"),
    ("status", commands.status, "say how every voice stands"),
    ("rebuild", commands.rebuild, "fill the database from the vault's manifests"),
    ("verify", commands.verify, "read every copy in the vault again, or check an export"),
    ("export", files.export, "write the whole library into one file"),
    ("import", files.take, "take from an export what is missing here"),
)
WITH_DRY_RUN = ("once", "rebuild", "verify", "import")
"""`run` has none: what it would do now is `once --dry-run`; an export changes nothing here."""
FILE_HELP = {
    "verify": "an export to check, in place of the vault",
    "export": "where to write it; - is stdout",
    "import": "an export",
}
WRITERS = ("once", "run", "verify", "import")
"""Commands that write what the vault's one database has to know."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    options = parse(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        if options.command == "verify" and options.file:
            return files.verify(options)
        return _with_workshop(options)
    except (BadSettings, DatabaseUnavailable, VaultError, BadExport, NotPossible) as problem:
        return _cannot_run(str(problem))
    except OSError as problem:
        why = problem.strerror or type(problem).__name__
        return _cannot_run(f"A file or folder cannot be used: {why}.")
    except Exception:
        log.exception("The keeper met a defect")
        return 2


def _with_workshop(options: argparse.Namespace) -> int:
    known = settings.load(os.environ, (Path.cwd(), Path.home()))
    _check_one_writer(known, options.command)
    with ExitStack() as stack:
        if getattr(options, "dry_run", False) and not known.data_folder.exists():
            # Opening a library makes its folder and an empty database: not here, then.
            elsewhere = stack.enter_context(TemporaryDirectory(prefix="voicekeep-"))
            known = replace(known, data_folder=Path(elsewhere))
        # With a database on this disk, the app and its folder are on this disk as well.
        here = known.database_url.startswith("sqlite")
        workshop = open_workshop(known, loopback=here)
        workshop.outside = True
        stack.callback(workshop.close)
        return int(options.run(workshop, options))


def _cannot_run(why: str) -> int:
    print(why, file=sys.stderr)
    return 2


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What was asked for: `command`, its options, and `run`, the function that does it."""
    parser = argparse.ArgumentParser(prog="python -m lib.keeper", description=__doc__)
    known = parser.add_subparsers(dest="command", required=True)
    for name, function, about in COMMANDS:
        command = known.add_parser(name, help=about)
        command.set_defaults(run=function)
        command.add_argument("--json", action="store_true", help="print JSON for a program")
        if name in WITH_DRY_RUN:
            command.add_argument("--dry-run", action="store_true", help="say it, and do nothing")
        if name in FILE_HELP:
            nargs = "?" if name == "verify" else None
            command.add_argument("file", nargs=nargs, metavar="FILE", help=FILE_HELP[name])
    return parser.parse_args(arguments)


def _check_one_writer(known: Settings, command: str) -> None:
    """A keeper elsewhere with a database of its own would be a second writer of one vault."""
    remote = known.get("VAULT_URL").startswith("s3://")
    if command in WRITERS and remote and not known.get("DATABASE_URL"):
        raise BadSettings("Set DATABASE_URL, the app's own: one bucket has one database.")


if __name__ == "__main__":
    raise SystemExit(main())
