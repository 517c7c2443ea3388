"""`devnexus`: the command line, and the only place that knows every service."""

import errno
import os
import sys
from pathlib import Path

import click

from devnexus.errors import ConfigurationError, ServiceError
from devnexus.knowledge.store import Conflict, Damaged
from devnexus.topology import load_topology
from devnexus_cli.analyze import analyze
from devnexus_cli.calling.call_command import call_command
from devnexus_cli.calling.skills_command import skills_command
from devnexus_cli.costs_command import costs_command
from devnexus_cli.dead_letters import dead_letters
from devnexus_cli.extract_command import extract_command
from devnexus_cli.github import github
from devnexus_cli.kb import kb
from devnexus_cli.notifications import notifications
from devnexus_cli.patterns import patterns
from devnexus_cli.status import status_command
from devnexus_cli.token_command import token_command
from devnexus_cli.try_command import try_command


class _Group(click.Group):
    """Shows expected errors as one line, without a traceback."""

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except (ConfigurationError, ServiceError, Damaged, Conflict) as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            if error.errno == errno.EPIPE:  # whoever read our output has seen enough
                raise
            raise click.ClickException(f"{error.filename or 'the output'}: {error.strerror}") from error
        except ModuleNotFoundError as error:
            raise click.ClickException(
                f"this command needs more than the bare command line ({error.name} is missing): "
                "pip install 'dev-nexus[receiver,extractor,writer,similarity,notifier,gateway]'"
            ) from error


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="dev-nexus")
def main() -> None:
    """Reads every push to an organisation's repositories and keeps what it learns in git."""


@main.command()
@click.option(
    "--repositories",
    envvar="REPOS",
    default="",
    help="Comma-separated paths of git repositories [default: the demo organisation].",
)
@click.option(
    "--demo",
    type=click.Path(path_type=Path),
    default=Path(__file__).parents[2] / "demo",
    help="Folder of the demo organisation [default: that of the source checkout].",
)
@click.option("--home", type=click.Path(path_type=Path), default=Path(".devnexus"), show_default=True)
@click.option(
    "--webhook-port", envvar="WEBHOOK_PORT", type=click.IntRange(1, 65535), default=8081, show_default=True
)
@click.option(
    "--gateway-port", envvar="GATEWAY_PORT", type=click.IntRange(1, 65535), default=8080, show_default=True
)
@click.option(
    "--once", envvar="ONCE", is_flag=True, help="Stop after the summary; 0 only if nothing was lost."
)
def run(repositories: str, demo: Path, home: Path, webhook_port: int, gateway_port: int, once: bool) -> None:
    """Start every service here and play the last 20 pushes of local repositories, or the demo."""
    # What it imports comes with the services, not with the bare command line.
    from devnexus_cli.run import run as run_all  # noqa: PLC0415

    sys.exit(
        run_all(
            repositories=repositories,
            demo=demo,
            home=home,
            webhook_port=webhook_port,
            gateway_port=gateway_port,
            once=once,
        )
    )


@main.command()
@click.option("--project", envvar="GOOGLE_CLOUD_PROJECT", required=True, help="Google Cloud project.")
@click.argument("services", nargs=-1, metavar="[SERVICE=URL]...")
def provision(project: str, services: tuple[str, ...]) -> None:
    """Create topics, subscriptions and dead letters on an emulator, or bring them up to date.

    Each SERVICE=URL names where a service that is pushed to answers, such as
    extractor=http://extractor:8080.
    """
    from devnexus.provision import provision as provision_topology  # noqa: PLC0415 - as above

    if odd := [service for service in services if "=" not in service]:
        raise click.UsageError(f"{odd[0]} is not SERVICE=URL")
    urls = dict(service.split("=", 1) for service in services)
    topology = load_topology()
    provision_topology(topology, project=project, services=urls)
    where = os.environ["PUBSUB_EMULATOR_HOST"]
    click.echo(f"{len(topology.topics)} topics, {len(topology.subscriptions)} subscriptions on {where}")


main.add_command(try_command)
main.add_command(extract_command)
main.add_command(analyze)
main.add_command(status_command)
main.add_command(kb)
main.add_command(dead_letters)
main.add_command(notifications)
main.add_command(costs_command)
main.add_command(github)
main.add_command(patterns)
main.add_command(token_command)
main.add_command(skills_command)
main.add_command(call_command)


if __name__ == "__main__":
    main()
