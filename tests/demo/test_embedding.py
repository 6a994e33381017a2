"""The demo's voice file is what fal documents a real one to be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors import deserialize

from lib.demo.embedding import embedding, is_voice_file, speaker


def test_it_has_a_real_ones_size_and_shape() -> None:
    data = embedding(b"a recording")
    tensors = dict(deserialize(data))

    assert len(data) == 16_288
    assert {name: (item["dtype"], item["shape"]) for name, item in tensors.items()} == {
        "ref_code": ("I64", [94, 16]),
        "ref_spk_embedding": ("BF16", [2048]),
    }


def test_its_numbers_are_codes_and_a_finite_vector() -> None:
    tensors = dict(deserialize(embedding(b"a recording")))
    codes = np.frombuffer(tensors["ref_code"]["data"], "<i8")
    upper_halves = np.frombuffer(tensors["ref_spk_embedding"]["data"], "<u2").astype("<u4")
    vector = (upper_halves << 16).view("<f4")

    assert codes.min() >= 0
    assert codes.max() < 2048
    assert np.isfinite(vector).all()
    assert 0.01 < vector.std() < 0.1


def test_it_follows_from_the_recording_alone() -> None:
    assert embedding(b"one") == embedding(b"one")
    assert embedding(b"one") != embedding(b"two")
    assert speaker(embedding(b"one")) != speaker(embedding(b"two"))


def test_a_cut_or_foreign_file_is_no_voice_file() -> None:
    data = embedding(b"a recording")

    assert is_voice_file(data)
    for other in (data[:-1], data + b"\0", data[:100], b"", b"\x08" + bytes(7) + b"[1,2,34]"):
        assert not is_voice_file(other)


@pytest.mark.parametrize("name", ["derived-fal-like-embedding", "qwen3-tts-preset-speakers"])
def test_files_from_elsewhere_are_voice_files(samples: Path, name: str) -> None:
    assert is_voice_file((samples / f"{name}.safetensors").read_bytes())


def test_its_header_is_that_of_the_sample(samples: Path) -> None:
    sample = (samples / "derived-fal-like-embedding.safetensors").read_bytes()

    assert embedding(b"a recording")[:160] == sample[:160]
