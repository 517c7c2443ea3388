"""`devnexus patterns`: what patterns are called here, and which of them are the same."""

import os
from collections.abc import Callable, Sequence

import click

from devnexus.knowledge.store import Conflict, Store
from devnexus.knowledge.stores import open_store
from devnexus.knowledge.view import Views
from devnexus.people.mistake import Mistake
from devnexus.people.vocabulary import VOCABULARY_PATH
from devnexus.printable import printable
from devnexus_cli.figures import count
from devnexus_cli.kb.options import knowledge_option
from devnexus_cli.pattern_names import PatternNames

_TRIES = 5

Edit = Callable[[bytes, PatternNames], tuple[bytes, str]]
"""From the file and what is known: the edited file, and what that changes in a sentence."""


@click.group()
def patterns() -> None:
    """Names of patterns: see them, and edit vocabulary.yaml of the knowledge base."""


@patterns.command("list")
@knowledge_option
def list_command(knowledge: str) -> None:
    """List every pattern by id and name, and in how many repositories it stands."""
    store = open_store(knowledge, os.environ, access="read")
    try:
        found = PatternNames(Views(store).head()).all()
    finally:
        store.close()
    ids = max(len(one.id or "-") for one in found)
    names = max(len(one.name) for one in found)
    for one in found:
        also = f"  also {', '.join(one.other_words)}" if one.other_words else ""
        where = count(len(one.repositories), "repository", "repositories")
        click.echo(printable(f"{one.id or '-':<{ids}}  {one.name:<{names}}  {where}{also}"))


@patterns.command("merge")
@click.argument("merged", nargs=-1, required=True, metavar="FROM...")
@click.argument("into", metavar="INTO")
@knowledge_option
def merge_command(merged: tuple[str, ...], into: str, knowledge: str) -> None:
    """Show each FROM, an id or a name, as the pattern INTO from now on."""
    _commit(knowledge, lambda content, names: _merge(content, names, merged, into))


@patterns.command("rename")
@click.argument("pattern", metavar="ID")
@click.argument("name")
@knowledge_option
def rename_command(pattern: str, name: str, knowledge: str) -> None:
    """Call the pattern ID by another NAME everywhere."""
    _commit(knowledge, lambda content, names: _rename(content, names, pattern, name))


def _merge(content: bytes, names: PatternNames, merged: Sequence[str], into: str) -> tuple[bytes, str]:
    # What it imports comes with the writer, not with the bare command line.
    from devnexus_cli.vocabulary_edit import with_merged  # noqa: PLC0415

    target = names.by_id[_known(names, into)]
    assert target.id
    ids = [word for word in merged if names.is_id(word)]
    aliases = [word for word in merged if not names.is_id(word)]
    if target.id in ids:
        raise click.ClickException(f"{target.id} cannot be merged into itself")
    edited = with_merged(content, target.id, target.name, ids=ids, aliases=aliases)
    return edited, f"{', '.join(merged)} shown as {target.name} ({target.id})"


def _rename(content: bytes, names: PatternNames, pattern: str, name: str) -> tuple[bytes, str]:
    from devnexus_cli.vocabulary_edit import with_name  # noqa: PLC0415 - as above

    target = names.by_id[_known(names, pattern)]
    assert target.id
    return with_name(content, target.id, name), f"{target.id} is called {name}, not {target.name}"


def _known(names: PatternNames, word: str) -> str:
    meant = names.meant(word)
    if meant not in names.by_id:
        raise click.ClickException(f"there is no pattern {word}: devnexus patterns list")
    return meant


def _commit(knowledge: str, edit: Edit) -> None:
    """One commit of the edited file; where somebody else commits meanwhile, decide again."""
    store = open_store(knowledge, os.environ, access="write")
    try:
        for _ in range(_TRIES):
            try:
                said = _try_to_commit(store, edit)
            except Conflict:
                continue
            click.echo(printable(f"{VOCABULARY_PATH}: {said}"))
            return
    except Mistake as error:
        raise click.ClickException(f"{VOCABULARY_PATH}: {error}") from error
    finally:
        store.close()
    raise click.ClickException("others keep committing; nothing was changed")


def _try_to_commit(store: Store, edit: Edit) -> str:
    view = Views(store).head()
    content = store.read([VOCABULARY_PATH], at=view.revision).get(VOCABULARY_PATH, b"")
    edited, said = edit(content, PatternNames(view))
    if edited == content:
        return f"it says so already: {said}"
    message = f"Vocabulary: {printable(said)}"
    store.commit({VOCABULARY_PATH: edited}, message=message, expected_head=view.revision)
    return said
