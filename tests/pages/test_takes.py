"""Kept takes on the Playground: named, starred, found, several at once, generated again."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from lib.models import Take
from lib.roles import Person, TeamRole
from lib.services import DEMO
from lib.studio.library import takes_file
from lib.vault.base import VaultError, VaultTrouble
from tests.pages import people
from tests.pages.house import House, go, read, said, texts
from tests.pages.saving import Saved, fetch
from tests.parts.persons import named
from tests.sentences import HAD_ALREADY

pytestmark = pytest.mark.usefixtures("no_showcase")

NAMES = ("Ann", "Bob")
ALL = "takes_choose_all"


@pytest.fixture
def home(house: House) -> House:
    """A demo library of two voices."""
    house.open()
    now = house.clock.now()
    made = [
        people.clone(number, now, name=name, service=DEMO, kept=True)
        for number, name in enumerate(NAMES, 1)
    ]
    people.move_in(house.context, made)
    return house


def keep(house: House, count: int, *, of: int = 1, first: int = 0) -> list[Take]:
    """Takes of a voice, with their sounds, the newest last."""
    voice = house.context.registry.voices.dossier(f"voice-{of:05d}")
    assert voice is not None
    vault = house.context.demo_vault
    numbers = range(first, first + count)
    speeches = [people.speech(n, voice, f"Sentence {n}.", vault=vault.name) for n in numbers]
    for number, speech in zip(numbers, speeches, strict=True):
        vault.put_verified(speech.take.key, f"sound {number}".encode(), "audio/wav")
    people.move_in(house.context, [], speeches)
    return [speech.take for speech in speeches]


def stored(house: House, take: Take) -> Take | None:
    return house.context.registry.takes.get(take.id)


def listed(visitor: AppTest) -> list[str]:
    """The ids of the takes on this page of the list."""
    keys = (button.key or "" for button in visitor.button)
    return [key.removeprefix("listen_") for key in keys if key.startswith("listen_")]


def choose(visitor: AppTest, *takes: Take) -> None:
    for take in takes:
        visitor.checkbox(key=f"takes_choose_{take.id}").check().run()


def chosen(visitor: AppTest) -> set[str]:
    boxes = (box for box in visitor.checkbox if (box.key or "").startswith("takes_choose_"))
    return {(box.key or "").removeprefix("takes_choose_") for box in boxes if box.value}


def words_of(visitor: AppTest) -> str:
    parts = (visitor.markdown, visitor.caption)
    return read("\n".join(text for part in parts for text in texts(part)))


def is_off(visitor: AppTest) -> bool:
    """Whether nothing can be done with what is chosen."""
    keys = ("takes_download", "takes_delete_all")
    (answer,) = {visitor.button(key=key).disabled for key in keys}
    return bool(answer)


def test_a_take_gets_a_name_and_loses_it_again(home: House) -> None:
    (take,) = keep(home, 1)
    visitor = home.enter("playground")
    visitor.text_input(key=f"takes_name_{take.id}").set_value("  Opening *titles* ").run()
    assert stored(home, take).name == "Opening *titles*"  # type: ignore[union-attr]
    assert "**Opening *titles***" in words_of(visitor)
    assert "**Opening *titles***" in words_of(go(visitor, "home"))
    go(visitor, "playground")
    visitor.text_input(key=f"takes_name_{take.id}").set_value("").run()
    assert stored(home, take).name == ""  # type: ignore[union-attr]
    assert "Opening" not in words_of(visitor)


def test_a_star_is_given_and_what_has_one_is_found(home: House) -> None:
    first, second, third = keep(home, 3)
    visitor = home.enter("playground")
    visitor.button(key=f"icon_star_{second.id}").click().run()
    assert stored(home, second).favourite  # type: ignore[union-attr]
    visitor.toggle(key="takes_favourites").set_value(True).run()
    assert listed(visitor) == [second.id]
    visitor.button(key=f"icon_star_{second.id}").click().run()
    assert listed(visitor) == []
    visitor.toggle(key="takes_favourites").set_value(False).run()
    assert listed(visitor) == [third.id, second.id, first.id]


def test_the_takes_of_one_voice_are_listed_by_themselves(home: House) -> None:
    keep(home, 2)
    assert "takes_voice" not in [box.key for box in home.enter("playground").selectbox]
    (bobs,) = keep(home, 1, of=2, first=5)
    visitor = home.enter("playground")
    assert visitor.selectbox(key="takes_voice").options == list(NAMES)
    assert len(listed(visitor)) == 3
    visitor.selectbox(key="takes_voice").set_value("voice-00002").run()
    assert listed(visitor) == [bobs.id]

    visitor.button(key=f"delete_{bobs.id}").click().run()
    visitor.button(key=f"delete_sure_{bobs.id}").click().run()
    assert not visitor.exception
    assert len(listed(visitor)) == 2  # the filter goes with the last take that it lets through


def test_what_is_chosen_stays_so_on_the_next_page_and_not_in_another_list(home: House) -> None:
    takes = keep(home, 12)
    visitor = home.enter("playground")
    assert is_off(visitor)
    choose(visitor, takes[11], takes[10])
    visitor.button(key="takes_older").click().run()
    assert chosen(visitor) == set()
    choose(visitor, takes[0])
    assert "3 takes chosen" in words_of(visitor)
    visitor.button(key="takes_newer").click().run()
    assert chosen(visitor) == {takes[11].id, takes[10].id}
    visitor.checkbox(key=f"takes_choose_{takes[10].id}").uncheck().run()
    assert "2 takes chosen" in words_of(visitor)

    visitor.text_input(key="takes_search").set_value("sentence").run()
    assert chosen(visitor) == set()
    assert is_off(visitor)


def test_all_are_chosen_and_none(home: House) -> None:
    takes = keep(home, 12)
    visitor = home.enter("playground")
    visitor.button(key=ALL).click().run()
    assert "12 takes chosen" in words_of(visitor)
    assert chosen(visitor) == {take.id for take in takes[2:]}
    visitor.button(key=ALL).click().run()
    assert chosen(visitor) == set()


def test_no_more_are_chosen_than_one_file_holds(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lib.ui.playground.chosen.MOST", 2)
    takes = keep(home, 3)
    visitor = home.enter("playground")
    choose(visitor, *takes)
    assert chosen(visitor) == {takes[0].id, takes[1].id}
    assert "2 takes can be chosen at a time." in said(visitor)
    visitor.button(key=ALL).click().run()
    visitor.button(key=ALL).click().run()
    assert chosen(visitor) == {takes[1].id, takes[2].id}


def test_what_is_chosen_is_saved_as_one_file(home: House, saved: Saved) -> None:
    takes = keep(home, 3)
    visitor = home.enter("playground")
    choose(visitor, takes[0], takes[2])
    visitor.button(key="takes_download").click().run()
    assert not visitor.exception
    assert "2 takes in one ZIP" in words_of(visitor)
    name, kind, data = fetch(visitor, saved, "takes_save")
    assert (name, kind) == (f"Takes {home.clock.now():%Y-%m-%d}.zip", "application/zip")
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert file.namelist() == [
            "01 - Ann - Sentence 0.wav",
            "02 - Ann - Sentence 2.wav",
            takes_file.TABLE,
        ]
        assert file.read("02 - Ann - Sentence 2.wav") == b"sound 2"

    choose(visitor, takes[1])  # the file is not of these
    assert "takes_save" not in [button.key for button in visitor.download_button]


def test_a_file_that_cannot_be_made_says_so(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    takes = keep(home, 2)
    visitor = home.enter("playground")
    choose(visitor, *takes)

    def out(*_: object, **__: object) -> bytes:
        raise VaultError(VaultTrouble.UNREACHABLE, "Nobody answers at the bucket.")

    monkeypatch.setattr(home.context.demo_vault, "get", out)
    visitor.button(key="takes_download").click().run()
    assert "The file was not made. Nobody answers at the bucket." in said(visitor)
    monkeypatch.setattr(takes_file, "MOST", 1)
    visitor.button(key="takes_download").click().run()
    assert "Choose fewer." in said(visitor)
    assert "takes_save" not in [button.key for button in visitor.download_button]


def test_deleting_several_asks_once(home: House) -> None:
    takes = keep(home, 3)
    visitor = home.enter("playground")
    choose(visitor, takes[0], takes[1])
    visitor.button(key="takes_delete_all").click().run()
    assert "Delete 2 takes?" in words_of(visitor)
    assert "Ann: Sentence 1." in words_of(visitor)
    visitor.button(key="takes_delete_leave").click().run()
    assert len(listed(visitor)) == 3

    visitor.button(key="takes_delete_all").click().run()
    visitor.button(key="takes_delete_sure").click().run()
    assert not visitor.exception
    assert listed(visitor) == [takes[2].id]
    assert [stored(home, take) is None for take in takes] == [True, True, False]


def test_a_question_about_others_is_closed(home: House) -> None:
    takes = keep(home, 3)
    visitor = home.enter("playground")
    choose(visitor, takes[0])
    visitor.button(key="takes_delete_all").click().run()
    choose(visitor, takes[1])
    assert "takes_delete_sure" not in [button.key for button in visitor.button]


def test_a_take_fills_in_the_form_to_be_generated_again_and_nothing_is_sent(home: House) -> None:
    keep(home, 1)
    voice = home.context.registry.voices.dossier("voice-00002")
    assert voice is not None
    speech = people.speech(7, voice, "Once more.", vault=home.context.demo_vault.name)
    people.move_in(home.context, [], [speech])
    takes = home.context.registry.takes
    with home.context.registry.database.write() as connection:
        connection.exec_driver_sql("""UPDATE takes SET settings = '{"speed": 1.25}'""")
    assert takes.get(speech.take.id).settings == {"speed": 1.25}  # type: ignore[union-attr]
    before = len(home.jobs())

    visitor = home.enter("playground", voice="voice-00001")
    visitor.button(key=f"takes_again_{speech.take.id}").click().run()
    assert not visitor.exception
    assert visitor.text_area(key="speak_text").value == "Once more."
    assert visitor.selectbox(key="speak_voice").value == "voice-00002"
    assert visitor.slider(key="speak_speed").value == 1.25
    assert "$" in visitor.button(key="speak_go").label
    assert HAD_ALREADY in said(visitor)
    visitor.selectbox(key="speak_voice").set_value("voice-00001").run()
    assert HAD_ALREADY not in said(visitor)
    assert visitor.text_area(key="speak_text").value == "Once more."
    assert len(home.jobs()) == before


def test_settings_that_are_not_sold_any_more_are_left_at_what_is_usual(home: House) -> None:
    (take,) = keep(home, 1)
    with home.context.registry.database.write() as connection:
        connection.exec_driver_sql(
            """UPDATE takes SET model = 'Gone', settings = '{"speed": 99, "language": "Klingon"}'"""
        )
    visitor = home.enter("playground")
    visitor.button(key=f"takes_again_{take.id}").click().run()
    assert not visitor.exception
    assert visitor.slider(key="speak_speed").value == 1.0
    assert visitor.text_area(key="speak_text").value == take.text


def test_takes_are_heard_even_where_no_voice_can_speak(home: House) -> None:
    keep(home, 1)
    for number in (1, 2):
        home.context.registry.voices.change(f"voice-{number:05d}", archived_at=home.clock.now())
    visitor = home.enter("playground")
    assert len(listed(visitor)) == 1
    assert "takes_again_speech-00000" not in [button.key for button in visitor.button]


def test_a_viewer_chooses_and_downloads_and_changes_nothing(
    home: House, act_as: Callable[[Person], None]
) -> None:
    takes = keep(home, 2)
    home.context.registry.takes.change(takes[0].id, favourite=True)
    act_as(named("Vera", TeamRole.VIEWER))
    visitor = home.enter("playground")
    assert any("Favourite" in text for text in texts(visitor.markdown))
    keys = {widget.key for part in (visitor.button, visitor.text_input) for widget in part}
    assert not {key for key in keys if key and key.startswith(("takes_name_", "icon_star_"))}
    assert "takes_delete_all" not in keys
    choose(visitor, *takes)
    visitor.button(key="takes_download").click().run()
    assert "takes_save" in [button.key for button in visitor.download_button]
    visitor.button(key=ALL).click().run()  # the file is closed with that
