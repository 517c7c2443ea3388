"""Events as a busy organisation makes them, the same for the same seed."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from builders import NOON, component, manifest, pushed, reading, record_of, row, snapshot_record

from devnexus.events import (
    DependenciesDeclared,
    KnowledgeImported,
    LessonLearned,
    Record,
    RepositoryChanged,
    RepositoryRegistered,
    RepositoryRenamed,
    RuntimeIssueReported,
    RuntimeIssueUpdated,
)
from devnexus.events.patterns_extracted import FileReading
from devnexus.repository import Repository, id_of_name

_MINUTES = 3000
"""About two days, so that every repository has several history files."""


def events(count: int, *, repositories: int, random: Random) -> list[Record]:
    """`count` records with different ids, in no order, of so many repositories with a number.

    One more was imported by its name alone before it was pushed to; two share a name.
    """
    owners = [_repository(number) for number in range(1, repositories + 1)]
    owners[-1] = owners[-1].model_copy(update={"name": owners[0].name})
    made: dict[str, Record] = {}
    for record in _stream(owners, random):
        made.setdefault(record.id, record)
        if len(made) == count:
            break
    records = list(made.values())
    random.shuffle(records)
    return records


def _repository(number: int) -> Repository:
    return Repository(id=f"github.com/{number}", name=f"acme/service-{number}", default_branch="main")


def _stream(owners: list[Repository], random: Random) -> Iterator[Record]:
    by_name = owners[len(owners) // 2].name
    known_by_name = Repository(id=id_of_name(by_name), name=by_name, default_branch="main")
    yield KnowledgeImported(
        cause="import",
        at=NOON - timedelta(days=1),
        repository=known_by_name,
        part="latest",
        content={"latest_patterns": _entry("imported"), "last_updated": NOON.isoformat()},
    )
    number = 0
    while True:
        number += 1
        owner = random.choice(owners)
        # Few kinds of minute, so that records tie.
        minute = random.randrange(0, _MINUTES, 5)
        if random.random() < 0.75:
            yield _read_from_code(owner, number, minute, random)
        else:
            yield from _told(owner, number, minute, random)


def _read_from_code(owner: Repository, number: int, minute: int, random: Random) -> Record:
    files = [_file(path, random) for path in random.sample(range(12), k=random.randint(1, 4))]
    if random.random() < 0.1:
        snapshot = snapshot_record(f"{owner.id} {number}", *files, minute=minute, number=int(owner.id[11:]))
        return snapshot.model_copy(update={"repository": owner})
    before = f"{owner.id} {max(0, number - random.choice([1, 1, 2]))}"
    return record_of(pushed(before, f"{owner.id} {number}", minute, repository=owner), *files)


def _file(number: int, random: Random) -> FileReading:
    if number == 0:
        packages = random.sample(["flask", "redis", "tenacity", "pydantic"], k=2)
        return reading("pyproject.toml").model_copy(update={"manifest": manifest(*packages)})
    lines = random.sample(range(1, 90), k=random.randint(0, 3))
    rows = [row(line=line, weight=random.choice([0.3, 0.55, 0.8])) for line in sorted(lines)]
    components = (component(f"Client{number}", ["a", "b", "c", str(number)]),) if number < 4 else ()
    return reading(f"src/module{number}.py", *rows).model_copy(update={"components": components})


def _told(owner: Repository, number: int, minute: int, random: Random) -> Iterator[Record]:
    about = {"cause": "agent", "repository": owner, "at": NOON + timedelta(minutes=minute)}
    report = {**about, "caller": "agent", "key": str(number)}
    match random.randrange(6):
        case 0:
            yield LessonLearned(
                **report, skill="add_lesson", category="cost", lesson=f"lesson {number}", context="chaos"
            )
        case 1:
            issue = RuntimeIssueReported(
                **report, skill="add_issue", service_type="gke", issue_type="crash", severity="low"
            )
            yield issue
            later = {**report, "at": issue.at + timedelta(minutes=random.choice([-1, 0, 5]))}
            yield RuntimeIssueUpdated(**later, skill="update_issue", issue_id=issue.issue_id, status="fixed")
        case 2:
            domain = f"domain {number}"
            yield RepositoryRegistered(**about, asked_by=str(number), problem_domain=domain)
        case 3:
            yield RepositoryRenamed(**about, asked_by=str(number), former_name=f"acme/former-{number % 3}")
        case 4:
            yield RepositoryChanged(**about, asked_by=str(number), archived=random.random() < 0.5)
        case _:
            strategy = {"dependency_update_strategy": f"strategy {number}"}
            yield DependenciesDeclared(**report, skill="declare", dependencies=strategy)


def _entry(pattern: str) -> dict[str, object]:
    return {
        "patterns": [pattern],
        "problem_domain": "chaos",
        "analyzed_at": NOON.isoformat(),
        "commit_sha": "c",
    }
