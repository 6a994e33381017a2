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
from lib.keeper import commands, files, wording
from lib.keeper.printing import NotPossible
from lib.keeper.wording import Reason, sentence
from lib.registry import DatabaseUnavailable
from lib.registry.database_url import database_url
from lib.setting_problems import describe
from lib.settings import BadSettings, NotUnderstood, Settings
from lib.studio.core.context import Context
from lib.studio.core.opening import open_context
from lib.studio.transfer.archive import BadExport
from lib.vault.base import VaultError

log = logging.getLogger("voicekeep.keeper")

COMMANDS: tuple[tuple[str, Callable[[Context, argparse.Namespace], int], str], ...] = (
    ("once", commands.once, "do all that is due, then stop"),
    ("run", commands.run, "do what is due whenever it is due, until stopped"),
    ("status", commands.status, "show the state of every voice"),
    ("rebuild", commands.rebuild, "fill the database from the records in the storage"),
    ("verify", commands.verify, "check every backup, or an export"),
    ("export", files.export, "write the whole library into one file"),
    ("import", files.import_library, "import from an export what is missing here"),
)
WITH_DRY_RUN = ("once", "rebuild", "verify", "import")
"""`run` has none: what it would do now is `once --dry-run`; an export changes nothing here."""
FILE_HELP = {
    "verify": "an export to check, in place of the backups",
    "export": "where to write it; - is stdout",
    "import": "an export",
}
WRITERS = ("once", "run", "verify", "import")
"""Commands that write what the vault's one database has to know."""
KEEPERS = ("once", "run")
"""Commands that somebody counts on: with nothing to look after, they say so."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    options = parse(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        if options.command == "verify" and options.file:
            return files.verify(options)
        return _with_context(options)
    except NotUnderstood as problem:
        return _cannot_run("\n".join([*map(describe, problem.problems), sentence(Reason.NO_KEY)]))
    except (BadSettings, DatabaseUnavailable, VaultError, BadExport, NotPossible) as problem:
        return _cannot_run(str(problem))
    except OSError as problem:
        why = problem.strerror or type(problem).__name__
        return _cannot_run(wording.unusable_file(why))
    except Exception:
        log.exception("The keeper met a defect")
        return 2


def _with_context(options: argparse.Namespace) -> int:
    known = settings.load(os.environ, settings.usual_folders())
    for problem in known.problems:
        print(describe(problem), file=sys.stderr)
    _check_one_writer(known, options.command)
    if not known.data_folder.exists():
        _check_there_is_work(known, options)
    with ExitStack() as stack:
        context = _opened(known, stack, is_dry=getattr(options, "dry_run", False))
        stack.callback(context.close)
        _check_there_is_work(context.settings, options)
        return int(options.run(context, options))


def _opened(known: Settings, stack: ExitStack, *, is_dry: bool) -> Context:
    """The library. A dry run reads it only, and what is not there yet is made elsewhere."""
    # With a database on this disk, the app and its folder are on this disk as well.
    here = _database_file(known) is not None
    if not is_dry:
        return open_context(known, loopback=here, outside=True)
    scratch = Path(stack.enter_context(TemporaryDirectory(prefix="voicekeep-")))
    if not known.data_folder.exists() or (known.has_only_demo and _is_new(known)):
        known = replace(known, data_folder=scratch)
    is_new = _is_new(known)
    if is_new and not known.has_only_demo:
        address = f"sqlite:///{scratch / 'voicekeep.db'}"
        known = replace(known, values={**known.values, "DATABASE_URL": address})
    return open_context(known, loopback=here, outside=True, read_only=not is_new)


def _is_new(known: Settings) -> bool:
    """Whether opening the database would make it."""
    file = _database_file(known)
    return file is not None and not file.exists()


def _database_file(known: Settings) -> Path | None:
    """The file of the database, if it is one."""
    url = database_url(known.database_url)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


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
        command.add_argument("--demo", action="store_true", help="also if there is only the demo")
        if name in WITH_DRY_RUN:
            command.add_argument(
                "--dry-run", action="store_true", help=("show what would be done, and do nothing")
            )
        if name in FILE_HELP:
            nargs = "?" if name == "verify" else None
            command.add_argument("file", nargs=nargs, metavar="FILE", help=FILE_HELP[name])
    return parser.parse_args(arguments)


def _check_there_is_work(known: Settings, options: argparse.Namespace) -> None:
    """A scheduler that looks after nobody must not look like one that works."""
    if options.command in KEEPERS and known.has_only_demo and not options.demo:
        raise BadSettings(sentence(Reason.ONLY_DEMO))


def _check_one_writer(known: Settings, command: str) -> None:
    """A keeper elsewhere with a database of its own would be a second writer of one vault."""
    remote = known.get("VAULT_URL").startswith("s3://")
    if command in WRITERS and remote and not known.get("DATABASE_URL"):
        raise BadSettings(sentence(Reason.NO_DATABASE))


if __name__ == "__main__":
    raise SystemExit(main())
