"""Every rule has two samples, written by us: what it must see, and what it must not mistake for it.

A sample is a diff of new files. A line that must be seen ends in `  <<< ` and the kinds of evidence
that it gives, a mark that is taken off before the file is read; lines without a mark must not be seen.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from devnexus.events.patterns_extracted import EvidenceRow
from devnexus.knowledge.confidence import LIKELY, confidence
from extractor.manifests import manifest_of
from extractor.matching import read_file
from extractor.roles import role_of_content
from extractor.rule_set import load_rules
from extractor.source_file import SourceFile

SAMPLES = Path(__file__).parent / "rules"
MARK = "  <<< "
RULES = load_rules()

Hit = tuple[str, int, str]


def test_every_rule_has_both_samples_and_every_sample_has_a_rule():
    expected = {f"{rule}{suffix}" for rule in RULES.patterns for suffix in (".diff", ".near.diff")}
    assert {path.name for path in SAMPLES.iterdir()} == expected


@pytest.mark.parametrize("rule", RULES.patterns)
def test_a_rule_sees_the_marked_lines_and_no_others(rule):
    marked, files = sample(f"{rule}.diff")
    found = evidence(rule, files)
    assert hits(found) == marked
    assert confidence(found, RULES.patterns[rule].need) >= LIKELY


@pytest.mark.parametrize("rule", RULES.patterns)
def test_a_rule_is_not_taken_in_by_a_near_miss(rule):
    _, files = sample(f"{rule}.near.diff")
    found = evidence(rule, files)
    assert confidence(found, RULES.patterns[rule].need) < LIKELY, sorted(hits(found))


def sample(name: str) -> tuple[set[Hit], dict[str, str]]:
    """The marked lines by path, number and kind, and the files without the marks."""
    marked: set[Hit] = set()
    files: dict[str, list[str]] = {}
    path = ""
    for line in (SAMPLES / name).read_text().split("\n"):
        if line.startswith("+++ b/"):
            path = line.removeprefix("+++ b/")
            files[path] = []
        elif line.startswith("+"):
            text, _, kinds = line[1:].partition(MARK)
            files[path].append(text)
            marked |= {(path, len(files[path]), kind) for kind in kinds.split(", ") if kind}
    return marked, {path: "\n".join(lines) + "\n" for path, lines in files.items()}


def evidence(rule: str, files: dict[str, str]) -> list[tuple[str, EvidenceRow]]:
    own_names = frozenset(own_names_in(files))
    read = [
        read_file(
            SourceFile(path, "added", text),
            role_of_content(path, text.encode()),
            rules=RULES,
            own_names=lambda: own_names,
        )
        for path, text in files.items()
    ]
    return [(reading.path, row) for reading in read for row in reading.rows if row.rule == rule]


def own_names_in(files: dict[str, str]) -> Iterator[str]:
    for path, text in files.items():
        manifest = manifest_of(path, text)
        if manifest and manifest.name:
            yield manifest.name


def hits(found: list[tuple[str, EvidenceRow]]) -> set[Hit]:
    return {(path, line, row.kind) for path, row in found for line in range(row.start, row.end + 1)}
