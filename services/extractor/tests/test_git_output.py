"""What git's plumbing prints, parsed: statuses, odd paths, and exactly the added lines."""

import pytest

from devnexus.git import run_git
from extractor.git_output import parse_diff, parse_root_tree, parse_tree

DIFF = ("diff-tree", "-r", "-z", "--raw", "-p", "-U0", "-M", "--no-abbrev", "--no-color")


@pytest.fixture
def repository(tmp_path):
    run_git(tmp_path, "init", "--quiet")
    return tmp_path


def commit(path, files):
    """Write files (None removes one), commit them, and return the commit's id."""
    for name, content in files.items():
        target = path / name
        target.unlink(missing_ok=True)
        if callable(content):
            content(target)
        elif content is not None:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    run_git(path, "add", "--all")
    run_git(
        path, "-c", "user.name=T", "-c", "user.email=t@t", "commit", "--quiet", "--allow-empty", "-m", "m"
    )
    return run_git(path, "rev-parse", "HEAD").decode().strip()


def diff(path, before, after):
    changes = {}
    for file in parse_diff(run_git(path, *DIFF, before, after)):
        changes[file.path] = (file.status, [line for lines in file.added for line in lines])
    return changes


def test_each_kind_of_change_has_its_status_and_its_added_lines(repository):
    old = commit(
        repository,
        {
            "edited.py": b"a\nb\nc\n",
            "gone.py": b"x\n",
            "moved.py": b"".join(b"line %d\n" % n for n in range(20)),
            "mode.sh": b"#!/bin/sh\n",
            "link": lambda target: target.symlink_to("edited.py"),
        },
    )
    new = commit(
        repository,
        {
            "edited.py": b"a\nB\nB2\nc\nd",
            "gone.py": None,
            "moved.py": None,
            "new place.py": b"".join(b"line %d\n" % n for n in range(20)) + b"one more\n",
            "mode.sh": lambda target: (target.write_bytes(b"#!/bin/sh\n"), target.chmod(0o755)),
            "link": b"a real file now\n",
            "empty": b"",
            "ä\t\n.py": b"1\n",
            "binary": b"\x00\x01@@ -1 +1 @@\ndiff --git a/x b/x\n",
            "tricky.txt": b"@@ -1,1 +9,9 @@\ndiff --git a/x b/x\n",
        },
    )
    assert diff(repository, old, new) == {
        "edited.py": ("modified", [2, 3, 5]),
        "gone.py": ("removed", []),
        "moved.py": ("removed", []),
        "new place.py": ("added", [21]),
        "mode.sh": ("modified", []),
        "link": ("modified", [1]),
        "empty": ("added", []),
        "ä\t\n.py": ("added", [1]),
        "binary": ("added", []),
        "tricky.txt": ("added", [1, 2]),
    }


def test_a_file_that_moved_is_told_with_the_name_and_the_content_that_it_had(repository):
    body = b"".join(b"line %d\n" % n for n in range(20))
    old = commit(repository, {"a\n.py": body})
    new = commit(repository, {"a\n.py": None, "b.py": body + b"more\n", "c.py": b"c\n"})
    files = {file.path: file for file in parse_diff(run_git(repository, *DIFF, old, new))}
    assert {path: file.moved_from for path, file in files.items()} == {
        "a\n.py": None,
        "b.py": "a\n.py",
        "c.py": None,
    }
    assert files["b.py"].before_id == run_git(repository, "rev-parse", f"{old}:a\n.py").decode().strip()


def test_no_change_is_an_empty_list(repository):
    only = commit(repository, {"a": b"1"})
    assert diff(repository, only, only) == {}


def test_a_tree_lists_its_files_and_its_root_files(repository):
    head = commit(repository, {"a.py": b"1", "dir/b.py": b"2"})
    files = list(parse_tree(run_git(repository, "ls-tree", "-r", "-z", "--full-tree", head)))
    assert [(file.path, file.status, file.added) for file in files] == [
        ("a.py", "added", ()),
        ("dir/b.py", "added", ()),
    ]
    tree = run_git(repository, "cat-file", "tree", f"{head}^{{tree}}")
    entries = parse_root_tree(tree, digest_bytes=20)
    assert entries["a.py"] == files[0].object_id
    assert entries.keys() == {"a.py"}
