"""The table of voices on *Retention*, and how a visitor ticks its rows."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

TABLE = "retention_table"


def names(visitor: AppTest) -> list[str]:
    """The voices of the table, from its first row on; none where there is no table."""
    return [str(name) for table in visitor.dataframe for name in table.value.get("Voice", [])]


def choose(visitor: AppTest, *chosen: str) -> AppTest:
    """Tick the rows of these voices."""
    rows = [names(visitor).index(name) for name in chosen]
    visitor.session_state[TABLE] = {"selection": {"rows": rows}}
    return visitor.run()
