"""HTTP as the demo needs it: a bounded request in, an answer out. No web framework."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_string
from email.message import Message
from email.utils import collapse_rfc2231_value
from http import HTTPStatus
from urllib.parse import parse_qsl
from wsgiref.types import InputStream, WSGIEnvironment

MAX_MULTIPART = 21_000_000  # a recording of 20 MB and what stands around it
MAX_JSON = 1_000_000
MAX_PARTS = 32
_DRAIN = 64_000_000  # read and thrown away, so that the sender gets to read the refusal


class Refusal(Exception):
    """The request is answered with an error of the documented form."""

    def __init__(self, status: int, message: str, code: str = "invalid_request") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code

    def answer(self) -> Answer:
        """The refusal as NanoGPT tells it."""
        error = {"message": self.message, "type": _type_of(self.status), "code": self.code}
        return Answer.of_json({"error": error | {"param": None}}, self.status)


class BalanceTooSmall(Refusal):
    """402, with what the request would have needed in dollars."""

    def __init__(self, required: float) -> None:
        super().__init__(402, "Insufficient balance")
        self.required = required

    def answer(self) -> Answer:
        """The refusal with the amount that was lacking, as NanoGPT tells it."""
        body = {"error": self.message, "status": 402, "requiredBalance": self.required}
        return Answer.of_json(body, self.status)


@dataclass(frozen=True)
class Answer:
    """What goes back."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of_json(cls, body: object, status: int = 200, **headers: str) -> Answer:
        """A JSON answer; `headers` are named with `_` for `-`."""
        named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        return cls(status, json.dumps(body).encode(), headers=named)

    @property
    def status_line(self) -> str:
        """The status with its phrase, as WSGI wants it."""
        return f"{self.status} {HTTPStatus(self.status).phrase}"


@dataclass(frozen=True)
class Upload:
    """A file that came with a form."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Request:
    """What came in. `fields` are a form's texts or a JSON object's values.

    `key` came in either of the two ways to send one, `bearer` as a bearer token. Of a cookie only
    that there was one is kept: what it says is nobody's business, so no log can hold it.
    """

    method: str
    path: str
    key: str
    query: dict[str, str]
    fields: dict[str, object] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    bearer: str = ""
    has_cookie: bool = False

    def text(self, *names: str) -> str:
        """The first of these fields that is given, as text; empty when none is. Else 400."""
        given = (self.fields.get(name) for name in names)
        value = next((value for value in given if value is not None), None)
        if value is None:
            return ""
        if not isinstance(value, str) or not _is_utf8(value):
            raise Refusal(400, f"{names[0]} must be text", "invalid_parameter")
        return value

    def number(self, name: str, default: float, low: float, high: float) -> float:
        """A number within these bounds, from JSON or from a form's text; else 400."""
        value = self.fields.get(name, default)
        number = None
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            with suppress(ValueError, OverflowError):
                number = float(value)
        if number is None or not low <= number <= high:
            raise Refusal(400, f"{name} must be from {low:g} to {high:g}", "invalid_parameter")
        return number

    def check_flag(self, name: str) -> None:
        """Refuses anything but a JSON boolean or a form's true and false with 400."""
        if self.fields.get(name, False) not in (True, False, "true", "false"):
            raise Refusal(400, f"{name} must be true or false", "invalid_parameter")


def read_request(environ: WSGIEnvironment) -> Request:
    """The request with its whole body, bounded. Raises Refusal 400 or 413."""
    content_type = _header("Content-Type", environ.get("CONTENT_TYPE", ""))
    is_form = content_type.get_content_type() == "multipart/form-data"
    body = _read_body(environ, MAX_MULTIPART if is_form else MAX_JSON)
    fields: dict[str, object] = {}
    uploads: dict[str, Upload] = {}
    if is_form:
        fields, uploads = _read_form(body, _parameter(content_type, "boundary"))
    elif body:
        fields = _read_json(body)
    bearer = _bearer_of(environ)
    return Request(
        method=environ["REQUEST_METHOD"],
        path=environ.get("PATH_INFO", ""),
        key=bearer or str(environ.get("HTTP_X_API_KEY", "")),
        query=_read_query(environ.get("QUERY_STRING", "")),
        fields=fields,
        uploads=uploads,
        bearer=bearer,
        has_cookie=bool(str(environ.get("HTTP_COOKIE", "")).strip()),
    )


def _bearer_of(environ: WSGIEnvironment) -> str:
    scheme, _, token = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _read_body(environ: WSGIEnvironment, limit: int) -> bytes:
    length_text = environ.get("CONTENT_LENGTH") or "0"
    if not (length_text.isascii() and length_text.isdigit() and len(length_text) < 20):
        raise Refusal(400, "The length of the request is not a number")
    length = int(length_text)
    stream: InputStream = environ["wsgi.input"]
    if length > limit:
        _drain(stream, min(length, _DRAIN))
        raise Refusal(413, "File too large for direct upload", "payload_too_large")
    body = stream.read(length) if length else b""
    if len(body) < length:
        raise Refusal(400, "The request ended early")
    return body


def _drain(stream: InputStream, count: int) -> None:
    while count > 0 and (chunk := stream.read(min(count, 1 << 16))):
        count -= len(chunk)


def _read_query(text: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(text, max_num_fields=MAX_PARTS))
    except ValueError:
        raise Refusal(400, "The address has too many parameters") from None


def _read_json(body: bytes) -> dict[str, object]:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal(400, "The request is not valid JSON") from None
    if not isinstance(fields, dict):
        raise Refusal(400, "The request must be a JSON object")
    return fields


def _read_form(body: bytes, boundary: str) -> tuple[dict[str, object], dict[str, Upload]]:
    if not boundary:
        raise Refusal(400, "The form names no boundary")
    fields: dict[str, object] = {}
    uploads: dict[str, Upload] = {}
    for head, data in _parts(body, boundary.encode()):
        name = _parameter(head, "name", "Content-Disposition")
        file_name = head.get_filename()
        if file_name is not None:
            uploads[name] = Upload(file_name, data)
        else:
            fields[name] = data.decode(errors="replace")
    return fields, uploads


def _parts(body: bytes, boundary: bytes) -> Iterator[tuple[Message, bytes]]:
    """Headers and content of each part (RFC 2046 §5.1.1)."""
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary, MAX_PARTS + 1)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise Refusal(400, "The form has no end or too many parts")
    for piece in pieces[1:-1]:
        head, _, data = piece.partition(b"\r\n\r\n")
        yield message_from_string(head.decode(errors="replace").strip()), data


def _header(name: str, value: str) -> Message:
    message = Message()
    message[name] = value.replace("\r", " ").replace("\n", " ")
    return message


def _parameter(message: Message, name: str, header: str = "Content-Type") -> str:
    return collapse_rfc2231_value(message.get_param(name, "", header))


def _is_utf8(text: str) -> bool:
    """Lone surrogates come in by JSON escapes; no database or program takes them."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _type_of(status: int) -> str:
    if status == HTTPStatus.UNAUTHORIZED:
        return "authentication_error"
    return "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request_error"
