"""Which parameters of an address of a database are missed where they are left out."""

from __future__ import annotations

import pytest

from lib.database_parameters import missed


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("pgbouncer=true&connection_limit=1&pool_timeout=10&prepareThreshold=0", ()),
        ("schema=public", ()),
        ("schema=app", ("schema",)),
        ("currentSchema=app&schema=public", ("currentSchema",)),
        ("search_path=app", ("search_path",)),
        ("sslaccept=strict", ("sslaccept",)),
        ("sslaccept=accept_invalid_certs", ()),
        ("serverVersion=16&charset=utf8", ()),
        ("", ()),
    ],
)
def test_only_what_something_would_come_of_is_named(query: str, named: tuple[str, ...]) -> None:
    assert missed(f"postgresql://u:p@h/d?{query}") == named
    assert missed(f"psql 'postgresql://u:p@h/d?{query}'") == named


@pytest.mark.parametrize("address", ["", "?", "nonsense", "postgresql://[h/d?schema=app"])
def test_what_is_no_address_misses_nothing(address: str) -> None:
    assert missed(address) == ()
