"""`python -m soak --minutes 10 --seed 7`: see `make soak`."""

import os
import secrets
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import click

from devnexus.errors import ConfigurationError
from devnexus_cli.processes import ChildDied
from soak.chance import chance
from soak.disk import Disk, in_own_namespace
from soak.faults import DISK_FULL
from soak.reckoning import adds_up, as_text
from soak.run import Done, Run
from soak.world import running

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@click.command()
@click.option("--minutes", type=click.FloatRange(0.2, 24 * 60), default=10.0, show_default=True)
@click.option("--seed", type=int, default=None, help="What goes wrong when, and what is pushed.")
def main(minutes: float, seed: int | None) -> None:
    """Run the whole stack under load and faults, and say whether everything adds up."""
    seed = secrets.randbelow(10**6) if seed is None else seed
    try:
        command = [sys.executable, "-m", "soak", "--minutes", str(minutes), "--seed", str(seed)]
        in_own_namespace(command)
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from error
    _prepare()
    folder = Path(tempfile.mkdtemp(prefix="devnexus-soak-"))
    click.echo(f"soak: {minutes:g} min, seed {seed} (again: make soak MINUTES={minutes:g} SEED={seed})")
    sys.exit(_soak(folder, minutes, seed))


def _prepare() -> None:
    """Nothing of this user's, and nothing beyond this machine."""
    for name in [name for name in os.environ if name.startswith(("ANTHROPIC_", "GITHUB_", "KNOWLEDGE"))]:
        del os.environ[name]
    for name in ("no_proxy", "NO_PROXY"):
        os.environ[name] = "127.0.0.1,localhost"
    for number in _ENDING:
        signal.signal(number, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Begin to end, once."""
    for ignored in _ENDING:
        signal.signal(ignored, signal.SIG_IGN)
    raise KeyboardInterrupt


def _soak(folder: Path, minutes: float, seed: int) -> int:
    """The exit status: 0 where all adds up, 130 where it was interrupted."""
    status = 1
    disk = Disk(folder / "disk")
    try:
        with running(folder, disk, chance(seed)) as world:
            done = Run(world, chance(seed), seconds=minutes * 60).run()
        click.echo("\n".join(_report(done, seed)))
        status = 130 if done.was_interrupted else 0 if adds_up(done.lines) else 1
    except ChildDied as error:
        click.echo(f"The stack does not start: {error}", err=True)
    except KeyboardInterrupt:
        status = 130
    if status == 1:
        disk.keep(folder / "home")
        click.echo(f"What is left is kept: {folder / 'home'}, logs: {folder / 'logs'}")
    disk.close()
    if status != 1:
        shutil.rmtree(folder, ignore_errors=True)
    return status


def _report(done: Done, seed: int) -> Iterator[str]:
    killed = ", ".join(f"{count} {name}" for name, count in sorted(done.kills.items()))
    faults = ", ".join(f"{name} {seconds:.0f}" for name, seconds in sorted(done.faults.items()))
    yield ""
    yield f"seed {seed}: {done.load_seconds:.0f} s of load, {done.drain_seconds:.0f} s until all was quiet"
    yield from as_text(done.lines)
    yield f"  killed: {killed or 'nobody'}"
    yield f"  seconds of: {faults}"
    if DISK_FULL not in done.faults:
        yield "  the disk was never full"
    if done.was_interrupted:
        yield "interrupted: what was on its way was not waited for"
    else:
        yield "it adds up" if adds_up(done.lines) else "IT DOES NOT ADD UP"


if __name__ == "__main__":
    main()
