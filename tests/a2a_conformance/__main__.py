"""`python -m a2a_conformance KIT`: see `make conformance`."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import yaml

from a2a_conformance.agent import PROFILES
from a2a_conformance.outcomes import Run, as_text, read_cases, read_waivers

HERE = Path(__file__).parent
_PLUGINS = ("tck_bearer", "tck_corrections")
_MOST_SECONDS = 900


@click.command()
@click.argument("kit", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(kit: Path) -> None:
    """Run the kit in folder KIT over everything, and say what fails and whose fault it is."""
    waivers = read_waivers(yaml.safe_load((HERE / "waivers.yaml").read_text()))
    runs = [
        _run(kit.resolve(), profile, is_corrected=is_corrected)
        for profile in PROFILES
        for is_corrected in (False, True)
    ]
    click.echo("\n".join(as_text(runs, waivers)))
    ours = sum(len(run.unexplained(waivers)) for run in runs)
    click.echo(f"\n{ours} not of the kit's own fault")
    sys.exit(1 if ours else 0)


def _run(kit: Path, profile: str, *, is_corrected: bool) -> Run:
    """One run of the kit against an agent of its own; ClickException where the kit does not reach its end."""
    click.echo(f"capabilities: {profile}, {'corrected' if is_corrected else 'as shipped'}", err=True)
    with tempfile.TemporaryDirectory() as folder, _agent(profile) as (url, token):
        report = Path(folder) / "junit.xml"
        plugins = [option for name in _PLUGINS for option in ("-p", name)] if is_corrected else []
        done = subprocess.run(
            [
                *(kit / ".venv" / "bin" / "python", "run_tck.py", "--sut-host", url),
                *("--transport", "jsonrpc,http_json", "--", f"--junitxml={report}", *plugins),
            ],
            cwd=kit,
            env={**os.environ, "PYTHONPATH": str(HERE / "plugins"), "CONFORMANCE_TOKEN": token},
            capture_output=True,
            text=True,
            timeout=_MOST_SECONDS,
        )
        if not report.exists():
            raise click.ClickException(f"The kit does not run:\n{done.stdout}\n{done.stderr}")
        return Run(profile, is_corrected, read_cases(report.read_bytes()))


@contextmanager
def _agent(profile: str) -> Iterator[tuple[str, str]]:
    """The address of a running agent, and the token of one who may see its extended card."""
    command = [sys.executable, "-m", "a2a_conformance.agent", "--capabilities", profile]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=HERE.parent) as process:
        assert process.stdout
        try:
            told = json.loads(process.stdout.readline() or "{}")
            if not told:
                raise click.ClickException("The agent does not start")
            yield told["url"], told["token"]
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
