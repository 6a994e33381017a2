"""A voice file like Qwen's: a `.safetensors` of a real one's size and shape.

The format is an 8-byte little-endian header length, a JSON header, then the tensors' bytes
(huggingface.co/docs/safetensors). fal documents 16,288 bytes for a clone of Qwen 3 TTS 1.7B; the
tensor names and shapes are the ones that fit this size.
"""

from __future__ import annotations

import hashlib
import json

import numpy as np

CODE_SHAPE = (94, 16)
SPEAKER_SHAPE = (2048,)
CODEBOOK_SIZE = 2048
MAX_BYTES = 5_000_000


def embedding(recording: bytes) -> bytes:
    """The voice file of a recording: the same for the same recording, different for any other."""
    noise = hashlib.shake_256(hashlib.sha256(recording).digest())
    codes_count, values_count = CODE_SHAPE[0] * CODE_SHAPE[1], SPEAKER_SHAPE[0]
    random = np.frombuffer(noise.digest(2 * (codes_count + values_count)), dtype="<u2")
    codes = (random[:codes_count] % CODEBOOK_SIZE).astype("<i8").tobytes()
    values = (random[codes_count:].astype("<f4") / 32_768 - 1) / 16
    # BF16 is the upper half of a float32.
    vector = (values.view("<u4") >> 16).astype("<u2").tobytes()
    end = len(codes) + len(vector)
    header = json.dumps(
        {
            "ref_code": _tensor("I64", CODE_SHAPE, 0, len(codes)),
            "ref_spk_embedding": _tensor("BF16", SPEAKER_SHAPE, len(codes), end),
        },
        separators=(",", ":"),
    ).encode()
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + codes + vector


def speaker(voice_file: bytes) -> bytes:
    """Who speaks with a voice file: its hash, so that a copy sounds like the original."""
    return hashlib.sha256(voice_file).digest()


def is_voice_file(data: bytes) -> bool:
    """Whether these bytes are a safetensors file that is complete and holds a tensor."""
    length = int.from_bytes(data[:8], "little")
    if len(data) > MAX_BYTES or not 2 <= length < len(data) - 8:
        return False
    try:
        header = json.loads(data[8 : 8 + length])
        ends = [item["data_offsets"][1] for name, item in header.items() if name != "__metadata__"]
        return bool(ends) and max(ends) + 8 + length == len(data)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return False


def _tensor(dtype: str, shape: tuple[int, ...], start: int, end: int) -> dict[str, object]:
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [start, end]}
