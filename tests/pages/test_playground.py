"""The Playground: who speaks what at what price, long texts, several voices, kept takes."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.models import (
    Dossier,
    ErrorKind,
    Health,
    JobKind,
    JobState,
    Money,
    Take,
    TextState,
    VoiceKind,
)
from lib.services import DEMO
from lib.studio.core import catalogue
from lib.studio.core.runtime import Listed
from lib.studio.library import listing
from lib.studio.orders import speaking
from lib.ui import words
from lib.ui.shared import confirming, finding
from tests.pages import people
from tests.pages.house import House, go, read, said, shown, texts
from tests.parts.persons import ADA
from tests.parts.sending import send
from tests.parts.speech import spoken
from tests.sentences import HAD_ALREADY

pytestmark = pytest.mark.usefixtures("no_showcase")

LONG = " ".join(f"This is sentence {n} of a story that is told in one go." for n in range(1, 116))
SENTENCE = "Good morning to everybody."


@pytest.fixture
def home(house: House) -> House:
    """A demo library: a MiniMax voice, a Qwen voice, and one that may be lost."""
    house.open()
    vault = house.context.demo_vault.name
    people.move_in(
        house.context,
        [
            a_voice(house, 1, "Ann", kept=True, hours_ago=3),
            a_voice(house, 2, "Bob", kind=VoiceKind.QWEN, vault=vault, hours_ago=2),
            a_voice(house, 3, "Cleo", hours_ago=200),
        ],
    )
    return house


def a_voice(house: House, number: int, name: str, **story: Any) -> Dossier:
    """A demo voice that nobody has described."""
    made = people.clone(number, house.clock.now(), name=name, service=DEMO, **story)
    return replace(made, voice=replace(made.voice, description=""))


def keep(house: House, count: int, text: str = "Sentence") -> list[Take]:
    """Takes of Ann's, the newest last."""
    ann = house.context.registry.voices.dossier("voice-00001")
    assert ann is not None
    vault = house.context.demo_vault.name
    speeches = [people.speech(n, ann, f"{text} {n}.", vault=vault) for n in range(count)]
    people.move_in(house.context, [], speeches)
    return [speech.take for speech in speeches]


def words_of(visitor: AppTest) -> str:
    parts = (visitor.markdown, visitor.caption, visitor.text)
    return read("\n".join(text for part in parts for text in texts(part)))


def links(visitor: AppTest) -> list[str]:
    """The names of voices that lead to their pages, in their order."""
    found = [link.proto for link in visitor.get("page_link")]
    return [read(link.label).strip("*") for link in found if link.page == "voice"]


def is_shown(visitor: AppTest, name: str, health: Health) -> bool:
    """Whether this voice is chosen, and said to be so."""
    label = words.HEALTH[health]
    return name in links(visitor) and f"{label.icon} {label.word}" in texts(visitor.caption)


def write(visitor: AppTest, text: str) -> AppTest:
    visitor.text_area(key="speak_text").set_value(text)
    return visitor.run()


def compare(visitor: AppTest, *voices: str) -> AppTest:
    visitor.toggle(key="speak_compare").set_value(True).run()
    visitor.multiselect(key="speak_beside").set_value(list(voices))
    return visitor.run()


def label(visitor: AppTest) -> str:
    return read(visitor.button(key="speak_go").label)


def test_each_voice_says_its_kind_and_service_and_the_doubtful_come_last(home: House) -> None:
    visitor = home.enter("playground")
    assert visitor.selectbox(key="speak_voice").options == [
        "Bob (Qwen, Demo)",
        "Ann (MiniMax, Demo) · Person00001x9",
        "Cleo (MiniMax, Demo) · Person00003x9",
    ]
    assert is_shown(visitor, "Bob", Health.SAFE)
    visitor.selectbox(key="speak_voice").set_value("voice-00003").run()
    assert is_shown(visitor, "Cleo", Health.PROBABLY_LOST)


def test_the_picker_finds_what_else_people_remember_a_voice_by(home: House) -> None:
    home.context.registry.voices.change(
        "voice-00001", tags=("radio", "news"), description="Reads at seven."
    )
    options = home.enter("playground").selectbox(key="speak_voice").options
    assert "Ann (MiniMax, Demo) · radio, news · Reads at seven. · Person00001x9" in options


def test_what_somebody_spoke_with_lately_comes_first_and_then_favourites(home: House) -> None:
    home.context.registry.voices.change("voice-00001", favourite=True)
    people.move_in(home.context, [a_voice(home, 4, "Dan", kept=True, hours_ago=1)])
    others = home.context.registry.voices.dossier("voice-00004")
    assert others is not None
    people.move_in(home.context, [], [people.speech(1, others, SENTENCE, vault="")])
    assert order(home.enter("playground")) == ["Ann", "Dan", "Bob", "Cleo"]

    visitor = write(home.enter("playground", voice="voice-00002"), SENTENCE)
    visitor.button(key="speak_go").click().run()
    assert order(home.enter("playground")) == ["Bob", "Ann", "Dan", "Cleo"]
    assert home.enter("playground").selectbox(key="speak_voice").value == "voice-00002"


def order(visitor: AppTest) -> list[str]:
    """The names in the picker, in their order."""
    return [title.partition(" ")[0] for title in visitor.selectbox(key="speak_voice").options]


def test_the_chosen_voice_can_be_heard_before_anything_is_paid(home: House) -> None:
    visitor = home.enter("playground", voice="voice-00001")
    assert visitor.button(key="icon_play_voice-00001").disabled  # it never spoke
    keep(home, 1)
    take = home.context.registry.takes.get("speech-00000")
    assert take is not None
    home.context.demo_vault.put_verified(take.key, spoken(), "audio/wav")
    visitor.run()
    visitor.button(key="icon_play_voice-00001").click().run()
    assert [player.proto.autoplay for player in visitor.get("audio")] == [True]


def held(visitor: AppTest, key: str) -> str:
    """The label by which a browser knows, and sends back at each run, what is chosen there."""
    box = visitor.selectbox(key=key)
    assert box.index is not None
    return box.options[box.index]


def health_of(home: House, voice_id: str) -> Health:
    found = listing.entries(home.context)
    return next(item.standing.health for item in found if item.voice.id == voice_id)


def test_the_chosen_voice_stays_when_its_first_speech_makes_it_safe(home: House) -> None:
    visitor = home.enter("playground")
    visitor.selectbox(key="speak_voice").set_value("voice-00003").run()
    write(visitor, SENTENCE)
    visitor.button(key="speak_go").click().run()
    registry = home.context.registry
    ann = registry.voices.dossier("voice-00001")
    assert ann is not None
    for seen in ann.evidence:
        registry.voices.add_evidence(
            replace(seen, id=f"{seen.id}-3", voice_id="voice-00003", at=home.clock.now())
        )
    assert health_of(home, "voice-00003") is Health.SAFE
    before = held(visitor, "speak_voice")
    write(visitor, "Other words.")
    assert held(visitor, "speak_voice") == before
    assert is_shown(visitor, "Cleo", Health.SAFE)
    assert visitor.selectbox(key="speak_voice").value == "voice-00003"
    assert label(visitor).startswith("Generate with Cleo (")
    visitor.button(key="speak_go").click().run()
    speeches = [job for job in home.jobs() if job.request.get("text")]
    assert [job.voice_id for job in speeches[:2]] == ["voice-00003"] * 2


def test_the_chosen_voices_stay_when_they_are_renamed_or_get_a_twin(home: House) -> None:
    visitor = compare(home.enter("playground", voice="voice-00001"), "voice-00003")
    before = held(visitor, "speak_voice"), visitor.multiselect(key="speak_beside").indices
    names = visitor.multiselect(key="speak_beside").options
    registry = home.context.registry
    for voice_id in ("voice-00001", "voice-00003"):
        registry.voices.change(voice_id, name="Zoe")
    people.move_in(home.context, [a_voice(home, 4, "Ann", kept=True, hours_ago=1)])
    write(visitor, SENTENCE)
    assert not visitor.exception
    assert visitor.selectbox(key="speak_voice").value == "voice-00001"
    assert visitor.multiselect(key="speak_beside").value == ["voice-00003"]
    beside = visitor.multiselect(key="speak_beside")
    assert held(visitor, "speak_voice") == before[0]
    assert [beside.options[n] for n in beside.indices] == [names[n] for n in before[1]]
    assert is_shown(visitor, "Zoe", Health.SAFE)
    assert "Ann (MiniMax, Demo) · Person00004x9" in visitor.selectbox(key="speak_voice").options

    options = go(go(visitor, "home"), "playground").selectbox(key="speak_voice").options
    zoes = {"Zoe (MiniMax, Demo) · Person00001x9", "Zoe (MiniMax, Demo) · Person00003x9"}
    assert {*zoes, "Ann (MiniMax, Demo) · Person00004x9"} < set(options)


def test_a_press_that_was_meant_for_a_voice_that_is_gone_orders_nothing(home: House) -> None:
    visitor = write(home.enter("playground", voice="voice-00001"), SENTENCE)
    before = len(home.jobs())
    home.context.registry.voices.change("voice-00001", archived_at=home.clock.now())
    visitor.button(key="speak_go").click().run()
    assert "Nothing was ordered" in said(visitor)
    assert len(home.jobs()) == before
    assert visitor.selectbox(key="speak_voice").value == "voice-00002"
    assert label(visitor).startswith("Generate with Bob (")
    visitor.button(key="speak_go").click().run()
    assert [job.voice_id for job in home.jobs()[: len(home.jobs()) - before]] == ["voice-00002"]


def test_the_chosen_model_stays_when_the_service_lists_others_of_its_name(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, *_ = catalogue.speech_models(home.context, DEMO, VoiceKind.MINIMAX)
    twin = replace(second, id="one-more", per_1000_chars=second.per_1000_chars * 2)
    visitor = home.enter("playground", voice="voice-00001")
    visitor.selectbox(key="speak_model").set_value(second.id).run()
    before = held(visitor, "speak_model")
    listed = {DEMO: (twin, first, replace(second, title=f"{second.title} (cheaper)"))}
    monkeypatch.setattr(
        catalogue, "_all", lambda context, service: Listed(0.0, listed).models[service]
    )
    write(visitor, SENTENCE)
    assert not visitor.exception
    assert visitor.selectbox(key="speak_model").value == second.id
    assert held(visitor, "speak_model") == before
    options = visitor.selectbox(key="speak_model").options
    assert options == [f"{second.title} · one-more", first.title, second.title]


def test_voices_of_the_same_name_are_told_apart(house: House) -> None:
    house.open()
    now = house.clock.now()
    twins = [people.clone(n, now, name="Ann", service=DEMO, kept=True) for n in range(3)]
    people.move_in(house.context, twins)
    visitor = house.enter("playground")
    options = visitor.selectbox(key="speak_voice").options
    assert len(set(options)) == 3
    for number in (2, 0, 1):
        visitor.selectbox(key="speak_voice").set_value(f"voice-{number:05d}").run()
        assert visitor.query_params["voice"] in ([f"voice-{number:05d}"], f"voice-{number:05d}")


def test_hundreds_of_voices_can_be_chosen_from_and_a_search_says_which(house: House) -> None:
    house.open()
    now = house.clock.now()
    people.move_in(
        house.context,
        [people.clone(n, now, service=DEMO, kept=True) for n in range(600)],
    )
    house.context.registry.voices.change("voice-00007", tags=("radio",))
    visitor = house.enter("playground", voice="voice-00433")
    picker = visitor.selectbox(key="speak_voice")
    assert picker.value == "voice-00433"
    assert len(picker.options) == finding.AT_ONCE + 1  # a picker is not sent all of them
    for typed, name in (("radio", "Person 7"), ("person00512X9", "Person 512"), ("Owl", "")):
        visitor.text_input(key="speak_search").set_value(typed).run()
        found = [title.partition(" (")[0] for title in visitor.selectbox(key="speak_voice").options]
        assert found == ["Person 433", *filter(None, [name])]
        assert visitor.selectbox(key="speak_voice").value == "voice-00433"
    visitor.text_input(key="speak_search").set_value("person 512").run()
    visitor.selectbox(key="speak_voice").set_value("voice-00512").run()
    assert visitor.query_params["voice"] in (["voice-00512"], "voice-00512")
    compare(visitor, "voice-00433")
    assert visitor.multiselect(key="speak_beside").value == ["voice-00433"]


def test_the_cost_is_told_before_and_for_a_long_text_its_parts(home: House) -> None:
    visitor = write(home.enter("playground", voice="voice-00001"), LONG)
    assert label(visitor) == "Generate in 4 parts with Ann ($0.64 play money)"
    assert "6,331 characters, about 7 min" in words_of(visitor)
    assert "in 4 parts, split between sentences" in words_of(visitor)
    write(visitor, SENTENCE)
    assert label(visitor) == "Generate with Ann ($0.01 play money)"


def test_a_qwen_text_is_split_before_its_sound_would_be_cut(home: House) -> None:
    visitor = write(home.enter("playground", voice="voice-00002"), LONG[:400])
    assert label(visitor) == "Generate in 3 parts with Bob ($0.04 play money)"


def test_signs_that_a_voice_would_say_aloud_are_told_beside_the_text(home: House) -> None:
    text = 'Hello <#1.5#> <break time="1s"/> **you**.'
    visitor = write(home.enter("playground", voice="voice-00001"), text)
    (warning,) = texts(visitor.warning)
    assert read(warning).startswith(
        'MiniMax voices would read these aloud: <break time="1s"/>, **you**.'
    )
    assert not texts(write(visitor, "Hello <#1.5#> you (laughs).").warning)


def test_a_text_over_the_limit_is_told_and_cannot_be_ordered(home: House) -> None:
    visitor = write(home.enter("playground", voice="voice-00001"), "a" * 60_001)
    assert "60,001 characters. The limit is 60,000 at a time." in said(visitor)
    assert not [button for button in visitor.button if button.key == "speak_go"]


def test_an_empty_text_is_refused_in_words(home: House) -> None:
    visitor = write(home.enter("playground", voice="voice-00001"), "")
    assert label(visitor) == "Generate with Ann (from $0.01 play money)"
    visitor.button(key="speak_go").click().run()
    assert "Write what the voice should say." in said(visitor)


def test_languages_are_labels_and_only_where_a_model_has_them(home: House) -> None:
    visitor = home.enter("playground", voice="voice-00002")
    options = visitor.selectbox(key="speak_language").options
    assert options[:3] == ["Auto", "English", "Chinese"]
    visitor.selectbox(key="speak_language").set_value("German")
    write(visitor, SENTENCE)
    visitor.button(key="speak_go").click().run()
    assert home.jobs()[0].request["language"] == "German"
    mini = home.enter("playground", voice="voice-00001")
    assert "speak_language" not in [box.key for box in mini.selectbox]
    assert mini.slider(key="speak_speed").value == 1.0


def test_voices_side_by_side_use_a_model_of_their_own_and_one_button(home: House) -> None:
    visitor = write(home.enter("playground", voice="voice-00001"), SENTENCE)
    compare(visitor, "voice-00002")
    keys = [box.key for box in visitor.selectbox]
    assert "speak_model" in keys
    assert "speak_model_demo_qwen" in keys
    assert label(visitor) == "Generate with 2 voices ($0.01 play money)"
    assert visitor.selectbox(key="speak_language").label == "Language (Qwen voices)"
    visitor.slider(key="speak_speed").set_value(1.5)
    visitor.button(key="speak_go").click().run()
    qwen, minimax = sorted(home.jobs()[:2], key=lambda job: job.request["model"], reverse=True)
    assert (minimax.voice_id, qwen.voice_id) == ("voice-00001", "voice-00002")
    assert minimax.request["speed"] == 1.5
    assert "speed" not in qwen.request
    assert Counter(links(visitor)) == {"Ann": 2, "Bob": 2}  # above the text, and at its sounds


def test_a_voice_is_never_compared_with_itself(home: House) -> None:
    visitor = compare(home.enter("playground", voice="voice-00001"), "voice-00002", "voice-00003")
    visitor.selectbox(key="speak_voice").set_value("voice-00002").run()
    assert not visitor.exception
    assert visitor.multiselect(key="speak_beside").value == ["voice-00003"]


def test_what_one_voice_has_said_already_is_not_paid_when_comparing(home: House) -> None:
    keep(home, 1, "Sentence")
    visitor = write(home.enter("playground", voice="voice-00001"), "Sentence 0.")
    assert "You already have this take" in said(visitor)
    assert label(visitor).startswith("Generate again with Ann (")
    compare(visitor, "voice-00002")
    assert "You already have this take from Ann" in said(visitor)
    assert label(visitor).startswith("Generate with Bob (")
    before = len(home.jobs())
    visitor.button(key="speak_go").click().run()
    assert len(home.jobs()) == before + 1
    assert home.jobs()[0].voice_id == "voice-00002"


def ordered(home: House, text: str = LONG) -> str:
    visitor = write(home.enter("playground", voice="voice-00001"), text)
    visitor.button(key="speak_go").click().run()
    return home.long_texts()[0].id


def fail_part(home: House, whole_id: str, number: int) -> None:
    part = home.context.registry.long_texts.parts(whole_id)[number - 1]
    home.context.registry.jobs.fail(
        part.id, now=home.context.demo_clock.now(), error="That text is not for us.",
        charged=Money(),
    )  # fmt: skip


def speak_part(home: House, part_id: str, number: int) -> None:
    registry = home.context.registry
    ann = registry.voices.dossier("voice-00001")
    assert ann is not None
    vault = home.context.demo_vault.name
    made = people.speech(number, ann, f"Part {number}.", vault=vault)
    send(registry, part_id, home.clock.now())
    registry.jobs.move(
        part_id, (JobState.SUBMITTING, JobState.FAILED), home.clock.now(), "", "test",
        records=(made.take,), state=JobState.DONE,
    )  # fmt: skip
    with registry.database.write() as connection:
        connection.exec_driver_sql("UPDATE takes SET id = ? WHERE id = ?", (part_id, made.take.id))


def test_a_long_text_shows_what_is_missing_with_its_price(home: House) -> None:
    whole_id = ordered(home)
    for number in (2, 3):
        fail_part(home, whole_id, number)
    visitor = home.enter("playground")
    told = said(visitor)
    assert "Part 2: it failed. That text is not for us." in told
    labels = [read(button.label) for button in visitor.button]
    assert "Send part 3 again ($0.20 play money)" in labels
    assert "Send all 2 missing parts again ($0.40 play money)" in labels
    assert "Not complete yet" in texts(visitor.subheader)

    before = len(home.jobs())
    visitor.button(key=f"parts_again_{whole_id}").click().run()
    assert len(home.jobs()) == before + 2
    assert "not spoken" not in said(visitor)


def test_a_part_that_failed_after_the_price_was_shown_is_not_paid_by_that_press(
    home: House,
) -> None:
    whole_id = ordered(home)
    for number in (2, 3):
        fail_part(home, whole_id, number)
    visitor = home.enter("playground")
    fail_part(home, whole_id, 4)
    before = len(home.jobs())
    visitor.button(key=f"parts_again_{whole_id}").click().run()
    assert len(home.jobs()) == before
    assert "press again" in said(visitor)
    visitor.button(key=f"parts_again_{whole_id}").click().run()
    assert len(home.jobs()) == before + 3


def test_a_press_on_a_part_that_somebody_sent_again_meanwhile_orders_nothing(home: House) -> None:
    whole_id = ordered(home)
    fail_part(home, whole_id, 2)
    visitor = home.enter("playground")
    part = home.context.registry.long_texts.parts(whole_id)[1]
    again = speaking.again(home.context, part, ADA)
    now = home.context.demo_clock.now()
    home.context.registry.jobs.fail(again.id, now=now, error="No.", charged=Money())
    before = len(home.jobs())
    visitor.button(key=f"part_again_{whole_id}_2").click().run()
    assert len(home.jobs()) == before
    assert "press again" in said(visitor)


def hold_up(
    home: House, whole_id: str, answers: dict[int, str], kind: ErrorKind = ErrorKind.QUEUE
) -> None:
    """Parts of a long text are told that they have to wait."""
    registry = home.context.registry
    for number, answer in answers.items():
        part = registry.long_texts.parts(whole_id)[number - 1]
        registry.jobs.later(part, next_at=None, answer=answer, kind=kind, in_trouble=False)


def parts_listed(visitor: AppTest) -> list[tuple[str, str]]:
    """Number and state of each part, as the page lists them."""
    return re.findall(r"^(\d+) :\w+-badge\[\S+ ([\w ]+)\]", words_of(visitor), re.MULTILINE)


def test_each_part_is_shown_with_its_state_before_one_is_spoken(home: House) -> None:
    whole_id = ordered(home)
    states = dict.fromkeys("1234", "Queued")
    assert parts_listed(home.enter("playground")) == list(states.items())
    fail_part(home, whole_id, 2)
    speak_part(home, home.context.registry.long_texts.parts(whole_id)[2].id, 3)
    visitor = home.enter("playground")
    assert parts_listed(visitor) == list((states | {"2": "Failed", "3": "Done"}).items())


def test_the_parts_are_not_listed_any_more_when_all_are_spoken(home: House) -> None:
    whole_id = ordered(home)
    for number, part in enumerate(home.context.registry.long_texts.parts(whole_id), 1):
        speak_part(home, part.id, number)
    assert parts_listed(home.enter("playground")) == []


def captions(visitor: AppTest) -> list[str]:
    return [read(text) for text in texts(visitor.caption)]


def test_parts_in_line_tell_once_how_many_go_first(home: House) -> None:
    whole_id = ordered(home)
    line = "Queued: the demo works on one order at a time, and {} go first. Nothing was sent yet."
    hold_up(home, whole_id, {number: line.format(number) for number in (2, 3, 4)})
    told = [text for text in captions(home.enter("playground")) if "Queued:" in text]
    assert told == [line.format(2)]


def test_each_reason_is_told_with_the_parts_that_it_holds_up(home: House) -> None:
    whole_id = ordered(home)
    hold_up(home, whole_id, {1: "Not enough balance."}, ErrorKind.BALANCE)
    hold_up(home, whole_id, {2: "Kyma is busy: one goes first.", 3: "Two go first."})
    told = captions(home.enter("playground"))
    assert "Part 1: Not enough balance." in told
    assert "Part 2 and 1 more: Kyma is busy: one goes first." in told


def test_many_parts_are_folded_up(home: House) -> None:
    whole_id = ordered(home, LONG * 8)
    count = len(home.context.registry.long_texts.parts(whole_id))
    assert count > 20
    visitor = home.enter("playground")
    folded = [fold for fold in visitor.expander if fold.label == f"All {count} parts"]
    assert [fold.proto.expanded for fold in folded] == [False]
    assert len(parts_listed(visitor)) == count


def test_a_part_that_goes_well_is_not_told_to_be_held_up(home: House) -> None:
    whole_id = ordered(home)
    part = home.context.registry.long_texts.parts(whole_id)[0]
    jobs, now = home.context.registry.jobs, home.context.demo_clock.now()
    send(home.context.registry, part.id, now)
    jobs.move(
        part.id, (JobState.SUBMITTING,), now, "", "test",
        state=JobState.WAITING, last_answer="The service accepted the order.",
    )  # fmt: skip
    visitor = home.enter("playground")
    assert parts_listed(visitor)[0] == ("1", "Working")
    assert "took the order" not in words_of(visitor)


def test_the_part_that_is_listened_to_stays_when_others_are_spoken(home: House) -> None:
    visitor = write(home.enter("playground", voice="voice-00001"), LONG)
    visitor.button(key="speak_go").click().run()
    whole_id = home.long_texts()[0].id
    first, second, *_ = home.context.registry.long_texts.parts(whole_id)
    speak_part(home, first.id, 1)
    visitor.run()
    picker = f"part_{whole_id}"
    visitor.selectbox(key=picker).set_value(2).run()
    before = held(visitor, picker)
    speak_part(home, second.id, 2)
    visitor.run()
    assert visitor.selectbox(key=picker).value == 2
    assert held(visitor, picker) == before
    assert "Generate part 2 again" in shown(visitor)


def test_a_text_begun_by_anybody_is_said_before_it_is_paid_again(home: House) -> None:
    whole_id = ordered(home)
    visitor = write(home.enter("playground", voice="voice-00001"), LONG)
    assert "This text is already in progress below." in words_of(visitor)
    fail_part(home, whole_id, 1)
    home.until(lambda: home.long_texts()[0].state is TextState.FAILED)
    visitor = write(home.enter("playground", voice="voice-00001"), LONG)
    assert "You can send its missing parts alone." in said(visitor)


def test_a_take_that_is_too_short_for_its_text_sounds_cut_off(home: House) -> None:
    (short,) = keep(home, 1)
    ann = home.context.registry.voices.dossier("voice-00001")
    assert ann is not None
    cut = people.speech(1, ann, LONG[:180], vault=home.context.demo_vault.name)
    people.move_in(home.context, [], [cut])
    visitor = home.enter("playground")
    visitor.button(key=f"listen_{cut.take.id}").click().run()
    assert "This sounds cut off: 2.0 s for a text of about 12.7 s." in said(visitor)
    visitor.button(key=f"listen_{short.id}").click().run()
    assert "sounds cut off" not in said(visitor)


def test_takes_are_searched_by_text_and_voice_and_turned_page_by_page(home: House) -> None:
    keep(home, 23)
    visitor = home.enter("playground")
    assert "1 to 10 of 23" in words_of(visitor)
    assert "Sentence 22." in words_of(visitor)
    visitor.button(key="takes_older").click().run()
    assert "11 to 20 of 23" in words_of(visitor)
    visitor.button(key="takes_older").click().run()
    assert "21 to 23 of 23" in words_of(visitor)
    assert visitor.button(key="takes_older").disabled

    visitor.text_input(key="takes_search").set_value("SENTENCE ann 17").run()
    assert "Sentence 17." in words_of(visitor)
    assert len([b for b in visitor.button if (b.key or "").startswith("listen_")]) == 1
    visitor.text_input(key="takes_search").set_value("nobody said this").run()
    assert "No takes match." in words_of(visitor)


def test_deleting_a_take_asks_first(home: House) -> None:
    take = keep(home, 2)[0]
    visitor = home.enter("playground")
    visitor.button(key=f"delete_{take.id}").click().run()
    assert "Delete this take?" in words_of(visitor)
    visitor.button(key=f"delete_leave_{take.id}").click().run()
    assert home.context.registry.takes.get(take.id) is not None
    visitor.button(key=f"delete_{take.id}").click().run()
    visitor.button(key=f"delete_sure_{take.id}").click().run()
    assert home.context.registry.takes.get(take.id) is None
    assert not visitor.exception
    assert take.text not in words_of(visitor)


def test_parts_are_not_listed_beside_their_whole(home: House) -> None:
    whole_id = ordered(home, LONG)
    registry = home.context.registry
    parts = registry.long_texts.parts(whole_id)
    for number, part in enumerate(parts):
        speak_part(home, part.id, number)
    assert registry.takes.latest(services=[DEMO], limit=9) == []
    assert "Takes" not in texts(home.enter("playground").subheader)


def test_an_order_stays_followed_from_line_to_sound(home: House) -> None:
    visitor = write(home.enter("playground", voice="voice-00001"), SENTENCE)
    visitor.button(key="speak_go").click().run()
    assert re.search(r"Queued|Sending", shown(visitor))
    assert visitor.session_state["speak_said"] == [home.jobs()[0].id]


def test_the_plan_of_the_page_is_the_plan_of_the_order(home: House) -> None:
    whole_id = ordered(home)
    parts = home.context.registry.long_texts.parts(whole_id)
    assert Money.total(part.estimate for part in parts) == Money.usd("0.6328")
    assert len(speaking.split(LONG, speaking.PART_CHARS)) == len(parts)


def test_a_long_text_is_one_line_among_the_jobs_and_tells_its_parts_there(home: House) -> None:
    whole_id = ordered(home)
    fail_part(home, whole_id, 2)
    listed = home.enter("jobs")
    assert not listed.exception
    ids, _ = listed.session_state["jobs_rows"]
    assert ids.count(whole_id) == 1
    assert len(ids) == 4
    assert "in 4 parts" in words_of(listed)
    story = home.enter("jobs", job=whole_id)
    assert not story.exception
    assert "Part 2: it failed." in said(story)
    assert "in 4 parts, $0.44 play money" in shown(story).replace("\\", "")


def order_count(house: House) -> int:
    speeches = [job for job in house.jobs() if job.kind is JobKind.SPEECH]
    return sum(not job.long_text_id for job in speeches) + len(house.long_texts())


def test_a_press_on_a_price_that_was_not_shown_yet_orders_nothing(home: House) -> None:
    visitor = home.enter("playground", voice="voice-00001")
    visitor.text_area(key="speak_text").set_value(LONG)  # still in the field at the press
    visitor.button(key="speak_go").click().run()
    assert order_count(home) == 0
    assert "press again" in said(visitor)
    assert label(visitor).startswith("Generate in 4 parts with Ann ($0.6")
    visitor.button(key="speak_go").click().run()
    assert order_count(home) == 1


def test_a_price_counts_as_seen_after_it_has_stood_for_a_moment(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirming, "SEEN_AFTER", 60.0)
    visitor = home.enter("playground", voice="voice-00001")
    visitor.text_area(key="speak_text").set_value(LONG).run()  # as the press began
    visitor.button(key="speak_go").click().run()
    assert order_count(home) == 0
    assert "press again" in said(visitor)
    monkeypatch.setattr(confirming, "SEEN_AFTER", 0.0)
    visitor.button(key="speak_go").click().run()
    assert order_count(home) == 1


def test_a_press_on_a_price_that_stays_as_it_was_is_enough(home: House) -> None:
    visitor = home.enter("playground", voice="voice-00001")
    visitor.text_area(key="speak_text").set_value(SENTENCE)
    visitor.button(key="speak_go").click().run()
    assert order_count(home) == 1


@pytest.mark.parametrize("others", [(), ("voice-00003",)])
def test_what_a_colleague_had_spoken_meanwhile_is_not_paid_again(
    home: House, others: tuple[str, ...]
) -> None:
    visitor = home.enter("playground", voice="voice-00001")
    if others:
        compare(visitor, *others)
    write(visitor, "Sentence 0.")
    keep(home, 1)
    before = order_count(home)
    visitor.button(key="speak_go").click().run()
    assert order_count(home) == before
    assert "press again" in said(visitor)
    assert HAD_ALREADY in said(visitor)


def test_coming_back_the_voice_and_its_settings_are_as_they_were(home: House) -> None:
    visitor = home.enter("playground", voice="voice-00001")
    visitor.selectbox(key="speak_model").set_value("Minimax-Speech-2.8-HD").run()
    visitor.slider(key="speak_speed").set_value(1.5).run()
    go(visitor, "jobs")
    go(visitor, "playground")
    assert visitor.selectbox(key="speak_voice").value == "voice-00001"
    assert visitor.selectbox(key="speak_model").value == "Minimax-Speech-2.8-HD"
    assert visitor.slider(key="speak_speed").value == 1.5
    go(visitor, "playground", voice="voice-00002")  # by a link to another one
    assert visitor.selectbox(key="speak_voice").value == "voice-00002"


def test_a_result_says_whose_it_is_whatever_is_chosen_above(home: House) -> None:
    visitor = write(home.enter("playground", voice="voice-00001"), "Sentence 7.")
    visitor.button(key="speak_go").click().run()
    visitor.selectbox(key="speak_voice").set_value("voice-00002").run()
    assert links(visitor) == ["Bob", "Ann"]
    assert "Sentence 7." in words_of(visitor)


def test_a_voice_that_cannot_speak_is_named_with_the_reason(home: House) -> None:
    made = people.clone(4, home.clock.now(), name="Dee", service=DEMO, kind=VoiceKind.INWORLD)
    people.move_in(home.context, [made])
    visitor = home.enter("playground", voice="voice-00004")
    assert "Dee cannot generate speech here." in said(visitor)
    assert "Not offered: Dee (Demo lists no model for Inworld voices)." in words_of(visitor)
    assert "voice-00004" not in str(visitor.selectbox(key="speak_voice").value)


def test_a_long_name_leaves_room_for_the_price_on_the_button(home: House) -> None:
    home.context.registry.voices.change("voice-00001", name="The Extraordinarily Long " * 3)
    visitor = write(home.enter("playground", voice="voice-00001"), SENTENCE)
    assert label(visitor) == "Generate with The Extraordinarily Long… ($0.01 play money)"


def test_the_price_of_a_model_is_said_before_there_is_a_text(home: House) -> None:
    visitor = home.enter("playground", voice="voice-00001")
    assert "$0.10 play money per 1,000 characters." in words_of(visitor)
