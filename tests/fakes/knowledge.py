"""Makes a real knowledge base that holds given pages, one revision after the other."""

import atexit
import shutil
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from devnexus.git import run_git
from devnexus.knowledge.layout import projection_path
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.stores.git_store import GitStore, create_git_store, open_git_store


def make_store(path: Path) -> GitStore:
    """A base at `path`: a new one, or the one that is there."""
    if not path.exists():
        shutil.copytree(_empty_base(), path)
    return open_git_store(path)


@cache
def _empty_base() -> Path:
    """Made once for all tests of a process: to copy it takes a tenth of the time."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    base = Path(folder.name) / "empty.git"
    create_git_store(base)
    return base


def put(store: GitStore, pages: Iterable[Projection]) -> str:
    """Commit these pages under their names and return the revision."""
    files = {projection_path(page.repository_name): page.page() for page in pages}
    return store.commit(files, message="pages", expected_head=store.head())


def lose_object(repository: Path, name: str) -> None:
    """Take away one object, such as `<revision>:<path>`, from a repository that holds it in packs."""
    lost = run_git(repository, "rev-parse", "--verify", name).decode().strip()
    for pack in list((repository / "objects" / "pack").glob("*.pack")):
        content = pack.read_bytes()
        for file in pack.parent.glob(f"{pack.stem}.*"):
            file.unlink()
        run_git(repository, "unpack-objects", "-q", stdin=content)
    (repository / "objects" / lost[:2] / lost[2:]).unlink()
