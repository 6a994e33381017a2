"""`python -m lib.recordings`: what the page says about files, for people and for programs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lib.recordings.__main__ import main
from tests.sentences import EMPTY_FILE


def told(capsys: pytest.CaptureFixture[str], *files: Path) -> tuple[int, list[dict[str, Any]]]:
    """How it ended, and the objects that it wrote."""
    code = main(["--json", *map(str, files)])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_file_is_one_object_with_the_sentences_of_the_page(
    samples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flac = samples / "librispeech-12s.flac"
    code, (found,) = told(capsys, flac)

    sentence = (
        "This is a FLAC file. It will be converted to a file that {} accepts. Your original is "
    )
    assert code == 0
    assert found.pop("speech_seconds") == pytest.approx(9.4, abs=0.3)
    assert found.pop("loudness_lufs") == pytest.approx(-27.3, abs=0.3)
    assert found == {
        "file": str(flac),
        "kind": "flac",
        "seconds": 11.66,
        "verdict": "Good",
        "services": {
            "minimax": {"verdict": "convert", "reason": sentence.format("MiniMax") + "kept."},
            "qwen": {"verdict": "convert", "reason": sentence.format("Qwen") + "kept."},
            "kyma": {"verdict": "convert", "reason": sentence.format("MiniMax") + "kept."},
        },
    }


def test_what_cannot_be_read_is_null_and_stops_no_other(
    samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [samples / "empty-0-bytes.mp3", tmp_path / "none.wav", tmp_path]
    files.append(samples / "jfk-11s-adts.aac")
    code, found = told(capsys, *files)

    assert code == 1
    assert [item["file"] for item in found] == [str(file) for file in files]
    for item in found[:3]:
        rest = [item[name] for name in item if name not in ("file", "services")]
        assert rest == [None] * 5
        assert {said["verdict"] for said in item["services"].values()} == {"refuse"}
    assert EMPTY_FILE in found[0]["services"]["kyma"]["reason"]
    assert "cannot be opened: No such file" in found[1]["services"]["qwen"]["reason"]
    fits = {name: said["verdict"] for name, said in found[3]["services"].items()}
    assert fits == {"minimax": "convert", "qwen": "accept", "kyma": "convert"}


def test_one_service_that_takes_a_file_is_enough_and_none_is_not(
    samples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short_for_one, short_for_all = "common-voice-ja-6s5.mp3", "ljspeech-1s9.wav"
    assert told(capsys, samples / short_for_one)[0] == 0
    assert told(capsys, samples / short_for_one, samples / short_for_all)[0] == 1


def test_people_read_what_to_do(samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cut = samples / "adts-cut-mid-frame.aac"
    assert main([str(cut), str(samples / "one-byte.m4a")]) == 1
    head, quality, minimax, qwen, kyma, warning, unread = capsys.readouterr().out.splitlines()
    assert head == f"{cut}: AAC file, 16.0 s"
    assert quality.startswith("  No speech (")
    assert minimax.startswith("  MiniMax voice · NanoGPT: convert: This is an AAC file.")
    assert qwen == "  Qwen voice · NanoGPT: accept: Qwen accepts this recording."
    assert kyma.startswith("  MiniMax voice · Kyma: convert: ")
    assert warning == "  Part of this file is missing or damaged. Play it before you use it."
    assert "This is not a known kind of audio file" in unread


def test_it_runs_as_a_module(samples: Path) -> None:
    command = [sys.executable, "-m", "lib.recordings", "--json", str(samples / "one-byte.m4a")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert json.loads(done.stdout)["verdict"] is None
    assert done.stderr == ""
