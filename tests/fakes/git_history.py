"""Makes git repositories with a scripted history, fast and the same every time."""

import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

START = 1_767_225_600  # 2026-01-01T00:00:00Z


def make_repository(path: Path, commits: Iterable[Mapping[str, str | None]]) -> list[str]:
    """A repository at `path` whose branch main has these commits (path → text, None removes), and their ids.

    A commit every second, so that time orders them.
    """
    path.mkdir(parents=True)
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", path], check=True)
    stream = []
    for number, files in enumerate(commits):
        stream.append(f"commit refs/heads/main\ncommitter Ada <ada@example.org> {START + number} +0000\n")
        stream.append(f"data {len(f'step {number}')}\nstep {number}\n")
        for name, text in sorted(files.items()):
            if text is None:
                stream.append(f"D {name}\n")
            else:
                stream.append(f"M 100644 inline {name}\ndata {len(text.encode())}\n{text}\n")
    subprocess.run(["git", "-C", path, "fast-import", "--quiet"], input="".join(stream).encode(), check=True)
    listing = subprocess.run(
        ["git", "-C", path, "rev-list", "--reverse", "main"], check=True, capture_output=True, text=True
    )
    return listing.stdout.split()


def service_history(length: int) -> list[dict[str, str | None]]:
    """A service that grows: retries come and go, manifests change, one push in ten shows nothing."""
    commits: list[dict[str, str | None]] = []
    for n in range(length):
        files: dict[str, str | None] = {"pyproject.toml": _manifest(n)}
        if n % 10 == 9:
            files = {"notes.md": f"Note {n}\n"}
        elif n % 7 == 6:
            files[f"src/client{n % 5}.py"] = None if n > 12 else "x = 1\n"
        else:
            files[f"src/client{n % 5}.py"] = _client(n)
        commits.append(files)
    return commits


def _manifest(n: int) -> str:
    project = '[project]\nname = "svc"\ndescription = "A service"\n'
    return project + f'dependencies = [\n  "tenacity>={n % 9 + 1}",\n]\n'


def _client(n: int) -> str:
    padding = "\n".join(f"LIMIT_{k} = {k}" for k in range(n % 4))
    return (
        f"import tenacity\n\n{padding}\n\n"
        "@tenacity.retry(wait=tenacity.wait_exponential(max=30))\n"
        f"def call_{n}():\n    return {n}\n"
    )
