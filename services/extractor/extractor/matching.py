"""Reading one file by the rules: a pure function of its path and its text at `after`.

The rows describe the state of the file, whatever the change was, so that a snapshot and a series of
pushes end in the same rows; only `introduced` depends on the change.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from devnexus.events.patterns_extracted import EvidenceRow, FileReading, Manifest
from extractor.code_owners import owner_rules
from extractor.components import components_of
from extractor.decision_records import decision_record
from extractor.evidence import lines_of, quote_of
from extractor.facts import facts_of
from extractor.introduction import introduction
from extractor.languages import language_of
from extractor.manifests import manifest_of
from extractor.roles import Role, declares
from extractor.rule_set import RuleSet
from extractor.sightings import (
    Matchable,
    OwnNames,
    Sighting,
    code_sightings,
    config_sightings,
    dependency_sightings,
    import_sightings,
    path_sightings,
)
from extractor.source_file import SourceFile

MOST_ROWS = 50
"""Rows kept per rule and file: enough to show a pattern, few enough for a person and a record."""

_PRODUCT = frozenset({Role.SOURCE, Role.CONFIG, Role.CI})


def read_file(file: SourceFile, role: Role, *, rules: RuleSet, own_names: OwnNames) -> FileReading:
    """All that the rules see in one file: the same rows in the same order for the same text.

    `own_names` tells the names of the repository's own packages, which prove nothing about it. A malformed
    manifest counts as none here; the caller names it in the receipt.
    """
    language = language_of(file.path)
    lines = lines_of(file.text)
    if not lines:
        return FileReading(path=file.path, status=file.status, language=language)
    manifest = _manifest(file)
    found = _sightings(file, role, language, manifest, rules=rules, own_names=own_names)
    kept, cut = _strongest(_weighed(found, role.weight))
    return FileReading(
        path=file.path,
        status=file.status,
        language=language,
        rows=tuple(_rows(kept, lines, file.added)),
        cut=cut,
        manifest=manifest,
        components=components_of(file.text, language) if role is Role.SOURCE else (),
        decisions=decision_record(file.path, file.text),
        facts=facts_of(file.path, file.text, manifest, is_product=role in _PRODUCT),
        owners=owner_rules(file.path, file.text),
        introduction=introduction(file.path, file.text),
    )


def _manifest(file: SourceFile) -> Manifest | None:
    try:
        return manifest_of(file.path, file.text)
    except ValueError:
        return None


def _sightings(
    file: SourceFile,
    role: Role,
    language: str | None,
    manifest: Manifest | None,
    *,
    rules: RuleSet,
    own_names: OwnNames,
) -> Iterator[Sighting]:
    yield from path_sightings(file.path, rules)
    if role is Role.CI or not role.weight:
        return
    if manifest:
        yield from dependency_sightings(manifest, rules=rules, own_names=own_names)
    matchable = Matchable(file.path, file.text)
    if declares(file.path):
        yield from config_sightings(file.path, matchable, rules)
    elif language:
        yield from import_sightings(language, matchable, rules=rules, own_names=own_names)
        yield from code_sightings(language, matchable, rules)


def _weighed(found: Iterable[Sighting], role_weight: float) -> list[Sighting]:
    """One sighting per rule, kind and first line, the strongest, in that order; none without weight."""
    best: dict[tuple[str, str, int], Sighting] = {}
    for sighting in found:
        weighed = replace(sighting, weight=round(sighting.weight * role_weight, 3))
        key = (weighed.rule, weighed.kind, weighed.start)
        if weighed.weight and (key not in best or _stronger(weighed, best[key])):
            best[key] = weighed
    return [best[key] for key in sorted(best)]


def _stronger(one: Sighting, other: Sighting) -> bool:
    return (one.weight, -one.end) > (other.weight, -other.end)


def _strongest(sightings: Sequence[Sighting]) -> tuple[list[Sighting], dict[str, int]]:
    """At most 50 per rule, the strongest and then the earliest, in their order; and how many were cut."""
    kept: list[Sighting] = []
    cut: dict[str, int] = {}
    for rule, group in groupby(sightings, key=lambda sighting: sighting.rule):
        ranked = _ranked(group)
        kept += sorted(ranked[:MOST_ROWS], key=lambda sighting: (sighting.kind, sighting.start))
        if len(ranked) > MOST_ROWS:
            cut[rule] = len(ranked) - MOST_ROWS
    return kept, cut


def _ranked(sightings: Iterable[Sighting]) -> list[Sighting]:
    # the best of each kind goes first: kinds are witnesses, and cutting must not silence one of them
    ranked = sorted(sightings, key=lambda sighting: (-sighting.weight, sighting.start, sighting.kind))
    best = {sighting.kind: sighting for sighting in reversed(ranked)}
    return sorted(ranked, key=lambda sighting: sighting is not best[sighting.kind])


def _rows(kept: Iterable[Sighting], lines: Sequence[str], added: Iterable[range]) -> Iterator[EvidenceRow]:
    ranges = sorted((lines_added for lines_added in added if lines_added), key=lambda one: one.start)
    starts = [lines_added.start for lines_added in ranges]
    for sighting in kept:
        before = bisect_right(starts, sighting.end)
        yield EvidenceRow(
            rule=sighting.rule,
            kind=sighting.kind,
            start=sighting.start,
            end=sighting.end,
            quote=quote_of(lines, sighting.start, sighting.end),
            weight=sighting.weight,
            introduced=before > 0 and ranges[before - 1].stop > sighting.start,
        )
