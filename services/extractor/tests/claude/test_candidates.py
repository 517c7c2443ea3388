"""Which files of a push or a tree Claude is asked about, in which order, and what of them is to be read."""

import pytest
from builders import repository
from fakes.git_history import make_repository

from devnexus.layout_key import line_key
from extractor.claude import candidates as candidates_module
from extractor.claude.candidates import NOTHING_ADDED, ONLY_LAYOUT, candidates, looks
from extractor.claude.cutting import IN_PART
from extractor.local_git import LocalGit
from extractor.reading import MAX_FILE_BYTES, Reader
from extractor.rule_set import load_rules

RETRY = "import tenacity\n\n@tenacity.retry(wait=tenacity.wait_exponential())\ndef call():\n    pass\n"
PLAIN = "def total(prices):\n    return sum(prices)\n"
PROJECT = "[project]\nname = 'api'\n"
READER = Reader(load_rules())
KEY = "AKIA" + "IOSFODNN7EXAMPLE"


class World:
    """One clone, what the rules read of it, and what was fetched of it since."""

    def __init__(self, folder):
        self._source = LocalGit(folder)
        self._clone = folder / "acme" / "api"
        self.fetched = []

    def push(self, before, after):
        """The candidates of a push from one tree to another."""
        old, new = make_repository(self._clone, [before, after])
        self._at = new
        files = self._source.change(repository(), before=old, after=new).files
        return self._read(files)

    def tree(self, files):
        (self._at,) = make_repository(self._clone, [files])
        return self._read(self._source.tree(repository(), sha=self._at).files)

    def _read(self, files):
        self.files = files
        self.reading = READER.read(files, contents=self.contents, own_names=frozenset)
        self.fetched.clear()
        return candidates(self.reading, files)

    def contents(self, object_ids):
        self.fetched += object_ids
        return self._source.contents(repository(), object_ids, at=self._at, max_bytes=MAX_FILE_BYTES)

    def looks(self, found):
        return {look.path: look for look in looks(found.worth, self.contents)}


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def added(look):
    return [line for piece in look.pieces for _, lines in piece.hunks() for line in lines]


def test_only_what_could_ever_count_is_worth_a_question(world):
    found = world.tree(
        {
            "src/a.py": PLAIN,
            "src/page.html": "<p>Retry</p>\n",
            "deploy.yaml": "replicas: 2\n",
            "docker-compose.yml": "services:\n  cache:\n    image: redis:7\n",
            "pyproject.toml": '[project]\nname = "api"\ndependencies = ["tenacity>=9"]\n',
            "tests/test_a.py": RETRY,
            "examples/a.py": RETRY,
            ".github/workflows/ci.yml": "on: push\n",
            "README.md": "We retry.\n",
            "docs/adr/0007-use-redis.md": "# Use redis\n\nStatus: accepted\n",
            "docs/decisions/why.md": "Since we like it.\n",
            "poetry.lock": "# lock\n",
            "node_modules/left/index.js": "x\n",
        }
    )
    assert {one.file.path for one in found.worth} == {
        "src/a.py",
        "docker-compose.yml",
        "pyproject.toml",
        "docs/adr/0007-use-redis.md",
        "docs/decisions/why.md",
    }
    assert {path: reason.split()[0] for path, reason in found.because.items()} == {
        "src/page.html": "of",
        "deploy.yaml": "configuration",
        "tests/test_a.py": "test:",
        "examples/a.py": "example:",
        ".github/workflows/ci.yml": "build",
        "README.md": "prose:",
    }


def test_the_most_relevant_come_first_in_whatever_order_the_files_came(world):
    before = {"changed.py": PLAIN, "seen.py": RETRY, "told.py": PLAIN, "pyproject.toml": PROJECT}
    after = {
        "changed.py": f"{PLAIN}x = 1\n",
        "seen.py": f"{RETRY}x = 1\n",
        "told.py": RETRY,
        "pyproject.toml": f"{PROJECT}dependencies = ['tenacity>=9']\n",
        "new.py": PLAIN,
        "large.py": PLAIN * 1500,
        "src/core/new.py": PLAIN,
    }
    found = world.push(before, after)
    assert [one.file.path for one in found.worth] == [
        "pyproject.toml",
        "told.py",
        "seen.py",
        "src/core/new.py",
        "new.py",
        "changed.py",
        "large.py",
    ]
    assert candidates(world.reading, tuple(reversed(world.files))) == found


def test_of_a_push_the_added_lines_are_read_and_of_a_tree_all(world, tmp_path):
    after = {"a.py": f"{PLAIN}x = 1\n", "b.py": RETRY}
    pushed = world.looks(world.push({"a.py": PLAIN}, after))
    assert (added(pushed["a.py"]), pushed["a.py"].gone) == (["x = 1"], "")
    (piece,) = pushed["b.py"].pieces
    assert (piece.status, piece.language, piece.rules) == ("added", "Python", ("retry-backoff",))
    assert pushed["b.py"].gone is None
    there = World(tmp_path / "tree")
    read = there.looks(there.tree(after))
    assert [added(read[path]) for path in after] == [text.split("\n")[:-1] for text in after.values()]


def test_what_a_change_took_away_is_told_also_of_a_file_that_moved(world):
    body = "".join(f"line_{n} = {n}\n" for n in range(30))
    found = world.push(
        {"a.py": f"{body}retry = 1\n", "b.py": f"{body}other = 2\n"},
        {"a.py": body, "b.py": None, "core/c.py": f"{body}new = 3\n"},
    )
    seen = world.looks(found)
    assert seen["a.py"].gone == line_key("retry = 1")
    assert (seen["a.py"].pieces, seen["a.py"].because) == ((), NOTHING_ADDED)
    assert (seen["core/c.py"].gone, added(seen["core/c.py"])) == (line_key("other = 2"), ["new = 3"])
    (moved,) = [one for one in world.reading.files if one.path == "core/c.py"]
    assert moved.moved_from == "b.py"
    assert seen["core/c.py"].pieces[0].status == "modified"


def test_moves_and_formatting_are_not_asked_about(world):
    found = world.push(
        {"a.py": "def call(a, b):\n    return ['x']\n", "b.py": RETRY},
        {"a.py": 'def call(\n    a,\n    b,\n):\n    return ["x"]\n', "b.py": None, "c.py": RETRY},
    )
    seen = world.looks(found)
    assert {path: (look.because, look.gone, look.pieces) for path, look in seen.items()} == {
        "a.py": (ONLY_LAYOUT, "", ()),
        "c.py": (NOTHING_ADDED, "", ()),
    }
    assert len(world.fetched) == 2  # a move is not even fetched


def test_no_more_is_fetched_than_is_taken(world):
    found = world.tree({f"m{n:03}.py": f"x = {n}\n" for n in range(100)})
    assert world.fetched == []
    taken = looks(found.worth, world.contents)
    assert next(taken).path == "m000.py"
    assert len(world.fetched) == 20


def test_what_stood_before_is_fetched_of_the_most_relevant_files_only(world, monkeypatch):
    monkeypatch.setattr(candidates_module, "MOST_COMPARED", 2)
    found = world.push(
        {f"{n}.py": f"x = {n}\n" for n in range(4)}, {f"{n}.py": f"y = {n}\n" for n in range(4)}
    )
    seen = world.looks(found)
    assert [seen[f"{n}.py"].gone for n in range(4)] == [line_key("x = 0"), line_key("x = 1"), None, None]
    assert all(look.pieces for look in seen.values())


def test_no_secret_is_in_a_piece_or_in_what_is_gone(world):
    leak = f'AWS_ACCESS_KEY_ID = "{KEY}"\n'
    found = world.push({"a.py": f"{leak}x = 1\n", "b.py": ""}, {"a.py": "x = 1\n", "b.py": leak + PLAIN})
    seen = world.looks(found)
    assert seen["a.py"].gone == line_key('AWS_ACCESS_KEY_ID = "[REDACTED:aws-access-key]"')
    assert KEY not in seen["b.py"].pieces[0].text


def test_a_file_too_large_for_one_call_comes_in_parts(world):
    long = f"{PLAIN * 300}X = '{'a b ' * 50_000}'\n"
    seen = world.looks(world.tree({"a.py": PLAIN * 5000, "b.py": long}))
    assert len(seen["a.py"].pieces) > 2 and seen["a.py"].because == ""
    assert (added(seen["b.py"]), seen["b.py"].because) == (PLAIN.split("\n")[:-1] * 300, IN_PART)
