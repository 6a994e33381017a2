"""The recorder and the waveform in a real browser, on a page of their own."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, WebSocket, expect

from lib.ui.clone.recorder import MAX_TEXT, SENTENCES, Unavailable
from tests.journeys.conftest import Enter
from tests.parts.browser import REBOUND
from tests.parts.processes import free_port, start, twice

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "tests" / "parts" / "components_program.py"
PHONE = {"width": 390, "height": 844}
WHOLE = 34.0
RAW = {"autoGainControl": False, "echoCancellation": False, "noiseSuppression": False}
SMALL = 10_000
"""Bytes of a frame that carries no sound."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("components")
    shutil.copytree(ROOT / ".streamlit", folder / ".streamlit")
    port = free_port()
    command = [
        sys.executable, "-m", "streamlit", "run", PROGRAM, "--server.headless", "true",
        "--server.address", "127.0.0.1", "--server.port", str(port),
        "--server.fileWatcherType", "none",
    ]  # fmt: skip
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT)}

    def begin() -> object:
        child = start(command, log=folder / "app.log", env=env, cwd=folder)
        child.wait_for_port(port)
        return child

    child = twice(begin)
    with child:
        yield f"http://127.0.0.1:{port}"


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def ours(page: Page, name: str) -> Locator:
    """A button of our recorder, not of Streamlit's."""
    return page.get_by_test_id("stBidiComponentIsolated").get_by_role(
        "button", name=name, exact=True
    )


def reads(page: Page, what: str) -> None:
    page.locator(".st-key-booth_language").get_by_text(what, exact=True).click()


def records(page: Page, *, until: str) -> None:
    """Record from the browser's own microphone until so much has been heard, by keyboard."""
    ours(page, "Record again" if page.get_by_role("listitem").count() else "Record").press("Enter")
    expect(page.get_by_text(until, exact=True)).to_be_visible()
    expect(ours(page, "Stop")).to_be_focused()
    page.keyboard.press("Enter")


def test_a_take_is_compared_and_handed_over_whole_and_once(address: str, enter: Enter) -> None:
    page = enter(permissions=["microphone"]).page
    sent: list[bytes] = []

    def note(socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: sent.append(frame))

    page.on("websocket", note)
    page.goto(address)
    expect(page.get_by_text("Last Saturday")).to_be_visible()
    records(page, until="0:01")
    records(page, until="0:01")
    takes = page.get_by_role("listitem")
    expect(takes).to_have_count(2)
    expect(takes.first).to_contain_text("Take 2 · 0:01 · Good level")
    expect(takes.last.get_by_role("button", name="Use this take")).to_be_enabled()
    page.wait_for_function(
        """() => [...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')]
        .flatMap(host => [...host.shadowRoot.querySelectorAll('audio')])
        .filter(sound => sound.duration > 1).length === 2"""
    )
    assert max(map(len, sent)) < SMALL, "nothing travels before a take is used"

    takes.first.get_by_role("button", name="Use this take").click()
    expect(takes.first).to_contain_text("In use")
    shown = page.get_by_text("Got 1").inner_text()
    large = [frame for frame in sent if len(frame) > SMALL]
    assert len(large) == 1
    # The sound is in this one frame, whole: the server got the very bytes.
    message = max(re.findall(rb"[A-Za-z0-9+/=]{1000,}", large[0]), key=len)
    data = base64.b64decode(message)
    assert sha256(data).hexdigest() in shown
    rate, channels, seconds = re.findall(r"(\d+) Hz, (\d) channel, ([\d.]+) s", shown)[0]
    assert (int(rate), int(channels)) == (int.from_bytes(data[24:28], "little"), 1)
    assert int(rate) >= 44_100
    assert float(seconds) >= 1
    told = json.loads(shown[shown.index("{") :])
    assert {name: told[name] for name in RAW} == RAW

    before = len(sent)
    button(page, "Another click").click()
    expect(page.get_by_text("Clicked: True")).to_be_visible()
    reads(page, "Deutsch")
    expect(page.get_by_text("Neulich saß ich")).to_be_visible()
    assert len(sent) > before
    assert max(len(frame) for frame in sent[before:]) < SMALL
    expect(page.get_by_text("Got 2")).to_have_count(0)
    expect(takes).to_have_count(2)

    takes.last.get_by_role("button", name="Use this take").click()
    expect(page.get_by_text("Got 2")).to_be_visible()
    takes.first.get_by_role("button", name="Delete").click()
    expect(takes).to_have_count(1)


@pytest.mark.slow
def test_only_the_last_four_takes_stay(address: str, enter: Enter) -> None:
    page = enter(permissions=["microphone"]).page
    page.goto(address)
    for _ in range(5):
        records(page, until="0:01")
    expect(page.get_by_role("listitem")).to_have_count(4)
    expect(page.get_by_text("Take 1", exact=True)).to_have_count(0)


def test_the_level_is_told_in_words_and_a_recording_ends_after_two_minutes(
    address: str, enter: Enter
) -> None:
    """The microphone is one that hears two minutes in a moment."""
    page = enter(permissions=["microphone"]).page
    sent: list[int] = []
    page.on("websocket", lambda to: to.on("framesent", lambda frame: sent.append(len(frame))))
    page.add_init_script(
        """AudioWorkletNode = new Proxy(AudioWorkletNode, { construct(kind, args) {
            const node = new kind(...args);
            let hear;
            window.hears = (seconds, amplitude) => {
                hear ??= node.port.onmessage;
                node.port.onmessage = null;
                for (let n = 0; n < seconds * node.context.sampleRate; n += 2048)
                    hear({ data: new Float32Array(2048).fill(amplitude) });
            };
            return node;
        } })"""
    )
    page.goto(address)
    ours(page, "Record").click()
    ours(page, "Stop").wait_for()
    meter = page.get_by_role("meter")
    for amplitude, word in ((0.001, "Too quiet"), (0.2, "Good level"), (1, "Too loud")):
        page.evaluate(f"hears(3, {amplitude})")
        expect(meter).to_have_attribute("aria-valuetext", word)
        expect(page.locator(".word")).to_have_text(word)
    page.evaluate("hears(104, 0.001)")
    expect(page.get_by_text(re.compile(r"Stops in \d s"))).to_be_visible()
    page.evaluate("hears(20, 0.001)")
    take = page.get_by_role("listitem")
    expect(take).to_contain_text("2:00 · Too loud")
    take.get_by_role("button", name="Use this take").click()
    expect(take).to_contain_text("In use")
    expect(page.get_by_text("1 channel, 120.000 s")).to_be_visible()
    # A first piece shows how fast the line is; no byte goes twice.
    assert len([size for size in sent if size > SMALL]) > 1
    assert sum(sent) < 1.05 * MAX_TEXT


REASONS = {
    "NotFoundError": Unavailable.NO_MICROPHONE,
    "NotReadableError": Unavailable.BUSY,
    "DataError": Unavailable.FAILED,
}


def test_a_microphone_that_is_refused_is_told_and_the_simple_recorder_opens(
    address: str, wary_chromium: Browser
) -> None:
    page = wary_chromium.new_page()
    page.goto(address)
    simple = page.get_by_test_id("stAudioInput")
    ours(page, "Record").wait_for()
    expect(simple).to_be_hidden()
    ours(page, "Record").click()
    expect(page.get_by_role("alert").get_by_text(SENTENCES[Unavailable.REFUSED])).to_be_visible()
    expect(simple).to_be_visible()
    page.context.grant_permissions(["microphone"])
    records(page, until="0:01")
    expect(page.get_by_role("listitem")).to_be_visible()
    expect(simple).to_be_hidden()


def test_what_else_may_be_wrong_with_a_microphone_is_told(address: str, enter: Enter) -> None:
    page = enter(permissions=["microphone"]).page
    page.goto(address)
    ours(page, "Record").wait_for()
    for name, reason in REASONS.items():
        page.evaluate(
            """name => { navigator.mediaDevices.getUserMedia = async () => {
                throw new DOMException('', name);
            } }""",
            name,
        )
        ours(page, "Record").click()
        expect(page.get_by_role("alert").get_by_text(SENTENCES[reason])).to_be_visible()
        expect(page.get_by_test_id("stAudioInput")).to_be_visible()


def test_a_page_that_is_not_secure_says_so_at_once(address: str, chromium: Browser) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(address.replace("127.0.0.1", REBOUND))
    expect(page.get_by_text(SENTENCES[Unavailable.PLAIN_HTTP])).to_be_visible()
    expect(ours(page, "Record")).to_be_disabled()
    expect(page.get_by_text("Recorder not working?")).to_be_visible()
    context.close()


def test_ones_own_text_shows_as_it_was_typed(address: str, enter: Enter) -> None:
    visitor = enter(locale="es-MX")
    page = visitor.page
    page.goto(address)
    expect(page.get_by_text("El domingo pasado")).to_be_visible()
    button(page, "Another text").click()
    expect(page.get_by_text("Mi primer viaje en globo")).to_have_attribute("lang", "es")
    reads(page, "Your own text")
    visitor.type("booth_own", "<b>One</b> & *two*")
    expect(page.locator("p.text")).to_have_text("<b>One</b> & *two*")


def ends(page: Page) -> tuple[float, float]:
    """Where the handles are, in seconds."""
    start, end = page.get_by_role("slider").all()
    return float(start.get_attribute("aria-valuenow") or -1), float(
        end.get_attribute("aria-valuenow") or -1
    )


def place(page: Page, seconds: float) -> tuple[float, float]:
    """Where this moment is on the screen."""
    box = page.locator(".stage").bounding_box()
    assert box
    return box["x"] + seconds / WHOLE * box["width"], box["y"] + 60


def opens(page: Page, address: str) -> None:
    page.goto(f"{address}/?show=waveform")
    page.get_by_role("slider").first.wait_for()
    assert ends(page) == (0, WHOLE)


def test_a_part_is_chosen_by_keyboard(address: str, enter: Enter) -> None:
    page = enter().page
    opens(page, address)
    start, end = page.get_by_role("slider").all()
    start.focus()
    for key in ("Shift+ArrowRight", "PageUp", "ArrowRight", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
    expect(start).to_have_attribute("aria-valuetext", "2.1 seconds")
    expect(page.get_by_text("Chosen 2.1 to 34.0, told 1 times")).to_be_visible()
    expect(start).to_be_focused()
    page.keyboard.press("Tab")
    expect(end).to_be_focused()
    page.keyboard.press("Home")
    expect(end).to_have_attribute("aria-valuenow", "3.1")
    expect(page.get_by_text("Chosen 2.1 to 3.1, told 2 times")).to_be_visible()
    expect(start).to_have_attribute("aria-valuemax", "2.1")
    page.keyboard.press("End")
    # Leaving the handle tells it at once.
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Home")
    expect(page.get_by_text("Chosen the whole, told 4 times")).to_be_visible()
    expect(page.get_by_text("The whole recording, 0:34.0")).to_be_visible()


def test_a_part_is_chosen_by_mouse_and_told_when_the_hand_rests(address: str, enter: Enter) -> None:
    page = enter().page
    opens(page, address)
    page.mouse.move(*place(page, 0.4))
    page.mouse.down()
    page.mouse.move(*place(page, 5), steps=3)
    page.mouse.move(*place(page, 10.4), steps=3)
    expect(page.get_by_text("told 0 times")).to_be_visible()
    page.mouse.up()
    expect(page.get_by_text("Chosen 10.0 to 34.0, told 1 times")).to_be_visible()
    page.mouse.move(*place(page, WHOLE))
    page.mouse.down()
    page.mouse.move(*place(page, 2))
    page.mouse.up()
    expect(page.get_by_text("Chosen 10.0 to 11.0, told 2 times")).to_be_visible()
    button(page, "The best").click()
    expect(page.get_by_text("0:08.6 to 0:24.0, 15.4 s")).to_be_visible()
    page.mouse.move(*place(page, 16))
    page.mouse.down()
    page.mouse.move(*place(page, 20))
    page.mouse.up()
    expect(page.get_by_text(re.compile(r"Chosen 12\.6 to 28\.0, told 4 times"))).to_be_visible()


def test_a_part_is_chosen_by_touch_with_room_for_a_finger(address: str, enter: Enter) -> None:
    visitor = enter(viewport=PHONE, is_mobile=True, has_touch=True)
    page = visitor.page
    opens(page, address)
    button(page, "The best").click()
    expect(page.get_by_text("0:08.6 to 0:24.0, 15.4 s")).to_be_visible()
    touch = page.context.new_cdp_session(page)

    def drag(begins: tuple[float, float], goes: tuple[float, float]) -> None:
        for kind, points in (
            ("touchStart", [begins]),
            ("touchMove", [((begins[0] + goes[0]) / 2, begins[1])]),
            ("touchMove", [goes]),
            ("touchEnd", []),
        ):
            touch.send(
                "Input.dispatchTouchEvent",
                {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]},
            )

    x, y = place(page, 24)
    there, _ = place(page, 30)
    drag((x + 20, y), (there + 20, y))  # 20 pixels beside the handle: a finger is 44 wide
    expect(page.get_by_text("Chosen 8.6 to 30.0, told 2 times")).to_be_visible()
    x, _ = place(page, 8.6)
    there, _ = place(page, 4)
    drag((x - 20, y), (there - 20, y))
    expect(page.get_by_text("Chosen 4.0 to 30.0, told 3 times")).to_be_visible()
    visitor.sees_no_sideways_scrolling()


_COLOURS = """canvas => {
    const pen = canvas.getContext('2d');
    const { width, height } = canvas;
    const line = pen.getImageData(0, Math.round(height * 124 / 168), width, 1).data;
    const found = new Set();
    for (let n = 0; n < line.length; n += 4)
        if (line[n + 3] === 255) found.add([...line.slice(n, n + 3)].join(' '));
    return { found: [...found], width };
}"""
LIGHT, DARK = "79 70 229", "102 95 240"
"""The colour of speech in each theme."""


def test_the_picture_follows_the_theme_and_the_width(address: str, enter: Enter) -> None:
    visitor = enter(viewport={"width": 1280, "height": 844}, color_scheme="light")
    page = visitor.page
    opens(page, address)
    canvas = page.get_by_role("img", name="Waveform of 34.0 s with 28.9 s of speech")
    light = canvas.evaluate(_COLOURS)
    assert LIGHT in light["found"]
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(PHONE)
    page.wait_for_function(
        "wide => document.querySelector('[data-testid=stBidiComponentIsolated]').shadowRoot"
        ".querySelector('canvas').width < wide",
        arg=light["width"],
    )
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", "rgb(20, 20, 28)")
    dark = canvas.evaluate(_COLOURS)
    assert DARK in dark["found"]
    assert LIGHT not in dark["found"]
    visitor.sees_no_sideways_scrolling()
