"""Whatever comes when, how often and in which batches: the base is the same to the byte.

Random histories of every type of record, of two repositories that share names and one that was known by
name alone first, with ties, circles, snapshots, second analyses, differing copies and records in parts,
components, manifests, words, decisions, facts, owners and claims of Claude, written by a writer that restarts
and forgets at random into a store that takes little at once.
"""

from datetime import timedelta

from builders import (
    NOON,
    RETRY,
    component,
    decided,
    manifest,
    pushed,
    reading,
    record_of,
    repository,
    row,
    saying,
    snapshot_record,
)
from claims import CACHING, RECEIPTS, with_claims
from fakes.git_store import MemoryStore
from hypothesis import given
from hypothesis import strategies as st

from devnexus.events import (
    RECORD_TYPES,
    DependenciesDeclared,
    DeploymentDescribed,
    KnowledgeImported,
    LessonLearned,
    PatternsExtracted,
    RepositoryAdopted,
    RepositoryChanged,
    RepositoryRegistered,
    RepositoryRemoved,
    RepositoryRenamed,
    RuntimeIssueReported,
    RuntimeIssueUpdated,
)
from devnexus.knowledge.analyses import split
from devnexus.knowledge.fold import fold
from devnexus.knowledge.history import load_history, read_records
from devnexus.knowledge.layout import HISTORY
from devnexus.knowledge.projection import read_projection
from devnexus.knowledge.store import CommitLimits
from devnexus.repository import Repository, id_of_name
from kb_writer import group_commit
from kb_writer.group_commit import Writer

MINUTES = st.sampled_from([0, 0.001, 1, 2, 800])
OWNERS = st.sampled_from(
    [
        *(repository(name, number) for name in ("acme/api", "acme/web") for number in (1, 2)),
        repository("acme/three", 3),
        Repository(id=id_of_name("acme/three"), name="acme/three", default_branch="main"),
    ]
)


PATHS = ("a.py", "orders/b.py", "c.py", "pyproject.toml")


@st.composite
def one_file(draw):
    path = draw(st.sampled_from(PATHS))
    weight = draw(st.sampled_from([0.3, 0.55, 0.8]))
    lines = draw(st.lists(st.integers(1, 30), unique=True, max_size=3))
    more = {
        "status": draw(st.sampled_from(["modified", "modified", "removed"])),
        "components": tuple(
            component(name, [name, "x", "y"]) for name in draw(st.sets(st.sampled_from("KL")))
        ),
        "manifest": manifest(*draw(st.sets(st.sampled_from(["redis", "flask"])))) if "toml" in path else None,
    }
    return reading(path, *(row(line=line, weight=weight) for line in lines)).model_copy(update=more)


facts = st.builds(
    saying, st.sampled_from(["CODEOWNERS", "docs/adr/1.md", "README.md"]), st.sampled_from("kl")
)
files = st.lists(
    with_claims(one_file(), PATHS) | facts,
    max_size=3,
    unique_by=lambda file: file.path,
)


@st.composite
def reading_of_code(draw):
    """A push or snapshot, possibly in parts."""
    minute = draw(MINUTES)
    owner = draw(OWNERS.filter(lambda owner: "name:" not in owner.id))
    if draw(st.booleans()):
        push = pushed(draw(st.sampled_from("0ABC")), draw(st.sampled_from("ABC")), minute, repository=owner)
        record = record_of(push, *draw(files), analysis=draw(st.sampled_from(["a1", "a2"])))
        cause = draw(st.sampled_from(["live", "backfill"]))
        told = tuple(decided(title, line=None) for title in draw(st.sets(st.sampled_from("xy"))))
        record = record.model_copy(update={"cause": cause, "decisions": told})
    else:
        record = snapshot_record(
            draw(st.sampled_from("ABC")),
            *draw(files),
            minute=minute,
            number=int(owner.id[-1]),
            asked_by=str(minute),
        )
        record = record.model_copy(update={"repository": owner})
    receipt = record.receipt.model_copy(update={"claude": draw(RECEIPTS)})
    record = record.model_copy(update={"receipt": receipt, "patterns": (RETRY, CACHING)})
    return split(record, max_bytes=1) if draw(st.integers(0, 3)) == 0 else [record]


@st.composite
def something_told(draw):
    """A record that was not read from code."""
    minute, owner, key = draw(MINUTES), draw(OWNERS), draw(st.sampled_from("kl"))
    about = {"cause": "agent", "repository": owner, "at": NOON + timedelta(minutes=minute)}
    change = {**about, "asked_by": key}
    report = {**about, "caller": owner.id, "skill": "s", "key": key + str(minute)}
    # Analyses are drawn elsewhere, and adoptions are the writer's own.
    kind = draw(st.sampled_from(sorted(set(RECORD_TYPES) - {PatternsExtracted.TYPE, RepositoryAdopted.TYPE})))
    match RECORD_TYPES[kind]:
        case t if t is RepositoryRenamed:
            return [t(**change, former_name="acme/former")]
        case t if t is RepositoryChanged:
            return [t(**change, archived=draw(st.none() | st.booleans()), visibility="internal")]
        case t if t in (RepositoryRegistered, RepositoryRemoved):
            return [t(**change)]
        case t if t is LessonLearned:
            return [t(**report, category="cost", lesson=draw(st.sampled_from("xy")), context="c")]
        case t if t is DependenciesDeclared:
            return [t(**report, dependencies={"dependency_update_strategy": key})]
        case t if t is DeploymentDescribed:
            return [t(**report, deployment={"ci_cd_platform": key})]
        case t if t is RuntimeIssueReported:
            return [
                t(**report, service_type="gke", issue_type="crash", severity="low", metrics={key: minute})
            ]
        case t if t is RuntimeIssueUpdated:
            about = RuntimeIssueReported(**report, service_type="gke", issue_type="crash", severity="low")
            return [t(**{**report, "skill": "u"}, issue_id=about.issue_id, status="fixed")]
        case t if t is KnowledgeImported:
            entry = {"patterns": [key], "problem_domain": "d", "analyzed_at": NOON, "commit_sha": "c"}
            entry["analyzed_at"] = NOON.isoformat()
            latest = {"latest_patterns": entry, "last_updated": NOON.isoformat(), "beyond": [key]}
            latest["testing"] = {"test_frameworks": [key]}
            if draw(st.booleans()):
                return [t(**about, part="history", position=draw(st.integers(0, 2)), content=entry)]
            return [t(**about, part="latest", content=latest)]
    raise AssertionError(f"nothing draws {kind}")


histories = st.lists(reading_of_code() | something_told(), min_size=1, max_size=9).map(
    lambda groups: sum(groups, [])
)


def everything(store):
    return store.read(["history/", "repositories/"], at=store.head())


@given(records=histories, random=st.randoms(use_true_random=False), remembered=st.integers(1, 3))
def test_any_order_batching_repetition_and_restart_give_the_same_base(records, random, remembered):
    at_once, bit_by_bit = MemoryStore(), MemoryStore()
    bit_by_bit.limits = CommitLimits(files=15, bytes=8_000)
    Writer(at_once).group_commit(records)
    arrivals = [*records, *random.choices(records, k=len(records) // 2)]
    random.shuffle(arrivals)
    usual, group_commit._REPOSITORIES_IN_MIND = group_commit._REPOSITORIES_IN_MIND, remembered
    try:
        writer = Writer(bit_by_bit)
        while arrivals:
            size = random.randint(1, 5)
            batch, arrivals = arrivals[:size], arrivals[size:]
            before = bit_by_bit.head()
            outcome = writer.group_commit(batch)
            if outcome.revision:
                assert bit_by_bit.changed(before, bit_by_bit.head())
            arrivals = [*outcome.left, *arrivals]
            if random.random() < 0.3:
                writer = Writer(bit_by_bit)
    finally:
        group_commit._REPOSITORIES_IN_MIND = usual
    assert everything(bit_by_bit) == everything(at_once)
    assert pages_of(bit_by_bit) == folded_anew(bit_by_bit)


def pages_of(store):
    """Repository → what its page says, apart from who shares its name."""
    pages = map(read_projection, store.read(["repositories/"], at=store.head()).values())
    return {page.repository_id: page.model_copy(update={"name_shared_with": ()}) for page in pages}


def folded_anew(store):
    """The same from nothing but what is in history."""
    head = store.head()
    files = store.read([HISTORY], at=head)
    records = [record for path, content in files.items() for record in read_records(content, path=path)]
    states = [fold(load_history(store, id_, at=head)) for id_ in {r.repository.id for r in records}]
    pages = [state.project() for state in states if state and not state.adopter]
    return {page.repository_id: page for page in pages}


def written(*batches):
    """The base after these batches, one after the other."""
    store = MemoryStore()
    writer = Writer(store)
    for batch in batches:
        writer.group_commit(batch)
    return everything(store)


FIRST = record_of(pushed("Z", "A", 0))


def test_parts_that_come_one_by_one_make_the_same_as_all_at_once():
    parts = split(record_of(pushed("A", "B", 1), reading("a.py", row()), reading("b.py", row())), max_bytes=1)
    assert written([FIRST], *([part] for part in parts)) == written([FIRST, *parts])


def test_a_push_of_the_same_instant_that_comes_late_takes_its_place_before_the_next():
    next_one, late = record_of(pushed("B", "C", 1)), record_of(pushed("A", "B", 1))
    assert written([FIRST], [next_one], [late]) == written([FIRST, late, next_one])


def test_a_snapshot_of_the_head_that_was_read_twice_counts_once():
    once = snapshot_record("A", reading("a.py", row()), minute=1)
    again = snapshot_record("B", minute=2).model_copy(update={"record_id": once.record_id, "analysis": "a2"})
    assert written([FIRST], [once], [again]) == written([FIRST, once, again])
