"""Takes pictures of every page, to be looked at: `python -m tests.pictures [--to FOLDER]`.

A picture is named page-library-width-scheme.png. All of them take a while; options choose some.
Of the library `work` the Clone page is taken with a recording and with an order under way too.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from lib.models import Dossier, ErrorKind, JobState, Role, VoiceKind
from tests.journeys.servers import ROOT, Service, inhabit, running_app, running_service
from tests.journeys.visitor import TITLES, Visitor
from tests.pages import people
from tests.parts.browser import FLAGS, PROGRAMS
from tests.parts.processes import find_program
from tests.parts.speech import spoken
from tests.parts.tones import wav

SOUND = wav(3)
"""The preview of every voice."""
WIDTHS = {1440: 900, 1024: 768, 390: 844}
"""Pixels, with the height of such a screen."""
TALLEST = 4_000
PACE = 600
"""Seconds that a clone takes: longer than all pictures of one that is under way."""
BEGINNING = re.compile("^(Preparing the demo|Reading your storage)")
SCHEMES = ("light", "dark")
LONG_NAMES = (
    "Margarethe-Henriette von Hohenstein-Wartenberg, die Erzählerin",
    "Александра Константиновна Вознесенская-Преображенская, рассказчица",
    "شهرزاد بنت عبد الرحمن الأندلسية راوية ألف ليلة وليلة في القاهرة",
    "東京の深夜ラジオで三十年間ずっと静かに語り続けてきた伝説のナレーター長谷川千代子さん",
    "अनुराधा विश्वनाथ चक्रवर्ती, कहानियाँ सुनाने वाली पुरानी आवाज़",
)

Residents = Callable[[datetime, str], list[Dossier]]


def _nobody(_now: datetime, _vault: str) -> list[Dossier]:
    return []


def _one(now: datetime, vault: str) -> list[Dossier]:
    return [people.clone(1, now, name="Grace Hopper", vault=vault)]


def _many(now: datetime, vault: str) -> list[Dossier]:
    """300 voices; 45 of them need somebody."""
    hours = {0: 150.0, 1: 160.0, 2: 200.0}
    return [
        people.clone(
            number,
            now,
            hours_ago=hours.get(number % 20, 24.0 + number),
            kept=number % 20 not in hours,
            kind=VoiceKind.QWEN if number % 20 == 7 else VoiceKind.MINIMAX,
            vault=vault,
        )
        for number in range(300)
    ]


def _long_names(now: datetime, vault: str) -> list[Dossier]:
    return [
        people.clone(number, now, name=name, hours_ago=(24, 150, 160, 200, 60)[number], vault=vault)
        for number, name in enumerate(LONG_NAMES)
    ]


def _trouble(now: datetime, vault: str) -> list[Dossier]:
    """An order whose outcome nobody knows, beside a voice that is nearly lost."""
    return [
        people.with_unknown_outcome(people.clone(1, now, name="Grace Hopper")),
        people.clone(2, now, name="Ada Lovelace", hours_ago=167, vault=vault),
    ]


def _work(now: datetime, vault: str) -> list[Dossier]:
    """A clone under way, one that failed, and voices of every health."""
    moving = people.clone(1, now, name="Grace Hopper", hours_ago=0)
    waiting = replace(
        moving.jobs[0],
        state=JobState.WAITING,
        submitted_at=now,
        finished_at=None,
        charged=None,
        next_check_at=now + timedelta(days=9),
    )
    refused = people.clone(2, now, name="Alan Turing", hours_ago=1)
    failed = replace(
        refused.jobs[0],
        state=JobState.FAILED,
        charged=None,
        error="The service could not hear any speech in the recording.",
        error_kind=ErrorKind.INPUT,
    )
    return [
        replace(moving, jobs=(waiting,)),
        replace(refused, jobs=(failed,)),
        people.clone(3, now, name="Ada Lovelace", hours_ago=160, vault=vault),
        people.clone(4, now, name="Safe and sound", kept=True, vault=vault),
        people.clone(5, now, name="Long gone", hours_ago=400),
        people.clone(6, now, name="A file", kind=VoiceKind.QWEN, vault=vault),
        people.adopted(7, now, name="Brought along"),
    ]


LIBRARIES: dict[str, Residents | None] = {
    "demo": None,
    "nothing": _nobody,
    "one": _one,
    "many": _many,
    "long-names": _long_names,
    "trouble": _trouble,
    "work": _work,
    "wrong-key": _one,
}
"""Who lives in the library of each; without any, the demo shows its own voices."""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "pictures")
    parser.add_argument("--library", nargs="*", choices=LIBRARIES, default=list(LIBRARIES))
    parser.add_argument("--page", nargs="*", default=[path.strip("/") or "home" for path in TITLES])
    parser.add_argument("--width", nargs="*", type=int, choices=WIDTHS, default=list(WIDTHS))
    parser.add_argument("--scheme", nargs="*", choices=SCHEMES, default=SCHEMES)
    parser.add_argument("--whole", action="store_true", help="the whole page, not one screen of it")
    chosen = parser.parse_args(arguments)
    chosen.to.mkdir(parents=True, exist_ok=True)
    for library in chosen.library:
        with tempfile.TemporaryDirectory() as place:
            _take_all(chosen, library, Path(place))


def _take_all(chosen: argparse.Namespace, library: str, place: Path) -> None:
    residents = LIBRARIES[library]
    with running_service(place / "service", pace=PACE) as service:
        settings = {} if residents is None else _lived_in(place, residents, service)
        if library == "wrong-key":
            settings["NANOGPT_API_KEY"] = "sk-nano-of-nobody"
        with running_app(place, settings) as app, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=find_program(*PROGRAMS), args=list(FLAGS)
            )
            for width in chosen.width:
                for scheme in chosen.scheme:
                    screen = {"width": width, "height": WIDTHS[width]}
                    visitor = Visitor(browser.new_page(viewport=screen, color_scheme=scheme))
                    for page in chosen.page:
                        for scene, reach in _scenes(page, library, place).items():
                            visitor.open(app.url(_address(page, library)))
                            reach(visitor)
                            picture = f"{page}{scene}-{library}-{width}-{scheme}.png"
                            _take(visitor, chosen.to / picture, whole=chosen.whole)
                    visitor.page.close()


def _scenes(page: str, library: str, place: Path) -> dict[str, Callable[[Visitor], object]]:
    """What is done on the page before each picture of it; the end of that picture's name."""
    as_opened = {"": lambda _visitor: None}
    if (page, library) != ("clone", "work"):
        return as_opened
    recording = place / "recording.wav"
    recording.write_bytes(spoken(20))

    def bring(visitor: Visitor) -> None:
        visitor.bring(recording)

    def order(visitor: Visitor) -> None:
        visitor.clones("MiniMax voice · NanoGPT", recording, "Katherine Johnson")
        visitor.sees("Katherine Johnson")

    return {**as_opened, "-recording": bring, "-ordered": order}


def _lived_in(place: Path, residents: Residents, service: Service) -> dict[str, str]:
    found = residents(datetime.now(UTC), f"file://{place}/data/vault")
    inhabit(place, found)
    for dossier in found:
        for copy in dossier.evidence:
            if copy.role is Role.PREVIEW:
                file = place / "data" / "vault" / copy.key
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(SOUND)
    return dict(service.settings)


def _address(page: str, library: str) -> str:
    if page == "voice":
        return f"/voice?id={'demo-safe' if library == 'demo' else 'voice-00001'}"
    return "/" if page == "home" else f"/{page}"


def _take(visitor: Visitor, picture: Path, *, whole: bool) -> None:
    page = visitor.page
    visitor.page.get_by_role("heading", level=1).first.wait_for()
    page.get_by_text(BEGINNING).wait_for(state="hidden")
    visitor.settle()
    page.wait_for_timeout(700)  # the last fade-in
    screen = page.viewport_size
    if whole and screen:
        page.set_viewport_size({"width": screen["width"], "height": _height(page)})
        page.wait_for_timeout(300)
    page.screenshot(path=picture)
    if whole and screen:
        page.set_viewport_size(screen)
    print(picture)


def _height(page: Page) -> int:
    """The page scrolls inside; this is what all of it takes."""
    inner: int = page.evaluate(
        "document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight"
    )
    return min(inner, TALLEST)


if __name__ == "__main__":
    main()
