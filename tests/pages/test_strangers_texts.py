"""A stranger's text is shown as it is written, and an address with one does no harm."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from lib.services import DEMO
from lib.studio.alerts import attention
from lib.ui import words
from tests.pages import people
from tests.pages.house import PAGES, TITLES, House, go, read, said, shown, texts
from tests.pages.retention_table import choose
from tests.parts.length import mostly_slow
from tests.sentences import BROKEN_PAGE

pytestmark = pytest.mark.usefixtures("no_showcase")

NAMES = {
    "markdown": "**bold** _it_ `code` [link](https://evil.example) # head",
    "image": "![x](https://evil.example/x.png)",
    "html": "<img src=x onerror=alert(1)><script>alert(1)</script>",
    "math": "$x^2$ and $$y$$",
    "directive": ":red[alarm] :material/delete: :smile:",
    "right_to_left": "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 \u202egnp.exe",
    "long": "a" * 80,
    "long_words": "Wörter " * 11,
    "fence": "~~~ ``` --- *** > | x |",
}
MEANT = re.compile(
    r"(?<!\\)(\*\*bold|\]\(https|<img|<script|\$x|:red\[|:material/delete|:smile:|```)"
)
"""Signs of these names as Markdown would take them: nothing stands before them."""


@pytest.fixture
def strangers(house: House) -> House:
    """A demo library of voices with such names, each with a take of such a text."""
    house.open()
    now, vault = house.clock.now(), house.context.demo_vault.name
    dossiers = [
        people.clone(number, now, name=name, service=DEMO, hours_ago=160 + number * 0.1)
        for number, name in enumerate(NAMES.values())
    ]
    takes = [
        people.speech(number, dossier, dossier.voice.name, vault=vault)
        for number, dossier in enumerate(dossiers)
    ]
    people.move_in(house.context, dossiers, takes)
    return house


def markdowns(visitor: AppTest) -> list[str]:
    """All that the browser reads as Markdown on this page."""
    parts = (visitor.markdown, visitor.caption, visitor.subheader, visitor.error, visitor.warning)
    links = [str(link.proto.label) for link in visitor.get("page_link")]
    return [*(text for part in parts for text in texts(part)), *links]


@pytest.mark.parametrize("page", PAGES)
def test_a_name_is_never_read_as_markdown(strangers: House, page: str) -> None:
    visitor = strangers.enter(page)
    assert not visitor.exception
    assert texts(visitor.title) == [TITLES[page]]
    for text in markdowns(visitor):
        assert not MEANT.search(text), text


@pytest.mark.parametrize("page", ["home", "playground"])
def test_a_name_reads_as_it_was_written(
    strangers: House, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention, "FOLD_FROM", len(NAMES) + 1)
    told = read("\n".join(markdowns(strangers.enter(page))))
    for kind, name in NAMES.items():
        assert name.strip() in told, kind


def test_a_name_reads_as_it_was_written_where_its_row_is_chosen(strangers: House) -> None:
    visitor = strangers.enter("retention")
    for kind, name in NAMES.items():
        told = markdowns(choose(visitor, name))
        assert not visitor.exception, kind
        assert f"**{name.strip()}**" in map(read, told), kind
        assert not any(map(MEANT.search, told)), kind


@pytest.mark.parametrize("number", range(len(NAMES)))
def test_a_voices_own_page_shows_its_name(strangers: House, number: int) -> None:
    name = list(NAMES.values())[number]
    visitor = strangers.enter("voice", id=f"voice-{number:05d}")
    assert not visitor.exception
    assert "History" in texts(visitor.subheader)
    assert texts(visitor.title) == [words.plain(name.strip())]
    visitor = strangers.enter("jobs", job=f"clone-{number:05d}")
    assert not visitor.exception
    assert name.strip() in read("\n".join(markdowns(visitor)))
    assert name.strip() in {told.strip() for told in visitor.dataframe[0].value["Voice"]}


FOREIGN = (
    "",
    "no-such-voice",
    "../../etc/passwd",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "**bold** $x$ :smile:",
    "x" * 5_000,
    "\u202e\u0000\ud7ff",
    "%",
    "demo-safe\n",
)


@pytest.mark.parametrize("name", ["voice", "job"])
@pytest.mark.parametrize("page", mostly_slow(PAGES, "retention", "jobs"))
def test_an_address_with_foreign_text_is_harmless(house: House, page: str, name: str) -> None:
    house.open()
    for text in FOREIGN:
        visitor = house.enter(page, **{"id" if (page, name) == ("voice", "voice") else name: text})
        assert not visitor.exception, text
        assert BROKEN_PAGE not in said(visitor), text
        led_on = page == "retention" and name == "voice" and text  # a link of before
        assert texts(visitor.title) == [TITLES["voice" if led_on else page]]
        if len(text) > 3:
            assert text not in shown(visitor)


def test_several_voices_in_one_address_are_harmless(strangers: House) -> None:
    visitor = strangers.enter()
    for page in PAGES:
        visitor.query_params = {"voice": ["voice-00001", "voice-00002"], "job": ["a", "b"]}
        visitor.switch_page(f"pages/{page}.py").run()
        assert not visitor.exception, page
        assert BROKEN_PAGE not in said(visitor), page


def test_a_voice_of_the_demo_is_not_shown_by_its_address_while_the_demo_is_off(
    strangers: House, live_key: None
) -> None:
    strangers.restart()
    visitor = strangers.open("voice", address="127.0.0.1", id="voice-00006")
    assert NAMES["long"] not in shown(visitor)
    assert NAMES["long"] not in shown(go(visitor, "jobs", job="clone-00006"))


def test_the_words_of_time_stay_plain_far_away(house: House) -> None:
    now = house.clock.now()
    assert words.until(now + timedelta(days=20_000), now) == "in 20000 d"
    assert words.local(now, "No/Where").endswith("UTC")
    assert words.local(now, "../../etc/passwd").endswith("UTC")
