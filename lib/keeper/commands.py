"""What `python -m lib.keeper` can do: one function per command; each returns its exit code."""

from __future__ import annotations

import argparse
import json
import signal
import threading
import time
from contextlib import suppress
from dataclasses import asdict

from lib import keeper
from lib.keeper import dry_run, pinging, verification, wording
from lib.keeper.printing import show
from lib.keeper.wording import Reason, sentence
from lib.studio.core.context import Context
from lib.studio.library import listing
from lib.studio.storage import manifests

POLL_SECONDS = 240
"""How long `once` keeps polling what it sent, so that a scheduled run finishes its work."""
SOON_SECONDS = 50
"""Less than a pass rests that found what is due but could not do it: `once` does not wait for that.
"""
SIGNAL_CHECK_SECONDS = 1.0
"""Seconds until `run` hears a signal that another of its threads took, as one that just starts a
thread often does: handlers run in the main thread, and that sleeps on in a `join` without an end.
"""
COUNTS = ("sent", "polled", "activated", "mirrored", "verified", "refreshed", "notified")


def once(context: Context, options: argparse.Namespace) -> int:
    """Make one pass, stay for up to four minutes with what it sent, then stop.

    Returns 0 if everything was done, 1 if something failed or is blocked.
    """
    if options.dry_run:
        summary = dry_run.count_pass(context)
    else:
        summary = keeper.one_pass(context)
        _poll_until_done(context, summary)
        if summary.all_done:
            pinging.ping(context, at_once=True)
    show(options, asdict(summary), "\n".join([_counted(summary), *_troubles(summary)]))
    return 0 if summary.all_done else 1


def _poll_until_done(context: Context, summary: keeper.Summary) -> None:
    """Stay with what is under way, while it wants something soon."""
    end = time.monotonic() + POLL_SECONDS
    latest = summary
    while time.monotonic() < end:
        pause = keeper.sleep_after(latest, context.clock.now()).total_seconds()
        if pause >= SOON_SECONDS:
            return
        time.sleep(pause)
        latest = keeper.one_pass(context)
        _add(summary, latest)


def _add(summary: keeper.Summary, more: keeper.Summary) -> None:
    for name in COUNTS:
        setattr(summary, name, getattr(summary, name) + getattr(more, name))
    summary.failed += [line for line in more.failed if line not in summary.failed]
    summary.blocked = more.blocked
    summary.next_due = more.next_due
    summary.duration_s = round(summary.duration_s + more.duration_s, 3)


def run(context: Context, options: argparse.Namespace) -> int:
    """Make passes, each when it is due, until SIGTERM or SIGINT arrives; a pass under way ends
    first.

    A second signal ends the process at once, which loses nothing either.
    """
    stopping = threading.Event()

    def end(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        stopping.set()
        context.runtime.stop_keeper()

    def report(summary: keeper.Summary) -> None:
        said = f"{context.clock.now():%Y-%m-%d %H:%M:%S} UTC  {_counted(summary)}"
        line = " ".join([said, *_troubles(summary)])
        with suppress(OSError, ValueError):  # nobody reads it any more; the work goes on
            text = json.dumps(asdict(summary)) if options.json else line
            print(f"{text}\n", end="", flush=True)  # in one piece: passes may end together

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        thread = keeper.start(context, report)
        if stopping.is_set():  # between the handler and the start
            thread.stop()
        while thread.is_alive():
            thread.join(SIGNAL_CHECK_SECONDS)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return 0


def status(context: Context, options: argparse.Namespace) -> int:
    """Print the health of every voice."""
    passed_at = keeper.signs(context).passed_at
    voices = [_standing(entry) for entry in listing.entries(context)]
    body = {
        "voices": voices,
        "jobs": context.registry.jobs.counts(context.settings.visible),
        "last_pass": passed_at.isoformat() if passed_at else None,
    }
    text = [f"{line['health']:>14}  {line['name']}  ({line['id']})" for line in voices]
    show(options, body, "\n".join(text) or sentence(Reason.NO_VOICES))
    return 0


def _standing(entry: listing.Entry) -> dict[str, object]:
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


def rebuild(context: Context, options: argparse.Namespace) -> int:
    """Fill the database from the manifests in the vault.

    Returns 1 if a manifest could not be read, else 0. Raises `VaultError`.
    """
    taken = dry_run.count_rebuild(context) if options.dry_run else manifests.reconcile(context)
    seen = context.runtime.reconciliation
    loaded = wording.would_be_loaded if options.dry_run else wording.loaded
    text = [loaded(taken, seen.total)]
    if seen.passed_over:
        text.append(wording.unread_records(seen.passed_over))
    show(options, {"found": seen.total, "taken": taken}, " ".join(text))
    return 1 if seen.passed_over else 0


def verify(context: Context, options: argparse.Namespace) -> int:
    """Verify every copy in the vault now.

    Returns 1 if a copy is missing, changed or could not be read, else 0. Raises `VaultError`.
    """
    if options.dry_run:
        held = verification.count_copies(context)
        total = sum(held.values())
        text = wording.would_be_checked(total, len(held))
        show(options, {"copies": total, "good": 0, "bad": [], "unread": []}, text)
        return 0
    seen = verification.verify_all(context)
    troubles = [finding.line for finding in (*seen.bad, *seen.unread)]
    text = wording.copies_checked(
        copies=seen.copies, good=seen.good, bad=len(seen.bad), unread=len(seen.unread)
    )
    show(options, asdict(seen), "\n".join([text, *troubles]))
    return 1 if troubles else 0


def _counted(summary: keeper.Summary) -> str:
    return wording.did(
        checked=summary.checked,
        sent=summary.sent,
        polled=summary.polled,
        activated=summary.activated,
        refreshed=summary.refreshed,
        mirrored=summary.mirrored,
        verified=summary.verified,
        notified=summary.notified,
    )


def _troubles(summary: keeper.Summary) -> list[str]:
    return [*summary.failed, *summary.blocked]
