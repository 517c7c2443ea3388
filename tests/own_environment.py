"""Environments of their own, for what does not go with what we depend on."""

import fcntl
import subprocess
import sys


def python_of(folder):
    """The interpreter of the environment in `folder`, which holds what its requirements.txt pins."""
    pinned, own = folder / "requirements.txt", folder / ".venv"
    python, done = own / "bin" / "python", own / "installed"
    with pinned.open() as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if not done.exists() or done.stat().st_mtime < pinned.stat().st_mtime:
            uv = [sys.executable, "-m", "uv"]
            subprocess.run([*uv, "venv", "--quiet", "--clear", "--python", sys.executable, own], check=True)
            subprocess.run([*uv, "pip", "install", "--quiet", "--python", python, "-r", pinned], check=True)
            done.touch()
    return python
