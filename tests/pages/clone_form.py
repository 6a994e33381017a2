"""How a visitor fills in the form of *Clone a voice*."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

MINIMAX = "MiniMax voice · Demo"


def bring(visitor: AppTest, data: bytes, name: str = "jane-doe.wav") -> AppTest:
    visitor.file_uploader(key="clone_upload").upload(name, data)
    return visitor.run()


def fill_in(visitor: AppTest, *, name: str = "Jane", service: str = MINIMAX) -> AppTest:
    """All that a clone needs but the recording and the click."""
    visitor.segmented_control(key="clone_service").set_value(service)
    visitor.run()
    visitor.text_input(key="clone_name").set_value(name)
    visitor.checkbox(key="clone_consent").check()
    return visitor.run()


def confirm(visitor: AppTest) -> AppTest:
    return visitor.button(key="clone_confirm").click().run()
