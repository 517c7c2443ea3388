"""What Claude says stands beside the rules' rows, and lives as long as its line does."""

import pytest
from builders import RETRY, pushed, reading, record_of, row, sha, snapshot_record
from claims import CACHING, claim, claimed, keys, read_by_claude
from hypothesis import given
from hypothesis import strategies as st

from devnexus.events.patterns_extracted import Decision, NotRead
from devnexus.knowledge.analyses import effective
from devnexus.knowledge.fold import fold
from devnexus.knowledge.merged import merged
from extractor.claude.layout_changes import gone

FIRST = record_of(pushed("0", "A", 0), claimed("a.py", claim("retry(a)", 3), claim("retry(b)", 9)))


def push(*files, before="A", after="B", minute=1, **told):
    return record_of(pushed(before, after, minute), *files, **told)


def lines(*records):
    """Path and line of what Claude says of the pattern after these records."""
    return [(one.path, one.start) for one in fold(records).rows(RETRY.id) if one.kind == "claude"]


BOTH = [("a.py", 3), ("a.py", 9)]


@pytest.mark.parametrize(
    ("files", "left"),
    [
        ([reading("other.py")], BOTH),
        ([claimed("a.py", gone="")], BOTH),
        ([reading("a.py").model_copy(update={"gone": ""})], BOTH),
        ([reading("a.py").model_copy(update={"gone": keys(["retry(a)", "x"])})], BOTH[1:]),
        ([reading("a.py").model_copy(update={"gone": "*"})], []),
        ([reading("a.py")], []),
        ([reading("a.py", status="removed")], []),
        ([claimed("a.py", claim("retry(c)", 1), gone=keys(["retry(b)"]))], [("a.py", 1), ("a.py", 3)]),
        ([claimed("a.py", claim("retry( b )", 4))], [("a.py", 3), ("a.py", 4)]),
        (
            [
                reading("a.py", status="removed"),
                claimed("b.py", gone=keys(["retry(b)"]), status="added", moved_from="a.py"),
            ],
            [("b.py", 3)],
        ),
        (
            [claimed("a.py", gone=None, status="added"), claimed("b.py", status="added", moved_from="a.py")],
            [("b.py", 3), ("b.py", 9)],
        ),
        ([claimed("a.py", status="added", moved_from="z.py")], []),
    ],
)
def test_a_claim_lives_until_its_line_is_gone_or_nobody_looks_and_moves_with_its_file(files, left):
    assert lines(FIRST, push(*files)) == left


@pytest.mark.parametrize(
    ("files", "left"),
    [
        ([], []),
        ([reading("a.py")], BOTH),
        ([claimed("a.py")], []),
        ([claimed("a.py", claim("retry(z)", 5))], [("a.py", 5)]),
        ([reading("a.py", status="removed")], []),
    ],
)
def test_a_tree_ends_the_claims_of_what_it_has_not_and_of_what_claude_read_anew(files, left):
    assert lines(FIRST, snapshot_record("A", *files, minute=1)) == left


def test_after_a_forced_push_only_what_claude_reads_of_the_tree_holds():
    forced = record_of(pushed("Z", "B", 1), coverage="commits")
    tree = snapshot_record("B", reading("a.py"), minute=2)
    anew = snapshot_record("B", claimed("a.py", claim("retry(b)", 1)), minute=2)
    assert lines(FIRST, forced, tree) == []
    assert lines(FIRST, forced, anew) == [("a.py", 1)]
    assert lines(FIRST, forced, anew, snapshot_record("B", reading("a.py"), minute=3, asked_by="again")) == [
        ("a.py", 1)
    ]


def test_a_push_of_which_only_the_commits_are_known_ends_no_claim():
    assert lines(FIRST, push(coverage="commits")) == BOTH


def test_a_claim_is_shown_as_evidence_with_the_commit_that_it_was_read_at():
    (pattern,) = (
        fold([FIRST, push(claimed("a.py", gone=keys(["retry(b)"])))]).project().standing_patterns.values()
    )
    (one,) = pattern.evidence
    assert (one.path, one.start, one.end, one.kind, one.weight) == ("a.py", 3, 3, "claude", 0.6)
    assert (one.commit, one.quote) == (sha("A"), claim("retry(a)").quote)
    assert (pattern.confidence, pattern.source, pattern.first_seen.commit) == (0.6, "claude", sha("A"))


def standing(*files, need=()):
    record = push(*files, patterns=(RETRY.model_copy(update={"need": need}),))
    return fold([record]).project().standing_patterns.get(RETRY.id)


def test_claude_is_one_witness_more_however_many_files_it_names():
    many = [claimed(f"{n}.py", claim(line=n + 1)) for n in range(9)]
    alone, agreed = standing(*many), standing(*many, reading("r.py", row(weight=0.5)))
    assert (alone.confidence, alone.source) == (0.6, "claude")
    assert (agreed.confidence, agreed.source) == (0.8, "both")  # 1 - .5 * .4
    assert standing(reading("r.py", row(weight=0.5))).source == "rules"
    assert len(alone.evidence) == 9


def test_rows_that_show_nothing_by_themselves_do_not_make_both_see_it():
    asked_for = reading("pyproject.toml", row(weight=0.9, kind="dependency"))
    assert standing(asked_for, need=("code",)) is None
    known = standing(asked_for, claimed("a.py", claim()), need=("code",))
    assert (known.confidence, known.source, len(known.evidence)) == (0.6, "claude", 2)


def test_of_patterns_that_are_merged_all_readers_are_named():
    rules, claude = standing(reading("a.py", row(weight=0.9))), standing(claimed("b.py", claim()))
    both = standing(reading("c.py", row(weight=0.6)), claimed("c.py", claim()))
    assert [merged(some).source for some in ([rules, claude], [rules, both], [claude], [rules, rules])] == [
        "both", "both", "claude", "rules",
    ]  # fmt: skip


def brought(*records):
    one = fold(records).project().recent[0]
    return one.introduced, one.touched, one.gone


def test_claims_bring_touch_and_end_patterns_as_rows_do():
    id_ = RETRY.id
    assert brought(FIRST) == ((id_,), (), ())
    assert brought(FIRST, push(claimed("a.py", gone=""))) == ((), (), ())
    assert brought(FIRST, push(claimed("a.py", claim("retry(c)", 4)))) == ((), (id_,), ())
    assert brought(FIRST, push(claimed("a.py", gone=keys(["retry(b)"])))) == ((), (id_,), ())
    assert brought(FIRST, push(reading("a.py", status="removed"))) == ((), (), (id_,))
    assert brought(FIRST, push(claimed("b.py", status="added", moved_from="a.py"))) == ((), (id_,), ())
    assert brought(FIRST, snapshot_record("A", minute=1)) == ((), (), (id_,))
    elsewhere = push(reading("b.py", row(weight=0.8)), claimed("c.py", claim()))
    tree = snapshot_record("B", reading("b.py", row(weight=0.8)), minute=2)
    assert brought(elsewhere, tree) == ((), (id_,), ())


def best(*records):
    """The analysis that counts, whichever order they come in."""
    (one,), (other,) = effective(records), effective(records[::-1])
    assert one == other
    return one.analysis


def analysis(name, outcome=None, rules_version=1, **told):
    record = push(analysis=name, rules_version=rules_version)
    return read_by_claude(record, outcome, **told) if outcome else record


def test_of_two_analyses_the_one_that_claude_read_more_of_counts_then_newer_rules_then_a_newer_brief():
    assert best(analysis("not", "not-read", 2), analysis("part", "partly")) == "part"
    assert best(analysis("none", None, 2), analysis("part", "partly")) == "part"
    assert best(analysis("part", "partly", 2, prompt=9), analysis("read", "read")) == "read"
    assert (
        best(analysis("less", "partly", 2, files=3), analysis("more", "partly", files=2, known=2)) == "more"
    )
    assert best(analysis("old", "read", prompt=9, files=9), analysis("new", "read", 2)) == "new"
    assert best(analysis("none", None, 2), analysis("not", "not-read")) == "none"
    assert best(analysis("old", "read", prompt=1), analysis("new", "read", prompt=2)) == "new"
    whole, read = analysis("whole"), analysis("clipped", "read", 2)
    cut = (NotRead(reason="too many", count=1, paths=("z",)),)
    clipped = read.model_copy(update={"receipt": read.receipt.model_copy(update={"clipped": cut})})
    assert best(whole, clipped) == "whole"


def test_a_reading_by_claude_that_comes_late_takes_the_place_of_the_rules_own():
    by_rules = push(reading("a.py").model_copy(update={"gone": ""}), analysis="a1")
    late = read_by_claude(push(claimed("a.py", claim("retry(c)", 7)), analysis="a2"))
    third = push(
        reading("a.py").model_copy(update={"gone": keys(["retry(a)"])}), before="B", after="C", minute=2
    )
    assert lines(FIRST, by_rules, third) == [("a.py", 9)]
    assert lines(FIRST, by_rules, third, late) == [("a.py", 7), ("a.py", 9)]


def test_a_decision_says_who_found_it():
    found = Decision(kind="choice", title="redis", confidence=0.6, path="a.toml", line=2, source="claude")
    record = push(reading("a.py")).model_copy(update={"decisions": (found,)})
    (one,) = fold([record]).project().standing_decisions
    assert (one.source, one.path, one.line) == ("claude", "a.toml", 2)
    assert b'"source"' not in fold([push(reading("a.py", row(weight=0.8)))]).project().page()


def test_a_suggestion_changes_nothing_that_is_known():
    guess = {
        "kind": "pattern",
        "name": "Saga",
        "meant": CACHING.id,
        "path": "a.py",
        "line": 1,
        "quote": "saga()",
    }
    record = FIRST.model_validate({**FIRST.model_dump(), "suggestions": (guess,)})
    assert record.suggestions and fold([record]).project() == fold([FIRST]).project()


WORDS = ("retry(a)", "retry(b)", "other()", "more()")
CONTENT = st.lists(st.sampled_from(WORDS), max_size=4)


@given(data=st.data())
def test_what_stands_is_what_claude_said_of_lines_that_stand(data):
    """Files change, move and go; Claude reads some of them, and all are compared."""
    tree: dict[str, list[str]] = {}
    expected: dict[str, set[str]] = {}
    records = []
    for minute in range(data.draw(st.integers(1, 6))):
        is_read = data.draw(st.booleans())
        step = data.draw(st.sampled_from(["write", "move", "remove", "tree"]))
        path, content = data.draw(st.sampled_from("xyz")), data.draw(CONTENT)
        if step == "tree":
            read = {one for one in tree if data.draw(st.booleans())}
            expected |= {one: {word for word in tree[one] if word.startswith("retry")} for one in read}
            files = [said(one, tree[one], "") if one in read else reading(one) for one in sorted(tree)]
            records.append(snapshot_record(f"c{minute}", *files, minute=minute))
            continue
        former = data.draw(st.sampled_from(sorted(tree))) if step == "move" and tree else path
        before, was = tree.pop(former, None), expected.pop(former, set())
        files = [] if former == path else [reading(former, status="removed")]
        if step == "remove":
            files = [reading(former, status="removed")]
        else:
            added = [word for word in content if word not in (before or ())]
            expected[path] = {word for word in was if word in content}
            expected[path] |= {word for word in added if is_read and word.startswith("retry")}
            lost = gone("\n".join(before), "\n".join(content)) if before is not None else None
            file = said(path, added if is_read else [], lost, moved_from=None if former == path else former)
            files.append(file if is_read else file.model_copy(update={"claims": None}))
            tree[path] = content
        records.append(push(*files, before=f"c{minute - 1}", after=f"c{minute}", minute=minute))
    found = {(one.path, one.quote) for one in fold(records).rows(RETRY.id)}
    assert found == {(path, claim(word).quote) for path, words in expected.items() for word in words}


def said(path, content, lost, *, moved_from=None):
    """A file of whose lines Claude says that each that retries shows it."""
    claims = [claim(word, number) for number, word in enumerate(content, 1) if word.startswith("retry")]
    return claimed(path, *claims, gone=lost, moved_from=moved_from)
