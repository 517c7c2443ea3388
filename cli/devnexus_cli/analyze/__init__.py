"""`devnexus analyze`: the whole pipeline on one push, in one process, as it runs in GitHub Actions."""

from pathlib import Path

import click


@click.command("analyze")
@click.option(
    "--repo",
    "repository",
    type=click.Path(path_type=Path),
    default=Path(),
    show_default=".",
    help="A clone of the repository, with the history of the push.",
)
@click.option(
    "--range",
    "span",
    metavar="A..B",
    help="Take what lies between two commits as the push [default: in GitHub Actions the push of the run, "
    "else the newest commit].",
)
@click.option(
    "--knowledge",
    envvar="KNOWLEDGE",
    metavar="PLACE",
    help="The knowledge base: the path of a bare git repository, a git URL, or github:<owner>/<name>.",
)
@click.option(
    "--publish",
    is_flag=True,
    help="Hand the push to deployed services by Pub/Sub (GOOGLE_CLOUD_PROJECT), which then write it.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path("pattern_analysis.json"),
    show_default=True,
    help="Where the analysis is written.",
)
def analyze(repository: Path, span: str | None, knowledge: str | None, publish: bool, output: Path) -> None:
    """Read one push, write what it shows into the knowledge base, and say what it is like.

    The analysis goes to OUTPUT, and a summary in Markdown to the file that GITHUB_STEP_SUMMARY names, else
    to standard output. A pull request is read and compared, and nothing of it is written; with --publish
    nothing is written here either. Where there is nothing to analyse the exit status is 0.

    With ANTHROPIC_API_KEY Claude reads besides the rules, where devnexus.yaml lets it, and is asked at once;
    with --publish the services ask instead. What it says and costs is kept at DATABASE_URL, else in
    claude.db, in RUNNER_TEMP or the user's cache (~/.cache/devnexus), and not paid for again from there.
    """
    # What it imports comes with the services, not with the bare command line.
    from devnexus_cli.analyze.run import run  # noqa: PLC0415

    run(repository, span, knowledge=knowledge, publish=publish, output=output)
