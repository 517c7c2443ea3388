"""Where this machine keeps its copies of knowledge bases that are elsewhere."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from devnexus.errors import ConfigurationError

CACHE = "KNOWLEDGE_CACHE"


def cache_folder(environment: Mapping[str, str]) -> Path:
    """KNOWLEDGE_CACHE, or else a folder in the user's own cache, or else one with the temporary files.

    Raises ConfigurationError where it cannot be written or, among temporary files, is not this user's.
    """
    if given := environment.get(CACHE):
        return _writable(Path(given).absolute())
    home = environment.get("XDG_CACHE_HOME") or f"{environment.get('HOME', '/nonexistent')}/.cache"
    try:
        return _writable(Path(home, "devnexus"))
    except ConfigurationError:
        folder = _writable(Path(tempfile.gettempdir(), f"devnexus-{os.getuid()}"))
    if folder.stat().st_uid != os.getuid() or folder.is_symlink():  # what another put there is not trusted
        raise ConfigurationError(f"{folder} is not ours: set {CACHE} to a folder of this user")
    return folder


def _writable(path: Path) -> Path:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be made ({error}): set {CACHE} to a folder") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise ConfigurationError(f"{path} cannot be written: set {CACHE} to a folder that can")
    return path
