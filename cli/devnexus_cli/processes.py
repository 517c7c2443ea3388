"""Child processes with a log file each: started, watched, and always ended."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_GRACE_SECONDS = 10.0
"""What Cloud Run grants between SIGTERM and SIGKILL."""

_LINES_SHOWN = 15


class ChildDied(Exception):
    """A child ended by itself; the text names it and shows the end of its log."""


class Child:
    """One process, in a session of its own so that Ctrl-C reaches only its parent."""

    def __init__(
        self, name: str, command: Sequence[str], *, environment: Mapping[str, str], log: Path
    ) -> None:
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                env={**os.environ, **environment, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def check(self) -> None:
        """Raise ChildDied if the process has ended."""
        status = self._process.poll()
        if status is not None:
            lines = self.log.read_text(errors="replace").splitlines()[-_LINES_SHOWN:]
            raise ChildDied(
                f"{self.name} ended with status {status}. The end of {self.log}:\n  " + "\n  ".join(lines)
            )

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

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            pass


def end_all(children: Sequence[Child]) -> None:
    """Ask all of them to end, wait together, kill what is left after ten seconds."""
    for child in children:
        child.terminate()
    until = time.monotonic() + _GRACE_SECONDS
    for child in children:
        child.wait(until)
