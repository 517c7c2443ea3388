"""What the commands of `devnexus kb` have in common."""

import click

knowledge_option = click.option(
    "--knowledge",
    envvar="KNOWLEDGE",
    default=".devnexus/knowledge.git",
    show_default=True,
    metavar="PLACE",
    help="The knowledge base: the path of a bare git repository, a git URL, or github:<owner>/<name>.",
)
