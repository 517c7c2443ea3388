"""What a hidden order makes Claude say reaches nobody: nothing changes in who is alike or who is told."""

from pathlib import Path

import pytest
import yaml
from builders import pushed, pushed_commits, reading, record_of, repository, row
from fakes.claude_world import MEANING, READER, ClaudeWorld
from fakes.knowledge import make_store
from fakes.obedient_claude import ObedientClaude
from fakes.pubsub import FakePublisher

from devnexus.events import PatternsExtracted
from devnexus.events.patterns_extracted import Pattern
from devnexus.knowledge.announcement import announcement
from devnexus.knowledge.view import Views
from devnexus.people.organisation import Route
from extractor.extract import on_commit_pushed
from kb_writer.group_commit import Writer
from notifier.decide import decide
from notifier.routes import Routes, Target
from similarity.compute import Indexes, on_knowledge_committed

CORPUS = Path(__file__).parents[2] / "services/extractor/tests/claude/injections"
ORDERS = [
    ("comments", "python hash"),
    ("texts", "java text block"),
    ("disguises", "file name"),
    ("disguises", "a threat and a bribe"),
    ("beside_code", "real lines for another pattern"),
]
ROUTES = Routes(file="test", targets={"team": Target("console", None)}, routes=(Route(to=("team",)),))
HONEST = {"wants": ["outbox"], "files": {"src/relay.py": "class OutboxRelay:\n    size = 9\n"}}


def others(ids):
    """Three repositories that show all that the order wants to be reported, so that likeness would change."""
    patterns = [Pattern(id=id_, name=id_, category="messaging") for id_ in sorted(ids)]
    files = [reading(f"src/{one.id}.py", row(rule=one.id, weight=0.9)) for one in patterns]
    for number in (7, 8, 9):
        push = pushed("0", f"first {number}", repository=repository(f"acme/other{number}", number))
        yield record_of(push, *files, patterns=patterns)


def heard(folder, record, ids):
    """What similarity computes and the notifier says after `record`, whatever the revision is called."""
    store = make_store(folder)
    try:
        writer = Writer(store)
        writer.group_commit(list(others(ids)))
        outcome = writer.group_commit([record])
        publisher = FakePublisher()
        event = announcement(store, outcome.revision)
        on_knowledge_committed(event, indexes=Indexes(Views(store)), publisher=publisher)
        told = [decide(one, ROUTES, lambda _, remarks: remarks) for one in publisher.published]
        return [
            repr((one.payload(), said)).replace(outcome.revision, "").replace(event.parent, "")
            for one, said in zip(publisher.published, told, strict=True)
        ]
    finally:
        store.close()


def read(folder, case):
    """The record of the push by the rules alone, and as Claude obeys; and the ids that the order wants."""
    world = ClaudeWorld(folder, ObedientClaude(case["wants"], case.get("only")))
    shas = world.has([case.get("before", {"README.md": "Shop\n"}), case["files"]])
    (obeyed,) = world.push(*shas)
    publisher = FakePublisher()
    on_commit_pushed(pushed_commits(*shas), source=world.source, reader=READER, publisher=publisher)
    (alone,) = (one for one in publisher.published if isinstance(one, PatternsExtracted))
    world.source.close()
    assert obeyed.receipt.claude.claims > 0
    return alone, obeyed, {MEANING.of(name).id for name in case["wants"]} - {None}


@pytest.mark.parametrize(("file", "name"), ORDERS)
def test_nobody_hears_of_what_an_order_made_claude_say(file, name, tmp_path):
    case = yaml.safe_load((CORPUS / f"{file}.yaml").read_text("utf-8"))[name]
    alone, obeyed, ids = read(tmp_path, case)
    assert heard(tmp_path / "obeyed.git", obeyed, ids) == heard(tmp_path / "alone.git", alone, ids)


def test_what_is_really_there_is_heard(tmp_path):
    alone, both, ids = read(tmp_path, HONEST)
    by_both, by_rules = heard(tmp_path / "both.git", both, ids), heard(tmp_path / "alone.git", alone, ids)
    assert by_both != by_rules
    assert "acme/other7" in by_both[0]
