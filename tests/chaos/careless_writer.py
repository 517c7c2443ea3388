"""The writer with a store that does not look whether it is still at `expected_head`: it must lose records."""

import time
from collections.abc import Mapping
from pathlib import Path

from devnexus.knowledge.stores.bare_repository import BareRepository
from devnexus.knowledge.stores.git_store import GitStore
from kb_writer import main

_THINKING_SECONDS = 0.03


class CarelessStore(GitStore):
    """Commits onto whatever is the head by now."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._careless = BareRepository(path)

    def commit(self, changes: Mapping[str, bytes | None], *, message: str, expected_head: str) -> str:
        time.sleep(_THINKING_SECONDS)
        with self._careless.alone() as lock:
            head = self.head()
            revision = self._careless.make_commit(changes, message=message, parent=head, lock=lock)
            self._careless.move_branch(revision, expected=head, lock=lock)
        return revision


if __name__ == "__main__":
    main.open_store = lambda location, environment, access: CarelessStore(Path(location))
    main.main()
