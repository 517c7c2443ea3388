"""What skills read of repositories is the same from a clone as from GitHub, bounded, and never made up."""

import os
import subprocess
from datetime import UTC, datetime

import pytest
from builders import known
from fakes.github import FakeGitHub
from fakes.github_gate import Fault
from fakes.github_world import IMPATIENT, running_github

from a2a_gateway.files import github as github_module
from a2a_gateway.files import local as local_module
from a2a_gateway.files import tree as tree_module
from a2a_gateway.files.github_access import github_files
from a2a_gateway.files.local import LocalFiles
from a2a_gateway.files.repository_files import NoCommit, NoFiles
from a2a_gateway.files.wherever import FilesWherever
from devnexus.errors import Unavailable

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Clone:
    """A working copy that commits are made in."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "user.name", "Ada")
        self.git("config", "user.email", "ada@example.org")

    def git(self, *arguments):
        done = subprocess.run(["git", "-C", self.folder, *arguments], check=True, capture_output=True)
        return done.stdout.decode().strip()

    def commit(self, message="A step", **files):
        for name, content in files.items():
            path = self.folder / name.replace("__", "/").replace("_md", ".md")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def github(tmp_path):
    with running_github(FakeGitHub(tmp_path / "github")) as world:
        yield world


@pytest.fixture(params=["local", "app", "token"])
def place(request, tmp_path, github):
    """A clone, its page, and a way to read what was committed there."""
    name = github.backend.new_repository()
    clone = Clone(tmp_path / "clones" / name)
    page = known(name, 7).model_copy(update={"repository_id": f"github.com/name:{name}"})
    if request.param == "local":
        return clone, page, LocalFiles(tmp_path / "clones")
    environment = github.app_environment() if request.param == "app" else github.environment()
    files = github_files(environment, patience=IMPATIENT)

    def publishing(commit=clone.commit):
        def done(*arguments, **given):
            sha = commit(*arguments, **given)
            github.backend.load(name, clone.folder)
            return sha

        return done

    clone.commit = publishing()
    return clone, page, files


def test_files_are_read_at_the_commit_and_links_never_lead_out(place):
    clone, page, files = place
    (clone.folder / "CLAUDE.md").symlink_to("docs/guide.md")
    (clone.folder / "out.md").symlink_to("../../../../../etc/passwd")
    (clone.folder / "round.md").symlink_to("round.md")
    first = clone.commit(README_md="# One\n", docs__guide_md="# Guide\n")
    clone.commit(README_md="# Two\n")
    assert files.head(page) != first
    listing = files.listing(page, first)
    assert listing.files == {"README.md", "docs/guide.md", "CLAUDE.md", "out.md", "round.md"}
    assert (listing.elsewhere, listing.is_whole) == ({"CLAUDE.md", "out.md", "round.md"}, True)
    contents = files.read(page, first, ["README.md", "CLAUDE.md", "out.md", "round.md", "none.md"])
    assert contents.files == {"README.md": b"# One\n", "CLAUDE.md": b"# Guide\n"}
    assert contents.left_out == {}


def test_what_is_too_large_is_left_out_and_named(place, monkeypatch):
    clone, page, files = place
    monkeypatch.setattr(tree_module, "LARGEST_BYTES", 10)
    monkeypatch.setattr(tree_module, "MOST_BYTES", 15)
    sha = clone.commit(a_md=b"x" * 11, b_md=b"x" * 10, c_md=b"y" * 6, d_md=b"z" * 5)
    contents = files.read(page, sha, ["a.md", "b.md", "c.md", "d.md"])
    assert [*contents.files] == ["b.md", "d.md"]
    assert contents.left_out == {"a.md": tree_module.TOO_LARGE, "c.md": tree_module.NO_ROOM}


def test_of_very_many_files_those_near_the_root_are_known(place, monkeypatch):
    clone, page, files = place
    monkeypatch.setattr(tree_module, "MOST_PATHS", 2)
    sha = clone.commit(a__b__c_md="x", docs__d_md="x", README_md="x")
    assert files.listing(page, sha).files == {"README.md", "docs/d.md"}
    assert files.listing(page, sha).is_whole is False


def test_commits_are_told_with_what_they_changed_since_a_time_or_a_commit(place, monkeypatch):
    clone, page, files = place
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2020-01-01T00:00:00Z")
    old = clone.commit("Old", a_md="1")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2021-01-01T00:00:00Z")
    clone.commit("Change two\n\nand say more", a_md="2", src__b="1")
    os.unlink(clone.folder / "a.md")
    head = clone.commit("Remove one", src__b="2")
    for found in (
        files.commits(page, head, since=LONG_AGO, until=old),
        files.commits(page, head, since=datetime(2020, 6, 1, tzinfo=UTC), until=None),
    ):
        assert [(one.message, one.paths) for one in found.commits] == [
            ("Remove one", ("src/b",)),
            ("Change two", ("a.md", "src/b")),
        ]
        assert (found.is_whole, found.commits[0].sha) == (True, head)
        assert found.commits[0].at == datetime(2021, 1, 1, tzinfo=UTC)
    for unknown in ("f" * 40, "main", "--all"):
        with pytest.raises(NoCommit):
            files.commits(page, head, since=LONG_AGO, until=unknown)


def test_of_very_many_commits_the_newest_are_told(place, monkeypatch):
    clone, page, files = place
    first = clone.commit("0", a_md="0")
    for number in range(1, 5):
        head = clone.commit(str(number), a_md=str(number))
    monkeypatch.setattr(github_module, "MOST_COMMITS", 3)
    monkeypatch.setattr(github_module, "_PER_PAGE", 3)
    monkeypatch.setattr(local_module, "MOST_COMMITS", 3)
    found = files.commits(page, head, since=LONG_AGO, until=None)
    assert ([one.message for one in found.commits], found.is_whole) == (["4", "3", "2"], False)
    found = files.commits(page, head, since=LONG_AGO, until=first)
    assert found.commits[0].message == "4"
    assert found.is_whole is False


def test_an_empty_commit_is_an_empty_listing_and_a_repository_without_commits_is_none(place):
    clone, page, files = place
    with pytest.raises(NoFiles, match="no commits yet"):
        files.head(page)
    sha = clone.commit("Nothing")
    assert files.head(page) == sha
    assert files.listing(page, sha).files == frozenset()
    assert files.read(page, sha, ["README.md"]).files == {}


def test_nothing_of_a_clone_is_run(tmp_path):
    clone = Clone(tmp_path / "clones" / "acme/api")
    trap = f"touch {tmp_path}/ran; cat"
    for key in ("filter.x.clean", "filter.x.smudge", "diff.x.textconv", "diff.x.command", "core.fsmonitor"):
        clone.git("config", key, trap)
    clone.commit(README_md="1")
    (clone.folder / ".gitattributes").write_text("* filter=x diff=x\n")
    clone.git("config", "--unset", "filter.x.clean")
    sha = clone.commit(README_md="2")
    (tmp_path / "ran").unlink(missing_ok=True)
    files, page = LocalFiles(tmp_path / "clones"), known("acme/api", 7)
    assert files.head(page) == sha
    assert files.read(page, sha, ["README.md"]).files == {"README.md": b"2"}
    assert len(files.commits(page, sha, since=LONG_AGO, until=None).commits) == 2
    assert not (tmp_path / "ran").exists()


def test_a_submodule_is_something_that_is_elsewhere(tmp_path):
    clone = Clone(tmp_path / "clones" / "acme/api")
    clone.git("update-index", "--add", "--cacheinfo", f"160000,{'a' * 40},vendor/lib")
    clone.git("commit", "--quiet", "-m", "A submodule")
    files, page = LocalFiles(tmp_path / "clones"), known("acme/api", 7)
    listing = files.listing(page, files.head(page))
    assert (listing.files, listing.elsewhere) == (frozenset(), {"vendor/lib"})


def test_many_files_of_github_come_as_one_archive(tmp_path, github):
    name = github.backend.new_repository()
    clone = Clone(tmp_path / "clones" / name)
    sha = clone.commit(**{f"docs__{number}_md": f"# {number}\n" for number in range(70)})
    github.backend.load(name, clone.folder)
    page = known(name, 7).model_copy(update={"repository_id": f"github.com/name:{name}"})
    files = github_files(github.app_environment(), patience=IMPATIENT)
    paths = sorted(files.listing(page, sha).files)
    contents = files.read(page, sha, paths)
    assert contents.files["docs/7.md"] == b"# 7\n"
    assert (len(contents.files), github.gate.asked("GET", "/git/blobs/")) == (70, 0)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault("GET", "/git/ref/", status=403, message="Resource not accessible"), NoFiles),
        (Fault("GET", "/git/ref/", status=502, times=9), Unavailable),
        (Fault("GET", "/git/ref/", kind="timeout", times=9), Unavailable),
    ],
)
def test_what_github_refuses_is_never_an_empty_answer(tmp_path, github, fault, kind):
    name = github.backend.new_repository()
    github.backend.load(name, _with_readme(tmp_path / "clones" / name))
    page = known(name, 7).model_copy(update={"repository_id": f"github.com/name:{name}"})
    github.gate.faults.append(fault)
    with pytest.raises(kind):
        github_files(github.app_environment(), patience=IMPATIENT).head(page)


def test_after_a_rate_limit_github_is_left_alone(tmp_path, github):
    name = github.backend.new_repository()
    github.backend.load(name, _with_readme(tmp_path / "clones" / name))
    page = known(name, 7).model_copy(update={"repository_id": f"github.com/name:{name}"})
    limit = {"Retry-After": "60"}
    github.gate.faults.append(Fault("GET", f"/repos/{name}$", status=429, headers=limit))
    files = github_files(github.environment(), patience=IMPATIENT)
    for _ in range(2):
        with pytest.raises(Unavailable) as refused:
            files.head(page)
        assert refused.value.retry_after_seconds == pytest.approx(60, abs=2)
    assert len(github.gate.requests) == 1


def test_another_repository_of_the_same_name_is_not_read(tmp_path, github):
    name = github.backend.new_repository()
    github.backend.load(name, _with_readme(tmp_path / "clones" / name))
    page = known(name, 7).model_copy(update={"repository_id": "github.com/1"})
    with pytest.raises(NoFiles, match="another repository by now"):
        github_files(github.environment(), patience=IMPATIENT).head(page)


def test_a_clone_wins_then_github_and_where_there_is_neither_both_settings_are_named(tmp_path, github):
    name = github.backend.new_repository()
    clone = _with_readme(tmp_path / "clones" / name)
    page = known(name, 7).model_copy(update={"repository_id": f"github.com/name:{name}"})
    local, remote = LocalFiles(tmp_path / "clones"), github_files(github.environment(), patience=IMPATIENT)
    FilesWherever(local=local, github=remote).head(page)
    assert github.gate.requests == []
    github.backend.load(name, clone)
    FilesWherever(local=LocalFiles(tmp_path / "other"), github=remote).head(page)
    assert github.gate.requests
    for nothing in (None, LocalFiles(tmp_path / "other")):
        with pytest.raises(NoFiles, match=r"REPOSITORIES_DIR .* GITHUB_APP_ID .* KNOWLEDGE_TOKEN"):
            FilesWherever(local=nothing, github=None).head(page)


def _with_readme(folder):
    Clone(folder).commit(README_md="# Read me\n")
    return folder
