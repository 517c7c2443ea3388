"""Every file of every push is accounted for: by the rules, and of those that they read by Claude."""

import subprocess
from collections import Counter

import pytest
from builders import repository

from extractor.change import ChangedFile
from extractor.claude.account import account
from extractor.claude.candidates import candidates, looks
from extractor.claude.packing import pack
from extractor.left_out import PATHS_NAMED
from extractor.local_git import LocalGit
from extractor.reading import MAX_FILE_BYTES, MAX_FILES, Reader
from extractor.rule_set import load_rules

READER = Reader(load_rules())
_REMARKS = frozenset({"malformed manifest"})
"""Said of files that were read."""

BODY = "".join(f"line_{n} = {n}\n" for n in range(40))
KEY = "AKIA" + "IOSFODNN7EXAMPLE"


class Clone:
    """A clone that is committed to, and what git and we tell of the pushes to it."""

    def __init__(self, folder):
        self.folder = folder / "acme" / "api"
        self.folder.mkdir(parents=True)
        self._source = LocalGit(folder)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments):
        identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
        return subprocess.run(
            ["git", "-C", self.folder, *identity, *arguments], check=True, capture_output=True
        ).stdout

    def commit(self, files):
        for path, content in files.items():
            place = self.folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.unlink(missing_ok=True)
            if content is not None:
                place.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.git("add", "--all", "--force")
        return self.commit_index()

    def commit_index(self):
        self.git("commit", "--quiet", "--allow-empty", "-m", "A step")
        return self.git("rev-parse", "HEAD").decode().strip()

    def told_by_git(self, before, after):
        """Path → A, M, D or T."""
        fields = self.git("diff", "--name-status", "-z", "--no-renames", before, after).split(b"\0")[:-1]
        names = [field.decode("utf-8", "backslashreplace") for field in fields]
        return dict(zip(names[1::2], names[::2], strict=True))

    def files(self, before, after):
        return self._source.change(repository(), before=before, after=after).files

    def tree(self, sha):
        return self._source.tree(repository(), sha=sha).files

    def contents(self, object_ids):
        return self._source.contents(repository(), object_ids, at="HEAD", max_bytes=MAX_FILE_BYTES)


@pytest.fixture
def clone(tmp_path):
    return Clone(tmp_path)


def read(clone, files):
    return READER.read(files, contents=clone.contents, own_names=frozenset)


def by_rules(reading):
    """What the receipt makes of the paths: how many are read, left out, cut and removed, each named once."""
    removed = [file.path for file in reading.files if file.status == "removed"]
    groups = [one for one in reading.receipt.not_read if one.reason not in _REMARKS]
    groups += reading.receipt.clipped
    named = Counter([*removed, *reading.read, *(path for group in groups for path in group.paths)])
    unnamed = sum(max(group.count - PATHS_NAMED, 0) for group in groups)
    assert reading.receipt.read == len(reading.read)
    assert len(removed) + reading.receipt.read + sum(group.count for group in groups) == reading.receipt.files
    assert sum(named.values()) + unnamed == reading.receipt.files
    return named, unnamed


def by_claude(clone, reading, files, *, most_calls, known=frozenset()):
    """Each path that the rules read → where it went, and the account of those that went nowhere."""
    found = candidates(reading, files)
    seen = []

    def pieces():
        for look in looks(found.worth, clone.contents):
            seen.append(look)
            if look.path not in known:
                yield from look.pieces

    packed = pack(pieces(), most_calls=most_calls)
    because = found.because | {look.path: look.because for look in seen if look.because} | packed.left_out
    asked = {piece.path for call in packed.packs for piece in call}
    answered = {path for path in asked | known if path not in because}
    groups = account(reading.read, answered, because)
    assert len(answered) + sum(group.count for group in groups) == len(reading.read)
    named = [path for group in groups for path in group.paths]
    assert answered.isdisjoint(named) and answered.union(named) <= set(reading.read)
    assert all(len(group.paths) == min(group.count, PATHS_NAMED) for group in groups)
    return answered, {group.reason: group.count for group in groups}


def kinds_of_change(clone):
    """A push that changes files in every way there is."""
    first = clone.commit(
        {
            "src/edited.py": BODY,
            "src/formatted.py": "x = ['a', 'b']\n",
            "src/moved.py": f"{BODY}moved = 1\n",
            "src/moved and edited.py": f"{BODY}edited = 1\n",
            "src/gone.py": "gone = 1\n",
            "src/mode.sh": "echo 1\n",
            "src/becomes_link.py": "typed = 1\n",
            "src/shrunk.py": f"{BODY}last = 1\n",
            "gone.lock": "1\n",
            "logo.png": b"\x89PNG\0",
            "yarn.lock": "1\n",
        }
    )
    clone.git("mv", "src/moved.py", "src/same.py")
    clone.git("mv", "src/moved and edited.py", "lib moved.py")
    (clone.folder / "src/becomes_link.py").unlink()
    (clone.folder / "src/becomes_link.py").symlink_to("edited.py")
    (clone.folder / "link").symlink_to("src")
    clone.commit(
        {
            "src/edited.py": f"{BODY}more = 1\n",
            "src/formatted.py": 'x = [\n    "a",\n    "b",\n]\n',
            "lib moved.py": f"{BODY}edited = 1\nmore = 2\n",
            "src/gone.py": None,
            "src/shrunk.py": BODY,
            "gone.lock": None,
            "logo.png": b"\x89PNG\0\0",
            "yarn.lock": "2\n",
            ".env": "A=1\n",
            f"keys/{KEY}.py": "x = 1\n",
            f"keys/{KEY[:-1]}X.py": "y = 1\n",
            "api_pb2.py": "# Generated by the protocol buffer compiler.  DO NOT EDIT!\n",
            "marked.py": "# Code generated by hand. DO NOT EDIT.\n",
            "app.min.js": "x\n",
            "packed.js": "x" * 5000,
            "huge.py": "x = 1\n" * 200_000,
            "long.py": f"{BODY * 20}y = '{'a b ' * 50_000}'\n",
            "data.py": b"x\0y",
            "latin.py": "café = 1\n".encode("latin-1"),
            "empty.py": "",
            "blank.py": "\n\n",
            "no end.py": "x = 1",
            "nämé\n\t.py": "x = 1\n",
            "vendor/left/pad.go": "package pad\n",
            "package.json": "{",
            "tests/test_a.py": "x = 1\n",
            "docs/a.md": "Prose\n",
            "deploy.yaml": "a: 1\n",
            **{f"src/many/m{n:03}.py": f"value = {n}\n" for n in range(300)},
            **{f"dist/m{n:03}.min.js": f"{n}\n" for n in range(30)},
        }
    )
    clone.git("update-index", "--chmod=+x", "src/mode.sh")
    clone.git("update-index", "--add", "--cacheinfo", f"160000,{first},module")
    strange = clone.folder / "strange"
    strange.write_text("x = 1\n")
    blob = clone.git("hash-object", "-w", strange).decode().strip()
    subprocess.run(
        ["git", "-C", clone.folder, "update-index", "-z", "--index-info"],
        input=f"100644 {blob}\tsrc/".encode() + b"odd\xff.py\0",
        check=True,
    )
    return first, clone.commit_index()


def test_every_path_that_git_tells_of_a_push_is_read_or_named_with_a_reason(clone):
    before, after = kinds_of_change(clone)
    told = clone.told_by_git(before, after)
    files = clone.files(before, after)
    assert Counter(file.path for file in files) == Counter(list(told))
    assert {file.path for file in files if file.status == "removed"} == {
        path for path, status in told.items() if status == "D"
    }
    reading = read(clone, files)
    named, unnamed = by_rules(reading)
    assert {path for path, times in named.items() if times > 1} == set()
    assert set(named) <= set(told) and len(told) - len(named) == unnamed == 11
    assert {one.reason for one in reading.receipt.not_read} == {
        *("binary", "generated", "larger than 1 MB", "lock file", "malformed manifest", "may hold secrets"),
        *("minified", "submodule", "symbolic link", "vendored code"),
    }


@pytest.mark.parametrize("most_calls", [0, 1, 50])
def test_every_path_that_the_rules_read_is_asked_about_known_or_left_out_for_a_reason(clone, most_calls):
    before, after = kinds_of_change(clone)
    files = clone.files(before, after)
    reading = read(clone, files)
    known = {"src/many/m000.py", "src/edited.py"}
    answered, reasons = by_claude(clone, reading, files, most_calls=most_calls, known=known)
    assert known <= answered
    assert len(answered) == {0: 2, 1: 62, 50: 308}[most_calls]
    if most_calls == 50:
        assert reasons == {
            "configuration in which no rule sees anything": 2,
            "nothing was added to it": 5,
            "only its layout changed": 1,
            "prose: proves no pattern": 1,
            "test: proves no pattern of the product": 1,
            "too large to be read whole": 1,
        }


def test_every_path_of_a_tree_is_accounted_for(clone):
    _, after = kinds_of_change(clone)
    files = clone.tree(after)
    reading = read(clone, files)
    named, unnamed = by_rules(reading)
    assert sum(named.values()) + unnamed == len(files)
    answered, reasons = by_claude(clone, reading, files, most_calls=8)
    assert answered and "does not fit into the calls that one push or snapshot may take" not in reasons


def test_names_that_only_a_secret_tells_apart_are_counted_each(clone):
    kind = "keys/[REDACTED:aws-access-key].py"
    blob = clone.commit({"a.py": "x = 1\n"}) and clone.git("rev-parse", "HEAD:a.py").decode().strip()
    files = [ChangedFile(kind, "added", blob, 0o100644, (range(1, 2),)) for _ in range(2)]
    reading = read(clone, files)
    _, reasons = by_claude(clone, reading, files, most_calls=4)
    assert reasons == {"its name differs from another's only in a secret": 2}


def test_what_is_beyond_the_most_files_is_counted_and_what_was_removed_is_not_counted_twice(clone):
    blob = clone.commit({"a.py": "x = 1\n"}) and clone.git("rev-parse", "HEAD:a.py").decode().strip()
    files = [ChangedFile(f"{n}.lock", "added", blob, 0o100644) for n in range(MAX_FILES)]
    files += [ChangedFile("z.py", "removed", "0" * 40, 0), ChangedFile("y.py", "added", blob, 0o100644)]
    reading = read(clone, files)
    by_rules(reading)
    assert [one.paths for one in reading.receipt.clipped] == [("y.py",)]
