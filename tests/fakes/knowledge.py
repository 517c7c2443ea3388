"""Makes a real knowledge base that holds given pages, one revision after the other."""

from collections.abc import Iterable
from pathlib import Path

from devnexus.knowledge.layout import projection_path
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.stores.git_store import GitStore, create_git_store, open_git_store


def make_store(path: Path) -> GitStore:
    create_git_store(path)
    return open_git_store(path)


def put(store: GitStore, pages: Iterable[Projection]) -> str:
    """Commit these pages under their names and return the revision."""
    files = {projection_path(page.repository_name): page.page() for page in pages}
    return store.commit(files, message="pages", expected_head=store.head())
