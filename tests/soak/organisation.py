"""Repositories on what stands for GitHub, and pushes to them: real commits, and what GitHub tells of them."""

import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from random import Random

from fakes.github import OWNER, FakeGitHub, repository_number
from push_payloads import NOTHING, Hosted, Ref, push_payload, told_commit

from devnexus.timestamps import write
from soak.ledger import Push

REF = "refs/heads/main"
MOST = 40
"""Repositories."""

_SAMPLES = Path(__file__).parents[2] / "services/extractor/tests/rules"
_MARK = "  <<< "
_ADA = ("Ada", "ada@example.org")
_HUGE_COMMITS = 6000
"""Told in one payload: some megabytes, where GitHub takes 25."""


@dataclass
class _Repository:
    name: str
    commits: list[str] = field(default_factory=list)
    """The branch, oldest first."""
    files: set[bytes] = field(default_factory=set)


@dataclass(frozen=True)
class Made:
    """A push that has happened, and GitHub's payload about it."""

    push: Push
    payload: Mapping[str, object]


class Organisation:
    """Some repositories that grow, and now and then a new one. One thread pushes."""

    def __init__(self, github: FakeGitHub, random: Random) -> None:
        self._github, self._random = github, random
        self._repositories: list[_Repository] = []
        self._count = 0

    def names(self) -> list[str]:
        """The repositories there are."""
        return [one.name for one in self._repositories]

    def push(self, kind: str, *, at: int) -> Made:
        """Somebody pushes: `new`, `forced`, `huge`, `hostile` or `usual`."""
        if kind == "new" and len(self._repositories) < MOST or not self._repositories:
            return self._new(at)
        repository = self._random.choice(self._repositories)
        if kind == "forced" and len(repository.commits) >= 2:
            return self._forced(repository, at)
        files = hostile_files(self._random) if kind == "hostile" else self._usual_files(repository)
        made_kind = kind if kind in {"huge", "hostile"} else "usual"
        return self._commit(repository, files, at=at, kind=made_kind)

    def _new(self, at: int) -> Made:
        repository = _Repository(f"{OWNER}/service-{len(self._repositories) + 1:02}")
        folder = self._github.path(repository.name)
        folder.mkdir(parents=True)
        subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", folder], check=True)
        self._repositories.append(repository)
        files = {b"README.md": f"# {repository.name}\n".encode(), **self._usual_files(repository)}
        return self._commit(repository, files, at=at, kind="new")

    def _forced(self, repository: _Repository, at: int) -> Made:
        before = repository.commits[-1]
        del repository.commits[-self._random.randint(1, min(3, len(repository.commits) - 1)) :]
        files = self._usual_files(repository)
        return self._commit(repository, files, at=at, kind="forced", before=before)

    def _usual_files(self, repository: _Repository) -> dict[bytes, bytes | None]:
        self._count += 1
        chance = self._random.random()
        if chance < 0.1:
            return {b"NOTES.md": f"Note {self._count}\n".encode()}
        if chance < 0.2 and repository.files:
            return {self._random.choice(sorted(repository.files)): None}
        if chance < 0.25:
            key = "".join(self._random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=16))
            return {b"settings.py": f'AWS_ACCESS_KEY_ID = "AKIA{key}"\n'.encode()}
        sample = self._random.choice(samples())
        return {path: content + b"\n" * (self._count % 7) for path, content in sample.items()}

    def _commit(
        self,
        repository: _Repository,
        files: Mapping[bytes, bytes | None],
        *,
        at: int,
        kind: str,
        before: str | None = None,
    ) -> Made:
        parent = repository.commits[-1] if repository.commits else None
        before = before or parent or NOTHING
        self._count += 1
        message = f"Step {self._count}"
        after = _commit(self._github.path(repository.name), files, parent=parent, message=message, at=at)
        repository.commits.append(after)
        for path, content in files.items():
            (repository.files.discard if content is None else repository.files.add)(path)
        return _made(repository.name, before, after, message, at=at, kind=kind)


def _made(name: str, before: str, after: str, message: str, *, at: int, kind: str) -> Made:
    hosted = Hosted(name, repository_number(name))
    moment = write(datetime.fromtimestamp(at, UTC))
    commit = told_commit(
        hosted,
        after,
        tree="e" * 40,
        message=message,
        timestamp=moment,
        author=_ADA,
        committer=_ADA,
        paths={},
    )
    told = [commit] * (_HUGE_COMMITS if kind == "huge" else 1)
    moved = Ref(REF, before, after, at)
    payload = push_payload(hosted, moved, commits=told, head=commit, forced=kind == "forced")
    id_ = f"github.com/{hosted.number}:{REF}:{before}..{after}@{moment}"
    cause = {"new": "snapshot", "forced": "live"}.get(kind)
    snapshot = f"github.com/{hosted.number}@{after}:{cause}:{id_}" if cause else None
    return Made(Push(id_, kind, snapshot), payload)


def _commit(
    folder: Path, files: Mapping[bytes, bytes | None], *, parent: str | None, message: str, at: int
) -> str:
    """Put a commit on the branch, wherever that stood before, and return its id."""
    stream = [f"commit {REF}\nmark :1\ncommitter Ada <ada@example.org> {at} +0000\n".encode()]
    stream.append(f"data {len(message)}\n{message}\n".encode())
    if parent:
        stream.append(f"from {parent}\n".encode())
    for path, content in files.items():
        if content is None:
            stream.append(b"D %s\n" % _quoted(path))
        else:
            stream.append(b"M 100644 inline %s\ndata %d\n%s\n" % (_quoted(path), len(content), content))
    stream.append(b"get-mark :1\n")
    command = ["git", "-C", folder, "fast-import", "--quiet", "--force"]
    done = subprocess.run(command, input=b"".join(stream), check=True, capture_output=True)
    return done.stdout.decode().strip()


def _quoted(path: bytes) -> bytes:
    plain = all(32 < byte < 127 and byte not in b'"\\' for byte in path)
    return path if plain else b'"' + b"".join(b"\\%03o" % byte for byte in path) + b'"'


def hostile_files(random: Random) -> dict[bytes, bytes | None]:
    """What nobody should be brought down by."""
    kinds: list[dict[bytes, bytes | None]] = [
        {b"src/long.py": b"x = '" + b"a" * 300_000 + b"'\n"},
        {b"src/large.py": b"value = 1\n" * 250_000},
        {b"src/binary.py": bytes(range(256)) * 20},
        {b'src/\n"strange" \xe2\x80\xae.py': b"import tenacity\n"},
        {b"package.json": b"[" * 100_000},
        {b"pyproject.toml": b"[project\nname = \x00"},
        {b"requirements.txt": b"tenacity" + b"[a]" * 20_000 + b"\n"},
        {b"many/%d.py" % number: b"import redis  # %d\n" % number for number in range(120)},
        {b"/".join([b"deep"] * 60) + b"/x.go": b"package x\n"},
        {b"CODEOWNERS": b"* @" + b"a" * 5000 + b"\n"},
    ]
    return random.choice(kinds)


@cache
def samples() -> tuple[dict[bytes, bytes | None], ...]:
    """The files that the samples of the rules consist of, a pattern each."""
    found = [dict(_files(path)) for path in sorted(_SAMPLES.glob("*.diff")) if ".near." not in path.name]
    return tuple(one for one in found if one)


def _files(sample: Path) -> Iterator[tuple[bytes, bytes]]:
    for part in sample.read_text(encoding="utf-8").split("--- /dev/null\n+++ b/")[1:]:
        path, *lines = part.split("\n")
        added = [line[1:].split(_MARK)[0] for line in lines if line.startswith("+")]
        yield path.encode(), "\n".join(added).encode() + b"\n"
