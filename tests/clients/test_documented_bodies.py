"""Every body that leaves for a service, field by field, beside that service's own page.

The pages lie in `../shared/contracts/sources` and are read in place. What they do not hold is
listed here, with where it is documented instead.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from lib.providers.base import Ticket
from lib.providers.nanogpt_saved_ids import SavedIds
from lib.services import QWEN
from tests.clients import kyma
from tests.clients.nanogpt import ACCEPTED, LINK, QWEN_SPEECH, SPEECH
from tests.clients.nanogpt import MINIMAX as MINIMAX_CLONE
from tests.clients.nanogpt import QWEN as QWEN_CLONE
from tests.clients.scripted_server import (
    HASTY,
    Reply,
    ScriptedServer,
    Seen,
    kyma_at,
    nanogpt_at,
    reply,
)
from tests.conftest import ROOT
from tests.parts.processes import absent

Fields = dict[str, str]
"""Names of fields, and what each is: file, string, number or boolean."""

ELSEWHERE: dict[str, Fields] = {
    # nanogpt.md §4, the table of `POST /api/tts`: the page's example for Qwen leaves it out.
    "qwen speech": {"speed": "number"},
    # nanogpt.md §4, `GET /api/tts/status`: another page of NanoGPT's. A query is all text.
    "speech status": dict.fromkeys(
        ("runId", "model", "cost", "paymentSource", "isApiRequest"), "string"
    ),
    # kyma.md §2: the copy of the page has lost the names of its form's fields.
    "kyma clone": {"file": "file", "name": "string", "model": "string"},
    # kyma.md §3 and §4: other pages of Kyma's.
    "kyma design": dict.fromkeys(
        ("description", "model", "name", "preview_text", "gender", "age_group"), "string"
    ),
    "kyma speech": dict.fromkeys(("model", "input", "voice_id"), "string"),
}


@dataclass(frozen=True)
class Page:
    """A service's page as text."""

    text: str

    def after(self, *headings: str) -> str:
        """What follows these headings, each looked for after the one before it."""
        text = self.text
        for heading in headings:
            _, found, text = text.partition(f"\n{heading}")
            assert found, f"the page has no {heading!r}"
        return text

    def example(self, *headings: str) -> Fields:
        """The first JSON object after these headings."""
        text = self.after(*headings)
        found, _ = json.JSONDecoder().raw_decode(text, text.index("{"))
        return kinds_of(found)

    def table(self, *headings: str) -> Fields:
        """The rows of the first table of fields after these headings, by their first spelling."""
        lines = self.after(*headings, "Form fields").split("\n")[3:]
        rows = [line.split(" | ") for line in iter(iter(lines).__next__, "Response (202)")]
        return {row[0].split(" / ")[0]: row[1] for row in rows}


def kinds_of(fields: dict[str, Any]) -> Fields:
    """What a JSON object holds, by name."""
    kinds = {bool: "boolean", int: "number", float: "number", str: "string", list: "list"}
    return {name: kinds[type(value)] for name, value in fields.items()}


@pytest.fixture(scope="module")
def nanogpt_page() -> Page:
    return Page(_text("sources/nanogpt-voice-cloning.txt"))


def _text(name: str) -> str:
    file: Path = ROOT.parent / "shared" / "contracts" / name
    if not file.is_file():
        absent("the folder shared/contracts is not beside the repository")
    return file.read_text(encoding="utf-8")


def left(ask: Any, answer: Reply | None = None) -> Seen:
    """The request that leaves when a client is asked this."""
    with ScriptedServer([answer or reply(ACCEPTED, 202)]) as server:
        ask(server.origin)
    (seen,) = server.seen
    return seen


def form_of(seen: Seen) -> Iterator[tuple[str, str, str]]:
    """Name, kind and text of each part of a form."""
    for name, part in seen.form.items():
        text = "" if part.file_name else part.data.decode()
        kind = "string"
        if part.file_name:
            kind = "file"
        elif text in ("true", "false"):
            kind = "boolean"
        elif re.fullmatch(r"\d+(\.\d+)?", text):
            kind = "number"
        yield name, kind, text


CLONES = {"minimax": MINIMAX_CLONE, "qwen": QWEN_CLONE}
HEADINGS = {"minimax": "MiniMax Voice Clone\nSubmit", "qwen": "Qwen Voice Clone (1.7B)\nSubmit"}


@pytest.mark.parametrize("kind", CLONES)
def test_a_clone_by_link_is_the_page_s_json(nanogpt_page: Page, kind: str) -> None:
    order = replace(CLONES[kind], audio=None, audio_url=LINK)
    sent = kinds_of(left(lambda origin: nanogpt_at(origin).clone(order)).json)
    assert sent == nanogpt_page.example(HEADINGS[kind], "JSON request")
    assert sent.items() <= nanogpt_page.table(HEADINGS[kind]).items()


@pytest.mark.parametrize("kind", CLONES)
def test_a_clone_by_file_is_the_page_s_form(nanogpt_page: Page, kind: str) -> None:
    seen = left(lambda origin: nanogpt_at(origin).clone(CLONES[kind]))
    sent = {name: kind for name, kind, _ in form_of(seen)}
    rows = nanogpt_page.table(HEADINGS[kind])
    assert sent == {name: kind for name, kind in rows.items() if name != "audioUrl"}


@pytest.mark.parametrize("kind", CLONES)
def test_a_poll_of_a_clone_echoes_what_the_page_s_poll_does(nanogpt_page: Page, kind: str) -> None:
    page = Page(nanogpt_page.after(HEADINGS[kind]))
    told = json.JSONDecoder().raw_decode(page.after("Response (202)").lstrip(": \n"))[0]
    ticket = nanogpt_ticket(kind, told)
    seen = left(lambda origin: nanogpt_at(origin).check(ticket), reply({"status": "pending"}))
    assert kinds_of(seen.json) == page.example("Poll Job Status", "Request body")
    assert seen.json.items() <= told.items()


def nanogpt_ticket(kind: str, told: dict[str, Any]) -> Ticket:
    """The ticket that is stored of this answer."""
    stored: list[Ticket] = []
    left(lambda origin: stored.append(nanogpt_at(origin).clone(CLONES[kind])), reply(told, 202))
    return Ticket.from_json(json.loads(json.dumps(stored[0].to_json())))


def test_speech_with_a_minimax_voice_is_the_page_s_json(nanogpt_page: Page) -> None:
    order = replace(SPEECH, speed=1.5)
    seen = left(lambda origin: nanogpt_at(origin).speak(order))
    heading = "MiniMax cloned voice (customVoiceId)"
    assert kinds_of(seen.json) == nanogpt_page.example(heading)


def test_speech_with_a_qwen_voice_is_the_page_s_json(nanogpt_page: Page) -> None:
    order = replace(QWEN_SPEECH, speed=1.5)
    seen = left(lambda origin: nanogpt_at(origin).speak(order))
    documented = nanogpt_page.example("Qwen cloned voice (speakerEmbeddingUrl)")
    assert kinds_of(seen.json) == documented | ELSEWHERE["qwen speech"]


def test_saving_a_voice_id_is_the_page_s_json(nanogpt_page: Page) -> None:
    page = Page(nanogpt_page.after("Saving MiniMax Voice IDs (Web App)"))
    answer = json.JSONDecoder().raw_decode(page.after("Save a Voice ID", "Response\n"))[0]
    client = lambda origin: SavedIds(f"{origin}/api", "session=a", timeouts=HASTY)  # noqa: E731
    seen = left(lambda origin: client(origin).save("MyVoice001"), reply(answer))
    assert kinds_of(seen.json) == page.example("Save a Voice ID", "Request body")

    told = json.JSONDecoder().raw_decode(page.after("List Saved Voice IDs", "Response\n"))[0]
    with ScriptedServer([reply(told)]) as server:
        assert client(server.origin).all() == told["voiceIds"]


def test_a_poll_of_a_speech_asks_with_the_documented_fields() -> None:
    ticket = Ticket(
        "run-1", QWEN, for_speech=True, model="Qwen-3-TTS-1.7B",
        echo={"cost": 0.01, "paymentSource": "USD", "isApiRequest": True},
    )  # fmt: skip
    seen = left(lambda origin: nanogpt_at(origin).check(ticket), reply({"status": "pending"}))
    assert dict.fromkeys(dict(seen.query), "string") == ELSEWHERE["speech status"]
    assert dict(seen.query)["isApiRequest"] == "true"
    _text_has(
        "nanogpt.md", "`GET /api/tts/status?runId&model[&cost&paymentSource&isApiRequest=true]`"
    )


def test_a_balance_is_asked_for_with_an_empty_object() -> None:
    seen = left(lambda origin: nanogpt_at(origin).balance(), reply({"usd_balance": "1"}))
    assert seen.json == {}
    _text_has("nanogpt.md", "`POST /api/check-balance` (`x-api-key`, `{}` body)")


def test_what_goes_to_kyma_is_documented_field_by_field() -> None:
    made = reply(kyma.MADE)
    clone = left(lambda origin: kyma_at(origin).clone(kyma.CLONE), made)
    assert {name: kind for name, kind, _ in form_of(clone)} == ELSEWHERE["kyma clone"]
    design = left(lambda origin: kyma_at(origin).design(kyma.DESIGN), made)
    assert kinds_of(design.json) == ELSEWHERE["kyma design"]
    sound = Reply(200, kyma.MP3, kyma.HEADERS)
    speech = left(lambda origin: kyma_at(origin).speak(kyma.SPEECH), sound)
    assert kinds_of(speech.json) == ELSEWHERE["kyma speech"]


def test_those_fields_are_where_the_list_says() -> None:
    for what, section in (("clone", "## 2."), ("design", "## 3."), ("speech", "## 4.")):
        _, _, rest = _text("kyma.md").partition(f"\n{section}")
        rows = set(re.findall(r"^\| `(\w+)`", rest.partition("\n## ")[0], re.MULTILINE))
        assert rows >= set(ELSEWHERE[f"kyma {what}"])
    _text_has("nanogpt.md", "| `speed` | 0.1–5")


def test_kyma_s_own_page_names_the_model_and_the_route_of_a_clone() -> None:
    page = _text("sources/kyma-voice-clone.txt")
    seen = left(lambda origin: kyma_at(origin).clone(kyma.CLONE), reply(kyma.MADE))
    assert {part[0]: part[2] for part in form_of(seen)}["model"] in page
    assert "multipart/form-data" in page
    assert seen.headers["content-type"].startswith("multipart/form-data")
    assert "Optional human-readable label, max 64 chars" in page
    long = replace(kyma.CLONE, name="n" * 99)
    form = left(lambda origin: kyma_at(origin).clone(long), reply(kyma.MADE)).form
    assert len(form["name"].data) == 64


def _text_has(name: str, words: str) -> None:
    assert words in _text(name)
