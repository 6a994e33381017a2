"""What may be changed of a record is a part of that record."""

from __future__ import annotations

import typing

import pytest
from sqlalchemy import ColumnElement

from lib.models import Evidence, Job, Take, Voice
from lib.registry.changes import EvidenceChanges, JobChanges, TakeChanges, VoiceChanges

COUNTED = {"revision", "saved_revision"}


@pytest.mark.parametrize(
    ("changes", "record"),
    [
        (JobChanges, Job),
        (VoiceChanges, Voice),
        (EvidenceChanges, Evidence),
        (TakeChanges, Take),
    ],
)
def test_each_change_is_of_the_type_of_its_field(changes: type, record: type) -> None:
    fields = typing.get_type_hints(record)
    told = typing.get_type_hints(changes)
    assert told
    assert not COUNTED & set(told)
    for name, hint in told.items():
        # The database may count by itself.
        stored = int if hint == int | ColumnElement[int] else hint
        assert stored == fields[name], name
