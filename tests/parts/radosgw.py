"""A real S3 server: Ceph's radosgw with one monitor and one disk in memory, about a second.

It refuses bad keys, forged and expired addresses, as the servers we are for do.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from tenacity import retry, stop_after_attempt, wait_fixed

from tests.parts.processes import StartupError, find_program, free_port, start, twice

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_PROGRAMS = ("ceph", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin")
_STEP_SECONDS = 60
REGION = "us-east-1"


@dataclass(frozen=True)
class S3Server:
    """A running server. Addresses are path-style; any region is accepted in a signature."""

    endpoint: str
    access_key: str
    secret_key: str = field(repr=False)

    @cached_property
    def client(self) -> S3Client:
        """The SDK's own client, to look behind the back of what is tested."""
        client: S3Client = boto3.session.Session().client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
        )
        return client

    def new_bucket(self) -> str:
        """The name of a fresh and empty bucket."""
        name = f"bucket-{secrets.token_hex(8)}"
        self.client.create_bucket(Bucket=name)
        return name

    def settings(self, bucket: str, prefix: str = "vault") -> dict[str, str]:
        """`VAULT_URL` and the `AWS_*` settings that lead to this bucket."""
        return {
            "VAULT_URL": f"s3://{bucket}/{prefix}",
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL_S3": self.endpoint,
        }


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """Ceph's S3 server on a free port; `s3_server.new_bucket()` gives a bucket."""
    with running_s3_server() as server:
        yield server


@contextmanager
def running_s3_server() -> Iterator[S3Server]:
    """The same for whoever is no test."""
    for program in _PROGRAMS:
        find_program(program)
    with ExitStack() as running:
        yield twice(lambda: running.enter_context(_cluster()))


@contextmanager
def _cluster() -> Iterator[S3Server]:
    """All in memory: nothing is worth an orderly end, which would take five seconds."""
    gateway_port, monitor_port = free_port(), free_port()
    server = S3Server(
        f"http://127.0.0.1:{gateway_port}", secrets.token_hex(10), secrets.token_hex(20)
    )
    # Short, as the paths of Ceph's sockets must be.
    home = Path(tempfile.mkdtemp(prefix="voicekeep-ceph-"))
    try:
        _configure(home, gateway_port, monitor_port)
        with ExitStack() as daemons:
            _start_monitor(daemons, home, monitor_port)
            _start_disk(daemons, home)
            _start_gateway(daemons, home, server, gateway_port)
            yield server
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _configure(home: Path, gateway_port: int, monitor_port: int) -> None:
    for folder in ("mon", "osd", "run", "rgw"):
        (home / folder).mkdir()
    cluster = uuid.uuid4()
    # The "update on start" lines keep a restart from failing now and then; the "paxos" lines
    # bring the start from twelve seconds to one.
    (home / "ceph.conf").write_text(f"""\
[global]
fsid = {cluster}
mon host = v1:127.0.0.1:{monitor_port}
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
osd heartbeat addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
run dir = {home}/run
log file = {home}/run/$name.log
admin socket = {home}/run/$name.asok
pid file = {home}/run/$name.pid
ms bind msgr2 = false
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
mon allow pool size one = true
mon max pg per osd = 1000
osd crush chooseleaf type = 0
osd objectstore = memstore
osd crush update on start = false
osd class update on start = false
paxos propose interval = 0.05
paxos min wait = 0.01
memstore device bytes = 1073741824
[mon.a]
mon data = {home}/mon
mon addr = 127.0.0.1:{monitor_port}
[osd.0]
osd data = {home}/osd
[client.rgw]
rgw data = {home}/rgw
rgw frontends = beast endpoint=127.0.0.1:{gateway_port} tcp_nodelay=1
""")
    address = f"[v1:127.0.0.1:{monitor_port}]"
    _run("monmaptool", "--create", "--fsid", cluster, "--addv", "a", address, home / "monmap")


def _start_monitor(daemons: ExitStack, home: Path, port: int) -> None:
    conf = ("-c", home / "ceph.conf")
    _run("ceph-mon", *conf, "-i", "a", "--mkfs", "--monmap", home / "monmap")
    command: list[str | Path] = ["ceph-mon", *conf, "-i", "a", "-f"]
    daemons.enter_context(start(command, log=home / "mon.log")).wait_for_port(port)


def _start_disk(daemons: ExitStack, home: Path) -> None:
    conf, disk = ("-c", home / "ceph.conf"), uuid.uuid4()
    # A monitor that listens may still refuse the first thing that it is asked (EPERM).
    retry(stop=stop_after_attempt(4), wait=wait_fixed(0.5), reraise=True)(_run)(
        "ceph", *conf, "osd", "new", disk
    )
    _run("ceph-osd", *conf, "-i", "0", "--mkfs", "--osd-uuid", disk)
    _run("ceph", *conf, "osd", "crush", "add", "osd.0", "1.0", "root=default", "host=h")
    daemons.enter_context(start(["ceph-osd", *conf, "-i", "0", "-f"], log=home / "osd.log"))


def _start_gateway(daemons: ExitStack, home: Path, server: S3Server, port: int) -> None:
    conf = ("-c", home / "ceph.conf")
    _run("radosgw-admin", *conf, "user", "create", "--uid=tests", "--display-name=tests",
         f"--access-key={server.access_key}", f"--secret-key={server.secret_key}")  # fmt: skip
    command: list[str | Path] = ["radosgw", *conf, "-n", "client.rgw", "-f"]
    daemons.enter_context(start(command, log=home / "rgw.log")).wait_for_port(port)
    try:
        server.client.list_buckets()
    except (BotoCoreError, ClientError) as error:
        # Somebody else's server took that port: ours would know its keys.
        raise StartupError(f"radosgw does not answer on port {port}: {error}") from None


def _run(*command: object) -> None:
    """Run one step of the set-up. Raises `StartupError` with what it printed."""
    words = [str(word) for word in command]
    try:
        subprocess.run(
            words,
            check=True,
            capture_output=True,
            timeout=_STEP_SECONDS,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired:
        raise StartupError(f"{words[0]} did not end in {_STEP_SECONDS} s") from None
    except subprocess.CalledProcessError as error:
        told = (error.stdout + error.stderr).decode(errors="replace")
        raise StartupError(f"{words[0]} ended with {error.returncode}:\n{told[-4000:]}") from None
