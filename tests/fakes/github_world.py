"""A GitHub to keep knowledge bases in, and stores that talk to it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from devnexus.github import Patience
from devnexus.knowledge.stores.github_base import create_github_store, open_github_store
from devnexus.knowledge.stores.github_store import GitHubStore
from fakes.github import APP_ID, FakeGitHub
from fakes.github_emulate import Emulate
from fakes.github_gate import WRITING_TOKEN, GitHubGate

IMPATIENT = Patience(
    answer=1, between_requests=0, between_writes=0, longest=0.2, tries=1, between_looks=(0, 0.05, 0.1)
)


class GitHubWorld:
    """What a test sees of a GitHub: the gate with its faults, the backend to look into, stores."""

    def __init__(self, backend: FakeGitHub | Emulate, gate: GitHubGate, closing: ExitStack) -> None:
        self.backend = backend
        self.gate = gate
        self._closing = closing

    def environment(self, token: str = WRITING_TOKEN) -> dict[str, str]:
        return {"GITHUB_API_URL": self.gate.url, "KNOWLEDGE_TOKEN": token}

    def app_environment(self) -> dict[str, str]:
        """How the App gets in."""
        return {
            "GITHUB_API_URL": self.gate.url,
            "GITHUB_APP_ID": str(APP_ID),
            "GITHUB_APP_PRIVATE_KEY": self.backend.app_key(),
        }

    def new_base(self) -> str:
        """The name of a repository that holds a new knowledge base."""
        name = self.backend.new_repository()
        create_github_store(name, self.environment(), patience=IMPATIENT)
        return name

    def store(self, name: str) -> GitHubStore:
        """A store as another process would open it; closed when the world ends."""
        store = open_github_store(name, self.environment(), patience=IMPATIENT)
        self._closing.callback(store.close)
        return store


@contextmanager
def running_github(
    backend: FakeGitHub | Emulate, *, per_minute: int = 10**6, per_hour: int = 10**6
) -> Iterator[GitHubWorld]:
    """A GitHub in front of `backend` that lets so much content be created."""
    gate = GitHubGate(backend, per_minute=per_minute, per_hour=per_hour)
    with gate.running(), ExitStack() as closing:
        yield GitHubWorld(backend, gate, closing)
