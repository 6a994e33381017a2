"""Whatever a page can have changed, spent or taken away asks first who wants it."""

from __future__ import annotations

import ast

import pytest

from tests import use_cases

OPENS = {
    ("lib.studio.core.context", "Context"): "it hands out the wake and the end of a process",
    ("lib.studio.core.door_log", "write_down"): "it writes what the doors noted",
    ("lib.studio.core.opening", "open_context"): "it opens the process, before anybody is in",
    ("lib.studio.core.sign_ins", "end"): "whoever is in, in whatever role, may sign out",
}
"""What pages use that may change something and knows nobody yet, and why."""


def test_what_a_page_can_have_changed_is_told_which_person_wants_it() -> None:
    changed = use_cases.changing() & use_cases.drawn()
    assert len(changed) > 30
    assert changed - use_cases.asking().keys() == OPENS.keys()


def test_a_use_case_asks_what_the_person_may_before_it_does_anything_else() -> None:
    asking = use_cases.asking()
    late = [name for name in use_cases.all_of() if not use_cases.requires_first(asking[name])]
    assert late == []


@pytest.mark.parametrize(
    ("body", "first"),
    [
        ("person.require(Permission.KEEP)\n    store(data)", True),
        ("'''Words.'''\n    person.require(Permission.KEEP)", True),
        ("for request in requests:\n        request.person.require(Permission.SPEAK)", True),
        ("return other(context, person)", True),
        ("store(data)\n    person.require(Permission.KEEP)", False),
        ("store(data)", False),
    ],
)
def test_asking_late_is_told_from_asking_first(body: str, first: bool) -> None:
    (node,) = ast.parse(f"def deed(context, person):\n    {body}").body
    assert isinstance(node, ast.FunctionDef)
    assert use_cases.requires_first(node) is first
