"""The fold: a pure function of the set of records, whatever came when and how often."""

from datetime import timedelta

import pytest
from builders import (
    NOON,
    RETRY,
    component,
    decided,
    pushed,
    reading,
    record_of,
    row,
    saying,
    sha,
    snapshot_record,
)
from claims import CACHING, RECEIPTS, with_claims
from hypothesis import given
from hypothesis import strategies as st

from devnexus.events.patterns_extracted import Dependency, Manifest, NotRead
from devnexus.git_names import NO_COMMIT
from devnexus.knowledge.analyses import effective, split
from devnexus.knowledge.fold import fold
from devnexus.knowledge.history import merge, read_records, record_line, with_records
from devnexus.knowledge.order import in_order

PATHS = ("a.py", "b.py", "c.py")
CLIENTS = [component("Client", [f"{version} {n}" for n in range(12)]) for version in ("old", "new")]
evidence = st.builds(
    lambda path, status, lines, weight, components: (
        reading(path, status=status)
        if status == "removed"
        else reading(path, *(row(line=line, weight=weight) for line in lines), status=status).model_copy(
            update={"components": tuple(components)}
        )
    ),
    st.sampled_from(PATHS),
    st.sampled_from(["added", "modified", "removed"]),
    st.lists(st.integers(1, 30), unique=True, max_size=4),
    st.sampled_from([0.3, 0.55, 0.8]),
    st.lists(st.sampled_from(CLIENTS), max_size=1),
)
facts = st.builds(saying, st.sampled_from(PATHS), st.sampled_from("kl"))
files = st.lists(with_claims(evidence, PATHS) | facts, max_size=3, unique_by=lambda file: file.path)


@st.composite
def histories(draw):
    """Pushes and snapshots over few commits and few minutes, so that ties, circles and gaps are common."""
    commits = st.sampled_from("ABCDE")
    records = []
    for _ in range(draw(st.integers(1, 8))):
        minute = draw(st.integers(0, 2))
        if draw(st.booleans()):
            push = pushed(draw(st.sampled_from("0ABCDE")), draw(commits), minute)
            analysis = draw(st.sampled_from(["a1", "a2"]))
            record = record_of(push, *draw(files), analysis=analysis, rules_version=draw(st.integers(1, 2)))
            told = tuple(decided(title, line=None) for title in draw(st.sets(st.sampled_from("xy"))))
            record = record.model_copy(update={"decisions": told})
        else:
            record = snapshot_record(draw(commits), *draw(files), minute=minute)
        receipt = record.receipt.model_copy(update={"claude": draw(RECEIPTS)})
        records.append(record.model_copy(update={"receipt": receipt, "patterns": (RETRY, CACHING)}))
    return records


def page(records):
    state = fold(records)
    return state.project().page() if state else b""


def history_file(records):
    return with_records(b"", records, path="x")


@given(records=histories(), random=st.randoms(use_true_random=False))
def test_order_and_repetition_of_records_cannot_matter(records, random):
    shuffled = [*records, *random.choices(records, k=len(records))]
    random.shuffle(shuffled)
    assert page(shuffled) == page(records)
    assert history_file(shuffled) == history_file(records)


@given(records=histories(), random=st.randoms(use_true_random=False))
def test_records_that_arrive_in_two_lots_make_the_same_file(records, random):
    first = random.sample(records, len(records) // 2)
    assert with_records(history_file(first), records, path="x") == history_file(records)
    assert with_records(history_file(records), first, path="x") == history_file(records)


@given(records=histories())
def test_a_history_file_gives_back_the_records_that_were_written(records):
    union = merge((), records)
    assert sorted(read_records(history_file(records), path="x"), key=record_line) == sorted(
        union, key=record_line
    )


def afters(records):
    return [record.after for record in in_order(records)]


def test_among_equals_a_push_follows_the_push_that_made_its_base():
    chain = [record_of(pushed(a, b)) for a, b in ("AB", "BC", "CD", "DE", "EF")]
    assert afters(reversed(chain)) == [sha(name) for name in "BCDEF"]


def test_among_equals_a_snapshot_follows_its_push_and_the_next_push_follows_the_snapshot():
    into_b, out_of_b, snapshot = (
        record_of(pushed("A", "B")),
        record_of(pushed("B", "C")),
        snapshot_record("B"),
    )
    assert in_order([out_of_b, snapshot, into_b]) == [into_b, snapshot, out_of_b]


def test_a_snapshot_waits_for_its_push_even_in_a_circle():
    there, back, snapshot = record_of(pushed("A", "B")), record_of(pushed("B", "A")), snapshot_record("B")
    ordered = in_order([snapshot, back, there])
    assert ordered.index(snapshot) > ordered.index(there)


def test_a_circle_within_one_second_is_entered_where_the_history_stands():
    before, there, back = (
        record_of(pushed("Z", "B", 0)),
        record_of(pushed("A", "B", 1)),
        record_of(pushed("B", "A", 1)),
    )
    assert in_order([there, back, before]) == [before, back, there]


def test_there_and_back_and_there_again_are_three_pushes():
    records = [record_of(pushed(a, b, minute)) for minute, (a, b) in enumerate(["AB", "BA", "AB"])]
    state = fold(records)
    assert state.project().pushes == 3
    assert state.project().gaps == ()


def test_a_dropped_push_leaves_a_gap_that_says_where():
    known, after_the_gap = record_of(pushed("A", "B", 0)), record_of(pushed("C", "D", 2))
    (gap,) = fold([known, after_the_gap]).project().gaps
    assert (gap.after, gap.before) == (sha("B"), sha("C"))
    late = record_of(pushed("B", "C", 1))
    assert fold([known, after_the_gap, late]).project().gaps == ()


def test_a_branch_that_starts_anew_is_no_gap():
    push = pushed("0", "D", 2)
    assert push.before == NO_COMMIT
    assert fold([record_of(pushed("A", "B", 0)), record_of(push)]).project().gaps == ()


def test_what_a_push_touches_is_replaced_and_the_rest_stands():
    first = record_of(pushed("A", "B", 0), reading("a.py", row(line=1)), reading("b.py", row(line=2)))
    second = record_of(pushed("B", "C", 1), reading("a.py"))
    pattern = fold([first, second]).project().standing_patterns[RETRY.id]
    assert [(row.path, row.start, row.commit) for row in pattern.evidence] == [("b.py", 2, sha("B"))]
    assert pattern.first_seen.commit == sha("B")


def test_a_pattern_whose_evidence_is_gone_no_longer_stands():
    records = [
        record_of(pushed("A", "B", 0), reading("a.py", row())),
        record_of(pushed("B", "C", 1), reading("a.py", status="removed")),
    ]
    assert fold(records[:1]).project().latest_patterns.patterns == (RETRY.name,)
    assert fold(records).project().standing_patterns == {}
    assert (fold(records[:1]).project().languages, fold(records).project().languages) == ({"Python": 1}, {})


def test_a_push_of_which_only_the_commits_are_known_changes_no_evidence_and_a_snapshot_replaces_all():
    seen = record_of(pushed("A", "B", 0), reading("a.py", row()))
    forced = record_of(pushed("X", "C", 1), coverage="commits")
    assert RETRY.id in fold([seen, forced]).project().standing_patterns
    assert fold([seen, forced, snapshot_record("C", minute=1)]).project().standing_patterns == {}


def manifest(name, description):
    return Manifest(ecosystem="pypi", description=description, dependencies=(Dependency(name=name, line=1),))


def test_a_snapshot_replaces_packages_and_languages_as_well():
    push = record_of(
        pushed("A", "B", 0), reading("a.py").model_copy(update={"manifest": manifest("old", "Old")})
    )
    projection = fold([push, snapshot_record("B", minute=1)]).project()
    assert (projection.languages, projection.description) == ({}, None)
    assert projection.dependencies.external_dependencies == ()


def with_component(path, *components):
    return reading(path).model_copy(update={"components": components})


def test_a_component_remembers_when_its_code_last_changed():
    old, new = CLIENTS
    moved = old.model_copy(update={"start": 30, "end": 41})
    records = [
        record_of(pushed("A", "B", 0), with_component("a.py", old)),
        record_of(pushed("B", "C", 1), with_component("a.py", moved)),
        record_of(pushed("C", "D", 2), with_component("a.py", new)),
    ]
    (after_the_move,) = fold(records[:2]).project().components
    assert (after_the_move.changed, after_the_move.commit, after_the_move.start) == (None, sha("C"), 30)
    (changed,) = fold(records).project().components
    assert (changed.changed.commit, changed.first_seen) == (sha("D"), records[0].at)
    snapshot = snapshot_record("D", with_component("a.py", new), minute=2)
    assert fold([*records, snapshot]).project().components[0].changed.commit == sha("D")
    renamed = record_of(pushed("D", "E", 3), reading("a.py", status="removed"), with_component("b/a.py", new))
    (elsewhere,) = fold([*records, renamed]).project().components
    assert (elsewhere.files, elsewhere.changed.commit) == (("b/a.py",), sha("D"))
    gone = record_of(pushed("D", "E", 3), reading("a.py", status="removed"))
    assert fold([*records, gone]).project().components == ()
    assert fold([*records, snapshot_record("E", minute=3)]).project().components == ()


def test_only_the_largest_components_are_shown_in_order_of_place():
    files = [
        with_component(f"{n:03}.py", component(f"C{n}", [str(k) for k in range(12 + n)])) for n in range(210)
    ]
    shown = fold([record_of(pushed("A", "B"), *files)]).project().components
    assert [one.name for one in shown] == [f"C{n}" for n in range(10, 210)]


def test_keywords_are_languages_and_words_of_paths_and_go_with_their_files():
    records = [
        record_of(pushed("A", "B", 0), reading("src/invoicePrinter.py"), reading("src/invoice/tax.py")),
        record_of(pushed("B", "C", 1), reading("src/invoicePrinter.py", status="removed")),
    ]
    assert fold(records[:1]).project().latest_patterns.keywords == ("invoice", "printer", "python", "tax")
    assert fold(records).project().latest_patterns.keywords == ("invoice", "python", "tax")


def test_the_last_records_are_listed_newest_first():
    records = [record_of(pushed(f"c{n}", f"c{n + 1}", n)) for n in range(12)]
    recent = fold(records).project().recent
    assert [one.after for one in recent] == [sha(f"c{n}") for n in range(12, 2, -1)]
    assert (recent[0].author, recent[0].message, recent[0].commits) == ("Ada", "change", 1)


def test_the_files_of_the_newest_push_are_shown_until_a_snapshot_comes():
    files = [reading(f"src/{n:03}.py", status="removed" if n == 1 else "modified") for n in range(150)]
    push = record_of(pushed("A", "B"), *files[::-1])
    told = fold([push]).project().last_push
    assert (told.branch, len(told.files), list(told.files)[0]) == ("main", 100, "src/000.py")
    assert told.files["src/001.py"] == "removed"
    assert fold([push, snapshot_record("C", minute=5)]).project().last_push is None


def test_each_package_is_declared_where_a_manifest_first_asks_for_it():
    files = [
        reading(path).model_copy(update={"manifest": manifest("redis", None)})
        for path in ("b/pyproject.toml", "a.toml")
    ]
    (declared,) = fold([record_of(pushed("A", "B"), *files)]).project().declared_dependencies
    assert (declared.ecosystem, declared.name, declared.path, declared.line) == ("pypi", "redis", "a.toml", 1)


def test_only_a_manifest_in_the_root_folder_says_what_the_repository_is():
    part = reading("part/a.toml").model_copy(update={"manifest": manifest("one", "A part")})
    whole = reading("z.toml").model_copy(update={"manifest": manifest("two", "The whole")})
    assert fold([record_of(pushed("A", "B"), part)]).project().description is None
    projection = fold([record_of(pushed("A", "B"), part, whole)]).project()
    assert projection.description == "The whole"
    assert projection.dependencies.external_dependencies == ("one", "two")


def test_the_evidence_shown_is_limited_and_the_rest_is_counted_by_path():
    rows = [row(line=line) for line in range(1, 31)]
    file = reading("a.py", *rows).model_copy(update={"cut": {RETRY.id: 7}})
    pattern = fold([record_of(pushed("A", "B"), file)]).project().standing_patterns[RETRY.id]
    assert len(pattern.evidence) == 20
    assert pattern.further_evidence == {"a.py": 17}


def test_a_better_analysis_of_the_same_push_wins_whenever_it_comes():
    push = pushed("A", "B")
    commits_only = record_of(push, coverage="commits", analysis="a0", rules_version=9)
    old = record_of(push, reading("a.py", row()), analysis="a1")
    new = record_of(push, reading("a.py"), analysis="a2", rules_version=2)
    cut = NotRead(reason="too many", count=1, paths=("z",))
    receipt = new.receipt.model_copy(update={"rules_version": 9, "clipped": (cut,)})
    clipped = new.model_copy(update={"analysis": "a3", "receipt": receipt})
    for records in ([old, new], [new, old], [commits_only, new, old], [new, clipped], [clipped, new]):
        assert [record.analysis for record in effective(records)] == ["a2"]


def test_a_record_in_parts_counts_only_when_all_have_come():
    whole = record_of(pushed("A", "B"), *(reading(f"{n}.py", row()) for n in range(50)))
    parts = split(whole, max_bytes=2000)
    assert len(parts) > 3 and all(len(record_line(part)) < 2200 for part in parts)
    assert effective(parts[1:]) == []
    assert fold(parts[1:]) is None
    assert effective(reversed(parts)) == [whole]


def test_two_copies_of_one_record_that_differ_leave_the_same_one_standing():
    one = record_of(pushed("A", "B"), reading("a.py", row()))
    other = one.model_copy(update={"commit_count": 9})
    assert merge([one], [other]) == merge([other], [one])


def test_what_a_later_version_said_in_a_line_is_kept_byte_for_byte():
    old, new = record_of(pushed("A", "B", 0)), record_of(pushed("B", "C", 1))
    line = record_line(old).replace(b'"data":{', b'"data":{"z_later_field":[1],')
    assert with_records(line + b"\n", [new, old], path="x").split(b"\n") == [line, record_line(new), b""]


@pytest.mark.parametrize(
    "line", [b"{", b"null", b'{"type":"x"}', b'{"type":"patterns.extracted.v1","data":{}}']
)
def test_a_damaged_history_is_an_error_that_names_the_line(line):
    good = record_line(record_of(pushed("A", "B")))
    with pytest.raises(Exception, match=r"day\.jsonl:2") as raised:
        read_records(good + b"\n" + line + b"\n", path="day.jsonl")
    assert type(raised.value).__name__ == "Damaged"


LAST = 5


@st.composite
def misses(draw):
    """What each of some commits touches, the first and last push that was missed, and who came late."""
    touched = [draw(st.sets(st.sampled_from(PATHS), min_size=1)) for _ in range(LAST + 1)]
    first = draw(st.integers(1, LAST))
    last = draw(st.integers(first, LAST))
    return touched, first, last, draw(st.sets(st.integers(first, last)))


def push_of(touched, before, after, minute, **changes):
    """What a push between two of these commits shows: each path as it was touched last."""
    paths = sorted({path for n in range(before + 1, after + 1) for path in touched[n]})
    rows = {path: max(n for n in range(after + 1) if path in touched[n]) + 1 for path in paths}
    push = pushed("0" if before < 0 else f"c{before}", f"c{after}", minute, **changes)
    return record_of(push, *(reading(path, row(line=line, weight=0.8)) for path, line in rows.items()))


@given(misses=misses(), random=st.randoms(use_true_random=False))
def test_one_recovered_push_and_whoever_comes_late_end_as_if_nothing_had_been_missed(misses, random):
    touched, first, last, late = misses
    complete = [push_of(touched, n - 1, n, n) for n in range(LAST + 1)]
    came = [record for n, record in enumerate(complete) if not first <= n <= last or n in late]
    random.shuffle(came)
    mending = [push_of(touched, first - 1, last, min(last + 1, LAST), recovered=True)]
    whole = fold(complete)
    for _ in range(LAST):
        mended = fold([*came, *mending])
        assert mended.last_commit == whole.last_commit
        assert standing(mended) == standing(whole)
        mending += [across(touched, gap) for gap in mended.project().gaps]  # as the next sweep does
    assert mended.project().gaps == ()
    assert len(mending) <= 2 + len(late)


def across(touched, gap):
    number = {sha(f"c{n}"): n for n in range(LAST + 1)}
    minute = (gap.at - NOON) / timedelta(minutes=1)
    return push_of(touched, number[gap.after], number[gap.before], minute, recovered=True)


def standing(state):
    return {(evidence.path, evidence.start) for evidence in state.rows(RETRY.id)}
