"""The program of `oidc-provider-mock`, whose pages ask no other computer for their looks."""

from __future__ import annotations

import re
from typing import Any

from oidc_provider_mock import __main__ as program

make = program.app


def plain(answer: Any) -> Any:
    if answer.mimetype == "text/html":
        answer.set_data(re.sub(r"<link\b[^>]*>", "", answer.get_data(as_text=True)))
    return answer


def make_plain(**options: Any) -> Any:
    service = make(**options)
    service.after_request(plain)
    return service


if __name__ == "__main__":
    program.app = make_plain
    program.run()
