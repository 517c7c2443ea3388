"""People's files: what they mean, and that every mistake names its place and the remedy."""

from pathlib import Path

import pytest
from fakes.knowledge import make_store
from hypothesis import given, settings
from hypothesis import strategies as st

from devnexus.git import run_git
from devnexus.knowledge.last_good import LastGood, last_good
from devnexus.knowledge.people import People, read_changed_people, read_people
from devnexus.people.corrections import Corrections
from devnexus.people.globs import names_path, names_repository
from devnexus.people.mistake import Mistake
from devnexus.people.organisation import Organisation
from devnexus.people.repository_settings import RepositorySettings
from devnexus.people.vocabulary import Vocabulary
from devnexus.people.yaml_file import MAX_BYTES, parse

KINDS = (Organisation, Vocabulary, Corrections, RepositorySettings)
ORGANISATION = """
# what we want read
repositories:
  include: [acme/*, other/tool]
  exclude: ["acme/secret-*"]
paths: {exclude: [vendor/]}
claude:
  default: off
  repositories: [acme/api]
routes:
  - {to: [team], repositories: [acme/*]}
owners:
  acme/*: [platform@acme.example]
  acme/api: ["@ada", platform@acme.example]
rule_sets:
  - {repositories: [acme/api], rule_set: strict}
  - {repositories: ["*"], rule_set: 2024}
"""


def test_the_organisations_settings_say_what_is_read_by_whom_and_whose_it_is():
    organisation = parse(Organisation, ORGANISATION.encode())
    wanted = [
        name for name in ("Acme/Api", "acme/secret-x", "other/tool", "other/x") if organisation.wants(name)
    ]
    assert wanted == ["Acme/Api", "other/tool"]
    assert organisation.lets_claude_read("acme/API", private=True)
    assert not organisation.lets_claude_read("other/tool", private=False)
    assert organisation.owners_of("acme/api") == ("platform@acme.example", "@ada")
    assert organisation.rule_set_for("acme/api") == "strict"
    assert organisation.rule_set_for("acme/web") == "2024"
    assert organisation.routes and organisation.routes[0].to == ("team",)


def test_what_is_hidden_everywhere_is_hidden_in_each_repository_besides_its_own():
    own = parse(Corrections, b"hide: [{pattern: kafka}]")
    everywhere = parse(Organisation, b"hide: [{exception: Health check}, {alike: acme/legacy-*}]")
    people = People(
        {
            "devnexus.yaml": LastGood(everywhere),
            "corrections/acme/API.yaml": LastGood(own),
        }
    )
    for path in ("repositories/Acme/Api.json", "repositories/acme/web.json"):
        corrections = people.corrections(path)
        assert corrections.hides_exception("health-check", "Health check")
        assert not corrections.hides_exception("kafka", "Kafka")
        assert corrections.not_alike == ("acme/legacy-*",)
    assert people.corrections("repositories/acme/api.json").hide[0].pattern == "kafka"
    assert len(people.corrections("repositories/acme/web.json").hide) == 2


def test_what_a_repository_confirms_is_not_hidden_in_it_though_it_is_everywhere_else():
    own = parse(Corrections, b"confirm: [{pattern: Retry with backoff, by: ada}]")
    everywhere = parse(Organisation, b"hide: [{pattern: retry-backoff}, {pattern: kafka}]")
    people = People({"devnexus.yaml": LastGood(everywhere), "corrections/acme/api.yaml": LastGood(own)})
    assert [one.pattern for one in people.corrections("repositories/acme/api.json").hide] == ["kafka"]
    assert len(people.corrections("repositories/acme/web.json").hide) == 2


def test_without_settings_everything_is_read_and_claude_reads_what_is_public():
    for content in (b"", b"# nothing yet\n", b"---\n", b"{}", b"claude:\n", b"\xef\xbb\xbf"):
        organisation = parse(Organisation, content)
        assert organisation == Organisation()
    assert Organisation().wants("any/thing")
    assert Organisation().lets_claude_read("any/thing", private=False)
    assert not Organisation().lets_claude_read("any/thing", private=True)
    assert Organisation().routes is None


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        (Organisation, "\nrepositries: {}", r"line 2: there is no field repositries; allowed are .*owners"),
        (
            Organisation,
            "claude:\n  defalt: on",
            r"line 2: claude: there is no field defalt; allowed are default, repositories",
        ),
        (Organisation, "routes:\n - to: [a]\n - {}", r"line 3: routes\.1\.to: is missing"),
        (Organisation, "routes: [{to: []}]", r"line 1: routes\.0\.to: write at least one here"),
        (Organisation, "claude: s3cr3t", r"line 1: claude: write fields here: default, repositories"),
        (Organisation, "claude: {default: s3cr3t}", r"line 1: claude\.default: .*boolean"),
        (
            Organisation,
            "repositories: {exclude: s3cr3t}",
            r"line 1: repositories\.exclude: write a list here",
        ),
        (Organisation, "repositories:\n  exclude:\n    - s3cr3t", r"line 3: .*exclude\.0: .*acme/\*"),
        (Organisation, "repositories: {include: [*]}", r"line 1: .*needs quotes"),
        (Organisation, "repositories: {include: [*/api]}", r"line 1: .*needs quotes"),
        (Organisation, "paths: {exclude: [/etc]}", r"within the repository"),
        (Organisation, "claude: {}\nowners: {}\nclaude: {}", r"line 3: claude is there twice"),
        (Organisation, "- s3cr3t", r"^write fields here: repositories"),
        (Organisation, "a: &s3cr3t [x]\nb: *s3cr3t", r"line 2: .*aliases are not read"),
        (Organisation, "a: !!python/object:s3cr3t.x {}", r"line 1: .*tags"),
        (Organisation, "a: !s3cr3t x", r"line 1: .*tags"),
        (Organisation, "%TAG ! tag:s3cr3t,2000:\n---\na: !x!s3cr3t b", r"line 3: this is not YAML"),
        (Organisation, "a: !s3cr3t!x b", r"line 1: this is not YAML: .*undefined tag handle that"),
        (Organisation, "a: &s3cr3t b\nc: &s3cr3t d", r"line 2: this is not YAML: .*duplicate anchor that"),
        (Organisation, "{a: b}: s3cr3t", r"line 1: the name of a field is plain text"),
        (Organisation, "a: 'x\nb: 's3cr3t'\n", r"line \d: this is not YAML: "),
        (Organisation, "a: 1\n---\nb: 1\n", r"single document"),
        (Organisation, "a: " + "[" * 5000, r"nested too deeply"),
        (Vocabulary, "patterns: {Retry: {}}", r"line 1: patterns\.Retry: .*a-z0-9"),
        (Vocabulary, "patterns: {retry: {aliases: [s3cr3t]}}", r"line 1: patterns\.retry: name is missing"),
        (
            Vocabulary,
            "patterns: {a: {name: A, aliases: [s3cr3t]}, b: {name: B, merge: [s3cr3t]}}",
            r"patterns a and b both claim",
        ),
        (Vocabulary, "patterns: {a: {name: A, merge: [b]}, b: {name: B, merge: [c]}}", r"a and b both claim"),
        (
            Corrections,
            "hide: [{reason: s3cr3t}]",
            r"line 1: hide\.0: name one of pattern, component, exception, alike",
        ),
        (Corrections, "rename: [{pattern: kafka}]", r"line 1: rename\.0\.name: is missing"),
        (Corrections, "confirm: [{pattern: kafka}]", r"line 1: confirm\.0\.by: is missing"),
        (Corrections, "note: [{text: yes}]", r"line 1: note\.0\.text: write text here; yes, .*quotes"),
        (
            Corrections,
            "hide: [{pattern: Kafka}]\nconfirm: [{pattern: kafka, by: a}]",
            r"both hidden and confirmed",
        ),
        (Corrections, "rename: [{pattern: a, name: b}, {pattern: A, name: c}]", r"renamed twice"),
        (RepositorySettings, "analyze: false", r"there is no field analyze; allowed are analyse, claude"),
    ],
)
def test_a_mistake_names_its_place_and_what_to_write_and_repeats_no_value(kind, text, message):
    with pytest.raises(Mistake, match=message) as caught:
        parse(kind, text.encode())
    assert "s3cr3t" not in str(caught.value)


def test_a_file_that_is_no_text_or_far_too_long_is_refused():
    with pytest.raises(Mistake, match="line 2: this is not UTF-8"):
        parse(Organisation, b"# fine\n\xff\xfe")
    with pytest.raises(Mistake, match="holds characters that no text file has"):
        parse(Organisation, b"a: \0")
    with pytest.raises(Mistake, match="larger than 200 kB"):
        parse(Organisation, b" " * (MAX_BYTES + 1))


def test_only_the_first_mistakes_are_named_and_the_others_counted():
    routes = "".join(f" - {{to: [a], field{n}: x}}\n" for n in range(8))
    with pytest.raises(Mistake, match=r"line 6: routes\.4: there is no field field4.*; and 3 more$"):
        parse(Organisation, f"routes:\n{routes}".encode())


_YAML_WORDS = st.sampled_from(
    [
        "claude",
        "patterns",
        "hide",
        ": ",
        "\n",
        "  ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        "*",
        "&a ",
        "'",
        '"',
        "!x ",
        "~",
    ]
    + ["<<", "? ", "|", ">", "yes", "2026-13-45", "1:60:60", "0x", "%YAML 9\n", "---", "\t", "=", "ü", "#"]
)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=60), st.lists(_YAML_WORDS, max_size=25).map(lambda some: "".join(some).encode())
    )
)
def test_any_bytes_are_either_settings_or_the_one_error(content):
    for kind in KINDS:
        try:
            assert isinstance(parse(kind, content), kind)
        except Mistake as mistake:
            assert str(mistake)


@pytest.mark.parametrize(
    ("glob", "path", "is_meant"),
    [
        ("docs/", "docs/a/b.md", True),
        ("docs/", "docs", False),
        ("*.md", "README.md", True),
        ("*.md", "docs/README.md", False),
        ("**/*.md", "README.md", True),
        ("**/*.md", "docs/a/README.md", True),
        ("src/**/x.py", "src/x.py", True),
        ("src/**/x.py", "src/a/b/x.py", True),
        ("src/*/x.py", "src/a/b/x.py", False),
        ("src/**", "src/a/b", True),
        ("src", "src/a", False),
        ("[ab].py", "b.py", True),
        ("**/a/**/a/**/a/**/b", "/".join("a" * 400), False),
    ],
)
def test_a_glob_on_paths_stays_within_folders_unless_told_otherwise(glob, path, is_meant):
    assert names_path([glob], path) is is_meant


def test_a_glob_on_repositories_ignores_case():
    assert names_repository(["Acme/*"], "acme/Api")
    assert names_repository(["*"], "acme/Api")
    assert not names_repository(["acme/a"], "acme/api")


@pytest.fixture
def store(tmp_path):
    opened = make_store(tmp_path / "knowledge.git")
    yield opened
    opened.close()


def say(store, path, text):
    return store.commit({path: text and text.encode()}, message="people", expected_head=store.head())


def test_a_bad_file_keeps_its_last_good_version_and_says_so(store):
    good = say(store, "devnexus.yaml", "repositories: {exclude: [acme/a]}")
    say(store, "devnexus.yaml", "repositories: {exclude: acme/a}")
    say(store, "vocabulary.yaml", "patterns: {}")
    at = say(store, "devnexus.yaml", "repositories:\n  exlude: [acme/a]")
    people = read_people(store, at)
    assert not people.organisation.wants("acme/a")
    (problem,) = people.problems
    assert (problem.path, problem.used_revision) == ("devnexus.yaml", good)
    assert "line 2: repositories: there is no field exlude" in problem.message
    repaired = say(store, "devnexus.yaml", "{}")
    assert read_people(store, repaired).problems == ()
    assert read_people(store, at) == people


def test_what_was_deleted_before_it_was_broken_does_not_come_back(store):
    say(store, "devnexus.yaml", "repositories: {exclude: [acme/a]}")
    say(store, "devnexus.yaml", None)
    people = read_people(store, say(store, "devnexus.yaml", "["))
    assert people.organisation == Organisation()
    assert [problem.used_revision for problem in people.problems] == [None]


def test_what_a_merged_pull_request_broke_is_as_it_was_before_the_merge(store, tmp_path):
    good = say(store, "devnexus.yaml", "repositories: {exclude: [acme/a]}")
    say(store, "vocabulary.yaml", "patterns: {}")
    base, identity = tmp_path / "knowledge.git", ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    broken = say(store, "devnexus.yaml", "[")
    parents = ("-p", store.head() + "~1", "-p", broken)
    made = run_git(base, *identity, "commit-tree", f"{broken}^{{tree}}", *parents, "-m", "Merge")
    people = read_people(store, made.decode().strip())
    assert [problem.used_revision for problem in people.problems] == [good]
    assert not people.organisation.wants("acme/a")


def test_a_file_that_was_never_good_counts_as_absent(store):
    found = last_good(store, "x", lambda content: parse(Organisation, content), at=say(store, "x", "["))
    assert (found.value, found.problem and found.problem.used_revision) == (None, None)
    assert (
        last_good(store, "y", lambda content: parse(Organisation, content), at=store.head()).problem is None
    )


def test_a_file_that_nobody_reads_is_reported(store):
    say(store, "devnexus.yml", "repositories: {exclude: [acme/a]}")
    say(store, "corrections/api.yaml", "hide: [{pattern: kafka}]")
    say(store, "corrections/README.md", "how to correct")
    people = read_people(store, store.head())
    assert [(one.path, one.message.rpartition("call it ")[2]) for one in people.problems] == [
        ("corrections/api.yaml", "corrections/<owner>/<name>.yaml"),
        ("devnexus.yml", "devnexus.yaml"),
    ]
    assert people.organisation == Organisation()


def test_only_what_changed_is_read_again(store):
    first = say(store, "corrections/Acme/Api.yaml", "note: [{text: hello}]")
    people = read_people(store, first)
    assert people.corrections("repositories/acme/api.json").note[0].text == "hello"
    second = say(store, "vocabulary.yaml", "patterns: {kafka: {name: Kafka}}")
    changed = read_changed_people(store, people, store.changed(first, second), second)
    assert changed == read_people(store, second)
    path = "corrections/Acme/Api.yaml"
    assert changed.files[path] is people.files[path]
    third = say(store, path, None)
    gone = read_changed_people(store, changed, store.changed(second, third), third)
    assert gone.corrections("repositories/acme/api.json") == Corrections()
    assert read_changed_people(store, gone, ["repositories/acme/api.json"], third) is gone
    assert read_changed_people(store, gone, store.changed(third, first), first) == people != People()


def test_the_example_of_documentation_standards_is_right():
    page = (Path(__file__).parents[2] / "docs/documentation-standards.md").read_text()
    example = page.split("```yaml\n")[1].split("```")[0]
    said = parse(Organisation, example.encode()).documentation
    assert [rule.id for rule in said.rules] == ["decisions", "readme-usage", "links", "fenced-languages"]
    assert said.own("acme/legacy-api").standard == "seed"
