"""What manifests of earlier versions told in another form. Pure.

Reasons were told in sentences only, and this is the only place that reads a sentence of ours. The
sentences are those of these versions: they do not change when a sentence of today does. A long text
was a job with the number of its `parts`, and each of its parts carried its id as `reading`.
"""

from __future__ import annotations

from typing import Any

from lib.models import ErrorKind, JobState

IN_LINE = "In line:"
OTHER_DISK = "The sound is on the disk of another keeper, which brings it home."
OTHER_ACCOUNT = "It was used by another account's key."
NOTHING_SPENT = "othing was"
_OF_TEXT = ("text", "model", "settings", "parts")


def take(body: dict[str, Any]) -> dict[str, Any]:
    """The manifest of a take; one whose job was a long text tells of that instead."""
    job = body.get("job")
    request = job.get("request") if isinstance(job, dict) else None
    if not isinstance(job, dict) or not isinstance(request, dict):
        return body
    is_deleted = job.get("reading") == "" and "parts" in request and "part" not in request
    if not is_deleted and job.get("reading", "") != job.get("id"):
        return body
    told = {name: request[name] for name in _OF_TEXT if name in request}
    result = job.get("result")
    gone = result.get("deleted", {}) if isinstance(result, dict) else {}
    return {**body, "long_text": {**job, **told, "deleted": gone}}


def order(body: dict[str, Any]) -> dict[str, Any]:
    """An order of a manifest, with what an earlier form of it tells."""
    return _part(_reasons(body))


def _part(body: dict[str, Any]) -> dict[str, Any]:
    request = body.get("request")
    if "reading" not in body or not isinstance(request, dict) or "part" not in request:
        return body
    asked = {name: value for name, value in request.items() if name not in ("part", "parts")}
    # That of a part that was deleted was cleared; its own begins with it.
    text_id = body["reading"] or _text(body, "id").partition("-")[0]
    told = {"long_text_id": text_id, "part": request["part"]}
    return {**body, **told, "request": asked}


def _reasons(body: dict[str, Any]) -> dict[str, Any]:
    """With what its sentences tell and no field of it does."""
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
