"""Adopting on the pages: a preview before anything, an ear after the test call, whose a key is."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.models import Health, Heard, Source, VoiceKind
from lib.services import DEMO, NANOGPT
from lib.settings import fingerprint
from lib.studio.adoption import saved_ids
from lib.studio.core.standpoint import standpoint_of
from lib.studio.library import listing
from lib.studio.library.listing import Entry
from lib.ui.adoption import adopting
from lib.ui.adoption.adopting import CONSENT
from tests.pages import people
from tests.pages.house import KEY, LOOPBACK, House, bound_to, go, read, said, shown, texts
from tests.sentences import SAY_WHOSE_FIRST

KNOWN = "marlow6c2v9t5k"
LIST = f"""id,name,kind,made
{KNOWN},Night train,minimax,
nora7k2m9q4x,Nora,minimax,
short,Too short,minimax,
"""


def come_to_adopt(house: House) -> AppTest:
    visitor = house.open("clone")
    visitor.segmented_control(key="clone_way").set_value(adopting.WAY)
    return visitor.run()


def adopt_one(visitor: AppTest, text: str = KNOWN, *, name: str = "Night train") -> AppTest:
    visitor.text_input(key="adopt_id").set_value(text)
    visitor.text_input(key="adopt_name").set_value(name)
    visitor.radio(key="adopt_who").set_value(CONSENT.other).run()
    visitor.text_input(key="adopt_speaker").set_value("Grace")
    visitor.checkbox(key="adopt_consent").check()
    visitor.run()
    return visitor.button(key="adopt_confirm").click().run()


def newest(house: House) -> Entry:
    found = [item for item in listing.entries(house.context) if "demo-" not in item.voice.id]
    assert len(found) == 1
    return found[0]


def is_there(visitor: AppTest, key: str) -> bool:
    return any(button.key == key for button in visitor.button)


def test_one_voice_is_adopted_heard_and_safe(house: House) -> None:
    visitor = adopt_one(come_to_adopt(house))
    assert not visitor.exception
    assert "1 voice added." in said(visitor)
    voice = newest(house).voice
    assert (voice.name, voice.source, voice.service) == ("Night train", Source.ADOPTED, DEMO)
    house.until(lambda: bool((unheard := newest(house).unheard) and unheard.key))
    visitor.run()
    visitor.button(key=f"ear_yes_{voice.id}").click().run()
    assert newest(house).standing.health is Health.SAFE
    assert not is_there(visitor, f"ear_yes_{voice.id}")
    story = house.enter("voice", id=voice.id)
    assert "said: this is the voice" in read(" ".join(texts(story.caption)))
    assert not is_there(story, f"activate_{voice.id}")


def test_a_no_is_noted_and_the_voice_asks_for_a_date_or_a_call(house: House) -> None:
    adopt_one(come_to_adopt(house))
    voice_id = newest(house).voice.id
    house.until(lambda: bool((unheard := newest(house).unheard) and unheard.key))
    visitor = house.enter("voice", id=voice_id)
    assert not is_there(visitor, f"activate_{voice_id}")
    visitor.button(key=f"ear_no_{voice_id}").click().run()
    item = newest(house)
    assert (item.standing.health, item.dossier.evidence[0].heard) == (Health.UNKNOWN, Heard.NO)
    button = visitor.button(key=f"activate_{voice_id}")
    assert button.label.startswith("Make a test call ($0.01")
    visitor.date_input(key=f"clock_{voice_id}").set_value(house.clock.now().date()).run()
    assert newest(house).standing.health is Health.WAITING


def test_the_price_is_there_before_and_gone_without_the_call(house: House) -> None:
    visitor = come_to_adopt(house)
    assert visitor.button(key="adopt_confirm").disabled
    visitor.text_input(key="adopt_id").set_value(KNOWN).run()
    assert visitor.button(key="adopt_confirm").label == "Add this voice ($0.01 play money)"
    visitor.checkbox(key="adopt_test").uncheck().run()
    assert visitor.button(key="adopt_confirm").label == "Add this voice"


def test_nothing_happens_without_consent(house: House) -> None:
    visitor = come_to_adopt(house)
    visitor.text_input(key="adopt_id").set_value(KNOWN).run()
    visitor.button(key="adopt_confirm").click().run()
    assert "Say who speaks" in said(visitor)
    assert len(listing.entries(house.context)) == 9


def test_a_list_is_shown_before_it_is_adopted(house: House) -> None:
    visitor = come_to_adopt(house)
    visitor.segmented_control(key="adopt_what").set_value(adopting.LIST).run()
    visitor.text_area(key="adopt_lines").set_value(LIST).run()
    table = visitor.dataframe[0].value
    assert list(table["What happens"]) == ["+ New", "= Already here", "✕ Refused"]
    assert list(table["Line"]) == [2, 3, 4]
    assert "Nora Whitfield" in table["Why"][1]
    captions = read(" ".join(texts(visitor.caption)))
    assert "Line 4, “short”: A MiniMax ID starts with a letter" in captions
    assert visitor.button(key="adopt_confirm").label == "Add this voice ($0.01 play money)"
    assert len(listing.entries(house.context)) == 9


def test_a_list_that_cannot_be_taken_says_so(house: House) -> None:
    visitor = come_to_adopt(house)
    visitor.segmented_control(key="adopt_what").set_value(adopting.LIST).run()
    long = "\n".join(f"Narrator{number:04}" for number in range(501))
    visitor.text_area(key="adopt_lines").set_value(long).run()
    assert "501 lines" in said(visitor)
    assert visitor.button(key="adopt_confirm").disabled


def test_an_inworld_voice_says_that_it_cannot_speak_from_here(house: House) -> None:
    visitor = house.open("voice", id="demo-persistent")
    assert "cannot generate speech here" in said(visitor)
    assert "Persistent" in shown(visitor)
    assert "docs.inworld.ai" in read(" ".join(texts(visitor.caption)))


def another_key(house: House, monkeypatch: pytest.MonkeyPatch, **fields: Any) -> tuple[str, str]:
    """A voice was made with the first key, and now there is another: the account, the voice."""
    house.open("settings", address=LOOPBACK)
    made = people.clone(1, house.clock.now(), **fields)
    people.move_in(house.context, [made])
    old = f"{NANOGPT}-{fingerprint(KEY)}"
    house.context.registry.voices.change(made.voice.id, account=old)
    house.restart()
    monkeypatch.setenv("NANOGPT_API_KEY", "sk-nano-another")
    return old, made.voice.id


@pytest.mark.usefixtures("live_key", "no_showcase")
def test_a_new_key_asks_once_whose_it_is(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    old, _ = another_key(house, monkeypatch)
    visitor = house.open("settings", address=LOOPBACK)
    assert "Does the new NanoGPT key belong to the same account?" in shown(visitor)
    with bound_to(LOOPBACK):
        visitor.button(key=f"account_same_{old}").click().run()
        assert "cannot be undone" in said(visitor)
        visitor.button(key=f"account_leave_{old}").click().run()
        assert standpoint_of(house.context).account(NANOGPT) != old
        visitor.button(key=f"account_same_{old}").click().run()
        visitor.button(key=f"account_sure_{old}").click().run()
    assert not visitor.exception
    assert not is_there(visitor, f"account_same_{old}")
    assert standpoint_of(house.context).account(NANOGPT) == old
    assert KEY not in shown(visitor)
    assert "sk-nano-another" not in shown(visitor)


@pytest.mark.parametrize(("kind", "is_asked"), [(VoiceKind.MINIMAX, True), (VoiceKind.QWEN, False)])
@pytest.mark.usefixtures("live_key", "no_showcase")
def test_a_new_key_s_question_is_no_matter_of_voices_that_are_files(
    house: House, monkeypatch: pytest.MonkeyPatch, kind: VoiceKind, *, is_asked: bool
) -> None:
    another_key(house, monkeypatch, kind=kind, kept=True)
    visitor = house.open("retention", address=LOOPBACK)
    assert not visitor.exception
    assert ("key is new." in "\n".join(texts(visitor.markdown))) is is_asked


@pytest.mark.usefixtures("live_key", "no_showcase")
def test_while_nobody_has_said_whose_a_new_key_is_other_pages_lead_to_the_question(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, _ = another_key(house, monkeypatch, kept=True)
    for page in ("home", "retention", "playground"):
        visitor = house.open(page, address=LOOPBACK)
        assert "The NanoGPT key is new." in read("\n".join(texts(visitor.markdown)))
    assert SAY_WHOSE_FIRST in said(visitor)
    assert not is_there(visitor, "speak_go")
    with bound_to(LOOPBACK):
        go(visitor, "settings")
        visitor.button(
            key=f"account_other_{standpoint_of(house.context).account(NANOGPT)}"
        ).click().run()
        assert is_there(
            visitor, f"account_ask_again_{standpoint_of(house.context).account(NANOGPT)}"
        )
        visitor.button(
            key=f"account_ask_again_{standpoint_of(house.context).account(NANOGPT)}"
        ).click().run()
    assert is_there(visitor, f"account_same_{old}")


@pytest.mark.usefixtures("live_key", "no_showcase")
def test_another_account_is_named_on_the_voices_page(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, voice_id = another_key(house, monkeypatch)
    visitor = house.open("settings", address=LOOPBACK)
    new = standpoint_of(house.context).account(NANOGPT)
    with bound_to(LOOPBACK):
        visitor.button(key=f"account_other_{new}").click().run()
    with bound_to(LOOPBACK):
        visitor.text_input(key=f"account_name_{old}").set_value("The agency").run()
    story = house.enter("voice", address=LOOPBACK, id=voice_id)
    told = read(" ".join(texts(story.caption)))
    assert "made by the account “The agency”" in told
    assert "another account" in told


@pytest.mark.usefixtures("live_key", "no_showcase")
def test_without_a_session_the_page_says_why_a_key_is_not_enough(house: House) -> None:
    visitor = house.open("settings", address=LOOPBACK)
    assert "An API key cannot read it" in read(shown(visitor)).replace("\\n", " ")
    assert any("NANOGPT_SESSION_COOKIE" in code for code in texts(visitor.code))


@pytest.mark.usefixtures("live_key", "no_showcase")
def test_the_saved_ids_lead_to_a_list_that_is_filled_in(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "c2VjcmV0LWNvb2tpZQ"
    monkeypatch.setenv("NANOGPT_SESSION_COOKIE", f"session={secret}")
    visitor = house.open("settings", address=LOOPBACK)
    with bound_to(LOOPBACK):
        visitor.button(key="saved_ids_look").click().run()
    assert visitor.button(key="saved_ids_look").disabled
    house.look()
    with bound_to(LOOPBACK):
        visitor.run()
    looked = saved_ids.status(house.context).last_read.body
    assert looked["ok"] is False
    told = [*texts(visitor.markdown), *texts(visitor.caption)]
    assert looked["sentence"] in read("\n".join(told))
    row = {"id": "Anna12345", "name": "Anna"}
    house.context.registry.notes.write(
        "saved-ids:list",
        {"ok": True, "sentence": "1 saved at NanoGPT.", "ids": [row]},
        house.clock.now(),
    )
    with bound_to(LOOPBACK):
        visitor.run()
    assert secret not in shown(visitor)
    with bound_to(LOOPBACK):
        visitor.button(key="saved_ids_adopt").click().run()
    with bound_to(LOOPBACK):
        go(visitor, "clone")
    assert "Anna12345" in (visitor.text_area(key="adopt_lines").value or "")


@pytest.mark.usefixtures("live_key", "no_showcase")
def test_more_saved_ids_than_a_list_may_hold_come_in_portions(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NANOGPT_SESSION_COOKIE", "session=abc")
    visitor = house.open("settings", address=LOOPBACK)
    rows = [{"id": f"Narrator{number:04}", "name": ""} for number in range(600)]
    house.context.registry.notes.write(
        "saved-ids:list", {"ok": True, "sentence": "600 saved.", "ids": rows}, house.clock.now()
    )
    with bound_to(LOOPBACK):
        visitor.run()
        button = visitor.button(key="saved_ids_adopt")
        assert button.label == "Add the first 500 of 600 missing"
        assert "500 voices can be added at a time" in read(" ".join(texts(visitor.caption)))
        button.click().run()
        go(visitor, "clone")
    assert not visitor.error
    assert visitor.button(key="adopt_confirm").label.startswith("Add 500 voices")


def test_a_press_on_a_list_that_was_not_shown_yet_adopts_nothing(house: House) -> None:
    visitor = come_to_adopt(house)
    visitor.segmented_control(key="adopt_what").set_value(adopting.LIST).run()
    visitor.text_area(key="adopt_lines").set_value("Narrator0001")
    visitor.radio(key="adopt_who").set_value(CONSENT.other).run()
    visitor.text_input(key="adopt_speaker").set_value("Grace")
    visitor.checkbox(key="adopt_consent").check()
    visitor.run()
    many = "\n".join(f"Narrator{number:04d}" for number in range(30))
    visitor.text_area(key="adopt_lines").set_value(many)
    visitor.button(key="adopt_confirm").click().run()
    assert "press again" in said(visitor)
    assert house.jobs() == []
    assert read(visitor.button(key="adopt_confirm").label).startswith("Add 30 voices ($0.1")
    visitor.button(key="adopt_confirm").click().run()
    assert len(house.jobs()) == 30
