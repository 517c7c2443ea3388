"""Each kind of rule: an example that passes, and one that fails with its line."""

import time

import pytest

from a2a_gateway.documentation.document import read_document
from a2a_gateway.documentation.grade import score, status
from a2a_gateway.documentation.inspection import inspect
from a2a_gateway.documentation.licences import licence_of
from a2a_gateway.documentation.standards import rules_for, standard_rules
from a2a_gateway.files.repository_files import Contents, Listing
from devnexus.people.documentation import Documentation, RuleSet
from devnexus.people.mistake import Mistake
from devnexus.people.organisation import Organisation
from devnexus.people.yaml_file import parse

MIT = "Permission is hereby granted, free of charge … The above copyright notice and this …"
GPL = "GNU GENERAL PUBLIC LICENSE\n  Version 3, 29 June 2007\n" + "x" * 30_000
README = """\
# API

What it is, in a few words that are long enough to say something. It answers questions that others ask, and
asks others where it does not know. It is for whoever has a question, and it is not for anybody else at all.

## Installation

## Usage
"""


def check(rules, files, *, every=False, only=(), elsewhere=()):
    """What the rules say of these files."""
    held = rules if isinstance(rules, RuleSet) else parse(RuleSet, rules.encode())
    listing = Listing(frozenset(files), frozenset(elsewhere), True)
    contents = {path: text.encode() for path, text in files.items()}
    read = lambda paths: Contents({path: contents[path] for path in paths}, {})  # noqa: E731
    return inspect(held, listing, read, every=every, only=list(only), tell=print)


def found(rules, files, **how):
    """Where something is wrong, as `<file>:<line>`, and what."""
    verdicts = check(rules, files, **how).verdicts
    return [(f"{one.file}:{one.line}", one.fact) for verdict in verdicts for one in verdict.findings]


def graded(standard, files, **how):
    verdicts = check(standard_rules(standard), files, **how).verdicts
    points = score(verdicts)
    return round(points, 2), status(points, verdicts)


SOME = {"docs/a.md": "", "b c.png": ""}
ONE = "documents: {high: [README.md]}\nrules: [{id: x, %s}]"


@pytest.mark.parametrize(
    ("rule", "good", "bad", "told"),
    [
        (
            "exists: {any_of: [README.md, README.rst]}",
            {"readme.md": "x"},
            {"src/README.md": "x"},
            ("README.md:None", "There is no README.md, nor another file that would do"),
        ),
        (
            "exists: {any_of: [CONTRIBUTING.md], or_heading: [Contributing]}",
            {"README.md": "# A\n## Contributing to it\n"},
            {"README.md": "Contributing"},
            ("CONTRIBUTING.md:None", "There is no CONTRIBUTING.md"),
        ),
        (
            "size: {at_least_characters: 5}",
            {"README.md": "12345"},
            {"README.md": "1234\n"},
            ("README.md:1", "It has 4 characters, and should have 5 at least"),
        ),
        (
            "heading: {any_of: [Install, Set up]}",
            {"README.md": "# A\n\nInstall\n-------\n"},
            {"README.md": "# A\n\nInstall\n\n```\n# Install\n```\n## Reinstalling\n"},
            ("README.md:1", "No heading says Install or Set up"),
        ),
        (
            "heading: {any_of: [Usage], or_link: [Docs]}",
            {"README.md": "See the [docs](https://example.org)"},
            {"README.md": "See the docs"},
            ("README.md:1", "No heading says Usage"),
        ),
        (
            "text: {any_of: [Updated], or_date: true}",
            {"README.md": "As of 2026-01-31"},
            {"README.md": "As of yesterday"},
            ("README.md:1", "It does not say Updated or a date or a version"),
        ),
        (
            "text: {none_of: [handler]}",
            {"README.md": "handlers"},
            {"README.md": "a\nb\nthe Handler\n"},
            ("README.md:3", "It says handler (1 lines)"),
        ),
        (
            "check: links",
            {"README.md": "[a](docs/a.md#x) ![b](/b%20c.png) [c](docs) [d](../../issues)", **SOME},
            {"README.md": "one\n\ntwo\n[a](docs/b.md) three\n", "docs/a.md": ""},
            ("README.md:4", "It links to docs/b.md, and there is no docs/b.md"),
        ),
        (
            "check: paths",
            {"README.md": "`src/a.py` and `lib/b.py` and `src/your_name.py`", "src/a.py": ""},
            {"README.md": "one\n\nsee `src/b.py:7`", "src/a.py": ""},
            ("README.md:3", "There is no src/b.py"),
        ),
        (
            "check: fenced-languages",
            {"README.md": "```sh\nls\n```\n"},
            {"README.md": "```sh\n```\n\n```\n```\n"},
            ("README.md:4", "1 of 2 fenced blocks do not say in which language they are"),
        ),
        (
            "licence: {one_of: [MIT, Apache-2.0]}",
            {"LICENSE": MIT},
            {"LICENSE": GPL},
            ("LICENSE:1", "The licence is GPL-3.0"),
        ),
        (
            "licence: {one_of: [MIT]}",
            {"COPYING": MIT},
            {"README.md": MIT},
            ("LICENSE:None", "There is no file with a licence"),
        ),
    ],
)  # fmt: skip
def test_each_kind_of_rule_passes_what_is_right_and_names_the_line_of_what_is_not(rule, good, bad, told):
    assert found(ONE % rule, good) == []
    assert found(ONE % rule, bad) == [told]


def test_links_are_read_as_markdown_and_html_have_them():
    text = (
        "---\ntitle: x\n---\n"
        "[one]: a.md\n\nA [b\n`[no](c.md)` ![i](d.png)](e.md) <f.md> [one]\n\n"
        '<p align="center">\n<img src="g.png">\n<a href="h.md">x</a></p>\n\n'
        "    [no](i.md)\n\n| t |\n|---|\n| [x](j.md) |\n"
    )
    links = {link.text: link.line for link in read_document("README.md", text.encode()).links}
    assert links == {"e.md": 6, "d.png": 7, "a.md": 7, "g.png": 10, "h.md": 11, "j.md": 17}


def test_headings_are_found_in_restructured_text_and_asciidoc_as_well():
    rst = read_document("README.rst", b"Tool\n====\n\nUsage\n-----\n\n====\nx\n")
    assert [(one.text, one.line) for one in rst.headings] == [("Tool", 1), ("Usage", 4)]
    adoc = read_document("README.adoc", b"= Tool\n\n== Usage\n")
    assert [(one.text, one.line) for one in adoc.headings] == [("Tool", 1), ("Usage", 3)]


def test_a_page_that_a_generator_makes_is_not_missed():
    files = {"mkdocs.yml": "", "docs/a.md": "[api](/api/) [x](pkg.Class) [no](b.md) [no](c.png)"}
    places = [place for place, _ in found("rules: [{id: x, check: links}]", files, every=True)]
    assert places == ["docs/a.md:1", "docs/a.md:1"]
    readme = {**files, "README.md": "[x](pkg.Class)"}
    assert len(found("rules: [{id: x, check: links}]", readme, every=True)) == 3
    del files["mkdocs.yml"]
    assert len(found("rules: [{id: x, check: links}]", files, every=True)) == 4


def test_what_is_in_a_submodule_or_behind_a_link_is_not_missed():
    files = {"README.md": "[a](lib/a.md)"}
    assert found(ONE % "check: links", files, elsewhere=["lib"]) == []


@pytest.mark.parametrize("id_", ["MIT", "GPL-3.0", "Apache-2.0", None])
def test_licences_are_known_by_what_only_they_say(id_):
    texts = {
        "MIT": MIT,
        "GPL-3.0": f"{GPL} combine it with the GNU Affero General Public License",
        "Apache-2.0": "Apache License\n   Version 2.0, January 2004",
        None: "All rights reserved",
    }
    assert licence_of(texts[id_]) == id_


def test_an_empty_repository_scores_worse_than_a_readme_with_dead_links():
    links = "\n".join(f"[x](docs/{number}.md)" for number in range(60))
    for standard in ("general", "seed"):
        nothing = graded(standard, {})
        dead = graded(standard, {"README.md": README + links})
        assert nothing == (0.0, "non_compliant")
        assert dead[0] > nothing[0]


def test_whoever_keeps_every_rule_of_the_seed_is_compliant_and_low_counts_as_low():
    document = (
        "# Overview\n## Installation\n## Usage\n## License: GPLv3\n## Prerequisites\n## Examples\nv1.2\n"
    )
    names = ("README.md", "CLAUDE.md", "QUICK_START.md", "EXTENDING_DEV_NEXUS.md", "API.md")
    files = {**dict.fromkeys(names, document), "LICENSE": GPL, "AgentCard.json": "{}"}
    assert graded("seed", files) == (1.0, "compliant")
    files["README.md"] += "```\n```\n"
    points, grade = graded("seed", files)
    assert (points, grade) == (0.99, "compliant")
    files["README.md"] = files["README.md"].replace("## Usage\n", "")
    assert graded("seed", files)[0] < points
    del files["LICENSE"]
    assert graded("seed", files)[1] == "non_compliant"


def test_a_repository_with_a_good_readme_and_a_licence_is_compliant():
    assert graded("general", {"README.md": README, "LICENSE": MIT}) == (0.96, "compliant")


def test_an_organisation_adds_replaces_changes_and_switches_off_rules():
    said = parse(
        Organisation,
        b"""
documentation:
  rules:
    - {id: adr, severity: high, exists: {any_of: ["docs/adr/*"]}}
    - {id: readme-usage, heading: {any_of: [Benutzung]}}
    - {id: links, severity: high}
    - {id: fenced-languages, off: yes}
    - {id: fenced-langauges, off: yes}
  repositories:
    - {repositories: [acme/old-*], standard: seed, rules: [{id: terms, off: yes}]}
""",
    ).documentation
    held = rules_for("acme/api", said, is_public=False)
    rules = {rule.id: rule for rule in held.rules.rules}
    assert [*rules] == [
        "readme",
        "readme-says-what",
        "readme-install",
        "readme-usage",
        "links",
        "paths",
        "adr",
    ]
    assert rules["readme-usage"].heading.any_of == ("Benutzung",)
    assert (rules["links"].severity, rules["links"].check) == ("high", "links")
    assert held.unknown == ("fenced-langauges",)
    old = rules_for("acme/old-api", said, is_public=True)
    assert (old.standard, "adr" in {rule.id for rule in old.rules.rules}) == ("seed", True)
    assert "terms" not in {rule.id for rule in old.rules.rules}
    assert held.digest != old.digest
    assert held.digest == rules_for("acme/api", said, is_public=False).digest
    assert rules_for("a/b", Documentation(), is_public=True).standard == "general"


def test_a_rule_that_says_nothing_or_two_things_at_once_is_a_mistake():
    for rule in ("{id: x}", "{id: x, check: links, size: {at_least_characters: 1}}", "{id: x, text: {}}"):
        with pytest.raises(Mistake, match="write"):
            parse(Organisation, f"documentation: {{rules: [{rule}]}}".encode())


HOSTILE = {
    "brackets": "[" * 20_000,
    "links": "[a](" * 8_000,
    "stars": "*a_" * 12_000,
    "backquotes": "".join("`" * (n % 300) + " " for n in range(900)),
    "html": "<a " * 12_000,
    "comments": "<!--" * 12_000,
    "quotes": "> " * 8_000,
    "table": "|" * 5_000 + "\n" + "|-" * 5_000 + "\n",
    "lists": "".join(" " * n + "- a\n" for n in range(400)),
    "entities": "&" * 40_000,
    "angles": "<" * 20_000,
    "references": "".join(f"[{n}]: a\n" for n in range(5_000)),
    "surrogates": "\udcff".encode(errors="surrogateescape").decode("latin-1") * 1000,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_document_takes_long(kind):
    began = time.monotonic()
    read_document("README.md", HOSTILE[kind].encode())
    assert time.monotonic() - began < 5
