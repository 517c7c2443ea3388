"""What Claude says counts where the code proves it, and nowhere else."""

from pathlib import Path

import pytest
import yaml
from fakes.taxonomy_meaning import TaxonomyMeaning

from devnexus.events.patterns_extracted import Decision, Dependency, DependencyChange, Manifest
from devnexus.layout_key import line_key
from extractor.claude.pieces import Piece
from extractor.claude.proven_decisions import agreement
from extractor.claude.said import Said, SaidComponent, SaidDecision, SaidPattern
from extractor.claude.verification import verify
from extractor.evidence import lines_of, quote_of
from extractor.languages import language_of
from extractor.matching import read_file
from extractor.roles import role_of
from extractor.rule_set import load_rules
from extractor.source_file import SourceFile

RULES = load_rules()
MEANING = TaxonomyMeaning()
HONEST = yaml.safe_load((Path(__file__).parent / "honest_claims.yaml").read_text("utf-8"))


def piece(path, text, added=None):
    lines = (range(1, len(lines_of(text)) + 1),)
    return Piece(path, "added", "1" * 40, language_of(path), role_of(path), text, added or lines)


def by_rules(path, text, **changes):
    source = SourceFile(path, "added", text)
    reading = read_file(source, role_of(path), rules=RULES, own_names=frozenset)
    return reading.model_copy(update=changes)


def proven(path, text, *patterns, decisions=(), components=(), added=None, file=None, gone=(), ruled=()):
    said = Said(
        patterns=tuple(SaidPattern(name=name, quote=quote) for name, quote in patterns),
        decisions=decisions,
        components=components,
    )
    return verify(
        said,
        piece(path, text, added),
        meaning=MEANING,
        file=file or by_rules(path, text),
        come_or_gone=frozenset(gone),
        ruled=ruled,
    )


@pytest.mark.parametrize("honest", HONEST, ids=lambda one: one["path"])
def test_what_an_honest_reader_says_of_code_counts(honest):
    found = proven(honest["path"], honest["text"], (honest["name"], honest["quote"]))
    assert len(found.claims) == (0 if honest.get("lost") else 1)
    assert found.unverified == 0
