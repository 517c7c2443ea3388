"""Local repositories as the rest of the system knows them: stable ids, safe names, pushes in order."""

import subprocess

import pytest
from fakes.git_history import make_repository

from devnexus.git_names import NO_COMMIT
from devnexus_cli.local_repository import NotUsable, newest_pushes, open_local


def clone_with_remote(path, remote):
    make_repository(path, [{"a": "1"}])
    subprocess.run(["git", "-C", path, "remote", "add", "origin", remote], check=True)
    return open_local(path)


@pytest.mark.parametrize(
    "remote",
    [
        "https://github.com/Acme/Billing.git",
        "https://user:token@github.com/acme/billing",
        "git@github.com:acme/billing.git",
        "ssh://git@github.com/acme/billing/",
    ],
)
def test_one_remote_is_one_repository_however_it_is_spelled(tmp_path, remote):
    expected = clone_with_remote(tmp_path / "one", "https://github.com/acme/billing")
    other = clone_with_remote(tmp_path / "two", remote)
    assert other.id == expected.id
    assert other.name.lower() == "acme/billing"


def test_without_a_remote_the_root_commit_and_the_folder_tell(tmp_path):
    make_repository(tmp_path / "one", [{"a": "1"}])
    make_repository(tmp_path / "two", [{"a": "1"}])
    one, two = open_local(tmp_path / "one"), open_local(tmp_path / "two")
    assert one.name == "local/one"
    assert one.id != two.id
    assert open_local(tmp_path / "one") == one


def test_a_remote_that_is_a_folder_says_nothing_of_an_owner(tmp_path):
    one, two = (clone_with_remote(tmp_path / name, "../up.git") for name in ("one", "two"))
    assert (one.name, two.name) == ("local/one", "local/two")
    assert one.id != two.id


def test_a_tag_that_is_called_like_the_branch_does_not_change_its_name(tmp_path):
    make_repository(tmp_path / "r", [{"a": "1"}])
    subprocess.run(["git", "-C", tmp_path / "r", "tag", "main"], check=True)
    assert open_local(tmp_path / "r").branch == "main"


def test_a_partial_clone_is_refused_with_the_remedy(tmp_path):
    make_repository(tmp_path / "r", [{"a": "1"}])
    subprocess.run(["git", "-C", tmp_path / "r", "config", "extensions.partialClone", "origin"], check=True)
    with pytest.raises(NotUsable, match="--refetch"):
        open_local(tmp_path / "r")


def test_a_name_that_is_no_safe_path_is_made_one(tmp_path):
    make_repository(tmp_path / "my repo (old)", [{"a": "1"}])
    assert open_local(tmp_path / "my repo (old)").name == "local/my-repo-old"


def test_the_newest_commits_are_pushes_oldest_first(tmp_path):
    shas = make_repository(tmp_path / "r", [{"a": str(n)} for n in range(5)])
    pushes = newest_pushes(open_local(tmp_path / "r"), 3)
    assert [(push.before, push.after) for push in pushes] == list(zip(shas[1:], shas[2:], strict=False))


def test_the_first_commit_is_the_push_of_a_new_branch(tmp_path):
    make_repository(tmp_path / "r", [{"a": "1"}, {"a": "2"}])
    assert newest_pushes(open_local(tmp_path / "r"), 20)[0].before == NO_COMMIT


def test_a_clock_that_runs_backwards_does_not_turn_pushes_around(tmp_path, monkeypatch):
    path = tmp_path / "r"
    shas = make_repository(path, [{"a": "1"}])
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2001-01-01T00:00:00Z")
    tree = subprocess.run(
        ["git", "-C", path, "rev-parse", "main^{tree}"], check=True, capture_output=True, text=True
    ).stdout.strip()
    author = ["-c", "user.name=A", "-c", "user.email=a@b"]
    child = subprocess.run(
        ["git", "-C", path, *author, "commit-tree", "-p", shas[0], "-m", "late clock", tree],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    subprocess.run(["git", "-C", path, "update-ref", "refs/heads/main", child], check=True)
    first, second = newest_pushes(open_local(path), 20)
    assert second.pushed_at == second.before_at == first.pushed_at
    (alone,) = newest_pushes(open_local(path), 1)
    assert alone == second


@pytest.mark.parametrize("kind", ["missing", "plain", "empty"])
def test_what_has_no_commits_is_refused_with_the_reason(tmp_path, kind):
    if kind != "missing":
        (tmp_path / "x").mkdir()
    if kind == "empty":
        subprocess.run(["git", "init", "--quiet", tmp_path / "x"], check=True)
    reason = {"missing": "no such folder", "plain": "not a git repository", "empty": "no commit yet"}[kind]
    with pytest.raises(NotUsable, match=reason):
        open_local(tmp_path / "x")
