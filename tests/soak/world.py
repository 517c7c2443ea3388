"""Everything of one run: the services, and what stands for the world around them."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from fakes.anthropic_refusals import KEY
from fakes.anthropic_replies import Asked, Reply
from fakes.anthropic_server import FakeClaude
from fakes.github import APP_ID, FakeGitHub
from fakes.github_gate import GitHubGate

from devnexus.knowledge.stores.git_store import create_git_store, open_git_store
from soak.chance import Chance
from soak.disk import Disk
from soak.faults import ClaudeTrouble, Fault, GitHubTrouble, all_faults
from soak.ledger import Ledger
from soak.organisation import Organisation
from soak.pubsub import SoakPubSub
from soak.stack import SoakStack
from soak.targets import Targets

_PEOPLE = b"claude:\n  repositories: ['acme/*']\n  calls_per_day: 1000000\n  calls_per_repository: 100000\n"


@dataclass(frozen=True)
class World:
    """What a run works with."""

    stack: SoakStack
    pubsub: SoakPubSub
    targets: Targets
    organisation: Organisation
    ledger: Ledger
    faults: dict[str, Fault]
    logs: Path


@contextmanager
def running(folder: Path, disk: Disk, chance: Chance) -> Iterator[World]:
    """The whole stack, healthy and without faults; it ends with the block."""
    logs = folder / "logs"
    logs.mkdir()
    github, claude_trouble = GitHubTrouble(chance("GitHub")), ClaudeTrouble(chance("Claude"), _says)
    with ExitStack() as closing:
        backend = FakeGitHub(folder / "github")
        backend.patch_lines = 10**9
        gate = closing.enter_context(_quiet(GitHubGate(backend)).running())
        gate.faults.append(github)  # type: ignore[arg-type]
        claude = closing.enter_context(_quiet(FakeClaude(claude_trouble, ends_batches=True)))
        targets = closing.enter_context(Targets(chance("targets")))
        pubsub = closing.enter_context(SoakPubSub())
        routes = folder / "routes.yaml"
        routes.write_text(targets.routes)
        _create_base(disk.folder / "knowledge.git")
        stack = SoakStack(
            disk=disk.folder,
            logs=logs,
            pubsub=pubsub.endpoint,
            environment={
                "GITHUB_API_URL": gate.url,
                "GITHUB_APP_ID": str(APP_ID),
                "GITHUB_APP_PRIVATE_KEY": backend.app_key(),
                "ANTHROPIC_API_KEY": KEY,
                "ANTHROPIC_BASE_URL": claude.url,
                "ROUTES_FILE": str(routes),
                **targets.environment(),
            },
        )
        closing.enter_context(stack)
        pubsub.hasten()
        faults = all_faults(pubsub=pubsub, github=github, claude=claude_trouble, mood=targets.mood, disk=disk)
        yield World(
            stack=stack,
            pubsub=pubsub,
            targets=targets,
            organisation=Organisation(backend, chance("organisation")),
            ledger=Ledger(),
            faults=faults,
            logs=logs,
        )


def _create_base(path: Path) -> None:
    """A base whose people let Claude read everything."""
    create_git_store(path)
    store = open_git_store(path)
    store.commit({"devnexus.yaml": _PEOPLE}, message="Let Claude read", expected_head=store.head())
    store.close()


def _quiet(server):  # type: ignore[no-untyped-def]
    """A fake that does not write down whose connection broke: those who ask are killed all the time."""
    server._server.handle_error = lambda *_: None
    return server


def _says(asked: Asked) -> Reply:
    """Of every file of Python, that it has a circuit breaker; often that is not true."""
    said = {
        "patterns": [{"name": "Circuit breaker", "quote": "import pybreaker", "why": "x"}],
        "decisions": [],
        "components": [],
    }
    files = re.findall(r'^File (\d+): ".*\.py"', asked.material, re.MULTILINE)
    return {"files": [{"file": int(number), **said} for number in files]}
