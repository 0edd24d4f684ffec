"""Debian's nginx as people run it: in its default manner, and with TLS, HTTP/2 and gzip."""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from db import settings

CONFIGURATION = """
daemon off;
worker_processes 1;
{user}
pid nginx.pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    upstream pressroom {{ {servers} }}
    server {{
        listen {plain};
        location / {{ proxy_pass http://pressroom; proxy_set_header Host $http_host; }}
    }}
    server {{
        listen {secure} ssl http2;
        ssl_certificate certificate.pem;
        ssl_certificate_key key.pem;
        gzip on;
        gzip_proxied any;
        gzip_min_length 0;
        gzip_types *;
        location / {{ proxy_pass http://pressroom; proxy_set_header Host $http_host; }}
    }}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nginx:
    """Where it listens, and the certificate that it shows."""

    plain: str
    secure: str
    certificate: Path


@asynccontextmanager
async def nginx(*to: str) -> AsyncIterator[Nginx]:
    """Run one before the servers at `to`."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if not (program and shutil.which("openssl")):
        pytest.skip("no nginx or no openssl: apt-get install nginx-light openssl")

    with TemporaryDirectory() as name, _listening() as plain, _listening() as secure:
        folder = Path(name)
        await _certify(folder)
        addresses = {"plain": _address(plain), "secure": _address(secure)}
        # Who may not change users is not to name one; who may, would lose this folder.
        user = "user root;" if os.geteuid() == 0 else ""
        # Else a server that was away for a moment is taken for dead for ten seconds.
        servers = " ".join(f"server {url.removeprefix('http://')} max_fails=0;" for url in to)
        configuration = CONFIGURATION.format(servers=servers, user=user, **addresses)
        (folder / "nginx.conf").write_text(configuration)
        # It takes over sockets that wait already: no port to guess, and none to wait for.
        inherited = f"{plain.fileno()};{secure.fileno()};"
        process = await asyncio.create_subprocess_exec(
            *(program, "-p", name, "-c", "nginx.conf"),
            pass_fds=(plain.fileno(), secure.fileno()),
            env=settings.child_environment(NGINX=inherited),
        )
        try:
            yield Nginx(
                plain="http://" + addresses["plain"],
                secure="https://" + addresses["secure"],
                certificate=folder / "certificate.pem",
            )
        finally:
            process.terminate()
            await process.wait()


def _listening() -> socket.socket:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)  # it is nginx's to accept
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()
    return f"{host}:{port}"


async def _certify(folder: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
        *("-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"),
        *("-addext", "subjectAltName=IP:127.0.0.1"),
        *("-keyout", folder / "key.pem", "-out", folder / "certificate.pem"),
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert await process.wait() == 0
