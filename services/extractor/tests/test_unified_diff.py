"""The parser against git itself and `unidiff` on random histories, and on what neither understands."""

import subprocess
import time
from random import Random

import pytest
import unidiff

from extractor.unified_diff import Hunks, parse_patch, parse_unified_diff

NAMES = [
    "a.py",
    "src/with space.py",
    "ä/ö.txt",
    'quo"te.md',
    "tab\there",
    "line\nfeed",
    "back\\slash",
    "-- dash",
]
LINES = [
    "-- x",
    "++ y",
    "",
    "@@ -1 +1 @@",
    "diff --git a/x b/x",
    "--- a/x",
    "+++ b/x",
    "x\r",
    "\\ No",
    "z\x0cw",
]


def git(folder, *arguments):
    settings = ("-c", "user.name=t", "-c", "user.email=t@t", "-c", "core.autocrlf=false")
    return subprocess.run(["git", *settings, *arguments], cwd=folder, capture_output=True, check=True).stdout


PLAIN_NAMES = ["a.py", "src/with space.py", "b.md", "c/d.txt", "ö.txt"]
PLAIN_LINES = ["-- x", "++ y", "", "@@ -1 +1 @@", "diff --git a/x b/x", "same", "other"]
"""Without what unidiff is known to get wrong: it keeps quotes and breaks lines at form feeds."""


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    return random_history(tmp_path_factory.mktemp("history"), NAMES, LINES)


@pytest.fixture(scope="module")
def plain_history(tmp_path_factory):
    return random_history(tmp_path_factory.mktemp("history"), PLAIN_NAMES, PLAIN_LINES)


def random_history(folder, names, lines_of_files):
    """A repository in which files come, go, move, change their mode and their content at random."""
    random = Random(5)
    git(folder, "init", "-q")
    for _ in range(12):
        for name in random.sample(names, k=4):
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            if path.exists() and random.random() < 0.4:
                path.rename(folder / f"moved {random.randrange(9)} {path.name}")
            else:
                lines = path.read_text().split("\n") if path.exists() else []
                for _ in range(random.randrange(1, 9)):
                    lines.insert(random.randrange(len(lines) + 1), random.choice(lines_of_files))
                path.write_text("\n".join(lines), newline="")
                path.chmod(random.choice([0o644, 0o755]))
        (folder / "image.png").write_bytes(random.randbytes(50) + b"\0")
        for gone in random.sample(sorted(folder.glob("moved *")), k=len(list(folder.glob("moved *"))) // 2):
            gone.unlink()
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "--allow-empty", "-m", "x")
    return folder


def commits(folder):
    return git(folder, "rev-list", "HEAD").decode().split()


def numbers(folder, commit):
    """Path → added and removed lines as git counts them, None for binary files."""
    fields = iter(git(folder, "show", "--format=", "--numstat", "-z", "-M", commit).decode().split("\0"))
    counted = {}
    for field in fields:
        if field.strip("\n"):
            added, removed, path = field.lstrip("\n").split("\t", 2)
            if not path:
                next(fields)
                path = next(fields)
            counted[path] = None if added == "-" else (int(added), int(removed))
    return counted


@pytest.mark.parametrize("context", ["-U0", "-U3"])
def test_paths_and_lines_are_those_that_git_counts(history, context):
    for commit in commits(history):
        files = list(parse_unified_diff(git(history, "show", "--format=", context, "-p", "-M", commit)))
        counted = {
            file.path: None if file.is_binary else (sum(map(len, file.hunks.added)), file.hunks.removed)
            for file in files
        }
        assert counted == numbers(history, commit)
        assert not any(file.hunks.is_cut for file in files)


def test_added_lines_and_statuses_are_those_of_unidiff(plain_history):
    for commit in commits(plain_history):
        diff = git(plain_history, "-c", "core.quotepath=off", "show", "--format=", "-p", "-M", commit)
        theirs = {
            file.path: (
                [line.target_line_no for hunk in file for line in hunk if line.is_added],
                (file.is_added_file, file.is_removed_file, file.is_rename),
            )
            for file in unidiff.PatchSet(diff.decode())
        }
        assert theirs == {
            file.path: (
                [number for span in file.hunks.added for number in span],
                (file.status == "added", file.status == "removed", file.status == "renamed"),
            )
            for file in parse_unified_diff(diff)
        }


def test_a_patch_of_the_api_has_no_header_and_may_be_cut():
    whole = parse_patch(
        b"@@ -1,2 +1,3 @@ def f():\n a\n+b\n c\n@@ -9 +10,2 @@\n-x\n+y\n+z\n\\ No newline at end of file"
    )
    assert (whole.added, whole.removed, whole.is_cut) == ((range(2, 3), range(10, 12)), 1, False)
    cut = parse_patch(b"@@ -1,2 +1,30 @@\n a\n+b\n+c")
    assert (cut.added, cut.is_cut) == ((range(2, 4),), True)
    assert parse_patch(b"") == parse_patch(b"no hunk at all")


def test_copies_and_modes_are_told():
    diff = (
        b"diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n"
        b"diff --git a/a b.py b/c d.py\nsimilarity index 100%\ncopy from a b.py\ncopy to c d.py\n"
    )
    mode, copy = parse_unified_diff(diff)
    assert (mode.path, mode.old_mode, mode.new_mode) == ("run.sh", 0o100644, 0o100755)
    assert (copy.path, copy.old_path, copy.status) == ("c d.py", "a b.py", "copied")


def test_a_diff_of_other_tools_is_read_with_dates_and_carriage_returns():
    header = b"Only in x: y\r\n--- old/a.c\t2026-01-01 00:00:00\r\n+++ new/a.c\t2026-01-02\r\n"
    diff = header + b"@@ -1 +1,2 @@\r\n a\r\n+b\r\n"
    (file,) = parse_unified_diff(diff)
    assert (file.path, file.hunks.added) == ("new/a.c", (range(2, 3),))


def test_a_cut_hunk_does_not_swallow_the_next_file():
    diff = b"--- a/x\n+++ b/x\n@@ -1,9 +1,9 @@\n a\n+b\n--- a/y\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n"
    first, second = parse_unified_diff(diff)
    assert (first.path, first.hunks.is_cut, first.hunks.added) == ("x", True, (range(2, 3),))
    assert (second.path, second.hunks.added) == ("y", (range(1, 2),))


def test_what_looks_like_a_header_inside_a_hunk_is_content():
    diff = b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n--- a/y\n+++ b/y\n c\n"
    (file,) = parse_unified_diff(diff)
    assert (file.hunks.added, file.hunks.removed) == ((range(1, 2),), 1)


def test_the_last_lines_of_a_hunk_may_look_like_the_next_file():
    diff = b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n--- y\n+++ y\n@@ -9 +9 @@\n-a\n+b\n"
    (file,) = parse_unified_diff(diff)
    assert (file.hunks.added, file.hunks.removed) == ((range(1, 2), range(9, 10)), 2)


def test_what_stands_behind_a_binary_file_is_not_its_header():
    diff = b"diff --git a/x b/x\nBinary files a/x and b/x differ\n\n--- what\n+++ people wrote\n"
    (file,) = parse_unified_diff(diff)
    assert (file.path, file.is_binary) == ("x", True)


def test_a_line_of_a_merge_is_not_taken_for_a_path():
    diff = b"diff --cc x\n--- a/x\n+++ b/x\n@@@ -1,1 -1,1 +1,2 @@@\n  a\n+++ other\n--- gone\n"
    (file,) = parse_unified_diff(diff)
    assert (file.path, file.hunks) == ("x", Hunks())


@pytest.mark.parametrize(
    "hostile",
    [
        b"@@ -1 +1,999999999 @@\n" + b"+" + b"x" * 5_000_000,
        b"--- a/x\n+++ b/x\n@@ -1,9 +1,9 @@\n" * 10_000,
        b'diff --git "a/' + b"\\" * 1_000_000 + b'\n+++ "b/\xff\xfe\n@@ -1 +1 @@\n+x',
        b"diff --git \n" * 50_000,
        b"--- a/x\n+++ b/x\n" + b"@@ -1 +1 @@\n+a\n-b\n" * 60_000,
        b"\0" * 1_000_000,
    ],
    ids=["one long line", "cut hunks", "open quotes", "empty headers", "many hunks", "zeros"],
)
def test_hostile_text_takes_no_more_time_than_other_text(hostile):
    start = time.process_time()
    list(parse_unified_diff(hostile))
    parse_patch(hostile)
    assert time.process_time() - start < 5  # quadratic time would take minutes
