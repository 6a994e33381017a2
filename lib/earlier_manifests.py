"""What manifests of earlier versions told in another form, or in several fields together. Pure.

Reasons were told in sentences only, and this is the only place that reads a sentence of ours. The
sentences are those of these versions: they do not change when a sentence of today does. A long text
was a job with the number of its `parts`, and each of its parts carried its id as `reading`.
"""

from __future__ import annotations

from lib.json_reading import JsonObject, object_of, text_of
from lib.models import ErrorKind, Inquiry, JobState

IN_LINE = "In line:"
OTHER_DISK = "The sound is on the disk of another keeper, which brings it home."
OTHER_ACCOUNT = "It was used by another account's key."
NOTHING_SPENT = "othing was"
_OF_TEXT = ("text", "model", "settings", "parts")


def take(body: JsonObject) -> JsonObject:
    """The manifest of a take; one whose job was a long text tells of that instead."""
    job = object_of(body.get("job"))
    request = object_of(job.get("request"))
    if "request" not in job:
        return body
    is_deleted = job.get("reading") == "" and "parts" in request and "part" not in request
    if not is_deleted and job.get("reading", "") != job.get("id"):
        return body
    stored = {name: request[name] for name in _OF_TEXT if name in request}
    gone = object_of(job.get("result")).get("deleted", {})
    return {**body, "long_text": {**job, **stored, "deleted": gone}}


def order(body: JsonObject) -> JsonObject:
    """An order of a manifest, with what an earlier form of it tells."""
    return _part(_reasons(_asked_after(body)))


def _part(body: JsonObject) -> JsonObject:
    request = object_of(body.get("request"))
    if "reading" not in body or "part" not in request:
        return body
    asked = {name: value for name, value in request.items() if name not in ("part", "parts")}
    # That of a part that was deleted was cleared; its own begins with it.
    text_id = body["reading"] or text_of(body.get("id")).partition("-")[0]
    stored = {"long_text_id": text_id, "part": request["part"]}
    return {**body, **stored, "request": asked}


def _asked_after(body: JsonObject) -> JsonObject:
    """With what is done about it if nobody knows its outcome."""
    if "inquiry" in body or body.get("state") != JobState.UNKNOWN:
        return body
    return body | {"inquiry": _inquiry(body)}


def _reasons(body: JsonObject) -> JsonObject:
    """With what its sentences tell and no field of it does."""
    if "error_tells_cost" in body:  # each version from then on writes all of these fields
        return body
    stored: JsonObject = {"error_tells_cost": NOTHING_SPENT in text_of(body.get("error"))}
    if body.get("answer_kind", "") == "":
        stored["answer_kind"] = _kind_of_answer(text_of(body.get("last_answer")), body.get("state"))
    return body | stored


def _inquiry(body: JsonObject) -> Inquiry:
    left, next_at = body.get("ticket") or body.get("result"), body.get("next_check_at")
    is_compared = body.get("balance_after") is not None and not left and next_at is None
    return Inquiry.COMPARED if is_compared else Inquiry.of(left, next_at)


def _kind_of_answer(answer: str, state: object) -> str:
    if answer.startswith(IN_LINE):
        return ErrorKind.QUEUE
    if answer == OTHER_DISK:
        return ErrorKind.OTHER_DISK
    return ErrorKind.TROUBLE if answer and state == JobState.CONFIRMED else ""


def evidence(body: JsonObject) -> JsonObject:
    """A piece of evidence of a manifest, as `order`."""
    if "withdrawn_kind" in body or text_of(body.get("withdrawn_why")) != OTHER_ACCOUNT:
        return body
    return body | {"withdrawn_kind": ErrorKind.OTHER_ACCOUNT}
