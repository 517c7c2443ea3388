"""What the commands of `devnexus notifications` have in common."""

import click

database_option = click.option(
    "--database",
    envvar="DATABASE_URL",
    metavar="URL",
    help="The notifier's operational store [default: DATABASE_URL, else that of the run on this machine].",
)
