"""The door to git: nothing in the environment or in a repository changes what it does."""

import os
import subprocess

import pytest
from fakes.git_history import make_repository

from devnexus.git import GitFailed, Missing, ObjectReader, run_git


@pytest.fixture
def repository(tmp_path):
    make_repository(tmp_path / "r", [{"a": "1\n"}, {"a": "2\n"}])
    return tmp_path / "r"


def git(path, *arguments, text=None):
    done = subprocess.run(
        ["git", "-C", path, *arguments], check=True, capture_output=True, text=True, input=text
    )
    return done.stdout.strip()


def test_no_program_that_a_repository_names_is_run(repository, tmp_path):
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    signed = git(repository, "cat-file", "commit", "main").replace("\n\n", "\ngpgsig -----BEGIN\n x\n\n", 1)
    commit = git(repository, "hash-object", "-t", "commit", "-w", "--stdin", text=signed + "\n")
    git(repository, "update-ref", "refs/heads/main", commit)
    (repository / "hooks").mkdir(exist_ok=True)
    (repository / "hooks" / "reference-transaction").symlink_to(trap)
    for name, value in {
        "gpg.program": trap,
        "log.showSignature": "true",
        "diff.external": trap,
        "core.pager": trap,
        "core.fsmonitor": trap,
        "core.sshCommand": trap,
        "remote.origin.url": "ssh://host/x",
        "remote.origin.promisor": "true",
        "remote.origin.partialclonefilter": "blob:none",
        "extensions.partialClone": "origin",
        "core.repositoryFormatVersion": "1",
    }.items():
        git(repository, "config", name, str(value))
    run_git(repository, "log", "--format=%H", "main")
    run_git(repository, "diff-tree", "-r", "-p", "main~", "main")
    run_git(repository, "update-ref", "refs/heads/other", commit)
    reader = ObjectReader(repository)
    with pytest.raises(GitFailed):
        reader.read(["e" * 40])
    reader.close()
    assert not (tmp_path / "sprung").exists()


def test_a_folder_that_is_no_repository_is_not_the_one_around_it(repository):
    (repository / "inside").mkdir()
    with pytest.raises(GitFailed):
        run_git(repository / "inside", "rev-parse", "HEAD")


def test_a_reader_goes_on_after_a_missing_object_and_after_its_git_was_killed(repository):
    reader = ObjectReader(repository)
    head = git(repository, "rev-parse", "main:a")
    with pytest.raises(Missing):
        reader.read(["f" * 40])
    assert reader.has(head) and not reader.has("f" * 40)
    os.kill(reader._process.pid, 9)
    with pytest.raises(GitFailed):
        reader.read([head])
    assert reader.read([head]) == [b"2\n"]
    reader.close()


def test_an_object_that_is_too_large_is_skipped_and_the_next_one_is_right(repository):
    reader = ObjectReader(repository)
    blob = git(repository, "rev-parse", "main:a")
    assert reader.read_up_to(blob, 1) is None
    assert reader.read_up_to(blob, 2) == b"2\n"
    reader.close()
