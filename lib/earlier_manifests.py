"""Reasons that manifests of earlier versions told in sentences only. Pure.

The only place that reads a sentence of ours. The sentences are those of these versions: they do
not change when a sentence of today does.
"""

from __future__ import annotations

from typing import Any

from lib.models import ErrorKind, JobState

IN_LINE = "In line:"
OTHER_DISK = "The sound is on the disk of another keeper, which brings it home."
OTHER_ACCOUNT = "It was used by another account's key."
NOTHING_SPENT = "othing was"


def order(body: dict[str, Any]) -> dict[str, Any]:
    """An order of a manifest, with what its sentences tell and no field of it does."""
    if "error_tells_cost" in body:  # each version from then on writes all of these fields
        return body
    told: dict[str, Any] = {"error_tells_cost": NOTHING_SPENT in _text(body, "error")}
    if body.get("answer_kind", "") == "":
        told["answer_kind"] = _kind_of_answer(_text(body, "last_answer"), body.get("state"))
    return body | told


def _kind_of_answer(answer: str, state: object) -> str:
    if answer.startswith(IN_LINE):
        return ErrorKind.QUEUE
    if answer == OTHER_DISK:
        return ErrorKind.OTHER_DISK
    return ErrorKind.TROUBLE if answer and state == JobState.CONFIRMED else ""


def evidence(body: dict[str, Any]) -> dict[str, Any]:
    """A piece of evidence of a manifest, as `order`."""
    if "withdrawn_kind" in body or _text(body, "withdrawn_why") != OTHER_ACCOUNT:
        return body
    return body | {"withdrawn_kind": ErrorKind.OTHER_ACCOUNT}


def _text(body: dict[str, Any], name: str) -> str:
    found = body.get(name)
    return found if isinstance(found, str) else ""
