"""Short ways to make the values that tests are about."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from devnexus.events import CommitPushed, PatternsExtracted
from devnexus.events.patterns_extracted import (
    Commit,
    Component,
    Coverage,
    Decision,
    Dependency,
    EvidenceRow,
    Fact,
    FileReading,
    Kind,
    Manifest,
    OwnerRule,
    Pattern,
    Receipt,
)
from devnexus.git_names import NO_COMMIT
from devnexus.knowledge.fold import fold
from devnexus.knowledge.projection import Projection
from devnexus.repository import Repository
from extractor.components import sketch_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RETRY = Pattern(id="retry-backoff", name="Retry with backoff", category="resilience")


def sha(name: str) -> str:
    """A full object id that stands for `name`."""
    return NO_COMMIT if name == "0" else hashlib.sha1(name.encode()).hexdigest()


def repository(name: str = "acme/api", number: int = 1) -> Repository:
    return Repository(id=f"github.com/{number}", name=name, default_branch="main")


def pushed(before: str, after: str, minute: float = 0, **changes: object) -> CommitPushed:
    """A push from the commit called `before` to the one called `after`."""
    changes = {"pushed_at": NOON + timedelta(minutes=minute), **changes}
    return pushed_commits(sha(before), sha(after), **changes)


def pushed_commits(before: str, after: str, **changes: object) -> CommitPushed:
    """A push at noon from one commit to another, such as a repository on disk has."""
    values = {
        "cause": "live",
        "repository": repository(),
        "ref": "refs/heads/main",
        "before": before,
        "after": after,
        "pushed_at": NOON,
        **changes,
    }
    return CommitPushed(**values)  # type: ignore[arg-type]


def row(
    rule: str = RETRY.id,
    line: int = 1,
    weight: float = 0.6,
    kind: Kind = "code",
    introduced: bool = False,
) -> EvidenceRow:
    return EvidenceRow(
        rule=rule, kind=kind, start=line, end=line, quote="0" * 16, weight=weight, introduced=introduced
    )


def reading(path: str = "app.py", *rows: EvidenceRow, status: str = "modified") -> FileReading:
    return FileReading(path=path, status=status, language="Python", rows=rows)  # type: ignore[arg-type]


def record_of(
    push: CommitPushed,
    *files: FileReading,
    coverage: Coverage = "change",
    analysis: str = "a1",
    rules_version: int = 1,
    patterns: Iterable[Pattern] = (RETRY,),
) -> PatternsExtracted:
    """What the extractor says of `push`."""
    return PatternsExtracted(
        cause=push.cause,
        repository=push.repository,
        subject="push",
        record_id=push.id,
        at=push.pushed_at,
        ref=push.ref,
        before=push.before,
        after=push.after,
        coverage=coverage,
        analysis=analysis,
        commits=(Commit(sha=push.after, author="Ada", message="change"),),
        commit_count=1,
        files=files,
        patterns=tuple(patterns),
        receipt=Receipt(reader="rules", rules_version=rules_version, files=len(files), read=len(files)),
    )


def snapshot_record(
    at_commit: str, *files: FileReading, minute: float = 0, asked_by: str = "test", number: int = 1
) -> PatternsExtracted:
    """What the extractor says of the whole tree at a commit."""
    return PatternsExtracted(
        cause="snapshot",
        repository=repository(number=number),
        subject="snapshot",
        record_id=f"github.com/{number}@{sha(at_commit)}:snapshot:{asked_by}",
        at=NOON + timedelta(minutes=minute),
        after=sha(at_commit),
        coverage="tree",
        analysis="a1",
        files=files,
        patterns=(RETRY,),
        receipt=Receipt(reader="rules", rules_version=1, files=len(files), read=len(files)),
    )


def component(name: str, lines: Iterable[str], *, start: int = 1) -> Component:
    """A class whose body is `lines`, as the extractor tells of it."""
    body = list(lines)
    return Component(
        name=name,
        kind="class",
        start=start,
        end=start + len(body) - 1,
        digest=hashlib.sha256("\n".join(body).encode()).hexdigest()[:16],
        sketch=sketch_of(body),
    )


def manifest(*packages: str) -> Manifest:
    """A manifest that asks for these packages, one a line."""
    needed = (Dependency(name=package, line=n) for n, package in enumerate(sorted(packages), start=5))
    return Manifest(ecosystem="pypi", dependencies=tuple(needed))


def decided(title: str, *, status: str | None = None, line: int | None = 1) -> Decision:
    """A decision as an ADR or a push tells it."""
    return Decision(
        kind="swap" if line is None else "adr", title=title, status=status, confidence=0.8, line=line
    )


def saying(path: str, letter: str) -> FileReading:
    """A file that says something of everything a file can say something of, differently for each letter."""
    return FileReading(
        path=path,
        status="modified",
        decisions=(decided(f"Decision {letter}"),),
        facts=(
            Fact(about="test-framework", name=f"framework {letter}"),
            Fact(about="infrastructure", name=letter, line=2),
            Fact(about="deployment-script", name=f"deploy {letter}"),
        ),
        owners=(OwnerRule(pattern="*", owners=(f"@{letter}",), line=1),),
        introduction=f"Introduction {letter}",
        manifest=Manifest(ecosystem="npm", name=letter, line=2),
    )


def known(
    name: str,
    number: int,
    *,
    patterns: Iterable[str] = (),
    packages: Iterable[str] = (),
    components: Iterable[Component] = (),
    minute: float = 0,
) -> Projection:
    """What is known of a repository after one push: each pattern in a file of its own, and a manifest."""
    ids = sorted(patterns)
    files = [reading(f"src/{id_}.py", row(rule=id_, line=3, weight=0.8)) for id_ in ids]
    files.append(FileReading(path="pyproject.toml", status="added", manifest=manifest(*packages)))
    files.append(reading("src/http.py").model_copy(update={"components": tuple(components)}))
    push = pushed("0", f"{name} {minute}", minute, repository=repository(name, number))
    told = [Pattern(id=id_, name=id_.replace("-", " ").capitalize(), category="x") for id_ in ids]
    state = fold([record_of(push, *files, patterns=told)])
    assert state
    return state.project()
