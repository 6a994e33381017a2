"""The keeper's command line, for a scheduler outside the app.

Exit 0: all due work done. 1: some of it failed or is blocked, the rest was done. 2: could not
run, for the reason in one sentence on stderr.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lib import keeper, settings
from lib.keeper.passes import JOBS_PER_ROUND
from lib.models import JobState
from lib.registry import DatabaseUnavailable
from lib.retention import next_step
from lib.settings import BadSettings, Settings
from lib.studio import library, vaulting
from lib.studio.workshop import Workshop, open_workshop
from lib.vault.base import VaultError

FOLLOW_SECONDS = 240
"""`once` stays this long with what it sent, so that a scheduler's pass finishes its work."""
SOON_SECONDS = 60


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        known = settings.load(os.environ, (Path.cwd(), Path.home()))
        _check_one_writer(known, options.command)
        workshop = open_workshop(known)
    except (BadSettings, DatabaseUnavailable, VaultError) as problem:
        print(str(problem), file=sys.stderr)
        return 2
    try:
        return int(options.run(workshop, options))
    except (DatabaseUnavailable, VaultError) as problem:
        print(str(problem), file=sys.stderr)
        return 2
    finally:
        workshop.close()


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m lib.keeper", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    once = commands.add_parser("once", help="do all that is due, then stop")
    once.add_argument("--dry-run", action="store_true", help="say what is due, do nothing")
    once.set_defaults(run=_once)
    status = commands.add_parser("status", help="say how every voice stands")
    status.set_defaults(run=_status)
    rebuild = commands.add_parser("rebuild", help="fill the database from the vault's manifests")
    rebuild.set_defaults(run=_rebuild)
    for command in (once, status, rebuild):
        command.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args(arguments)


def _check_one_writer(known: Settings, command: str) -> None:
    """A keeper elsewhere with a database of its own would be a second writer of one vault."""
    remote = known.get("VAULT_URL").startswith("s3://")
    if command == "once" and remote and not known.get("DATABASE_URL"):
        raise BadSettings("Set DATABASE_URL, the app's own: one bucket has one database.")


def _once(workshop: Workshop, options: argparse.Namespace) -> int:
    if options.dry_run:
        summary = _plan(workshop)
    else:
        summary = keeper.one_pass(workshop)
        _follow_up(workshop, summary)
    _print(options, asdict(summary), _told(summary))
    return 0 if summary.all_done else 1


def _follow_up(workshop: Workshop, summary: keeper.Summary) -> None:
    """Stay with what is under way, while it wants something soon."""
    end = time.monotonic() + FOLLOW_SECONDS
    latest = summary
    while time.monotonic() < end:
        pause = keeper.pause_after(latest, workshop.clock.now()).total_seconds()
        if pause >= SOON_SECONDS:
            return
        time.sleep(pause)
        latest = keeper.one_pass(workshop)
        _add(summary, latest)


def _add(summary: keeper.Summary, more: keeper.Summary) -> None:
    for name in ("sent", "polled", "activated", "mirrored", "verified", "refreshed", "notified"):
        setattr(summary, name, getattr(summary, name) + getattr(more, name))
    summary.failed += [line for line in more.failed if line not in summary.failed]
    summary.blocked = more.blocked
    summary.next_due = more.next_due
    summary.duration_s = round(summary.duration_s + more.duration_s, 3)


def _plan(workshop: Workshop) -> keeper.Summary:
    """What a pass would do now, in the words of its summary; nothing is written or sent."""
    summary = keeper.Summary()
    for services, now in keeper.groups(workshop):
        for job in workshop.registry.jobs.due(services, now, JOBS_PER_ROUND):
            summary.sent += job.state is JobState.CONFIRMED
            summary.polled += job.state in (JobState.WAITING, JobState.DONE)
        for dossier in workshop.registry.voices.dossiers(services=services):
            summary.checked += 1
            step = next_step(dossier, workshop.terms(dossier.voice), now)
            if step.at and step.at <= now:
                summary.activated += step.kind == "activate"
                summary.mirrored += step.kind == "mirror"
                summary.verified += step.kind == "verify"
    ahead = keeper.outlook(workshop)
    summary.blocked = ahead.blocked
    summary.next_due = ahead.next_due.isoformat() if ahead.next_due else None
    return summary


def _status(workshop: Workshop, options: argparse.Namespace) -> int:
    last = workshop.registry.notes.all().get(keeper.HEARTBEAT)
    voices = [_line(workshop, entry) for entry in library.entries(workshop)]
    body = {
        "voices": voices,
        "jobs": workshop.registry.jobs.counts(workshop.settings.visible),
        "last_pass": last.at.isoformat() if last and last.at else None,
    }
    told = [f"{line['health']:>14}  {line['name']}  ({line['id']})" for line in voices]
    _print(options, body, "\n".join(told) or "There are no voices yet.")
    return 0


def _line(workshop: Workshop, entry: library.Entry) -> dict[str, Any]:
    voice, standing = entry.voice, entry.standing
    proof = standing.evidence
    return {
        "id": voice.id,
        "name": voice.name,
        "service": voice.service,
        "kind": voice.kind.value,
        "source": voice.source.value,
        "health": standing.health.value,
        "expires_at": standing.deadline.isoformat() if standing.deadline else None,
        "evidence": proof.kind.value if proof else None,
    }


def _rebuild(workshop: Workshop, options: argparse.Namespace) -> int:
    taken = vaulting.reconcile(workshop)
    total = workshop.reading.total
    _print(options, {"found": total, "taken": taken}, f"{taken} of {total} manifests were taken.")
    return 0


def _told(summary: keeper.Summary) -> str:
    head = (
        f"{summary.checked} voices looked at, {summary.sent} orders sent, {summary.polled} asked "
        f"about, {summary.activated} kept by use, {summary.mirrored} copied, "
        f"{summary.verified} copies read back."
    )
    return "\n".join([head, *summary.failed, *summary.blocked])


def _print(options: argparse.Namespace, body: dict[str, Any], told: str) -> None:
    print(json.dumps(body, indent=1) if options.json else told)


if __name__ == "__main__":
    raise SystemExit(main())
