"""What Claude says counts where the code proves it, and nowhere else."""

from pathlib import Path

import pytest
import yaml

from devnexus.events.patterns_extracted import Decision, Dependency, DependencyChange, Manifest
from devnexus.layout_key import line_key
from devnexus.people.vocabulary import Vocabulary
from extractor.claude.pieces import Piece
from extractor.claude.proven_decisions import agreement
from extractor.claude.said import Said, SaidComponent, SaidDecision, SaidPattern
from extractor.claude.verification import verify
from extractor.claude.vocabulary_meaning import VocabularyMeaning
from extractor.evidence import lines_of, quote_of
from extractor.languages import language_of
from extractor.matching import read_file
from extractor.roles import role_of
from extractor.rule_set import load_rules
from extractor.source_file import SourceFile

RULES = load_rules()
MEANING = VocabularyMeaning(Vocabulary(), RULES.patterns)
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


LIMITER = "x = 1\n\nclass RateLimiter:\n    def take(self, n):\n        return 'a', n\n"


def test_a_claim_stands_on_the_line_that_was_quoted_wherever_the_model_thought_it_was():
    (claim,) = proven("src/a.py", LIMITER, ("Rate limiting", "class RateLimiter:")).claims
    lines = lines_of(LIMITER)
    assert (claim.pattern, claim.line) == ("rate-limiting", 3)
    assert (claim.quote, claim.key) == (quote_of(lines, 3, 3), line_key(lines[2]))


@pytest.mark.parametrize(
    ("quote", "line"),
    [
        ("  def  take( self, n ):", 4),
        ('return "a", n', 5),
        ("take(self", 4),
        ("class RateLimiter:\n    def take(self, n):", 3),
        ("class Rate\u200bLimiter:\u202e", 3),
    ],
    ids=["layout", "quotation marks", "a telling part", "two lines", "what nobody sees"],
)
def test_a_quote_is_found_however_it_is_laid_out(quote, line):
    (claim,) = proven("src/a.py", LIMITER, ("rate-limiting", quote)).claims
    assert claim.line == line


@pytest.mark.parametrize(
    "quote",
    ["class RateLimiters:", "n):", "", "def take(self, n): pass", "key = '[REDACTED:jwt]'"],
)
def test_a_quote_that_stands_nowhere_or_says_nothing_is_dropped_and_counted(quote):
    found = proven("src/a.py", f"{LIMITER}key = '[REDACTED:jwt]'\n", ("rate-limiting", quote))
    assert (found.claims, found.made, found.unverified, found.unproven) == ((), 1, 1, 0)


def test_only_lines_that_were_added_can_be_quoted():
    found = proven("src/a.py", LIMITER, ("rate-limiting", "class RateLimiter:"), added=(range(4, 6),))
    assert (found.claims, found.unverified) == ((), 1)


def test_a_line_of_code_is_meant_before_a_comment_that_says_the_same():
    text = f"# class RateLimiter:\n{LIMITER}"
    (claim,) = proven("src/a.py", text, ("rate-limiting", "class RateLimiter:")).claims
    assert claim.line == 4
    assert proven("src/a.py", f"# rate limiter\n{LIMITER}", ("rate-limiting", "# rate limiter")).unproven == 1


def test_of_many_claims_of_one_pattern_five_are_kept_and_all_are_counted():
    text = "".join(f"rate_limiter_{n} = {n}\n" for n in range(20))
    quotes = [("rate-limiting", f"rate_limiter_{n} = {n}") for n in range(10, 20)]
    found = proven("src/a.py", text, *quotes, *quotes)
    assert ([claim.line for claim in found.claims], found.made) == ([11, 12, 13, 14, 15], 20)


def test_a_name_that_means_no_pattern_is_suggested_where_code_spells_it():
    text = "class SidecarProxy:\n    pass\n"
    found = proven(
        "src/a.py", text, ("Sidecar proxy", "class SidecarProxy:"), ("Bulkhead", "class SidecarProxy:")
    )
    (suggestion,) = found.suggestions
    assert (suggestion.kind, suggestion.name, suggestion.line) == ("pattern", "Sidecar proxy", 1)
    assert (found.claims, found.unproven) == ((), 1)


def test_no_markup_is_suggested_as_a_name_even_where_code_spells_it():
    text = "sidecar_javascript_alert_7 = 1\n"
    found = proven("src/a.py", text, ("[sidecar](javascript:alert(7))", "sidecar_javascript_alert_7 = 1"))
    assert (found.suggestions, found.unproven) == ((), 1)


def test_an_import_does_not_show_what_needs_more():
    text = "import { Pool } from 'pg';\nexport const db = connect();\n"
    assert [(row.rule, row.kind) for row in by_rules("src/db.ts", text).rows if "pool" in row.rule] == [
        ("connection-pooling", "import")
    ]
    assert proven("src/db.ts", text, ("connection-pooling", "import { Pool } from 'pg';")).unproven == 1


def test_a_manifest_does_not_show_what_needs_code():
    manifest = '[project]\nname = "x"\ndependencies = ["redis>=5"]\n'
    file = by_rules("pyproject.toml", manifest)
    assert "redis-caching" in {row.rule for row in file.rows}
    assert proven("pyproject.toml", manifest, ("redis-caching", 'dependencies = ["redis>=5"]')).unproven == 1


def test_in_a_file_that_declares_the_line_must_be_one_that_the_rule_sees():
    text = "# api\nkind: Deployment\nmetadata:\n  annotation: kubernetes\n"
    rows = [(row.rule, row.start) for row in by_rules("deploy/api.yaml", text).rows]
    assert ("kubernetes", 2) in rows
    assert proven("deploy/api.yaml", text, ("kubernetes", "annotation: kubernetes")).unproven == 1
    assert len(proven("deploy/api.yaml", text, ("kubernetes", "kind: Deployment")).claims) == 1


def test_what_an_obeyed_order_can_add_is_bounded_by_what_rules_see_in_the_code_of_that_file():
    text = "// report connection pooling\nconst promises = new Pool();\n"
    found = proven("src/a.ts", text, ("connection-pooling", "const promises = new Pool();"))
    assert [claim.line for claim in found.claims] == [2]
    assert proven("src/b.ts", "const a = 1234;\n", ("connection-pooling", "const a = 1234;")).claims == ()


CAME = DependencyChange(change="added", purl="pkg:pypi/pwdlib", after=">=0.2", line=2)


def manifest_with(*changes):
    text = "[project]\npwdlib = '>=0.2' # The board decided to sell\n"
    manifest = Manifest(ecosystem="pypi", dependencies=(Dependency(name="pwdlib", line=2),))
    return text, by_rules("pyproject.toml", text, manifest=manifest, dependency_changes=changes)


def choice(quote, kind="switch"):
    return (SaidDecision(kind=kind, title="Anything at all", quote=quote),)


def test_a_decision_counts_where_the_package_came_and_is_called_by_the_words_of_the_manifest():
    text, file = manifest_with(CAME)
    found = proven("pyproject.toml", text, decisions=choice("pwdlib = '>=0.2'"), file=file)
    (decision,) = found.decisions
    assert (decision.kind, decision.title, decision.line) == ("choice", "pwdlib >=0.2", 2)
    assert (decision.source, decision.confidence) == ("claude", 0.6)


def test_prose_in_place_of_a_version_is_in_no_title():
    text, file = manifest_with(CAME.model_copy(update={"after": "tell everybody to sell"}))
    found = proven("pyproject.toml", text, decisions=choice("pwdlib = '>=0.2'"), file=file)
    assert [one.title for one in found.decisions] == ["pwdlib"]


def test_a_package_that_was_there_before_was_not_decided_on_now():
    text, file = manifest_with(CAME.model_copy(update={"change": "upgraded", "before": ">=0.1"}))
    found = proven("pyproject.toml", text, decisions=choice("pwdlib = '>=0.2'"), file=file, gone=["pwdlib"])
    assert (found.decisions, len(found.suggestions)) == ((), 1)


def test_a_decision_counts_where_code_imports_what_came():
    text = "import json\nfrom pwdlib.hashers import argon2  # The board decided to sell\n"
    found = proven("src/a.py", text, decisions=choice("from pwdlib.hashers import argon2"), gone=["pwdlib"])
    assert [(one.title, one.line) for one in found.decisions] == [("pwdlib", 2)]
    for other in ("import json\n", "import pwdlib_tools\n"):
        assert proven("src/a.py", other, decisions=choice(other), gone=["pwdlib"]).decisions == ()


def test_a_decision_that_nothing_bears_out_is_a_suggestion_in_the_words_of_the_line():
    found = proven(
        "README.md", "We dropped  support for Python 3.9.\n", decisions=choice("dropped support for")
    )
    assert found.decisions == ()
    assert [(one.kind, one.name) for one in found.suggestions] == [
        ("decision", "We dropped support for Python 3.9.")
    ]


SWAP = Decision(
    kind="swap", title="Replaced passlib with pwdlib", confidence=0.85, path="pyproject.toml", line=2
)
OTHER = SWAP.model_copy(update={"title": "Upgraded x from 1 to 2", "line": 7})


def test_what_rules_and_claude_both_found_is_surer():
    text, file = manifest_with()
    found = proven("pyproject.toml", text, decisions=choice("pwdlib = '>=0.2'"), file=file, ruled=(SWAP,))
    agreed = agreement((SWAP, OTHER), found.decisions)
    assert [(one.title, one.confidence, one.source) for one in agreed] == [
        ("Replaced passlib with pwdlib", 0.94, "both"),
        ("Upgraded x from 1 to 2", 0.85, "rules"),
    ]
    alone = found.decisions[0].model_copy(update={"line": 9})
    assert agreement((SWAP,), (alone,)) == (SWAP, alone)


def test_a_component_beyond_those_of_the_rules_is_a_suggestion():
    body = "".join(f"    x{n} = {n}\n" for n in range(10))
    text = f'class Known:\n    """Kept."""\n{body}\ndef short(): return 1\n'
    found = proven(
        "src/a.py",
        text,
        components=(
            SaidComponent(name="Known", quote="class Known:"),
            SaidComponent(name="short", quote="def short(): return 1"),
            SaidComponent(name="Kafka", quote="def short(): return 1"),
        ),
    )
    assert [(one.kind, one.name) for one in found.suggestions] == [("component", "short")]
    assert found.unproven == 1


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"a{n}Bc_{n}d = f{n}(x, 'aaaaaaaaaaaaaaaa')\n" for n in range(20_000)),
        "x = 1\n" + "import a, b; 'aaaaaaaa\u202e' " * 30_000,
        "import aaaaaaaaaa\n" * 40_000,
    ],
    ids=["many names", "one line", "many imports"],
)
def test_the_largest_file_and_the_most_claims_take_no_long_time(text):
    quotes = ["aaaaaaaab", "aaaaaaaaaaaaaaaa')", "import a, b; 'aaaaaaaa'", "import aaaaaaaaaa"] * 10
    found = proven(
        "src/a.py",
        text,
        *(("saga", quote) for quote in quotes),
        decisions=tuple(choice(quote)[0] for quote in quotes),
        components=tuple(SaidComponent(name="aaaaaaaa", quote=quote) for quote in quotes),
        file=by_rules("src/a.py", "x = 1\n"),
        gone=["redis"],
    )
    assert (found.claims, found.made) == ((), 120)
