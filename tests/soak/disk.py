"""A small disk for the knowledge base and the SQLite file, so that it can be filled without harm.

A tmpfs in a mount namespace of our own: nobody else sees it, and it is gone with us.
"""

import contextlib
import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from devnexus.errors import ConfigurationError

MEGABYTES = 192
_OURS = "SOAK_NAMESPACE"
_NONE = "none"


def in_own_namespace(command: Sequence[str]) -> None:
    """Go on as `command` in a mount namespace of our own; return where we are in one already.

    Raises ConfigurationError where this machine lets nobody have one.
    """
    if os.environ.get(_OURS) or os.environ.get("DISK") == _NONE:
        return
    unshare = shutil.which("unshare")
    if unshare is None or sys.platform != "linux":
        raise ConfigurationError(f"unshare is missing (Debian, Ubuntu: apt-get install util-linux). {_ELSE}")
    how = ["-m"] if os.geteuid() == 0 else ["-Urm"]
    tried = subprocess.run(
        [unshare, *how, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, text=True
    )
    if tried.returncode and how == ["-m"]:  # root in a container that may not mount
        how = ["-Urm"]
        tried = subprocess.run(
            [unshare, *how, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, text=True
        )
    if tried.returncode:
        raise ConfigurationError(
            f"no disk of its own for the base: unshare {how[0]} says: {tried.stderr.strip()}. On Ubuntu "
            f"24.04: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0. {_ELSE}"
        )
    os.execve(unshare, [unshare, *how, *command], {**os.environ, _OURS: "1"})


_ELSE = "Or leave the full disk out, which the table then says: DISK=none make soak"


class Disk:
    """The folder with the base and the SQLite file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.is_small = bool(os.environ.get(_OURS))
        folder.mkdir(parents=True)
        if self.is_small:
            options = f"size={MEGABYTES}m,mode=700"
            subprocess.run(["mount", "-t", "tmpfs", "-o", options, "soak", folder], check=True)
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Leave no free block; again, where something was freed since."""
        with self._filler.open("ab") as filler:
            for size in (1 << 20, 1 << 12):
                self._fill(filler.fileno(), size)

    def free(self) -> None:
        """Give the space back."""
        self._filler.unlink(missing_ok=True)

    def keep(self, folder: Path) -> None:
        """Copy what stands there to a disk that stays."""
        shutil.copytree(self.folder, folder, symlinks=True)

    def close(self) -> None:
        """Give it up, and what stands there with it."""
        if self.is_small:
            subprocess.run(["umount", "--lazy", self.folder], check=False)

    def _fill(self, file: int, size: int) -> None:
        content = bytes(size)
        with contextlib.suppress(BlockingIOError):
            while True:
                try:
                    os.write(file, content)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    return
