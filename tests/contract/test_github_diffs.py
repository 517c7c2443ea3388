"""What GitHub's API tells of pushes and trees is what git tells of the same commits in a clone."""

import subprocess
from dataclasses import replace

import pytest
from fakes.github import FakeGitHub
from fakes.github_gate import answer
from fakes.github_world import IMPATIENT, running_github

from devnexus.errors import Unavailable
from devnexus.git_names import NO_COMMIT
from devnexus.github import GitHubApp
from devnexus.github_refusals import Refused
from devnexus.repository import Repository
from extractor.github import GitHubDiffs
from extractor.local_git import LocalGit

LOCK = "".join(f'  "package{n}": "{n}.0.1",\n' for n in range(3000))
LONG = "".join(f"line_{n} = {n}\n" for n in range(400))


class Author:
    """Makes commits in a clone, in all the shapes that change files."""

    def __init__(self, folder):
        self.folder = folder
        self.folder.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "user.name", "Ada Łovelace")
        self.git("config", "user.email", "ada@example.org")

    def git(self, *arguments):
        return subprocess.run(
            ["git", "-C", self.folder, *arguments], check=True, capture_output=True, text=True
        ).stdout.strip()

    def commit(self, files, message="A step"):
        for path, content in files.items():
            place = self.folder / path
            if content is None:
                place.unlink()
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")


class World:
    def __init__(self, author, github):
        self.author = author
        self._github = github
        self.name = github.backend.new_repository()
        self.repository = Repository(id=f"github.com/name:{self.name}", name=self.name, default_branch="main")
        self.waits = []
        self.source = GitHubDiffs(
            GitHubApp(github.app_environment(), access="read", patience=IMPATIENT), sleep=self.waits.append
        )
        self.clone = LocalGit({self.name: author.folder})

    def publish(self):
        self._github.backend.load(self.name, self.author.folder)

    def both(self, before, after):
        """The same push as either source tells it."""
        told = [one.change(self.repository, before=before, after=after) for one in (self.source, self.clone)]
        return [replace(change, files=tuple(sorted(map(_comparable, change.files)))) for change in told]


def _comparable(file):
    regular = file.mode & 0o170000 == 0o100000
    added = file.added if regular else ()
    return file.path, file.status, file.object_id, file.mode, added, file.before_id, file.moved_from or ""


@pytest.fixture
def fake(tmp_path):
    """A GitHub that git histories are put into as they are, whatever `--github` says."""
    with running_github(FakeGitHub(tmp_path / "github")) as github:
        yield github


@pytest.fixture
def world(tmp_path, fake):
    made = World(Author(tmp_path / "clone"), fake)
    yield made
    made.source.close()
    made.clone.close()


def test_every_shape_of_a_change_is_told_as_git_tells_it(world):
    author = world.author
    first = author.commit(
        {
            "README.md": "# Shop\n",
            "src/a.py": LONG,
            "src/moved.py": LONG + "# moved\n",
            "src/same.py": "same = 1\n" * 20,
            "src/gone.py": "gone = 1\n",
            "src/typed.py": "typed = 1\n",
            "yarn.lock": LOCK,
            "logo.png": b"\x89PNG\0" * 100,
            "data.csv": b"a\0b\n" * 100,
        }
    )
    (author.folder / "src/typed.py").unlink()
    (author.folder / "src/typed.py").symlink_to("a.py")
    author.git("mv", "src/same.py", "src/renamed.py")
    author.git("mv", "src/moved.py", "lib moved.py")
    author.commit({"src/a.py": LONG.replace("line_7 = 7\n", "line_7 = 8\nnew = 1\n"), "src/gone.py": None})
    author.git("update-index", "--chmod=+x", "README.md")
    last = author.commit(
        {
            "lib moved.py": LONG + "# moved\nadded = 1\n",
            "src/naïve.py": "x = 1\n",
            "yarn.lock": LOCK.replace("7.0.1", "7.0.2"),
            "data.csv": b"a\0c\n" * 100,
            "no end.txt": "no line feed",
        },
        "Say why\nin two lines\n\nThe body.\n\nAnd more.",
    )
    world.publish()
    api, git = world.both(first, last)
    assert api == git
    assert len(api.files) > 8 and api.bodies[last] == "The body.\n\nAnd more."
    assert {file[0]: file[6] for file in api.files if file[6]} == {
        "lib moved.py": "src/moved.py",
        "src/renamed.py": "src/same.py",
    }


def test_what_a_comparison_does_not_tell_is_compared_here(world, fake):
    author = world.author
    first = author.commit({f"src/{n}.py": f"{LONG}{n}\n" for n in range(320)} | {"big.py": LONG * 100})
    last = author.commit(
        {f"src/{n}.py": f"{LONG}more = 1\n{n}\n" for n in range(320)}
        | {"big.py": LONG * 50 + "x = 1\n" + LONG * 50}
    )
    world.publish()
    fake.backend.patch_lines = 1000
    api, git = world.both(first, last)
    assert api == git
    assert all(file[4] for file in api.files)
    assert fake.gate.asked("GET", "/tarball/") == 1


def test_a_push_of_many_commits_tells_the_newest_twenty_and_counts_all(world):
    first, *_, last = [world.author.commit({"a.txt": f"{n}\n"}, f"Step {n}") for n in range(212)]
    world.publish()
    api, git = world.both(first, last)
    assert api == git
    assert (len(api.commits), api.commit_count) == (20, 211)


def test_a_push_that_was_not_built_on_its_before_tells_only_commits(world):
    author = world.author
    first = author.commit({"a.txt": "1\n"})
    dropped = author.commit({"a.txt": "2\n"})
    author.git("branch", "dropped")
    author.git("reset", "--quiet", "--hard", first)
    forced = author.commit({"a.txt": "3\n"})
    world.publish()
    for before in (dropped, NO_COMMIT, "1" * 40):
        api, git = world.both(before, forced)
        assert not api.is_descendant and api.files == ()
        assert api.commits == git.commits
        assert api.commit_count == git.commit_count


def test_merges_and_pushes_without_change_are_told_as_git_tells_them(world):
    author = world.author
    first = author.commit({"a.txt": "1\n"})
    author.git("checkout", "--quiet", "-b", "side")
    author.commit({"b.txt": "1\n"})
    author.git("checkout", "--quiet", "main")
    author.commit({"c.txt": "1\n"})
    author.git("merge", "--quiet", "--no-ff", "side", "-m", "Merge")
    merged = author.git("rev-parse", "HEAD")
    empty = author.commit({})
    world.publish()
    for span in ((first, merged), (merged, empty), (empty, empty)):
        api, git = world.both(*span)
        assert api == git


def test_a_tree_its_contents_and_its_root_files_are_those_of_the_clone(world, fake):
    files = {f"src/{n}.py": f"n = {n}\n" for n in range(60)}
    sha = world.author.commit({**files, "pyproject.toml": "[project]\n", "large.py": "x = 1\n" * 200_000})
    world.publish()
    api = world.source.tree(world.repository, sha=None)
    git = world.clone.tree(world.repository, sha=sha)
    assert (api.sha, api.commit, api.committed_at) == (git.sha, git.commit, git.committed_at)
    assert api.default_branch == "main"
    assert sorted(api.files, key=lambda file: file.path) == sorted(git.files, key=lambda file: file.path)
    ids = [file.object_id for file in git.files]
    asked = len(fake.gate.requests)
    found = [
        one.contents(world.repository, ids, at=sha, max_bytes=1_000_000)
        for one in (world.source, world.clone)
    ]
    assert found[0] == found[1]
    assert found[0].count(None) == 1
    assert len(fake.gate.requests) - asked < 5
    names = ["pyproject.toml", "src", "none"]
    assert world.source.root_files(world.repository, sha=sha, names=names) == {
        "pyproject.toml": b"[project]\n"
    }


def test_a_folder_that_github_cuts_is_read_folder_by_folder(world, fake):
    sha = world.author.commit({f"{n % 3}/deep/{n}.py": f"n = {n}\n" for n in range(30)})
    world.publish()
    fake.backend.recursive_entries = 12
    try:
        files = world.source.tree(world.repository, sha=sha).files
    finally:
        fake.backend.recursive_entries = 100_000
    assert {file.path for file in files} == {f"{n % 3}/deep/{n}.py" for n in range(30)}


def test_a_commit_that_is_not_there_yet_is_waited_for_and_then_given_back(world):
    first = world.author.commit({"a.txt": "1\n"})
    world.publish()
    with pytest.raises(Unavailable, match="yet"):
        world.source.change(world.repository, before=first, after="2" * 40)
    assert 0 < sum(world.waits) < 15


def test_a_repository_that_moved_is_followed(world, fake):
    first = world.author.commit({"a.txt": "1\n"})
    last = world.author.commit({"a.txt": "2\n"})
    world.publish()
    fake.backend.renamed["acme/formerly"] = world.name
    before = world.repository.model_copy(update={"name": "acme/formerly"})
    for _ in range(2):
        assert len(world.source.change(before, before=first, after=last).files) == 1
    assert fake.gate.asked("GET", "/repos/acme/formerly/compare") == 1


def test_a_repository_without_commits_has_no_tree(world):
    assert world.source.tree(world.repository, sha=None) is None


def test_another_repository_of_the_same_name_is_not_read(world):
    world.author.commit({"a.txt": "1\n"})
    world.publish()
    other = world.repository.model_copy(update={"id": "github.com/12345"})
    with pytest.raises(Unavailable, match="another repository"):
        world.source.tree(other, sha=None)


def test_where_the_app_is_not_installed_the_remedy_is_named(world):
    gone = world.repository.model_copy(update={"name": "acme/gone"})
    with pytest.raises(Refused, match="install the App"):
        world.source.tree(gone, sha=None)


def test_an_answer_that_is_none_is_named_without_what_it_held(world, monkeypatch):
    sha = world.author.commit({"a.txt": "1\n"})
    world.publish()
    monkeypatch.setattr(
        world._github.backend, "_blob", lambda *_: answer(200, {"content": {"hunter2": "a secret"}})
    )
    with pytest.raises(Unavailable, match="otherwise than documented") as refused:
        world.source.contents(
            world.repository, [world.author.git("rev-parse", f"{sha}:a.txt")], at=sha, max_bytes=9
        )
    assert "hunter2" not in str(refused.value)
