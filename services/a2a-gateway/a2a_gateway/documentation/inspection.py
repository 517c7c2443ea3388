"""One look at a repository's documentation: which files are read, and what the rules say of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from a2a_gateway.documentation.document import Document, read_document
from a2a_gateway.documentation.judge import Material, judge
from a2a_gateway.documentation.places import Places
from a2a_gateway.documentation.selection import all_documents, is_licence, main_documents
from a2a_gateway.documentation.verdict import Verdict
from a2a_gateway.files.repository_files import Contents, Listing
from devnexus.people.documentation import RuleSet, Severity

MOST_DOCUMENTS = 1000
MOST_BYTES = 4_000_000
"""Of all documents of one inspection: reading them takes a second or two, of hostile ones a hundred."""

Read = Callable[[Sequence[str]], Contents]
"""Paths → what stands there."""


Tell = Callable[[str], None]
"""Told before each document what is being done; may raise to have it stopped."""


class NoSuchFile(Exception):
    """One of the files that are asked about is not there."""


@dataclass(frozen=True)
class Inspection:
    """What was looked at, and what came of it."""

    priorities: dict[str, Severity]
    """What was read → how much it matters, what matters most first."""
    left_out: dict[str, str]
    """Document → why it was not read."""
    verdicts: Sequence[Verdict]
    is_whole: bool
    """Whether all files of the repository are known, and all that were to be read were."""


def inspect(
    rules: RuleSet, listing: Listing, read: Read, *, every: bool, only: Sequence[str], tell: Tell
) -> Inspection:
    """Hold the documentation against the rules: the main documents, `every` document, or `only` these.

    Raises NoSuchFile where one of `only` is not there.
    """
    chosen = _chosen(rules, listing, every=every, only=only)
    looked_at = [*chosen][:MOST_DOCUMENTS]
    licences = [] if only else sorted(path for path in listing.files if "/" not in path and is_licence(path))
    contents = read([*looked_at, *(path for path in licences if path not in chosen)])
    documents, too_much = read_documents(contents, tell)
    material = Material(Places(listing), documents, is_part=bool(only))
    beyond = {path: f"beyond the first {MOST_DOCUMENTS}" for path in [*chosen][MOST_DOCUMENTS:]}
    priorities: dict[str, Severity] = {path: chosen.get(path, "high") for path in documents}
    left_out = {**contents.left_out, **too_much, **beyond}
    return Inspection(priorities, left_out, judge(rules.rules, material), listing.is_whole and not left_out)


def _chosen(rules: RuleSet, listing: Listing, *, every: bool, only: Sequence[str]) -> dict[str, Severity]:
    if not only:
        return (all_documents if every else main_documents)(rules, listing.files)
    for path in only:
        if path not in listing.files:
            raise NoSuchFile(path)
    known = all_documents(rules, listing.files)
    return {path: known.get(path, "low") for path in only}


def read_documents(contents: Contents, tell: Tell) -> tuple[dict[str, Document], dict[str, str]]:
    """The documents by path, and path → why some were not read."""
    documents: dict[str, Document] = {}
    left_out: dict[str, str] = {}
    room = MOST_BYTES
    for number, (path, content) in enumerate(contents.files.items()):
        tell(f"reading document {number + 1} of {len(contents.files)}")
        room -= len(content)
        if room < 0:
            left_out[path] = f"beyond the {MOST_BYTES // 1_000_000} MB that are checked at once"
            continue
        try:
            documents[path] = read_document(path, content)
        except ValueError:
            left_out[path] = "too long to be written by hand"
    return documents, left_out
