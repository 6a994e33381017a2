"""A voice file is kept only when it is whole."""

from __future__ import annotations

import json
import struct
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.recordings.embedding import inspect_embedding
from lib.recordings.problems import BadEmbedding

SUMMARIES = {
    "qwen3-tts-preset-speakers.safetensors": "aiden BF16 [2048], dylan BF16 [2048], "
    "eric BF16 [2048], ono_anna BF16 [2048] and 5 more",
    "derived-fal-like-embedding.safetensors": "ref_code I64 [94, 16], "
    "ref_spk_embedding BF16 [2048]",
    "metadata-and-36-tensors.safetensors": "bfloat16_3 BF16 [3], bfloat16_35 BF16 [3, 5], "
    "bfloat16_357 BF16 [3, 5, 7], bool_3 BOOL [3] and 32 more",
    "two-f32-tensors.safetensors": "hello F32 [10, 10], world F32 [5, 10]",
    "codes-i64.safetensors": "codes I64 [3, 4, 7]",
    "unpadded-header.safetensors": "test I32 [2, 2]",
}
REFUSALS = {
    "bad-header-length-1000.safetensors": "not a voice file",
    "bad-header-length-255.safetensors": "not a voice file",
    "bad-duplicate-keys.safetensors": "damaged",
    "bad-trailing-data.safetensors": "damaged",
    "bad-two-bytes-missing.safetensors": "damaged",
    "bad-not-json.safetensors": "damaged",
    "bad-not-utf8.safetensors": "damaged",
    "bad-metadata-only-0-4-3.safetensors": "damaged",
    "bad-overlapping-ranges.safetensors": "damaged",
    "bad-empty.safetensors": "empty",
    "bad-git-lfs-pointer.safetensors": "not a voice file",
}
ONE = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}


def voice_file(header: object, data: bytes = b"abcd") -> bytes:
    written = header if isinstance(header, str) else json.dumps(header)
    return struct.pack("<Q", len(written.encode())) + written.encode() + data


def test_every_voice_file_of_the_folder_has_its_row(samples: Path) -> None:
    assert {path.name for path in samples.glob("*.safetensors")} == {*SUMMARIES, *REFUSALS}


@pytest.mark.parametrize("name", SUMMARIES)
def test_a_whole_file_is_described(samples: Path, name: str) -> None:
    data = (samples / name).read_bytes()
    assert inspect_embedding(data) == SUMMARIES[name]


@pytest.mark.parametrize("name", REFUSALS)
def test_a_damaged_file_is_refused_with_the_reason(samples: Path, name: str) -> None:
    with pytest.raises(BadEmbedding, match=REFUSALS[name]):
        inspect_embedding((samples / name).read_bytes())


def test_one_number_is_enough_and_its_shape_may_be_empty() -> None:
    scalar = {"a": {**ONE, "shape": []}}
    assert inspect_embedding(voice_file(scalar)) == "a F32 []"


def test_two_entries_of_one_name_are_refused_even_where_they_agree() -> None:
    entry = json.dumps(ONE)
    with pytest.raises(BadEmbedding, match="names the same thing twice"):
        inspect_embedding(voice_file(f'{{"a":{entry},"a":{entry}}}'))


@pytest.mark.parametrize(
    "header",
    ["{}", '{"__metadata__":{"a":"b"}}', {"a": {**ONE, "shape": [0], "data_offsets": [0, 0]}}],
)
def test_a_file_without_numbers_holds_no_voice(header: object) -> None:
    with pytest.raises(BadEmbedding, match="contains no voice"):
        inspect_embedding(voice_file(header, b""))


def test_sizes_are_bounded_before_anything_is_parsed() -> None:
    with pytest.raises(BadEmbedding, match="larger than 5 MB"):
        inspect_embedding(bytes(5_000_001))
    with pytest.raises(BadEmbedding, match="not a voice file"):
        inspect_embedding(struct.pack("<Q", 100_001) + b" " * 100_001)
    with pytest.raises(BadEmbedding, match="not a voice file"):
        inspect_embedding(b"\x01\x00")


def test_deeply_nested_headers_are_refused_not_followed() -> None:
    with pytest.raises(BadEmbedding, match="damaged"):
        inspect_embedding(voice_file("[" * 50_000))


def test_names_are_shown_short_and_printable() -> None:
    told = inspect_embedding(voice_file({"\u202e\n" + "x" * 90: ONE}))
    assert told == "??" + "x" * 38 + " F32 [1]"


@settings(max_examples=200, deadline=None, database=None)
@given(st.binary(max_size=200))
def test_random_bytes_raise_nothing_else(data: bytes) -> None:
    for attempt in (data, struct.pack("<Q", len(data)) + data, voice_file({"a": ONE}, data)):
        with suppress(BadEmbedding):
            inspect_embedding(attempt)
