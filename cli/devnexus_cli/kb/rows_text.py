"""Every row that speaks for one pattern of a repository, replayed from its history."""

from collections.abc import Collection, Iterator

import click

from devnexus.knowledge.fold import RepositoryState
from devnexus.knowledge.projection import Projection
from devnexus.people.vocabulary import Vocabulary
from devnexus_cli.figures import count


def rows_text(
    state: RepositoryState, wanted: str, *, shown: Projection, vocabulary: Vocabulary
) -> Iterator[str]:
    """A line for each row of the pattern that `wanted` names by id, name or alias; not yet safe to print.

    Raises ClickException, naming the patterns that stand, where nothing speaks for it.
    """
    written = state.project().standing_patterns
    names = {id_: pattern.name for id_, pattern in (*written.items(), *shown.standing_patterns.items())}
    meant = _meant(wanted, names, vocabulary)
    found = [(id_, state.rows(id_)) for id_ in sorted(_merged(meant, names, vocabulary))]
    rows = sorted(
        {row for _, some in found for row in some}, key=lambda row: (row.path, row.start, row.end, row.kind)
    )
    if not rows:
        there = ", ".join(sorted(shown.standing_patterns)) or "none"
        raise click.ClickException(f"nothing here speaks for {wanted}; patterns that stand here: {there}")
    yield f"{names.get(meant, meant)}  {meant}  {count(len(rows), 'row')}"
    for row in rows:
        yield f"  {row.path}:{row.start}-{row.end}  {row.commit[:12]}  {row.kind} {row.weight:.2f}"
    standing = [written[id_] for id_, _ in found if id_ in written]
    all_ = sum(len(one.evidence) + sum(one.further_evidence.values()) for one in standing)
    if all_ > len(rows):
        yield f"  and {count(all_ - len(rows), 'row')} that the readings found and did not keep"


def _meant(wanted: str, names: dict[str, str], vocabulary: Vocabulary) -> str:
    by_name = {name.casefold(): id_ for id_, name in names.items()}
    return (
        vocabulary.canonical(wanted)
        or (wanted if wanted in names else None)
        or by_name.get(wanted.casefold())
        or vocabulary.names.canonical_of(wanted)
        or wanted
    )


def _merged(meant: str, names: Collection[str], vocabulary: Vocabulary) -> set[str]:
    """The ids as readings write them that are shown as this one."""
    return {meant, *(id_ for id_ in names if vocabulary.canonical(id_) == meant)}
