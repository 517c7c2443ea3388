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
from devnexus_cli.demo import play_demo
from devnexus_cli.local_repository import LocalRepository, NotUsable, open_local, with_own_names
from devnexus_cli.processes import ChildDied
from devnexus_cli.pubsub_backends import pubsub_for
from devnexus_cli.replay import Replay, link_clones, replay
from devnexus_cli.running import announced
from devnexus_cli.script import Script, script_of
from devnexus_cli.stack import Stack
from devnexus_cli.summary import next_steps, summary
from devnexus_cli.webhook import NotTaken

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(
    *, repositories: str, demo: Path, home: Path, webhook_port: int, gateway_port: int, once: bool
) -> int:
    """Play the pushes of `repositories`, or the demo organisation where none is named
    print the summary, serve until Ctrl-C unless `once`; return the exit status.
    """
    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup leaves it
            signal.signal(number, _interrupt)
    for name in ("no_proxy", "NO_PROXY"):  # nothing here is beyond this machine
        os.environ[name] = ",".join(filter(None, [os.environ.get(name), "127.0.0.1", "localhost"]))
    try:
        clones = _open(repositories)
        return _run(clones, demo, home.resolve(), (webhook_port, gateway_port), once)
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


def _run(
    clones: Sequence[LocalRepository], demo: Path, home: Path, ports: tuple[int, int], once: bool
) -> int:
    (home / "logs").mkdir(parents=True, exist_ok=True)
    with _alone(home):
        script = script_of(clones) if clones else play_demo(demo, home / "demo-repositories")
        link_clones(script.repositories, home / "clones")
        with (
            pubsub_for(os.environ, log=home / "logs" / "pubsub.log") as endpoint,
            Stack(
                home=home,
                repositories=home / "clones",
                pubsub=endpoint,
                webhook_port=ports[0],
                gateway_port=ports[1],
                with_metrics=True,
            ) as stack,
        ):
            with announced(home, stack.running):
                done = _replay(stack, script)
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


def _replay(stack: Stack, script: Script) -> Replay:
    names = ", ".join(repository.name for repository in script.repositories)
    with click.progressbar(length=script.records, label=f"Reading {names}", show_pos=True) as bar:
        return replay(stack, script, tell=lambda run: bar.update(len(run.landed) - bar.pos))


def _serve(stack: Stack) -> None:
    click.echo(
        f"\nOpen http://localhost:{stack.gateway_port} · stop: Ctrl-C\n"
        f"Serving GitHub's webhooks, signed with {stack.secret_source}: "
        f"http://localhost:{stack.webhook_port}/webhooks/github"
    )
    while True:
        stack.check()
        time.sleep(0.5)


def _open(repositories: str) -> list[LocalRepository]:
    paths = [text.strip() for text in repositories.split(",") if text.strip()]
    opened: dict[str, LocalRepository] = {}
    for path in paths:
        clone = open_local(Path(path))
        if clone.id in opened:
            click.echo(f"{path}: the same repository as {opened[clone.id].path}, taken once", err=True)
        opened.setdefault(clone.id, clone)
    return with_own_names(list(opened.values()))
