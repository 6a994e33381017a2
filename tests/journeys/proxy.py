"""The real nginx in front of a running app."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.journeys.servers import ROOT, App
from tests.parts.processes import Child, find_program, free_port, start, twice

Servers = Callable[[int], str]
"""What stands in nginx's `http` block, for a port to listen at."""


@contextmanager
def nginx(folder: Path, servers: Servers) -> Iterator[int]:
    """A proxy that is set up like this; its port."""
    program = find_program("nginx")

    def begin() -> tuple[Child, int]:
        port = free_port()
        settings = folder / "nginx.conf"
        settings.write_text(
            f"""
            daemon off; master_process off; error_log stderr; pid {folder}/nginx.pid;
            events {{}}
            http {{
                access_log off;
                client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
                fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
                scgi_temp_path {folder}/scgi;
                {servers(port)}
            }}
            """
        )
        child = start([program, "-c", settings, "-p", folder], log=folder / "nginx.log")
        child.wait_for_port(port)
        return child, port

    child, port = twice(begin)
    with child:
        yield port


def plain(app: App) -> Servers:
    """No more than it takes to work."""
    return lambda port: (
        f"""
        server {{
            listen 127.0.0.1:{port};
            location / {{
                proxy_pass http://127.0.0.1:{app.port};
                proxy_http_version 1.1;
                proxy_set_header Upgrade $http_upgrade;
                proxy_set_header Connection "upgrade";
            }}
        }}
        """
    )


def documented(app: App) -> Servers:
    """What the documentation tells operators to paste, with ports that are free here."""
    page = (ROOT / "docs" / "operate.md").read_text("utf-8")
    (block,) = re.findall(r"^```nginx\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert block.count("listen 80;") == 1
    assert block.count(":8501;") == 2
    return lambda port: block.replace("listen 80;", f"listen 127.0.0.1:{port};").replace(
        ":8501;", f":{app.port};"
    )
