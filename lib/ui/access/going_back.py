"""The browser's Back button leads to the page before as it was, with its filters.

Where a page that is left has filters in its address, Streamlit 1.67 first adds an entry to the
browser's history that has the path of that page and the query of the next one, then one of the next
page (`handlePageInfoChanged` and `maybeUpdatePageUrl` of its App.tsx). Back would lead to the
former: the same page without its filters. It gets the address that the page was left with.
"""

from __future__ import annotations

import streamlit as st

_JS = """
const SOON = 1000; // milliseconds between the two entries, on a slow computer

export default function () {
  if (window.voicekeepGoesBack) return;
  window.voicekeepGoesBack = true;

  const push = history.pushState;
  let last = null; // the newest entry, where it is of the same page as the one before
  history.pushState = function (state, title, url) {
    const before = location.href;
    const path = location.pathname;
    const next = new URL(url ?? before, before);
    const isLeaving = next.pathname !== path && next.search === location.search;
    if (isLeaving && last?.address === before && performance.now() - last.at < SOON) {
      history.replaceState(history.state, title, last.before);
    }
    push.call(history, state, title, url);
    const isSamePage = location.pathname === path;
    last = isSamePage ? { before, address: location.href, at: performance.now() } : null;
  };
}
"""


def mend() -> None:
    """Have it so in this tab, from now on."""
    _mend(key="going_back")


_mend = st.components.v2.component("voicekeep_going_back", js=_JS)
