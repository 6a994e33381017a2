"""What a stranger's JSON holds is taken only where it is of the kind that is wanted."""

from __future__ import annotations

import pytest

from lib.json_reading import list_of, number_of, object_of, text_of

ODD: tuple[object, ...] = (None, True, 0, 1.5, "text", ["item"], {"name": "value"})


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_a_value_of_another_kind_counts_as_none(value: object) -> None:
    assert text_of(value) == (value if value == "text" else "")
    assert list_of(value) == (value if value == ["item"] else [])
    assert object_of(value) == (value if value == {"name": "value"} else {})
    is_number = not isinstance(value, bool) and isinstance(value, int | float)
    assert number_of(value, 7) == (value if is_number else 7)
