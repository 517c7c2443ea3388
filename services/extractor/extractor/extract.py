"""The use cases: a push, or a request for a snapshot, becomes what it showed."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, partial

from devnexus import tracing
from devnexus.events import CommitPushed, PatternsExtracted, SnapshotRequested
from devnexus.events.patterns_extracted import Commit, FileReading, Receipt, Redaction
from devnexus.git_names import is_no_commit
from devnexus.knowledge.analyses import split
from devnexus.people.organisation import Organisation
from devnexus.people.repository_settings import REPOSITORY_SETTINGS_PATH
from devnexus.pubsub import Publisher
from devnexus.redact import redact
from devnexus.repository import Repository
from devnexus.values import digest
from extractor.bots import is_bot
from extractor.change import Change, ChangedFile, Source
from extractor.claude.matter import Matter, SecondReading
from extractor.claude.second_opinion import SecondOpinion
from extractor.decisions import come_or_gone, decisions_of
from extractor.manifests import manifest_of
from extractor.policy import EXCLUDED_BY_ORGANISATION, Policy, policy_of, with_mistake
from extractor.reading import MAX_FILE_BYTES, Contents, Reader, Reading

NO_SETTINGS = Organisation()
"""Everything may be read."""

MAX_PART_BYTES = 900_000
"""Below the limit of an event, with room for the envelope."""

_SUBJECT_CHARACTERS = 200
_log = logging.getLogger(__name__)
_ROOT_MANIFESTS = (
    "Cargo.toml",
    "composer.json",
    "go.mod",
    "package.json",
    "pom.xml",
    "pyproject.toml",
    "setup.cfg",
)


def on_commit_pushed(
    event: CommitPushed,
    *,
    source: Source,
    reader: Reader,
    publisher: Publisher,
    organisation: Organisation = NO_SETTINGS,
    opinion: SecondOpinion | None = None,
) -> PatternsExtracted | None:
    """Publish what the push showed, also when that is nothing: silence would look like loss. Return that.

    Where the push was not built on its `before` (forced, or a new branch), only the commits are
    told, and a snapshot of `after` is asked for, as of the push; so it is where the push changes what
    may be read. A repository that is not to be analysed is only logged.
    """
    if not organisation.wants(event.repository.name):
        _log_unread(event, EXCLUDED_BY_ORGANISATION)
        return None
    change = _change(event, source)
    policy = _policy(event.repository, event.after, source, organisation)
    if policy.unread_because:
        _log_unread(event, policy.unread_because)
        return None
    files = [_named_without_secrets(file) for file in change.files] if change.is_descendant else []
    contents = _contents(event.repository, event.after, source)
    rules = (
        _read(event.repository, event.after, files, contents, source, reader, policy)
        if change.is_descendant
        else reader.nothing()
    )
    commits, redacted = _without_secrets(change.commits)
    by_bots = bool(commits) and all(is_bot(commit.author) for commit in commits)
    matter = Matter(
        event=event,
        reading=rules,
        files=files,
        contents=contents,
        commits=commits,
        decisions=decisions_of(commits, _clean_bodies(change.bodies), rules.files, reader.rules),
        come_or_gone=come_or_gone(rules.files),
        is_by_bots=by_bots,
    )
    both = _both(matter, policy, opinion if change.is_descendant else None)
    reading = both.reading
    record = PatternsExtracted(
        cause=event.cause,
        hops=event.hops,
        repository=event.repository,
        subject="push",
        record_id=event.id,
        at=event.pushed_at,
        ref=event.ref,
        before=event.before,
        after=event.after,
        coverage="change" if change.is_descendant else "commits",
        analysis=_digest(event.after, change.files, reader, policy, both),
        commits=commits,
        commit_count=change.commit_count,
        files=tuple(map(_without_introduced_paths, reading.files)) if by_bots else reading.files,
        patterns=reading.patterns,
        decisions=both.decisions,
        suggestions=both.suggestions,
        receipt=_with_redacted(reading.receipt, redacted),
        quiet=not policy.own.notify,
        recovered=event.recovered,
    )
    publisher.publish(split(record, max_bytes=MAX_PART_BYTES))
    if opinion:
        opinion.published(event, both)
    if not change.is_descendant:
        publisher.publish([_snapshot_of(event)])
    elif any(file.path == REPOSITORY_SETTINGS_PATH for file in change.files):
        publisher.publish([_snapshot_of(event).model_copy(update={"cause": "snapshot"})])
    return record


def on_snapshot_requested(
    event: SnapshotRequested,
    *,
    source: Source,
    reader: Reader,
    publisher: Publisher,
    organisation: Organisation = NO_SETTINGS,
    opinion: SecondOpinion | None = None,
) -> PatternsExtracted | None:
    """Publish and return what the whole tree shows; nothing of a repository that is not to be analysed."""
    if not organisation.wants(event.repository.name):
        _log_unread(event, EXCLUDED_BY_ORGANISATION)
        return None
    tree = source.tree(event.repository, sha=event.sha)
    if tree is None:
        _log_unread(event, "it has no commit yet")
        return None
    policy = _policy(event.repository, tree.sha, source, organisation)
    if policy.unread_because:
        _log_unread(event, policy.unread_because)
        return None
    files = [_named_without_secrets(file) for file in tree.files]
    contents = _contents(event.repository, tree.sha, source)
    rules = _read(event.repository, tree.sha, files, contents, source, reader, policy)
    commits, redacted = _without_secrets([tree.commit])
    matter = Matter(event=event, reading=rules, files=files, contents=contents)
    both = _both(matter, policy, opinion)
    reading = both.reading
    # who asked may not have known the branch
    branch = tree.default_branch or event.repository.default_branch
    record = PatternsExtracted(
        cause=event.cause,
        hops=event.hops,
        repository=event.repository.model_copy(update={"default_branch": branch}),
        subject="snapshot",
        record_id=event.id,
        at=event.as_of or tree.committed_at,
        after=tree.sha,
        coverage="tree",
        analysis=_digest(tree.sha, tree.files, reader, policy, both),
        commits=commits,
        commit_count=1,
        # A snapshot replaces everything, so a file that shows nothing need not be told.
        files=tuple(file for file in reading.files if _shows_something(file)),
        patterns=reading.patterns,
        suggestions=both.suggestions,
        receipt=_with_redacted(reading.receipt, redacted),
        quiet=not policy.own.notify,
    )
    publisher.publish(split(record, max_bytes=MAX_PART_BYTES))
    if opinion:
        opinion.published(event, both)
    return record


def analyse(
    event: CommitPushed | SnapshotRequested,
    *,
    source: Source,
    reader: Reader,
    publisher: Publisher,
    organisation: Organisation = NO_SETTINGS,
    opinion: SecondOpinion | None = None,
) -> PatternsExtracted | None:
    """Whichever of the two the event asks for."""
    if isinstance(event, CommitPushed):
        return on_commit_pushed(
            event,
            source=source,
            reader=reader,
            publisher=publisher,
            organisation=organisation,
            opinion=opinion,
        )
    return on_snapshot_requested(
        event,
        source=source,
        reader=reader,
        publisher=publisher,
        organisation=organisation,
        opinion=opinion,
    )


def log_receipt(record: PatternsExtracted) -> None:
    """One line that says what was read, by whom, and what was left out of it."""
    receipt = record.receipt
    _log.info(
        "analysed",
        extra={
            "repository": record.repository.name,
            "subject": record.subject,
            "claude": receipt.claude.outcome if receipt.claude else "none",
            "files": receipt.files,
            "read": receipt.read,
            "patterns": len(record.patterns),
            "redactions": sum(redaction.count for redaction in receipt.redacted),
        },
    )


def _change(event: CommitPushed, source: Source) -> Change:
    with tracing.span("read the change"):
        return source.change(event.repository, before=event.before, after=event.after)


def _policy(repository: Repository, sha: str, source: Source, organisation: Organisation) -> Policy:
    def root_file(name: str) -> bytes | None:
        return source.root_files(repository, sha=sha, names=[name]).get(name)

    return policy_of(repository, organisation, root_file)


def _log_unread(event: CommitPushed | SnapshotRequested, reason: str) -> None:
    _log.info("not analysed: %s", reason, extra={"repository": event.repository.name})


@tracing.span("read the files")
def _read(
    repository: Repository,
    sha: str,
    files: Sequence[ChangedFile],
    contents: Contents,
    source: Source,
    reader: Reader,
    policy: Policy,
) -> Reading:
    reading = reader.read(
        files,
        contents=contents,
        own_names=cache(partial(_own_names, repository, sha, source)),
        reason_not_to_read=policy.reason_not_to_read,
    )
    if policy.mistake is None:
        return reading
    return replace(reading, receipt=with_mistake(reading.receipt, policy.mistake))


def _contents(repository: Repository, sha: str, source: Source) -> Contents:
    def contents(object_ids: Sequence[str]) -> list[bytes | None]:
        return source.contents(repository, object_ids, at=sha, max_bytes=MAX_FILE_BYTES)

    return contents


def _both(matter: Matter, policy: Policy, opinion: SecondOpinion | None) -> SecondReading:
    return opinion.read(matter, policy) if opinion else SecondReading(matter.reading, matter.decisions)


def _named_without_secrets(file: ChangedFile) -> ChangedFile:
    former = file.moved_from and redact(file.moved_from).text
    return replace(file, path=redact(file.path).text, moved_from=former)


def _without_secrets(commits: Sequence[Commit]) -> tuple[tuple[Commit, ...], tuple[Redaction, ...]]:
    """Commits that say nothing secret, and what was taken out."""
    clean: list[Commit] = []
    found: Counter[str] = Counter()
    for commit in commits:
        author, message = redact(commit.author), redact(commit.message)
        found.update(author.found)
        found.update(message.found)
        shown = message.text[:_SUBJECT_CHARACTERS]  # cut only now: half a secret is not recognised
        clean.append(Commit(sha=commit.sha, author=author.text[:_SUBJECT_CHARACTERS], message=shown))
    return tuple(clean), tuple(Redaction(kind=kind, count=count) for kind, count in sorted(found.items()))


def _with_redacted(receipt: Receipt, redacted: Sequence[Redaction]) -> Receipt:
    return receipt.model_copy(update={"redacted": (*receipt.redacted, *redacted)})


def _shows_something(file: FileReading) -> bool:
    told = (file.rows, file.manifest, file.language, file.decisions, file.facts, file.owners)
    return any(told) or file.introduction is not None or file.claims is not None


def _without_introduced_paths(file: FileReading) -> FileReading:
    """`file`, in which a path alone is no news: a program that keeps things up to date put it there."""
    rows = (row.model_copy(update={"introduced": False}) if row.kind == "path" else row for row in file.rows)
    return file.model_copy(update={"rows": tuple(rows)})


def _clean_bodies(bodies: Mapping[str, str]) -> Mapping[str, str]:
    return {sha: redact(body).text for sha, body in bodies.items()}


def _own_names(repository: Repository, sha: str, source: Source) -> frozenset[str]:
    """What the repository calls itself: its own name is no evidence of a dependency."""
    names = {repository.name.split("/")[1]}
    for path, content in source.root_files(repository, sha=sha, names=_ROOT_MANIFESTS).items():
        try:
            manifest = manifest_of(path, content.decode("utf-8", "replace"))
        except ValueError:
            continue  # named in the receipt of the push that touched it
        if manifest and manifest.name:
            names.add(manifest.name)
    return frozenset(names)


def _snapshot_of(event: CommitPushed) -> SnapshotRequested:
    return SnapshotRequested(
        # what a forced push brings or takes away is news; what a branch starts with is not
        cause="snapshot" if is_no_commit(event.before) else event.cause,
        hops=event.hops,
        repository=event.repository,
        sha=event.after,
        as_of=event.pushed_at,
        asked_by=event.id,
    )


def _digest(
    after: str, files: Sequence[ChangedFile], reader: Reader, policy: Policy, both: SecondReading
) -> str:
    told = [[file.path, file.status, file.object_id] for file in files]
    return digest([reader.digest, after, told, *policy.digest_parts, *both.digest_parts])
