"""Files of the original come in, and the file that goes out is one that the original reads.

`golden_files/<name>.json` is what the original wrote, with all that it got wrong; `<name>.exported.json`
what such a file comes back as.
"""

import json
from pathlib import Path

import pytest
from builders import pushed, record_of, repository
from fakes.knowledge import make_store
from hypothesis import given
from hypothesis import strategies as st
from v2_files import v2_file

from devnexus.events import RepositoryRegistered, RepositoryRemoved
from devnexus.knowledge.exported import exported
from devnexus.knowledge.layout import projection_path
from devnexus.knowledge.organisation_files import read_organisation, with_organisation
from devnexus.knowledge.projection import read_projection
from devnexus.knowledge.store import CommitLimits, Store
from devnexus.knowledge.stores.git_store import GitStore
from devnexus.repository import Repository
from devnexus.schema_v2 import KnowledgeBaseV2
from devnexus.timestamps import write
from devnexus_cli.kb.export_file import export_v2
from devnexus_cli.kb.import_file import compare_repositories, import_organisation, import_repositories
from devnexus_cli.kb.imported_records import imported_records
from devnexus_cli.kb.knowledge_file import KnowledgeFile
from kb_writer.group_commit import Writer

GOLDEN = Path(__file__).parent / "golden_files"


def take_over(content, store: Store) -> int:
    """Import it, and return how many records were new."""
    file = KnowledgeFile(json.dumps(content).encode(), name="kb.json")
    new = sum(batch.new for batch in import_repositories(file, store))
    import_organisation(file, store)
    return new


def export(store: Store):
    """What the export says, after the original's own model has accepted it, and our import."""
    text = "".join(export_v2(store))
    content = json.loads(text)
    KnowledgeBaseV2.model_validate(content)
    KnowledgeFile(text.encode(), name="export.json")
    return content


@pytest.mark.parametrize("name", ["v1", "v2"])
def test_a_golden_file_comes_back_as_its_golden_export(name, tmp_path):
    store = make_store(tmp_path / "kb.git")
    take_over(json.loads((GOLDEN / f"{name}.json").read_text()), store)
    assert export(store) == json.loads((GOLDEN / f"{name}.exported.json").read_text())


@pytest.mark.parametrize("repositories", [10, 100])
def test_an_imported_file_is_exported_equal_field_by_field(repositories, tmp_path):
    store, content = make_store(tmp_path / "kb.git"), v2_file(repositories, seed=repositories)
    take_over(content, store)
    assert export(store) == content


def test_importing_twice_changes_nothing(tmp_path):
    store, content = make_store(tmp_path / "kb.git"), v2_file(5)
    assert take_over(content, store) > 0
    head = store.head()
    assert take_over(content, store) == 0
    assert store.head() == head


def test_an_interrupted_import_is_completed_by_the_next(tmp_path):
    store, content = make_store(tmp_path / "kb.git"), v2_file(60, entries=1)
    file = KnowledgeFile(json.dumps(content).encode(), name="kb.json")
    next(import_repositories(file, store))  # and then somebody pressed Ctrl-C
    assert len(export(store)["repositories"]) == 50
    take_over(content, store)
    assert export(store) == content


def test_a_dry_run_counts_what_is_new_and_writes_nothing(tmp_path):
    store, content = make_store(tmp_path / "kb.git"), v2_file(5)
    file = KnowledgeFile(json.dumps(content).encode(), name="kb.json")
    head = store.head()
    would = sum(batch.new for batch in compare_repositories(file, store))
    assert store.head() == head
    assert take_over(content, store) == would
    assert sum(batch.new for batch in compare_repositories(file, store)) == 0


def test_two_files_may_come_in_either_order(tmp_path):
    older, newer = v2_file(4, seed=1), v2_file(6, seed=2)
    older["last_updated"], newer["last_updated"] = "2025-01-01T00:00:00", "2025-02-01T00:00:00"
    exports = []
    for number, order in enumerate([(older, newer), (newer, older)]):
        store = make_store(tmp_path / f"{number}.git")
        for content in order:
            take_over(content, store)
        exports.append(export(store))
    assert exports[0] == exports[1]
    assert exports[0]["component_index"].items() >= newer["component_index"].items()


def test_an_import_yields_to_whoever_commits_first(tmp_path):
    store, content = make_store(tmp_path / "kb.git"), v2_file(3)

    class Busy(GitStore):
        """Somebody else is faster than each of our first two commits."""

        ahead = 2

        def commit(self, changes, *, message, expected_head):
            if self.ahead:
                self.ahead -= 1
                store.commit({f"{self.ahead}.md": b"mine"}, message="faster", expected_head=store.head())
            return super().commit(changes, message=message, expected_head=expected_head)

    busy = Busy(tmp_path / "kb.git")
    take_over(content, busy)
    assert export(store) == content
    busy.ahead = 1
    import_organisation(KnowledgeFile(json.dumps({**content, "motto": "x"}).encode(), name="kb.json"), busy)
    assert export(store) == {**content, "motto": "x"}
    assert len(store.read(["0.md", "1.md"], at=store.head())) == 2


def test_an_import_keeps_to_what_one_commit_may_hold(tmp_path):
    content = v2_file(20)
    make_store(tmp_path / "kb.git").close()

    class Narrow(GitStore):
        """Takes few files at once, like GitHub."""

        limits = CommitLimits(files=30, bytes=100_000)

        def commit(self, changes, *, message, expected_head):
            assert len(changes) <= self.limits.files
            return super().commit(changes, message=message, expected_head=expected_head)

    store = Narrow(tmp_path / "kb.git")
    take_over(content, store)
    assert export(store) == content


def test_a_v1_file_without_dates_of_its_own_has_those_of_its_analyses(tmp_path):
    store = make_store(tmp_path / "kb.git")
    analysis = {"patterns": ["Outbox"], "analyzed_at": "2025-02-01T00:00:00"}
    content = {"repositories": {"acme/api": {"patterns": analysis}}}
    take_over(content, store)
    assert export(store)["last_updated"] == "2025-02-01T00:00:00Z"
    Writer(store).group_commit([told(RepositoryRegistered, content)])
    assert export(store)["created_at"] == "2025-02-01T00:00:00Z"
    assert export(store)["last_updated"] == "2030-01-01T00:00:00Z"
    path = projection_path("acme/api")
    page = read_projection(store.read([path], at=store.head())[path])
    assert write(page.created_at) == "2025-02-01T00:00:00Z"


def told(kind, content, **more):
    """Something that the host says of the repository, which has a number to it, in `content`."""
    (name,) = content["repositories"]
    named = Repository(id="github.com/7", name=name, default_branch="trunk")
    return kind(cause="live", repository=named, at="2030-01-01T00:00:00Z", asked_by="d1", **more)


@pytest.mark.parametrize("first", ["import", "registration"])
def test_what_was_imported_belongs_to_the_repository_that_has_a_number(first, tmp_path):
    store, content = make_store(tmp_path / "kb.git"), v2_file(1)
    registration = told(RepositoryRegistered, content)
    if first == "import":
        take_over(content, store)
        Writer(store).group_commit([registration])
    else:
        Writer(store).group_commit([registration])
        take_over(content, store)
    assert export(store) == {**content, "last_updated": "2030-01-01T00:00:00Z"}


def test_a_removed_repository_is_not_exported(tmp_path):
    store, content = make_store(tmp_path / "kb.git"), v2_file(1)
    take_over(content, store)
    Writer(store).group_commit([told(RepositoryRegistered, content), told(RepositoryRemoved, content)])
    assert export(store)["repositories"] == {}


def test_of_two_repositories_of_one_name_the_one_that_has_it_is_exported(tmp_path):
    store = make_store(tmp_path / "kb.git")
    for number in (1, 2):
        push = pushed("0", f"of {number}", number, repository=repository("acme/api", number))
        Writer(store).group_commit([record_of(push)])
    (metadata,) = export(store)["repositories"].values()
    assert metadata["latest_patterns"]["commit_sha"] == push.after


def test_what_became_known_since_joins_what_was_imported(tmp_path):
    store, content = make_store(tmp_path / "kb.git"), v2_file(1)
    (name,) = content["repositories"]
    imported = content["repositories"][name]
    imported["mood"] = "fine"
    take_over(content, store)
    push = record_of(pushed("a", "b", repository=repository(name), pushed_at="2030-01-01T00:00:00Z"))
    Writer(store).group_commit([push])
    metadata = export(store)["repositories"][name]
    assert metadata["history"][:-1] == imported["history"]
    assert metadata["history"][-1] == metadata["latest_patterns"]
    assert metadata["latest_patterns"]["commit_sha"] == push.after
    assert {"mood": "fine"}.items() <= metadata.items()


def test_an_empty_knowledge_base_is_exported_as_a_file_without_repositories(tmp_path):
    content = export(make_store(tmp_path / "kb.git"))
    assert content["repositories"] == {}
    assert content["schema_version"] == "2.0"


# Whatever Unicode has, but half a surrogate pair, which is refused.
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
TEXTS = st.lists(TEXT, max_size=3)
DATES = st.one_of(
    st.datetimes().map(lambda moment: moment.isoformat()),
    st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
UNKNOWN = st.dictionaries(TEXT.map(lambda name: f"x {name}"), JSON, max_size=2)


def _object(required, optional):
    known = st.fixed_dictionaries(required, optional=optional)
    return st.builds(lambda known, unknown: {**known, **unknown}, known, UNKNOWN)


ENTRIES = _object(
    {"problem_domain": TEXT, "analyzed_at": DATES, "commit_sha": TEXT},
    {"patterns": TEXTS, "keywords": TEXTS, "commit_message": st.none() | TEXT, "author": st.none() | TEXT},
)
REPOSITORIES = _object(
    {"latest_patterns": ENTRIES, "last_updated": DATES},
    {
        "history": st.lists(ENTRIES, max_size=4).flatmap(lambda some: st.permutations(some + some[:1])),
        "deployment": _object({}, {"infrastructure": st.dictionaries(TEXT, TEXT, max_size=2)}),
        "testing": _object({}, {"coverage_percentage": st.none() | st.floats(0, 100)}),
        "repository_url": st.none() | TEXT,
        "created_at": st.none() | DATES,
        "production_metrics": st.dictionaries(TEXT, JSON, max_size=2),
    },
)
ADVICE = _object(
    {
        **dict.fromkeys(("recommendation_id", "component_id", "from_repository", "to_repository"), TEXT),
        **dict.fromkeys(("priority", "reasoning", "estimated_effort_hours"), TEXT),
        "timestamp": DATES,
        "confidence": st.floats(0, 1),
    },
    {"risks": TEXTS},
)
FILES = _object(
    {
        "schema_version": st.just("2.0"),
        "repositories": st.fixed_dictionaries(
            {}, optional={"acme/api": REPOSITORIES, "Acme/w.eb_-": REPOSITORIES}
        ),
        "consolidation_history": st.lists(ADVICE, max_size=3),
        "created_at": DATES,
        "last_updated": DATES,
    },
    {"metadata": st.dictionaries(TEXT, TEXT, max_size=2)},
)


@given(FILES)
def test_whatever_v2_allows_comes_back_as_it_was(content):
    file = KnowledgeFile(json.dumps(content).encode(), name="kb.json")
    back = dict(exported(reversed(imported_records(name, metadata))) for name, metadata in file.read())
    assert back == {name: {"history": [], **one} for name, one in content["repositories"].items()}
    organisation = read_organisation(with_organisation({}, file.organisation))
    assert organisation == file.organisation
