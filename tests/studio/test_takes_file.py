"""Several takes as one ZIP: what it holds, what its files are called, what does not go in."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest

from lib.models import Take, Voice
from lib.registry.events import Wanted
from lib.roles import TeamRole
from lib.studio.core.context import Context
from lib.studio.library import takes_file
from lib.studio.library.takes_file import MOST, MOST_BYTES, Packed, TooMuch
from lib.vault.base import VaultError, VaultTrouble, sha256_hex
from tests.parts.clock import START
from tests.parts.persons import named
from tests.registry.records import a_job, a_take, a_voice

VERA = named("Vera", TeamRole.VIEWER)
ANN = a_voice(name="Ann: the / “Voice”")


def stored(context: Context, number: int, text: str, **fields: object) -> Take:
    """A take of Ann's whose sound is in the vault."""
    sound = f"sound {number}".encode()
    key = str(fields.pop("key", f"takes/take-{number}/audio.wav"))
    if key:
        context.live_vault.put_verified(key, sound, "audio/wav")
    take = a_take(a_job(ANN), text=text, created_at=START + timedelta(minutes=number), key=key)
    take = replace(take, id=f"take-{number}", sha256=sha256_hex(sound), size=len(sound))
    return replace(take, **fields)  # type: ignore[arg-type]


def pack(context: Context, *takes: Take, voice: Voice = ANN) -> tuple[Packed, io.BytesIO]:
    file = io.BytesIO()
    return takes_file.pack(context, file, takes, {voice.id: voice}, VERA), file


def opened(data: io.BytesIO) -> tuple[dict[str, bytes], list[dict[str, str]]]:
    """The sounds by their names, and the rows of the table."""
    with zipfile.ZipFile(data) as file:
        assert file.testzip() is None
        found = {name: file.read(name) for name in file.namelist()}
    table = found.pop(takes_file.TABLE).decode("utf-8-sig")
    return found, list(csv.DictReader(io.StringIO(table)))


def test_it_holds_each_sound_as_it_is_stored_and_a_table_of_what_they_say(
    context: Context,
) -> None:
    first = stored(context, 1, "=1+1, good morning.", settings={"language": "English"})
    second = stored(context, 2, "Bye.", name="The end", favourite=True, seconds=2.04)
    packed, file = pack(context, second, first)
    sounds, rows = opened(file)
    assert (packed.count, packed.missing) == (2, ())
    assert packed.bytes == len(file.getvalue())
    assert sounds == {
        "01 - Ann the Voice - 11 good morning.wav": b"sound 1",
        "02 - Ann the Voice - The end.wav": b"sound 2",
    }
    assert [row["File"] for row in rows] == list(sounds)
    assert [row["Text"] for row in rows] == ["'=1+1, good morning.", "Bye."]
    assert (rows[0]["Language"], rows[0]["Speed"], rows[0]["Favourite"]) == ("English", "1", "")
    assert (rows[1]["Name"], rows[1]["Seconds"], rows[1]["Favourite"]) == ("The end", "2.0", "yes")
    assert rows[1]["Voice"] == ANN.name
    (deed,) = context.registry.events.find(Wanted(people=("Vera",)), limit=9)
    assert "2 takes" in deed.line.what


def test_the_names_of_its_files_are_safe_whatever_somebody_wrote(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = {
        ("../../etc/passwd", "takes/a/audio.mp3"): "01 - etcpasswd.mp3",
        ("CON", "takes/a/audio.wav"): "02 - CON.wav",
        ("…?!", "takes/a/audio.wav"): "03.wav",
        ("One\nline\tonly", "takes/a/audio.../../x"): "04 - One line only",
        ("A" * 300, "takes/a/audio.wav"): f"05 - {'A' * 36}.wav",
        ("\u202egpj.exe", "takes/a/audio.wav"): "06 - gpjexe.wav",
    }
    takes = [
        replace(stored(context, number, text), key=key)
        for number, (text, key) in enumerate(written, 1)
    ]
    sounds = iter(f"sound {number}".encode() for number in range(1, 7))
    monkeypatch.setattr(context.live_vault, "get", lambda *_, **__: next(sounds))
    found, _ = opened(pack(context, *takes, voice=a_voice())[1])
    assert list(found) == list(written.values())


def test_names_fit_every_system(context: Context) -> None:
    voice = replace(ANN, name="𠮷" * 80)
    sounds, _ = opened(pack(context, stored(context, 1, "𠮷" * 200), voice=voice)[1])
    (name,) = sounds
    assert len(name.encode()) <= 255


def test_what_cannot_be_had_is_left_out_and_told(context: Context) -> None:
    good = stored(context, 1, "One.")
    left_behind = stored(context, 2, "Two.", key="")
    gone = replace(stored(context, 3, "Three."), key="takes/take-9/audio.wav")
    changed = stored(context, 4, "Four.", sha256="0123")
    packed, file = pack(context, good, left_behind, gone, changed)
    sounds, rows = opened(file)
    assert (packed.count, packed.missing) == (1, (left_behind, gone, changed))
    assert list(sounds.values()) == [b"sound 1"]
    assert [bool(row["Note"]) for row in rows] == [False, True, True, True]


def test_too_much_is_refused_before_anything_is_read(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = stored(context, 1, "One.")
    monkeypatch.setattr(context.live_vault, "get", None)
    with pytest.raises(TooMuch, match=f"{MOST} takes"):
        pack(context, *[take] * (MOST + 1))
    half = replace(take, size=MOST_BYTES // 2 + 1)
    with pytest.raises(TooMuch, match=r"100\.0 MB"):
        pack(context, half, half)


def test_sizes_that_were_told_wrongly_do_not_make_it_larger(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takes_file, "MOST_BYTES", 10)
    takes = [replace(stored(context, number, "One."), size=0) for number in (1, 2)]
    assert pack(context, *takes)[0].missing == (takes[1],)


def test_a_vault_that_does_not_answer_ends_it(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out(*_: object, **__: object) -> bytes:
        raise VaultError(VaultTrouble.UNREACHABLE, "Nobody answers.")

    take = stored(context, 1, "One.")
    monkeypatch.setattr(context.live_vault, "get", out)
    with pytest.raises(VaultError):
        pack(context, take)
    assert context.registry.events.find(Wanted(people=("Vera",)), limit=9) == []
