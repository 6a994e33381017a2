"""The order that is open beside the table. It stands in the address, which can be handed on."""

from __future__ import annotations

import streamlit as st

JOB = "job"
OPEN = "jobs_chosen"
ADDRESS = "jobs_address"
"""What stood in the address when that was read or written last."""


def read_address() -> None:
    """Follow the address where somebody came by a link or went back. Once in a run of the page: a
    run of a part may tell of an address that is not the newest any more.
    """
    told = st.query_params.get(JOB, "")
    if told != st.session_state.get(ADDRESS):
        st.session_state[OPEN] = st.session_state[ADDRESS] = told


def chosen() -> str:
    """The id of the open order, as a stranger may have written it; "" for none."""
    found: str = st.session_state.get(OPEN, "")
    return found


def choose(order_id: str) -> None:
    """Open this order from now on; with "" none."""
    st.session_state[OPEN] = st.session_state[ADDRESS] = order_id
    if order_id:
        st.query_params[JOB] = order_id
    else:
        st.query_params.pop(JOB, None)


def close() -> None:
    """Open none."""
    choose("")
