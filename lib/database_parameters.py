"""What hosts write behind the `?` of a database's address for other programs. Pure.

An address is copied from a panel that made it for Prisma, JDBC, node or pgx. What those mean by
encryption is said in libpq's own words here; what only they need is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

Value = str | tuple[str, ...]
MOST_PARAMETERS = 100
SSLMODE = "sslmode"
_ENCRYPTION = frozenset({"ssl", SSLMODE, "ssl_mode", "sslenabled", "usessl", "tls", "encrypt"})
_NOT_ASKED = frozenset({"0", "f", "false", "off", "no", "none"})
"""Where another name than `sslmode` says this, no more is meant than that none is needed."""
_MODES = {
    "disable": "disable", "disabled": "disable", "allow": "allow",
    "prefer": "prefer", "preferred": "prefer",
    "verify-ca": "verify-ca", "verify-full": "verify-full", "verify-identity": "verify-full",
}  # fmt: skip
"""What other programs call an `sslmode`; any other word asks for encryption: `require`."""
_SCHEMAS = frozenset({"schema", "currentschema", "search_path"})
_LEFT_OUT = frozenset(
    {
        # poolers, and drivers' own pools
        "pgbouncer", "connection_limit", "pool_timeout", "pool_mode", "pool_size", "pool",
        "max_overflow", "max_connections", "min_connections", "pool_max_conns", "pool_min_conns",
        "pool_max_conn_lifetime", "pool_max_conn_idle_time", "pool_recycle", "pool_pre_ping",
        "minpoolsize", "maxpoolsize", "pooling", "supa", "workaround", "single_use_connections",
        # prepared statements
        "statement_cache_size", "prepared_statements", "prepared_statement_cache_size",
        "preparethreshold", "prepare_threshold", "prepare", "statement_cache_capacity",
        "statement_cache_mode", "default_query_exec_mode", "binary_parameters",
        # how long they wait
        "socket_timeout", "sockettimeout", "logintimeout", "connecttimeout", "connection_timeout",
        "command_timeout", "statement_timeout", "query_timeout", "idle_timeout", "timeout",
        "max_idle_connection_lifetime", "max_connection_lifetime", "tcpkeepalive",
        # how they write and read
        "charset", "encoding", "characterencoding", "serverversion", "server_version",
        "applicationname", "stringtype", "rewritebatchedinserts", "rewritebatchedstatements",
        "targetservertype", "adapter", "driver", "uselibpqcompat",
        # how they check a certificate: ours are checked as `sslmode` says
        "sslaccept", "sslfactory", "trustservercertificate",
    }
)  # fmt: skip


def for_libpq(query: Mapping[str, Value]) -> dict[str, Value]:
    """The parameters of an address that libpq is given, in its own words."""
    kept = {name: value for name, value in query.items() if not _is_other_programs(name)}
    asked = {
        name.lower(): word
        for name, value in query.items()
        if _is_encryption(name) and (word := _word(value)) not in _NOT_ASKED
    }
    if asked:
        # Its own name counts; `ssl=true` beside it is another program's for the same.
        word = asked.get(SSLMODE) or next(iter(asked.values()))
        kept[SSLMODE] = _MODES.get(word.replace("_", "-"), "require")
    return kept


def missed(address: str) -> tuple[str, ...]:
    """Names of parameters that are left out although something would come of them."""
    try:
        query = parse_qsl(urlsplit(address).query, max_num_fields=MOST_PARAMETERS)
    except ValueError:
        return ()
    return tuple(dict.fromkeys(name for name, value in query if _matters(name.lower(), value)))


def _matters(name: str, value: str) -> bool:
    if name in _SCHEMAS:  # our tables stand where the database itself says
        return _word(value) not in ("", "public")
    return name == "sslaccept" and _word(value) == "strict"


def _is_encryption(name: str) -> bool:
    return name.lower().replace("-", "_") in _ENCRYPTION


def _is_other_programs(name: str) -> bool:
    return _is_encryption(name) or name.lower() in _SCHEMAS | _LEFT_OUT


def _word(value: Value) -> str:
    """One plain word: the last, where a name stands there twice."""
    last = value if isinstance(value, str) else value[-1]
    return last.strip("\"' ").lower()
