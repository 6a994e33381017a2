"""Streamlit-only pieces shared by pages: the gate, words, players, live parts."""
