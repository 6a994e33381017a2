"""Scripts: cast, generated line by line, and paid once for each; kept as voices are."""

from __future__ import annotations

import io
import wave
import zipfile
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from lib import keeper
from lib.consent import Consent
from lib.demo.showcase import EXHIBITS, Exhibit
from lib.models import Dossier, Job, KeepPolicy, Money, Source, Voice, VoiceKind
from lib.pricing import speech_price
from lib.recordings.inspect import inspect
from lib.recordings.writing import Form
from lib.registry import budgets
from lib.registry.takes import WantedTakes
from lib.scripts import Line, Script, ScriptChanged, ScriptRefused, Speaker
from lib.services import NANOGPT
from lib.studio.core.catalogue import usual_model
from lib.studio.core.context import Context
from lib.studio.core.standpoint import standpoint_of
from lib.studio.erasure import asking
from lib.studio.jobs import recovery
from lib.studio.library import showcase, takes
from lib.studio.orders import speaking
from lib.studio.orders.confirming import OrderRefused
from lib.studio.scripts import editing, exporting, generating, standing
from lib.studio.scripts.exporting import CannotExport
from lib.studio.scripts.reading import read_file, read_text
from lib.studio.scripts.standing import LineStanding, LineState, Standing
from lib.studio.storage import manifests
from lib.studio.transfer import exporting as transfer
from lib.studio.transfer import importing
from lib.studio.transfer.restoring import Outcome
from lib.team import Team
from tests.parts.persons import ADA, BEN
from tests.parts.statements import counted
from tests.studio.service import loses_the_answer, refuses
from tests.studio.story import MINUTE, Story, dossier

PLAY = """
ANNA: Good morning, Ben.
BEN: Good morning.
ANNA: Is the third line ready?
BEN: Yes.
ANNA: Yes.
BEN: Yes.
"""
THIRD = "Is the third line ready?"
S = LineState


def stands(context: Context, script: Script) -> Standing:
    found = standing.find(context, script.id)
    assert found is not None
    return standing.stand(context, found)


def states(context: Context, script: Script) -> list[LineState]:
    return [line.state for line in stands(context, script).lines]


def with_cast(context: Context, script: Script, **voices: str) -> Script:
    for name, voice_id in voices.items():
        script = editing.give_voice(context, ADA, script, Speaker(name, voice_id))
    return script


def lent(context: Context, exhibit: Exhibit) -> str:
    """A voice that the service knows already, in the library; returns its id."""
    voice = Voice(
        exhibit.id,
        exhibit.name,
        VoiceKind.MINIMAX,
        Source.CLONED,
        NANOGPT,
        standpoint_of(context).account(NANOGPT),
        context.clock.now(),
        exhibit.provider_voice_id,
        id_made_here=True,
        consent=Consent(exhibit.name, "Ada", context.clock.now(), f"consent-{exhibit.id}"),
        keep_policy=KeepPolicy.ASK,
        clock_start=context.clock.now(),
    )
    assert context.registry.voices.absorb(Dossier(voice))
    return voice.id


@pytest.fixture
def play(story: Story, context: Context) -> Script:
    """A script of six lines whose two speakers have a voice each."""
    script = editing.create(context, ADA, "The third line", read_text(PLAY))
    known = {exhibit.id: exhibit for exhibit in EXHIBITS}
    story.service.demo.install(known.values())
    anna = lent(context, known["demo-safe"])
    return with_cast(context, script, ANNA=anna, BEN=lent(context, known["demo-waiting"]))


def price_of(context: Context, text: str) -> Money:
    model = usual_model(context, NANOGPT, "minimax")
    assert model is not None
    return speech_price(model, text)


def test_all_lines_are_generated_and_a_failed_one_alone_is_paid_again(
    story: Story, context: Context, play: Script
) -> None:
    before = story.service.count("speech")
    shown = stands(context, play)
    assert {line.state for line in shown.lines} == {S.READY}
    assert shown.price == Money.total(price_of(context, line.text) for line in play.lines)

    story.service.where(THIRD, refuses(400, "Not this text"))
    ordered = generating.generate(context, ADA, shown)
    assert len({order.id for order in ordered}) == len(play.lines)
    assert states(context, play) == [S.WORKING] * 6
    story.live(context, MINUTE)

    after = stands(context, play)
    assert [line.state for line in after.lines] == [S.SPOKEN, S.SPOKEN, S.FAILED, *[S.SPOKEN] * 3]
    assert "Not this text" in after.lines[2].why
    assert [line.number for line in after.to_generate] == [3]
    assert after.price == price_of(context, THIRD)
    assert story.service.count("speech") == before + 6

    story.service.where(THIRD, None)
    generating.generate(context, ADA, after)
    story.live(context, MINUTE)
    assert states(context, play) == [S.SPOKEN] * 6
    assert story.service.count("speech") == before + 7
    with pytest.raises(OrderRefused):
        generating.generate(context, ADA, stands(context, play))


def test_a_double_click_is_one_order_also_when_the_first_is_done(
    story: Story, context: Context, play: Script
) -> None:
    shown = stands(context, play)
    first = generating.generate(context, ADA, shown)
    assert generating.generate(context, ADA, shown) == first
    story.live(context, MINUTE)
    again = generating.generate(context, ADA, shown)
    assert [order.id for order in again] == [order.id for order in first]

    third = play.lines[2].id
    shown = stands(context, play)
    once = generating.generate(context, ADA, shown, [third])
    story.live(context, MINUTE)
    assert generating.generate(context, ADA, shown, [third])[0].id == once[0].id
    assert len(stands(context, play).lines[2].takes) == 2
    assert len(stands(context, play).lines[1].takes) == 1


def test_what_changed_since_it_was_spoken_is_generated_again(
    story: Story, context: Context, play: Script
) -> None:
    generating.generate(context, ADA, stands(context, play))
    story.live(context, MINUTE)
    lines = [
        replace(line, text="I changed.") if at == 0 else line for at, line in enumerate(play.lines)
    ]
    script = editing.write_lines(context, ADA, play, [*lines, Line("", "ANNA", "New.")])
    assert states(context, script) == [S.CHANGED, *[S.SPOKEN] * 5, S.READY]
    assert stands(context, script).lines[0].take is not None

    faster = replace(script.speaker("BEN"), speed=1.2)
    script = editing.give_voice(context, ADA, script, faster)
    assert states(context, script) == [
        S.CHANGED,
        S.CHANGED,
        S.SPOKEN,
        S.CHANGED,
        S.SPOKEN,
        S.CHANGED,
        S.READY,
    ]
    nobody = editing.give_voice(context, ADA, script, Speaker("ANNA"))
    assert states(context, nobody)[0] is S.NO_VOICE
    back = editing.give_voice(context, ADA, nobody, replace(faster, speed=1.0))
    assert states(context, back)[1] is S.SPOKEN


def samples(data: bytes) -> tuple[np.ndarray[Any, Any], int]:
    """The left channel of a WAV, and its rate."""
    with wave.open(io.BytesIO(data)) as file:
        frames = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return frames.reshape(-1, file.getnchannels())[:, 0], file.getframerate()


@pytest.fixture
def spoken(story: Story, context: Context, play: Script) -> Script:
    """The same, with a pause of its own after the second line, and all but the last line spoken."""
    last = play.lines[-1].id
    script = editing.set_pause(context, ADA, play, 1.25, line_id=play.lines[1].id)
    script = editing.set_pause(context, ADA, script, 0.75)
    shown = stands(context, script)
    generating.generate(context, ADA, shown, [line.id for line in script.lines if line.id != last])
    story.live(context, MINUTE)
    return script


def test_one_sound_has_each_line_where_it_says(context: Context, spoken: Script) -> None:
    shown = stands(context, spoken)
    target = io.BytesIO()
    exported = exporting.sound(context, shown, target, Form.WAV, ADA)
    heard, rate = samples(target.getvalue())

    assert [line.number for line in exported.missing] == [6]
    assert (exported.count, exported.bytes) == (5, len(target.getvalue()))
    assert exported.seconds == pytest.approx(len(heard) / rate)
    gaps = [after.start - before.end for before, after in pairwise(exported.spans)]
    assert gaps == pytest.approx([0.75, 1.25, 0.75, 0.75], abs=1 / rate)
    for span, one in zip(exported.spans, shown.lines, strict=False):
        assert one.take is not None
        alone = context.vault(NANOGPT).get(one.take.key, max_bytes=10_000_000)
        own, own_rate = samples(alone)
        assert own_rate == rate
        begin = round(span.start * rate)
        there = heard[begin : round(span.end * rate)]
        assert len(there) == len(own)
        middle = slice(rate // 10, -rate // 10)  # its ends are faded
        assert np.array_equal(there[middle], own[middle])
        assert not heard[max(begin - rate // 4, 0) : max(begin - 1, 0)].any()
    planned = exporting.spans(shown)
    assert [span.line_id for span in planned] == [span.line_id for span in exported.spans]
    assert planned[-1].end == pytest.approx(exported.spans[-1].end, abs=0.01)


def test_a_script_is_exported_as_mp3_with_even_levels(context: Context, spoken: Script) -> None:
    target = io.BytesIO()
    exported = exporting.sound(context, stands(context, spoken), target, Form.MP3, ADA, even=True)
    assert inspect(target.getvalue()).seconds == pytest.approx(exported.seconds, abs=0.1)


def test_numbered_files_come_with_a_table_that_is_read_again(
    context: Context, spoken: Script
) -> None:
    lines = [replace(spoken.lines[0], speaker="=HYPERLINK(1)"), *spoken.lines[1:]]
    script = editing.write_lines(context, ADA, spoken, lines)
    target = io.BytesIO()
    exported = exporting.files(context, stands(context, script), target, ADA)
    with zipfile.ZipFile(target) as file:
        *sounds, table = file.namelist()
        text = file.read(table)
    assert (exported.count, len(sounds)) == (5, 5)
    assert sounds[1] == "02 - BEN - Good morning.wav"
    assert b"'=HYPERLINK" in text
    again = read_file(text, table)
    assert [line.text for line in again.lines] == [line.text for line in script.lines]
    assert [line.pause for line in again.lines][:3] == [0.75, 1.25, 0.75]


def test_what_has_no_sound_cannot_be_exported(
    story: Story, context: Context, spoken: Script
) -> None:
    blank = editing.create(context, ADA, "Nothing yet", read_text("ANNA: Hello."))
    take = stands(context, spoken).lines[0].take
    assert take is not None
    (story.folder / "vault" / take.key).unlink()
    for export in (
        lambda it: exporting.sound(context, stands(context, it), io.BytesIO(), Form.WAV, ADA),
        lambda it: exporting.files(context, stands(context, it), io.BytesIO(), ADA),
    ):
        with pytest.raises(CannotExport):
            export(blank)
        assert [line.number for line in export(spoken).missing] == [1, 6]


def test_the_example_of_the_demo_speaks_once_and_stays_deleted(story: Story) -> None:
    context = story.context(DEMO="1")
    keeper.one_pass(context)
    (summary,) = standing.listed(context, limit=10)
    shown = standing.stand(context, summary.script)
    assert {line.state for line in shown.lines} == {S.READY}
    generating.generate(context, ADA, shown)
    story.live(context, MINUTE)
    assert states(context, summary.script) == [S.SPOKEN] * len(shown.lines)
    (summary,) = standing.listed(context, "example lighthouse", limit=10)
    assert summary.spoken == len(shown.lines)
    assert summary.seconds > 5

    editing.remove(context, ADA, summary.script)
    showcase.install(context)
    assert standing.count(context) == 0
    assert standing.count(story.context()) == 0


def order_again_at_jobs(context: Context, shown: LineStanding) -> None:
    order = shown.order
    assert isinstance(order, Job)
    options = recovery.options_for(context, order, shown.voice)
    next(option for option in options if option.name == "again").run(context, order, ADA)


def generate_again(context: Context, shown: LineStanding) -> None:
    script = context.registry.scripts.find(services=[], limit=1)[0]
    generating.generate(context, ADA, stands(context, script), [shown.line.id])


@pytest.mark.parametrize("again", [order_again_at_jobs, generate_again])
def test_an_order_of_unknown_outcome_is_paid_again_only_if_somebody_says_so(
    story: Story,
    context: Context,
    play: Script,
    again: Callable[[Context, LineStanding], None],
) -> None:
    story.service.where(THIRD, loses_the_answer)
    generating.generate(context, ADA, stands(context, play))
    story.live(context, MINUTE)
    shown = stands(context, play)
    third = shown.lines[2]
    assert (third.state, shown.price) == (S.UNKNOWN, Money())
    with pytest.raises(OrderRefused):
        generating.generate(context, ADA, shown)

    new = story.new_container()
    keeper.one_pass(new)
    assert stands(new, play).lines[2].state is S.UNKNOWN

    story.service.where(THIRD, None)
    before = story.service.count("speech")
    again(context, third)
    story.live(context, MINUTE)
    assert states(context, play) == [S.SPOKEN] * 6
    assert story.service.count("speech") == before + 1


def test_a_process_that_ends_while_it_orders_has_ordered_all_or_nothing(
    story: Story, context: Context, play: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = stands(context, play)

    def ends(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(budgets, "check", ends)  # in the transaction, once all is inserted
        with pytest.raises(KeyboardInterrupt):
            generating.generate(context, ADA, shown)
    assert states(context, play) == [S.READY] * 6

    with monkeypatch.context() as patch:
        patch.setattr(context.runtime, "wake", ends)  # after it
        with pytest.raises(KeyboardInterrupt):
            generating.generate(context, ADA, shown)
    assert states(context, play) == [S.WORKING] * 6
    before = story.service.count("speech")
    generating.generate(context, ADA, shown)
    story.live(context, MINUTE)
    assert states(context, play) == [S.SPOKEN] * 6
    assert story.service.count("speech") == before + 6


def test_of_a_long_line_only_the_part_that_failed_is_paid_again(
    story: Story, context: Context, play: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speaking, "_parts", lambda _, text: tuple(text.split("\n")))
    text = "The first part.\nThe second part.\nThe third part."
    script = editing.write_lines(context, ADA, play, [replace(play.lines[0], text=text)])
    story.service.where("The second", refuses(400, "Not this text"))
    generating.generate(context, ADA, stands(context, script))
    story.live(context, MINUTE)

    shown = stands(context, script)
    assert shown.lines[0].state is S.FAILED
    (part,) = shown.lines[0].missing
    assert shown.price == part.estimate
    before = story.service.count("speech")
    story.service.where("The second", None)
    for _ in range(2):  # a click, and one that comes late
        generating.generate(context, ADA, shown)
        story.live(context, MINUTE)
    assert states(context, script) == [S.SPOKEN]
    assert story.service.count("speech") == before + 1


def test_two_people_never_overwrite_each_other(context: Context, play: Script) -> None:
    mine = editing.rename(context, ADA, play, "Mine")
    shown = stands(context, play)
    for change in (
        lambda: editing.rename(context, BEN, play, "His"),
        lambda: editing.write_lines(context, BEN, play, play.lines[:1]),
        lambda: editing.set_pause(context, BEN, play, 3.0),
        lambda: editing.give_voice(context, BEN, play, Speaker("ANNA")),
        lambda: editing.choose_take(context, BEN, play, play.lines[0].id, ""),
        lambda: editing.remove(context, BEN, play),
    ):
        with pytest.raises(ScriptChanged):
            change()
    found = standing.find(context, play.id)
    assert found is not None
    assert replace(found, saved_revision=0) == mine
    editing.write_lines(
        context, BEN, mine, [replace(mine.lines[0], text="Other."), *mine.lines[1:]]
    )
    with pytest.raises(ScriptChanged):  # what would be paid is not what Ada saw
        generating.generate(context, ADA, shown)


def test_a_new_container_has_scripts_with_their_takes_and_none_that_was_deleted(
    story: Story, context: Context, spoken: Script
) -> None:
    other = editing.duplicate(context, ADA, spoken)
    assert [line.take_id != "" for line in other.lines] == [True] * 5 + [False]
    assert states(context, other) == states(context, spoken)
    keeper.one_pass(context)
    new = story.new_container()
    keeper.one_pass(new)
    for script in (spoken, other):
        found = standing.find(new, script.id)
        assert found is not None
        assert replace(found, saved_revision=0) == replace(script, saved_revision=0)
        assert states(new, script) == states(context, script)

    editing.remove(context, ADA, spoken)
    newest = story.new_container("newest")
    keeper.one_pass(newest)
    assert standing.find(newest, spoken.id) is None
    assert takes.count(newest, WantedTakes(script_id=spoken.id), most=99) == 5
    assert states(newest, other) == states(context, other)
    # A container that still knows the script, as it was not told.
    manifests.reconcile(new)
    assert standing.find(new, spoken.id) is None


def test_an_export_of_the_library_brings_scripts_to_another_one(
    story: Story, context: Context, spoken: Script
) -> None:
    file = io.BytesIO()
    assert transfer.write(context, file, person=ADA).scripts == 1
    checked = importing.check(file)
    assert (checked.scripts, checked.is_good) == (1, True)
    vault, database = (f"{story.folder}/elsewhere{ending}" for ending in ("", ".db"))
    other = story.context(
        "elsewhere", database=f"sqlite:///{database}", VAULT_URL=f"file://{vault}"
    )
    taken = importing.take(other, file, dry_run=False, person=ADA)
    assert taken.count(Outcome.NEW, "scripts") == 1
    found = stands(other, spoken)
    assert [len(line.takes) for line in found.lines] == [1, 1, 1, 1, 1, 0]
    again = importing.take(other, file, dry_run=False, person=ADA)
    assert again.count(Outcome.HERE, "scripts") == 1


def test_choosing_a_take_and_generating_once_more(
    story: Story, context: Context, spoken: Script
) -> None:
    first = stands(context, spoken).lines[0]
    assert first.take is not None
    generating.generate(context, ADA, stands(context, spoken), [first.line.id])
    story.live(context, MINUTE)
    now = stands(context, spoken).lines[0]
    assert [take.id for take in now.takes][1:] == [first.take.id]
    assert now.take == now.takes[0]
    script = editing.choose_take(context, ADA, spoken, first.line.id, first.take.id)
    assert stands(context, script).lines[0].take == first.take
    second = stands(context, script).lines[1].take
    assert second is not None
    with pytest.raises(ScriptRefused):
        editing.choose_take(context, ADA, script, first.line.id, second.id)
    generating.generate(context, ADA, stands(context, script), [first.line.id])
    story.live(context, MINUTE)
    assert len(stands(context, script).lines[0].takes) == 3
    assert stands(context, script).lines[0].take == stands(context, script).lines[0].takes[0]


def test_what_stands_against_a_line_names_it_and_nothing_is_ordered(
    story: Story, context: Context, play: Script
) -> None:
    ben = play.speaker("BEN").voice_id
    voice = context.registry.voices.get(ben)
    assert voice is not None
    assert voice.consent is not None
    context.registry.consents.withdraw([voice.consent.id], at=story.clock.now(), by="Ada")
    shown = stands(context, play)
    assert [line.state for line in shown.lines] == [S.READY, S.CANNOT] * 2 + [S.READY, S.CANNOT]
    assert len(shown.to_generate) == 3
    with pytest.raises(OrderRefused, match="Line 2: Lucía Ferrer withdrew"):
        generating.generate(context, ADA, shown, [line.id for line in play.lines])
    assert context.registry.scripts.spoken(play).orders == []


def test_a_budget_refuses_all_lines_or_none(story: Story, context: Context, play: Script) -> None:
    story.team = Team(monthly_budget=stands(context, play).lines[0].price)
    poor = story.context()
    with pytest.raises(OrderRefused, match="budget"):
        generating.generate(poor, ADA, stands(poor, play))
    assert poor.registry.scripts.spoken(play).orders == []


def test_an_erased_voice_leaves_the_lines_and_takes_of_others(
    story: Story, context: Context, spoken: Script
) -> None:
    anna = dossier(context, spoken.speaker("ANNA").voice_id)
    asking.ask(context, [anna], ADA, at_once=True)
    story.live(context, MINUTE)
    found = stands(context, spoken)
    assert found.script.speakers[0] == Speaker("ANNA")
    assert [line.line.text for line in found.lines] == [line.text for line in spoken.lines]
    assert [len(line.takes) for line in found.lines] == [0, 1, 0, 1, 0, 0]
    assert [line.orders for line in found.lines] == [0, 1, 0, 1, 0, 0]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda it: editing.rename(*it, " \n"), "name"),
        (lambda it: editing.rename(*it, "n" * 81), "80"),
        (lambda it: editing.set_pause(*it, 30.5), "30"),
        (lambda it: editing.set_pause(*it, float("nan")), "30"),
        (lambda it: editing.write_lines(*it, []), "no lines"),
        (lambda it: editing.write_lines(*it, [Line("", "A", "a" * 60_001)]), "60,000"),
        (lambda it: editing.write_lines(*it, [Line("", "A", "a")] * 501), "500"),
        (lambda it: editing.write_lines(*it, [Line("", "A", "a" * 50_000)] * 7), "300,000"),
        (lambda it: editing.give_voice(*it, Speaker("Nobody")), "in the script"),
        (lambda it: editing.give_voice(*it, Speaker("ANNA", "no-voice")), "exists"),
        (lambda it: editing.give_voice(*it, Speaker("ANNA", speed=0.0)), "0.25"),
        (lambda it: editing.set_pause(*it, 1.0, line_id="gone"), "in the script"),
    ],
)
def test_what_a_script_cannot_be_is_refused_with_the_number(
    context: Context, change: Callable[[Any], object], told: str
) -> None:
    script = editing.create(context, ADA, "Short", read_text("ANNA: Hello."))
    with pytest.raises(ScriptRefused, match=told):
        change((context, ADA, script))
    assert standing.find(context, script.id) == script


def test_however_many_lines_there_are_the_queries_are_as_many(context: Context) -> None:
    def questions(lines: int) -> int:
        text = "\n".join(f"{'AB'[n % 2]}: Line {n}." for n in range(lines))
        script = editing.create(context, ADA, f"{lines} lines", read_text(text))
        standing.stand(context, script)
        with counted(context) as statements:
            standing.stand(context, script)
        return len(statements)

    assert questions(2) == questions(200) <= 12
