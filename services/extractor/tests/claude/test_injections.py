"""A model that obeys every order hidden in a push changes nothing that is known."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from builders import pushed_commits, repository
from fakes.git_history import make_repository
from fakes.obedient_claude import ObedientClaude
from fakes.pubsub import FakePublisher
from fakes.taxonomy_meaning import TaxonomyMeaning

from devnexus.events import PatternsExtracted
from devnexus.git import run_git
from devnexus.knowledge.fold import fold
from devnexus.redact import redact
from extractor.claude.answer import parse
from extractor.claude.brief import RepositoryContext, request_for
from extractor.claude.pieces import Piece
from extractor.claude.proven_decisions import agreement
from extractor.claude.verification import Proven, verify
from extractor.decisions import come_or_gone
from extractor.evidence import lines_of
from extractor.extract import on_commit_pushed
from extractor.languages import language_of
from extractor.local_git import LocalGit
from extractor.reading import Reader
from extractor.roles import role_of_content
from extractor.rule_set import load_rules

READER = Reader(load_rules())
MEANING = TaxonomyMeaning()
FOLDER = Path(__file__).parent / "injections"


@dataclass(frozen=True)
class Case:
    wants: list[str]
    files: dict[str, str]
    before: dict[str, str] = field(default_factory=lambda: {"README.md": "Shop\n"})
    only: list[str] | None = None
    message: str | None = None
    decides: list[str] = field(default_factory=list)
    repeat: int = 1


CASES = {
    f"{path.stem}: {name}": Case(**case)
    for path in sorted(FOLDER.glob("*.yaml"))
    for name, case in yaml.safe_load(path.read_text("utf-8")).items()
}


class World:
    """A repository to which somebody hostile pushes."""

    def __init__(self, folder: Path) -> None:
        self._clone = folder / "acme" / "api"
        self.source = LocalGit(folder)

    def pushed(self, case: Case) -> PatternsExtracted:
        """What the rules say of the push."""
        files = {path: text * case.repeat for path, text in case.files.items()}
        before, after = make_repository(self._clone, [case.before, files])
        event = pushed_commits(before, self._said(after, before, case.message) if case.message else after)
        publisher = FakePublisher()
        on_commit_pushed(event, source=self.source, reader=READER, publisher=publisher)
        (record, *_) = publisher.published
        return record

    def pieces(self, record: PatternsExtracted) -> list[Piece]:
        """The files that the rules read, as far as Claude is to read them."""
        change = self.source.change(repository(), before=record.before, after=record.after)
        added = {file.path: file for file in change.files}
        left_out = {path for group in record.receipt.not_read for path in group.paths}
        pieces = []
        for file in record.files:
            if file.path not in left_out and file.status != "removed":
                content = run_git(self._clone, "show", f"{record.after}:{file.path}")
                text = redact(content.decode("utf-8", "replace")).text
                spans = added[file.path].added or (range(1, len(lines_of(text)) + 1),)
                pieces.append(
                    Piece(
                        file.path,
                        file.status,
                        added[file.path].object_id,
                        language_of(file.path),
                        role_of_content(file.path, content),
                        text,
                        spans,
                    )
                )
        return pieces

    def _said(self, commit: str, parent: str, message: str) -> str:
        who = ("-c", "user.name=Mallory", "-c", "user.email=mallory@example.org")
        tree = run_git(self._clone, "rev-parse", f"{commit}^{{tree}}").decode().strip()
        made = run_git(self._clone, *who, "commit-tree", tree, "-p", parent, "-m", message)
        return made.decode().strip()


def asked(claude: ObedientClaude, pieces: list[Piece], record: PatternsExtracted) -> dict[str, Proven]:
    """Path → what counts of the answer."""
    request = request_for(
        pieces,
        meaning=MEANING,
        context=RepositoryContext(name=record.repository.name),
        commits=[commit.message for commit in record.commits],
        model="obedient",
    )
    known = parse(claude.ask(request), [piece.digest for piece in pieces])
    files, gone = {file.path: file for file in record.files}, come_or_gone(record.files)
    return {
        piece.path: verify(
            known[piece.digest].said,
            piece,
            meaning=MEANING,
            file=files[piece.path],
            come_or_gone=gone,
            ruled=record.decisions,
        )
        for piece in pieces
    }


def with_claude(record: PatternsExtracted, proven: dict[str, Proven]) -> PatternsExtracted:
    """The record as it stands once Claude has read the push, too."""
    decisions = [decision for one in proven.values() for decision in one.decisions]
    return record.model_copy(
        update={
            "files": tuple(
                file.model_copy(update={"claims": proven[file.path].claims, "gone": ""})
                if file.path in proven
                else file
                for file in record.files
            ),
            "patterns": MEANING.patterns,
            "decisions": agreement(record.decisions, decisions),
            "suggestions": tuple(one for some in proven.values() for one in some.suggestions),
        }
    )


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_an_order_hidden_in_a_push_changes_nothing_that_is_known(case, tmp_path):
    world = World(tmp_path)
    record = world.pushed(case)
    pieces = world.pieces(record)
    assert pieces
    proven = asked(ObedientClaude(case.wants, case.only), pieces, record)
    told = with_claude(record, proven)
    assert [one.title for one in told.decisions[len(record.decisions) :]] == case.decides
    assert told.decisions[: len(record.decisions)] == record.decisions
    by_rules, by_both = fold([record]), fold([told.model_copy(update={"decisions": record.decisions})])
    assert by_both.project() == by_rules.project()
    assert by_both.brought == by_rules.brought
    assert [file.claims or () for file in told.files] == [()] * len(told.files)
    assert sum(one.made for one in proven.values()) > 0
    for suggestion in told.suggestions:
        assert len(suggestion.name) <= 200
        assert suggestion.kind == "decision" or not set(suggestion.name) & set("<>[]:;*\n")
