"""`devnexus run`: every service on this machine, and local repositories' pushes through the front door."""

import fcntl
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from devnexus.errors import ConfigurationError, ServiceError
from devnexus.knowledge.store import Damaged
from devnexus_cli.local_repository import LocalRepository, NotUsable, open_local
from devnexus_cli.processes import ChildDied
from devnexus_cli.pubsub_backends import pubsub_for
from devnexus_cli.replay import Replay, link_clones, replay
from devnexus_cli.stack import Stack
from devnexus_cli.summary import next_steps, summary
from devnexus_cli.webhook import NotTaken

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(*, repositories: str, home: Path, webhook_port: int, once: bool) -> int:
    """Play the pushes, print the summary, serve until Ctrl-C unless `once`; return the exit status."""
    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup leaves it
            signal.signal(number, _interrupt)
    for name in ("no_proxy", "NO_PROXY"):  # nothing here is beyond this machine
        os.environ[name] = ",".join(filter(None, [os.environ.get(name), "127.0.0.1", "localhost"]))
    try:
        return _run(_open(repositories), home.resolve(), webhook_port, once)
    except (ConfigurationError, NotUsable, ServiceError, ChildDied, NotTaken, Damaged, OSError) as error:
        click.echo(f"\ndev-nexus: {error}", err=True)
        return 1
    except KeyboardInterrupt:
        click.echo("\nStopped; what was committed is kept.")
        return 130


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Begin to end, once: an impatient second Ctrl-C must not cut short the ending of the children."""
    for ignored in _ENDING:
        signal.signal(ignored, signal.SIG_IGN)
    raise KeyboardInterrupt


def _run(clones: Sequence[LocalRepository], home: Path, webhook_port: int, once: bool) -> int:
    folder = home / "clones"
    (home / "logs").mkdir(parents=True, exist_ok=True)
    with (
        _alone(home),
        pubsub_for(os.environ, log=home / "logs" / "pubsub.log") as endpoint,
        Stack(home=home, repositories=folder, pubsub=endpoint, webhook_port=webhook_port) as stack,
    ):
        link_clones(clones, folder)
        done = _replay(stack, clones)
        click.echo(f"\n{summary(done, stack)}\n\n{next_steps(done, stack)}")
        if not once:
            _serve(stack)
        return 1 if done.lost else 0


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Refuse to run twice on one home: each run would take the other's clones and logs away."""
    with (home / "running").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConfigurationError(
                f"another run uses {home}: stop it, or take another: devnexus run --home"
            ) from error
        click.echo(f"Starting the services (logs: {home / 'logs'})")
        yield


def _replay(stack: Stack, clones: Sequence[LocalRepository]) -> Replay:
    names = ", ".join(clone.name for clone in clones)
    with click.progressbar(length=1, label=f"Reading {names}", show_pos=True) as bar:

        def tell(run: Replay) -> None:
            bar.length = run.total
            bar.update(len(run.landed) - bar.pos)

        return replay(stack, clones, tell=tell)


def _serve(stack: Stack) -> None:
    click.echo(
        f"\nServing: http://localhost:{stack.webhook_port}/webhooks/github "
        f"takes GitHub's webhooks, signed with {stack.secret_source}. Stop: Ctrl-C"
    )
    while True:
        stack.check()
        time.sleep(0.5)


def _open(repositories: str) -> list[LocalRepository]:
    paths = [text.strip() for text in repositories.split(",") if text.strip()] or ["."]
    opened: dict[str, LocalRepository] = {}
    for path in paths:
        clone = open_local(Path(path))
        if clone.id in opened:
            click.echo(f"{path}: the same repository as {opened[clone.id].path}, taken once", err=True)
        opened.setdefault(clone.id, clone)
    return _with_own_names(list(opened.values()))


def _with_own_names(clones: Sequence[LocalRepository]) -> list[LocalRepository]:
    """Two folders may have the same label; a knowledge base can hold only one file of that name."""
    taken: set[str] = set()
    named: list[LocalRepository] = []
    for clone in clones:
        name = clone.name if clone.name.lower() not in taken else f"{clone.name}-{clone.number % 10_000:04}"
        taken.add(name.lower())
        named.append(LocalRepository(clone.path, clone.number, name, clone.branch))
    return named
