"""A bare Streamlit page with as many rows as the app has voices: the yardstick of `pages.py`.

`ROWS` in the environment says how many. They are made once.
"""

import os
from datetime import UTC, datetime, timedelta

import pandas as pd
import streamlit as st


@st.cache_data
def rows(count: int) -> pd.DataFrame:
    now = datetime.now(UTC)
    return pd.DataFrame(
        [
            {
                "Voice": f"Person {number}",
                "Health": ["Safe"],
                "Left": f"{number % 7} days",
                "Expires": now + timedelta(hours=number),
                "Service": "MiniMax",
                "Owner": "Ada",
            }
            for number in range(count)
        ]
    )


st.title("Voices")
st.dataframe(rows(int(os.environ["ROWS"])), hide_index=True)
