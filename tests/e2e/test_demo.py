"""The demo organisation teaches what `demo/EXPECTED.md` says, which was written before any rule saw it."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from devnexus.alike.exceptions import exceptions_in
from devnexus.alike.following import index_of
from devnexus.alike.index import Index
from devnexus.alike.reasons import alike
from devnexus.git import run_git
from devnexus.knowledge.analyses import effective
from devnexus.knowledge.history import stored_records
from devnexus.knowledge.layout import HISTORY
from devnexus.knowledge.stores.git_store import open_git_store
from devnexus.knowledge.view import Views
from devnexus_cli.demo import play_demo
from devnexus_cli.ports import free_port
from devnexus_cli.replay import link_clones, replay
from devnexus_cli.summary import summary

DEMO = Path(__file__).parents[2] / "demo"
SECRETS = ("AKIA" + "IOSFODNN7EXAMPLE", "wJalrXUtnFEMI" + "/K7MDENG/bPxRfiCYEXAMPLEKEY")


def sections():
    """Heading → text, for every section of the page."""
    parts = re.split(r"^## (.+)\n", (DEMO / "EXPECTED.md").read_text(), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def table(text):
    """The rows of the table in `text`, without its head."""
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return rows[1:]


EXPECTED = sections()
REPOSITORIES = sorted(path.parent.name for path in DEMO.glob("*/0001-*.patch"))


@dataclass(frozen=True)
class Played:
    home: Path
    printed: str
    view: object
    index: Index
    records: list

    def page(self, name):
        return self.view.named(f"demo/{name}")


@pytest.fixture(scope="module")
def played(request, tmp_path_factory):
    """The demo, played once through every service."""
    home = tmp_path_factory.mktemp("demo")
    if request.config.getoption("--stack") == "processes":
        printed = played_as_by_a_person(home)
    else:
        printed = played_through(request.getfixturevalue("start_stack"), home)
    store = open_git_store(home / "knowledge.git")
    view = Views(store).head()
    records = effective(stored_records(store, HISTORY, at=view.revision))
    store.close()
    return Played(home, printed, view, index_of(view), records)


def played_through(start_stack, home):
    script = play_demo(DEMO, home / "demo-repositories")
    link_clones(script.repositories, home / "clones")
    with start_stack(home=home, repositories=home / "clones") as stack:
        return summary(replay(stack, script, tell=lambda _: None), stack)


def played_as_by_a_person(home):
    ports = {"WEBHOOK_PORT": str(free_port()), "GATEWAY_PORT": str(free_port())}
    run = subprocess.run(
        [sys.executable, "-m", "devnexus_cli.main", "run", "--home", home],
        env={**os.environ, **ports, "ONCE": "1", "REPOS": ""},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


@pytest.mark.parametrize("name", REPOSITORIES)
def test_exactly_the_expected_patterns_stand_where_they_are_expected(played, name):
    expected = {pattern: set(re.findall(r"`([^`]+)`", places)) for pattern, places in table(EXPECTED[name])}
    standing = {pattern.name: pattern for pattern in played.page(name).standing_patterns.values()}
    assert standing.keys() == expected.keys()
    for pattern, places in expected.items():
        seen = {
            f"{row.path}:{line}"
            for row in standing[pattern].evidence
            for line in range(row.start, row.end + 1)
        }
        assert seen & places, f"{pattern}: seen at {sorted(seen)}"


@pytest.mark.parametrize("name", REPOSITORIES)
def test_no_tempting_pattern_stands(played, name):
    (paragraph,) = re.findall(r"^Must not: (.*?)\n\n", EXPECTED[name] + "\n\n", re.DOTALL | re.MULTILINE)
    tempting = re.findall(r"([\w/ -]+?) \([^)]*\)(?:; |\.)", " ".join(paragraph.split()))
    assert tempting
    assert {p.name for p in played.page(name).standing_patterns.values()}.isdisjoint(tempting)


def test_the_closest_repositories_are_the_expected_ones(played):
    for name, closest, _ in table(EXPECTED["Alike"]):
        found = [
            one.repository.name.removeprefix("demo/")
            for one in alike(played.view, played.index, played.page(name).repository_id)
        ]
        assert (found[:1] or ["none"])[0] in closest.split(" or "), (name, found)


def test_the_copied_client_is_named_on_both_sides_with_who_changed_it_last(played):
    (orders, billing) = table(EXPECTED["The copied client"])
    found = {
        one.repository.name: one
        for one in alike(played.view, played.index, played.page("billing").repository_id)
    }
    (client,) = found["demo/orders"].components
    assert f"`{client.name}`" in EXPECTED["The copied client"]
    assert f"`{client.there.path}:{client.there.start}-{client.there.end}`" == orders[1]
    assert f"`{client.here.path}:{client.here.start}-{client.here.end}`" == billing[1]
    assert (client.changed_last, f"{client.changed_at:%Y-%m-%d}") == ("there", orders[3])
    assert "ServiceClient (src/billing/http.py:35-80)" in played.printed
    assert "demo/orders changed it on 3 May 2026, demo/billing has not since" in played.printed


def test_the_outlier_is_the_only_exception_named(played):
    ((pattern, have, has_not),) = table(EXPECTED["The outlier"])
    found = {
        (name, lacking.name): (lacking.have, lacking.of)
        for name in REPOSITORIES
        for lacking in exceptions_in(played.view, played.index, played.page(name)).missing
    }
    count, of = map(int, re.match(r"(\d+) of (\d+)", have).groups())
    assert found == {(has_not, pattern): (count, of)}
    said = f"{count} of {of} repositories of its kind have {pattern}; demo/{has_not} shows none"
    assert said in played.printed


def test_what_was_not_looked_at_is_said(played):
    expected = {(name, path.strip("`")) for name, path, _ in table(EXPECTED["Not looked at"])}
    unread = {
        (record.repository.name.removeprefix("demo/"), path)
        for record in played.records
        for group in record.receipt.not_read
        for path in group.paths
    }
    assert unread == expected
    assert all(Path(path).name in played.printed for _, path in expected)


def test_the_secrets_are_redacted_and_nowhere_to_be_found(played):
    redacted = {
        (record.repository.name, one.path, one.kind)
        for record in played.records
        for one in record.receipt.redacted
    }
    assert redacted == {
        ("demo/reports", "src/reports/settings.py", kind) for kind in ("aws-access-key", "aws-secret-key")
    }
    objects = run_git(played.home / "knowledge.git", "cat-file", "--batch", "--batch-all-objects")
    kept = {"objects": objects, "printed": played.printed.encode(), **kept_files(played.home)}
    assert kept.keys() >= {"state.db", "logs/extractor.log", "logs/notifier.log", "logs/pubsub.log"}
    halves = [half for secret in SECRETS for half in (secret[: len(secret) // 2], secret[len(secret) // 2 :])]
    assert [(half, name) for half in halves for name, text in kept.items() if half.encode() in text] == []


def kept_files(home):
    """Path → content of whatever the services keep; the repositories themselves are not theirs."""
    files = (path for path in home.rglob("*") if path.is_file())
    contents = {str(path.relative_to(home)): path.read_bytes() for path in files}
    return {
        path: text
        for path, text in contents.items()
        if not path.startswith(("demo-repositories/", "clones/"))
    }


def test_every_push_is_a_record_and_the_repeated_one_changes_nothing(played):
    numbers = dict(table(EXPECTED["Pushes"]))
    pushes = [record for record in played.records if record.subject == "push"]
    assert len(pushes) == int(numbers["pushes in total"])
    assert f"{numbers['deliveries']} pushes →" in played.printed
    assert "0 lost, 1 duplicate ignored, 2 likely secrets redacted" in played.printed
    assert all(page.gaps == () for page in played.view.repositories.values())
