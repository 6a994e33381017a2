"""What a person chose to do with a recording goes to JSON and back, and nothing else comes in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.json_reading import json_object
from lib.recordings.edits import LONGEST, BadEdit, Edit
from lib.recordings.spans import Span

ENDS = st.floats(0, LONGEST, allow_nan=False)
PARTS = st.builds(lambda a, b: Span(min(a, b), max(a, b)), ENDS, ENDS).filter(
    lambda part: part.start < part.end
)
EDITS = st.builds(
    Edit,
    part=st.none() | PARTS,
    level=st.booleans(),
    rumble=st.booleans(),
    mono=st.booleans(),
    channel=st.sampled_from([None, 0, 1]),
)


@given(EDITS)
def test_an_edit_comes_back_from_json_as_it_was(edit: Edit) -> None:
    text = json.dumps(edit.to_json())
    assert Edit.from_json(json.loads(text)) == edit
    assert Edit.from_json(json_object(text.encode())) == edit  # whose fractions are Decimals
    assert (edit.to_json() == {}) == edit.is_nothing


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "{}",
        {"gain": 3},
        {"level": 1},
        {"level": None},
        {"rumble": "true"},
        {"channel": 2},
        {"channel": True},
        {"channel": 1.0},
        {"channel": -1},
        {"part": []},
        {"part": [1]},
        {"part": [1, 2, 3]},
        {"part": "12"},
        {"part": [2, 1]},
        {"part": [1, 1]},
        {"part": [-1, 1]},
        {"part": [0, LONGEST + 1]},
        {"part": [0, 10**400]},
        {"part": ["0", "1"]},
        {"part": [False, True]},
        {"part": [0, float("nan")]},
        {"part": [float("-inf"), 1]},
        {"part": {"start": 0, "end": 1}},
    ],
)
def test_what_is_no_edit_is_refused(value: Any) -> None:
    with pytest.raises(BadEdit):
        Edit.from_json(value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(
            st.sampled_from(["part", "level", "rumble", "mono", "channel", "x"]), inner
        ),
        max_leaves=6,
    )
)  # fmt: skip
def test_no_json_whatever_does_more_than_be_refused(value: Any) -> None:
    try:
        edit = Edit.from_json(value)
    except BadEdit:
        return
    assert Edit.from_json(edit.to_json()) == edit
