"""Rules are checked when they are loaded: a mistake stops the start and says where it is."""

import pytest

from devnexus.errors import ConfigurationError
from extractor.globs import compile_globs
from extractor.rule_set import load_rules
from extractor.rules import RULES_VERSION

RULE = """\
id: outbox
need: [code]
evidence:
  dependencies: {weight: 0.5, any: [pypi:outbox]}
  code:
    - weight: 0.7
      languages: [Python]
      regex: |-
        \\boutbox\\.write\\(
        |\\boutbox\\.send\\(
"""


def load(folder, text, name="outbox.yaml"):
    (folder / name).write_text(text)
    return load_rules(folder)


def test_a_rule_set_tells_its_version_patterns_and_digest(tmp_path):
    rules = load(tmp_path, RULE)
    assert rules.version == RULES_VERSION
    assert rules.patterns["outbox"].need == ("code",)
    assert len(rules.digest) == 16


def test_the_digest_changes_with_a_rule_and_with_nothing_else(tmp_path):
    first = load(tmp_path, RULE).digest
    assert load(tmp_path, RULE).digest == first
    assert load(tmp_path, RULE.replace("0.7", "0.6")).digest != first


def test_a_regex_may_be_written_over_several_lines(tmp_path):
    code = load(tmp_path, RULE).code["Python"]
    assert list(code.found_in(b"x\noutbox.send("))
    assert not list(code.found_in(b"inoutbox.send("))


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("\\boutbox\\.write\\(", "(", "evidence.code.0.regex"),
        ("\\boutbox\\.write\\(", "", "evidence.code.0.regex"),
        ("0.7", "1.7", "evidence.code.0.weight"),
        ("Python", "Pithon", "evidence.code.0.languages.0"),
        ("pypi:outbox", "outbox", "evidence.dependencies.any.0"),
        ("need: [code]", "need: [luck]", "need.0"),
        ("id: outbox", "id: outbocks", "id"),
        ("id: outbox", "id: inbox", "id"),
    ],
)
def test_a_mistake_names_the_file_and_the_field(tmp_path, old, new, field):
    with pytest.raises(ConfigurationError, match=rf"rule outbox.yaml, {field}: "):
        load(tmp_path, RULE.replace(old, new))


def test_what_is_no_yaml_and_an_empty_folder_stop_the_start(tmp_path):
    with pytest.raises(ConfigurationError, match="there are no rules"):
        load_rules(tmp_path)
    with pytest.raises(ConfigurationError, match=r"rule a\.yaml is not YAML"):
        load(tmp_path, "a: b: c", "a.yaml")


def test_two_files_cannot_hold_the_same_rule(tmp_path):
    load(tmp_path, RULE)
    with pytest.raises(ConfigurationError, match=r"rule copy\.yaml, id"):
        load(tmp_path, RULE, "copy.yaml")


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("**/Dockerfile", "Dockerfile", True),
        ("**/Dockerfile", "a/b/Dockerfile", True),
        ("**/Dockerfile", "a/xDockerfile", False),
        ("*.tf", "a/b.tf", False),
        ("a/**/*.sql", "a/b/c/d.sql", True),
        ("**/*compose*.{yml,yaml}", "docker-compose.dev.yaml", True),
        ("**/[0-9]?_*.py", "12_a.py", True),
        ("a.b", "axb", False),
    ],
)
def test_globs_match_whole_paths(glob, path, matches):
    assert compile_globs([glob]).found_in(path) is matches
