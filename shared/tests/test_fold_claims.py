"""The fold with what Claude claims: until when a claim holds, what it is worth; order cannot matter."""

import pytest
from builders import RETRY, pushed, reading, record_of, row, sha, snapshot_record
from hypothesis import given
from hypothesis import strategies as st

from devnexus.events.patterns_extracted import Claim, ClaudeReceipt, Decision, NotRead
from devnexus.knowledge.analyses import effective
from devnexus.knowledge.fold import fold, state_of
from devnexus.knowledge.history import merge, read_records, with_records
from devnexus.knowledge.merged import merged
from devnexus.knowledge.order import in_order
from devnexus.layout_key import line_key

LINES = [f"retry({n})" for n in range(4)]


def claim(line, number=1, pattern=RETRY.id):
    return Claim(pattern=pattern, line=number, quote=f"{number:016x}", key=line_key(line))


def gone(*lines):
    return "".join(sorted(map(line_key, lines)))


def read_by_claude(path, *claims, status="modified", moved_from=None, **changes):
    """A file that Claude read, of which no line went unless `gone` says so."""
    given = {"claims": claims, "gone": "", "moved_from": moved_from, **changes}
    return reading(path, *given.pop("rows", ()), status=status).model_copy(update=given)


def read_without(path, *rows, gone=""):
    """A file that only the rules read; which lines went is known all the same."""
    return reading(path, *rows).model_copy(update={"gone": gone})


def asked(record, outcome="read", prompt=1):
    receipt = ClaudeReceipt(outcome=outcome, model="claude-sonnet-5-5", prompt=prompt)
    return record.model_copy(update={"receipt": record.receipt.model_copy(update={"claude": receipt})})


def chain(*files):
    """Pushes one after the other; each is a file or several."""
    commits = "ABCDEFGH"
    return [
        record_of(
            pushed(commits[n], commits[n + 1], n), *(some if isinstance(some, list | tuple) else (some,))
        )
        for n, some in enumerate(files)
    ]


def places(*records):
    return [(row.path, row.start, row.kind, row.commit) for row in fold(records).rows(RETRY.id)]


@st.composite
def claimed_files(draw):
    """What one record says of a few paths: claims, lines gone, nobody looked, moves, in any order."""
    files = {}
    for path in draw(st.sets(st.sampled_from("abc"), max_size=3)):
        claims = draw(st.none() | st.lists(st.sampled_from(LINES), unique=True, max_size=3))
        went = draw(st.sampled_from([None, "*"]) | st.sets(st.sampled_from(LINES), max_size=3))
        rows = [row(line=line, weight=0.3) for line in draw(st.sets(st.integers(1, 3), max_size=1))]
        files[path] = reading(path, *rows, status=draw(st.sampled_from(["modified", "removed"]))).model_copy(
            update={
                "claims": claims
                if claims is None
                else tuple(claim(line, LINES.index(line) + 1) for line in claims),
                "gone": gone(*went) if isinstance(went, set) else went,
            }
        )
    if draw(st.booleans()):
        old, new = draw(st.permutations("abc"))[:2]
        is_swap = draw(st.booleans())
        came = {old: new, new: old} if is_swap else {new: old}
        files[old] = reading(old, status="removed")
        for path, origin in came.items():
            known = files.get(path, reading(path))
            files[path] = known.model_copy(update={"status": "added", "moved_from": origin})
    return draw(st.permutations(list(files.values())))


@st.composite
def histories(draw):
    """Pushes and snapshots over few commits, some of them with several analyses."""
    records = []
    for _ in range(draw(st.integers(1, 7))):
        minute, to = draw(st.integers(0, 2)), draw(st.sampled_from("ABCD"))
        if draw(st.integers(0, 3)) == 0:
            record = snapshot_record(to, *draw(claimed_files()), minute=minute)
        else:
            push = pushed(draw(st.sampled_from("ABCD")), to, minute)
            analysis, version = draw(st.sampled_from(["a1", "a2", "a3"])), draw(st.integers(1, 2))
            record = record_of(push, *draw(claimed_files()), analysis=analysis, rules_version=version)
        outcome = draw(st.sampled_from([None, "not-read", "partly", "read"]))
        records.append(asked(record, outcome) if outcome else record)
    return records


def page(records):
    state = fold(records)
    return state.project().page() if state else b""


@given(records=histories(), random=st.randoms(use_true_random=False))
def test_order_and_repetition_of_records_with_claims_cannot_matter(records, random):
    shuffled = [*records, *random.choices(records, k=len(records))]
    random.shuffle(shuffled)
    assert page(shuffled) == page(records)
    assert with_records(b"", shuffled, path="x") == with_records(b"", records, path="x")


@given(records=histories(), random=st.randoms(use_true_random=False))
def test_the_order_of_the_files_in_a_record_with_claims_cannot_matter(records, random):
    ordered = in_order(effective(merge((), records)))
    otherwise = [
        one.model_copy(update={"files": tuple(random.sample(one.files, len(one.files)))}) for one in ordered
    ]
    assert fold_in_order(otherwise).project().page() == fold_in_order(ordered).project().page()


@given(records=histories(), cut=st.integers(0, 7))
def test_going_on_from_a_state_ends_as_a_fold_of_everything(records, cut):
    ordered = in_order(effective(merge((), records)))
    state = fold_in_order(ordered[: max(cut, 1)])
    state.project()
    for record in ordered[max(cut, 1) :]:
        state.apply(record)
    assert state.project().page() == page(read_records(with_records(b"", records, path="x"), path="x"))
    assert state.rows(RETRY.id) == fold(records).rows(RETRY.id)


def fold_in_order(records):
    """The state after these records in this very order, every analysis as it is."""
    state = state_of(records)
    for record in records:
        state.apply(record)
    return state


FIRST = read_by_claude("a.py", claim(LINES[0], 7))


def test_a_claim_stands_beside_the_rows_until_its_line_is_gone():
    records = chain(
        FIRST,
        read_without("a.py", row(line=3), gone=gone(LINES[1])),
        read_without("a.py", gone=gone(LINES[1], LINES[0])),
    )
    assert places(*records[:1]) == [("a.py", 7, "claude", sha("B"))]
    assert places(*records[:2]) == [("a.py", 3, "code", sha("C")), ("a.py", 7, "claude", sha("B"))]
    assert places(*records) == []


@pytest.mark.parametrize(
    "ending",
    [
        reading("a.py", status="removed"),
        read_without("a.py", gone="*"),
        read_without("a.py", gone=None),
        [reading("a.py", status="removed"), read_by_claude("b.py", moved_from="a.py", gone=gone(LINES[0]))],
    ],
    ids=["the file is removed", "all lines went", "nobody looked", "the line went in a move"],
)
def test_a_claim_ends_with_what_it_was_said_of(ending):
    assert places(*chain(FIRST, ending)) == []


def test_a_push_that_does_not_touch_the_file_or_tells_only_of_commits_takes_no_claim_away():
    records = [*chain(FIRST, reading("b.py")), record_of(pushed("X", "Y", 5), coverage="commits")]
    assert places(*records) == [("a.py", 7, "claude", sha("B"))]


@pytest.mark.parametrize("turn", [1, -1])
def test_claims_move_with_their_file_in_whatever_order_the_record_names_the_two_paths(turn):
    move = [reading("a.py", status="removed"), read_by_claude("lib/a.py", status="added", moved_from="a.py")]
    swap = [read_by_claude("x.py", moved_from="lib/a.py"), read_by_claude("lib/a.py", moved_from="x.py")]
    records = chain([FIRST, read_by_claude("x.py", claim(LINES[1], 2))], move[::turn], swap[::turn])
    assert places(*records[:2]) == [("lib/a.py", 7, "claude", sha("B")), ("x.py", 2, "claude", sha("B"))]
    assert places(*records) == [("lib/a.py", 2, "claude", sha("B")), ("x.py", 7, "claude", sha("B"))]


def test_new_claims_of_a_file_join_those_that_hold_and_a_line_counts_as_it_was_last_read():
    later = read_by_claude("a.py", claim(LINES[0], 9), claim(LINES[1], 2))
    assert places(*chain(FIRST, later)) == [("a.py", 2, "claude", sha("C")), ("a.py", 9, "claude", sha("C"))]


def test_a_tree_ends_the_claims_of_paths_it_does_not_list_and_of_those_that_claude_read_anew():
    paths = [read_by_claude(path, claim(LINES[0])) for path in ("anew.py", "kept.py", "unlisted.py")]
    tree = snapshot_record("B", read_by_claude("anew.py", claim(LINES[2], 4)), reading("kept.py"), minute=1)
    assert places(*chain(paths), tree) == [
        ("anew.py", 4, "claude", sha("B")),
        ("kept.py", 1, "claude", sha("B")),
    ]


@pytest.mark.parametrize(
    ("weight", "claims", "source", "confidence"),
    [(None, 1, "claude", 0.6), (None, 3, "claude", 0.6), (0.8, 0, "rules", 0.8), (0.8, 2, "both", 0.92)],
)
def test_a_pattern_says_who_sees_it_and_how_sure_that_makes_us(weight, claims, source, confidence):
    rows = [row(weight=weight)] if weight else []
    files = [read_by_claude("a.py", rows=rows)]
    files += [read_by_claude(f"{n}.py", claim(LINES[n])) for n in range(claims)]
    pattern = fold(chain(files)).project().standing_patterns[RETRY.id]
    assert (pattern.source, pattern.confidence) == (source, confidence)


def test_merging_patterns_that_rules_and_claude_see_is_seen_by_both():
    by_rules = fold(chain(reading("a.py", row(weight=0.8)))).project().standing_patterns[RETRY.id]
    for other in ("claude", "both"):
        assert merged([by_rules, by_rules.model_copy(update={"source": other})]).source == "both"


def test_what_a_push_brought_counts_claims_and_not_where_they_stand():
    records = chain(
        FIRST,
        read_by_claude("b.py", claim(LINES[1])),
        read_without("a.py", row(weight=0.3), gone=gone(LINES[2])),
        read_without("c.py"),
        [reading(path, status="removed") for path in ("a.py", "b.py")],
    )
    told = [(one.introduced, one.touched, one.gone) for one in fold(records).project().recent][::-1]
    it = (RETRY.id,)
    assert told == [(it, (), ()), ((), it, ()), ((), it, ()), ((), (), ()), ((), (), it)]


def test_more_read_by_claude_counts_before_newer_rules_and_after_nothing_clipped():
    push = pushed("A", "B")

    def analysis(name, outcome=None, rules_version=1, prompt=1):
        record = record_of(push, FIRST, analysis=name, rules_version=rules_version)
        return asked(record, outcome, prompt) if outcome else record

    worst_first = [
        analysis("clipped", "read", 9),
        analysis("rules", None, 1),
        analysis("newer rules", "not-read", 2),
        analysis("partly", "partly", 1),
        analysis("old brief", "read", 1),
        analysis("new brief", "read", 1, prompt=2),
        analysis("newer rules and claude", "read", 2),
    ]
    cut = worst_first[0].receipt.model_copy(update={"clipped": (NotRead(reason="x", count=1, paths=()),)})
    worst_first[0] = worst_first[0].model_copy(update={"receipt": cut})
    for worse, better in zip(worst_first, worst_first[1:], strict=False):
        assert [one.analysis for one in effective([worse, better])] == [better.analysis]
        assert [one.analysis for one in effective([better, worse])] == [better.analysis]


def test_a_decision_says_who_found_it():
    decision = Decision(
        kind="choice", title="Use Redis", confidence=0.6, path="a.py", line=1, source="claude"
    )
    (record,) = chain(FIRST)
    state = fold([record.model_copy(update={"decisions": (decision,)})])
    assert [one.source for one in state.project().standing_decisions] == ["claude"]


def test_what_is_told_of_a_push_without_claude_is_not_a_byte_longer():
    content = with_records(b"", chain(reading("a.py", row(weight=0.8))), path="x")
    for name in (b"claims", b"gone", b"moved_from", b"source", b"suggestions", b"claude"):
        assert name not in content.replace(b'"gone":[]', b"")
    assert b'"source"' not in page(read_records(content, path="x"))
