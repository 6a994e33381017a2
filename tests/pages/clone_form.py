"""How a visitor fills in the form of *Clone a voice*."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Toggle

from lib.ui.clone.bringing import CONSENT
from tests.pages.house import press, read

MINIMAX = "MiniMax voice · Demo"
GO = "clone_confirm"


def bring(visitor: AppTest, data: bytes, name: str = "jane-doe.wav") -> AppTest:
    """One recording, in the place of what was there."""
    return bring_all(visitor, {name: data})


def bring_all(visitor: AppTest, files: Mapping[str, bytes]) -> AppTest:
    """Several files in one go; of one that is there already, another takes the place."""
    if not has_button(visitor, "clone_bring_cancel") and has_button(visitor, "clone_another"):
        press(visitor, "clone_another")
    (uploader,) = visitor.file_uploader
    uploader.set_value([(name, data, "application/octet-stream") for name, data in files.items()])
    return visitor.run()


def fill_in(visitor: AppTest, *, name: str = "Jane", service: str = MINIMAX) -> AppTest:
    """All that a clone needs but the recording and the click."""
    choose(visitor, service)
    visitor.text_input(key="clone_name").set_value(name)
    return agree(visitor)


def choose(visitor: AppTest, service: str) -> AppTest:
    return visitor.radio(key="clone_service").set_value(service).run()


def agree(visitor: AppTest) -> AppTest:
    """Whoever fills in the form speaks in the recording, and agrees."""
    visitor.radio(key="clone_who").set_value(CONSENT.own)
    visitor.checkbox(key="clone_consent").check()
    return visitor.run()


def on_the_cards(visitor: AppTest) -> str:
    """What the cards of the services say of each."""
    return read("\n".join(visitor.radio(key="clone_service").proto.captions))


def why_off(visitor: AppTest) -> str:
    """What stands beside the paid button while it is off."""
    return read("\n".join(str(caption.value) for caption in visitor.caption))


def confirm(visitor: AppTest) -> AppTest:
    return press(visitor, GO)


def has_button(visitor: AppTest, key: str) -> bool:
    return key in [button.key for button in visitor.button]


def is_off(visitor: AppTest) -> bool:
    """Whether the paid button cannot be pressed."""
    return visitor.button(key=GO).disabled


def the_switch(visitor: AppTest, name: str) -> Toggle:
    """One of the switches that mend a recording."""
    (found,) = [item for item in visitor.toggle if (item.key or "").startswith(f"clone_{name}_")]
    return found


def trigger(visitor: AppTest, key: str, event: str, value: object) -> AppTest:
    """The script of a component tells something, as a browser sends it."""
    payload = json.dumps([{"event": event, "value": value}])
    found = _one(visitor, "bidi_component", key)
    return _run_with(
        visitor,
        f"$$STREAMLIT_INTERNAL_KEY_{found.proto.id}__events",
        lambda state: setattr(state, "json_trigger_value", payload),
    )


def type_into_table(visitor: AppTest, rows: Mapping[int, Mapping[str, object]]) -> AppTest:
    """Cells of the table of several recordings, by row and column."""
    (table,) = visitor.data_editor
    edits = {"edited_rows": rows, "added_rows": [], "deleted_rows": []}
    return _run_with(
        visitor,
        table.proto.id,
        lambda state: setattr(state, "string_value", json.dumps(edits)),
    )


def tick_all(visitor: AppTest) -> AppTest:
    """Everybody who speaks in one of several recordings agrees."""
    for box in visitor.checkbox:
        if (box.key or "").startswith("clone_consent_"):
            box.check()
    return visitor.run()


def _one(visitor: AppTest, kind: str, key: str) -> Any:
    (found,) = [each for each in visitor.get(kind) if (each.key or "").startswith(key)]
    return found


def _run_with(visitor: AppTest, id_: str, fill: Callable[[WidgetState], None]) -> AppTest:
    """A run with what a widget says that `AppTest` cannot handle."""
    states = visitor._tree.get_widget_states()
    state = states.widgets.add()
    state.id = id_
    fill(state)
    return visitor._run(states)
