"""Child processes with a log file each: started, watched, and always ended."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from devnexus.values import load_json

_GRACE_SECONDS = 10.0
"""What Cloud Run grants between SIGTERM and SIGKILL."""

_LINES_SHOWN = 15


class ChildDied(Exception):
    """A child ended by itself; the text names it and shows the end of its log."""


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold back SIGINT, SIGTERM and SIGHUP in the main thread until the block has ended, then deliver them.

    An interruption between the start of a process and the note of it would leave the process behind.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    handlers = {
        number: signal.signal(number, lambda number, _: came.append(number))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if came:
            os.kill(os.getpid(), came[0])


class Child:
    """One process, in a session of its own so that Ctrl-C reaches only its parent."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._began_at = output.tell()  # before it stands what earlier runs wrote
            self._process = subprocess.Popen(  # nosec B603  # our own commands, without a shell
                command,
                cwd=folder,
                env={**os.environ, **(environment or {}), "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def check(self) -> None:
        """Raise ChildDied if the process has ended."""
        status = self._process.poll()
        if status is not None:
            raise ChildDied(f"{self.name} ended with status {status}. {self._end_of_log()}")

    def wait_until(self, ready: Callable[[], bool], *, seconds: float) -> None:
        """Return once `ready`; raise ChildDied if the process ends or takes longer than that."""
        until = time.monotonic() + seconds
        while not ready():
            self.check()
            if time.monotonic() > until:
                raise ChildDied(f"{self.name} does not answer after {seconds:.0f} s. {self._end_of_log()}")
            time.sleep(0.05)

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self._signal(signal.SIGKILL)
        self._process.wait()

    def terminate(self) -> None:
        """Ask it to end."""
        if self._process.poll() is None:
            self._process.terminate()

    def wait(self, until: float) -> None:
        """Wait for the end, but not beyond the monotonic time `until`: then kill it."""
        try:
            self._process.wait(timeout=max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.kill()

    def _end_of_log(self) -> str:
        """Why it could not start, where it says so; else its last lines."""
        own = self.log.read_bytes()[self._began_at :].decode(errors="replace")
        lines = own.splitlines()[-_LINES_SHOWN:]
        if reasons := [reason for line in lines if (reason := _critical(line))]:
            return f"{'; '.join(reasons)} ({self.log})"
        return f"The end of {self.log}:\n  " + "\n  ".join(lines)

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            pass


def _critical(line: str) -> str | None:
    """What a line of one of our logs says, if nothing can go on after it."""
    try:
        entry = load_json(line)
    except ValueError:
        return None
    return (
        str(entry.get("message")) if isinstance(entry, dict) and entry.get("severity") == "CRITICAL" else None
    )


def end_all(children: Sequence[Child]) -> None:
    """Ask all of them to end, wait together, kill what is left after ten seconds."""
    for child in children:
        child.terminate()
    until = time.monotonic() + _GRACE_SECONDS
    for child in children:
        child.wait(until)
