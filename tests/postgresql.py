"""Runs a PostgreSQL for the tests: a server in a temporary folder, reached only through a socket there."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

_START_SECONDS = 30.0
_REMEDY = "PostgreSQL is missing. Install it: apt-get install postgresql"


class PostgreSQL:
    """A running server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new_database(self) -> str:
        """The URL of an empty database that nobody else uses."""
        name = f"test_{uuid.uuid4().hex}"
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self._address(name)

    def answers(self) -> bool:
        try:
            psycopg.connect(self._address("postgres")).close()
        except psycopg.OperationalError:
            return False
        return True

    def _address(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self._folder}"


@contextmanager
def running_postgresql() -> Iterator[PostgreSQL]:
    """A server that ends, with all it holds, when the block does; RuntimeError without one."""
    initdb, postgres = _program("initdb"), _program("postgres")
    user = _user()
    with tempfile.TemporaryDirectory(prefix="devnexus-pg-", dir="/tmp") as scratch:
        folder = Path(scratch)
        if user:
            shutil.chown(folder, user, user)
        options = {"cwd": folder, "user": user, "group": user, "extra_groups": [] if user else None}
        data, log = folder / "data", folder / "log"
        with log.open("wb") as output:
            subprocess.run(
                [initdb, f"--pgdata={data}", "--username=postgres", "--auth=trust", "--encoding=UTF8", "-N"],
                check=True,
                stdout=output,
                **options,
            )
            # A test's server may lose everything when the machine stops.
            settings = ("listen_addresses=", f"unix_socket_directories={folder}", "fsync=off")
            command = [postgres, "-D", data, *(part for one in settings for part in ("-c", one))]
            process = subprocess.Popen(command, stdout=output, stderr=output, **options)
        try:
            server = PostgreSQL(folder)
            _wait_for(server, process, log)
            yield server
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait()


def _wait_for(server: PostgreSQL, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while not server.answers():
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")
        time.sleep(0.05)


def _user() -> str | None:
    """PostgreSQL refuses to run as root; its package makes a user for it."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError as error:
        raise RuntimeError(_REMEDY) from error


def _program(name: str) -> str:
    """Debian keeps the server's programs out of PATH, one folder a version."""
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: int(p.parts[-3]))
    found = str(newest[-1]) if newest else shutil.which(name)
    if found is None:
        raise RuntimeError(_REMEDY)
    return found
