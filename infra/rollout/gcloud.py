"""The door to gcloud."""

import json
import subprocess
from collections.abc import Sequence

from rollout.errors import Failed

_SECONDS = 600.0


class Gcloud:
    """Runs gcloud for one project."""

    def __init__(self, project: str) -> None:
        self._project = project

    def run(self, *words: str) -> str:
        """What the command prints; raise Failed with its last words where it fails or takes ten minutes.

        It runs in a session of its own: Ctrl-C ends this process, and not what is on its way.
        """
        command = ["gcloud", *words, f"--project={self._project}", "--quiet"]
        try:
            done = subprocess.run(  # nosec B603  # gcloud, without a shell
                command, capture_output=True, text=True, timeout=_SECONDS, start_new_session=True
            )
        except subprocess.TimeoutExpired as error:
            raise Failed(f"{_told(words)}: no end after {_SECONDS:.0f} s") from error
        except OSError as error:
            raise Failed(f"gcloud cannot be run: {error}") from error
        if done.returncode != 0:
            raise Failed(f"{_told(words)}: {_last(done.stderr) or f'exit status {done.returncode}'}")
        return done.stdout

    def ask(self, *words: str) -> object:
        """What the command answers as JSON."""
        answer = self.run(*words, "--format=json")
        try:
            return json.loads(answer)
        except ValueError as error:
            raise Failed(f"{_told(words)}: the answer is no JSON") from error


def _told(words: Sequence[str]) -> str:
    return "gcloud " + " ".join(words)


def _last(text: str, lines: int = 5) -> str:
    return " / ".join(line.strip() for line in text.strip().splitlines()[-lines:] if line.strip())
