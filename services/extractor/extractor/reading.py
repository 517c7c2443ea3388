"""From files to what they show: each one read whole, or named with the reason why not."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from devnexus.events.patterns_extracted import FileReading, Pattern, Receipt, Redaction
from devnexus.redact import redact
from extractor.change import FILE_TYPE, REGULAR_FILE, ChangedFile
from extractor.evidence import verify
from extractor.left_out import left_out, left_out_by_reason
from extractor.manifest_history import with_dependency_changes, without_secrets
from extractor.manifests import manifest_of
from extractor.matching import read_file
from extractor.roles import Role, role_of, role_of_content
from extractor.rule_set import RuleSet
from extractor.sightings import OwnNames
from extractor.source_file import SourceFile

MAX_FILE_BYTES = 1_000_000
MAX_FILES = 20_000
_AT_A_TIME = 100
"""Files in memory at once."""

_SUBMODULE = 0o160000

ReasonNotToRead = Callable[[str], str | None]
"""Tells why people do not want the file at a path read, None if they do not mind."""

Contents = Callable[[Sequence[str]], list[bytes | None]]
"""Gives the contents of blobs, None for those that are larger than MAX_FILE_BYTES."""


@dataclass(frozen=True)
class Reading:
    """What a change or a tree showed."""

    files: tuple[FileReading, ...]
    patterns: tuple[Pattern, ...]
    receipt: Receipt
    read: tuple[str, ...] = ()
    """The paths of those that were read whole."""


@dataclass(frozen=True)
class ReadableText:
    """What may be read of one file."""

    text: str
    """Without secrets, on the same lines: nothing behind this door has seen them."""
    role: Role
    redacted: Mapping[str, int]
    """Kind of secret → how many were taken out."""


def readable_text(path: str, content: bytes | None) -> ReadableText | str:
    """What may be read of the file at `path`, or the reason why nothing; None was too large to be fetched."""
    if content is None:
        return f"larger than {MAX_FILE_BYTES // 1_000_000} MB"
    role = role_of_content(path, content)
    if role.not_read_because:
        return role.not_read_because
    clean = redact(content.decode("utf-8", "replace"))
    return ReadableText(clean.text, role, clean.found)


class Reader:
    """Reads files by the rules: offline, deterministic, without a key."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules

    @property
    def rules(self) -> RuleSet:
        """What it reads by."""
        return self._rules

    @property
    def digest(self) -> str:
        """Changes whenever the same files might be read otherwise."""
        return f"rules:{self._rules.version}:{self._rules.digest}"

    def read(
        self,
        files: Sequence[ChangedFile],
        *,
        contents: Contents,
        own_names: OwnNames,
        reason_not_to_read: ReasonNotToRead = lambda _: None,
    ) -> Reading:
        """What `files` show; every one of them is in the answer, and in its receipt if it was not read."""
        one = _OneReading(self._rules, own_names, reason_not_to_read)
        some, beyond = files[:MAX_FILES], files[MAX_FILES:]
        for start in range(0, len(some), _AT_A_TIME):
            for file, content in _with_contents(some[start : start + _AT_A_TIME], contents, one):
                one.take(file, content)
        for file in beyond:
            one.leave_out(file, None)  # what was known of it no longer holds
        reading = one.finish([file for file in beyond if file.status != "removed"])
        touched = {file.path: file for file in some if one.might_read(file)}
        told = with_dependency_changes(reading.files, touched, contents)
        return replace(reading, files=tuple(told))

    def nothing(self) -> Reading:
        """What is said where only commits are known."""
        return _OneReading(self._rules, frozenset, lambda _: None).finish(())


class _OneReading:
    def __init__(self, rules: RuleSet, own_names: OwnNames, reason_not_to_read: ReasonNotToRead) -> None:
        self._rules = rules
        self._reason_not_to_read = reason_not_to_read
        self._own_names = own_names
        self._readings: list[FileReading] = []
        self._not_read: dict[str, list[str]] = defaultdict(list)
        self._read: list[str] = []
        self._unverified = 0
        self._redacted: list[Redaction] = []

    def leave_out(self, file: ChangedFile, reason: str | None) -> None:
        """Note a path that is not read; without a reason there is nothing to be read."""
        self._readings.append(FileReading(path=file.path, status=file.status))
        if reason:
            self._not_read[reason].append(file.path)

    def reason_by_name(self, file: ChangedFile) -> str | None:
        """Why a file is not even fetched."""
        return self._reason_not_to_read(file.path) or _reason_by_name(file)

    def might_read(self, file: ChangedFile) -> bool:
        """Whether a file of this name and mode may be read, or might have been before it was removed."""
        if file.status == "removed":
            return not (self._reason_not_to_read(file.path) or role_of(file.path).not_read_because)
        return self.reason_by_name(file) is None

    def take(self, file: ChangedFile, content: bytes | None) -> None:
        """Read one file, or note why not."""
        found = readable_text(file.path, content)
        if isinstance(found, str):
            return self.leave_out(file, found)
        self._redacted += [
            Redaction(kind=kind, path=file.path, count=count)
            for kind, count in sorted(found.redacted.items())
        ]
        self._match(file, found.role, found.text)

    def finish(self, clipped: Sequence[ChangedFile]) -> Reading:
        """All that was taken, with the receipt, in which `clipped` were too many to be read."""
        beyond = [file.path for file in clipped]
        shown = {row.rule for reading in self._readings for row in reading.rows}
        return Reading(
            files=tuple(self._readings),
            patterns=tuple(self._rules.patterns[rule] for rule in sorted(shown)),
            receipt=Receipt(
                reader="rules",
                rules_version=self._rules.version,
                files=len(self._readings),
                read=len(self._read),
                not_read=left_out_by_reason(self._not_read),
                clipped=(left_out(f"beyond the first {MAX_FILES} files", beyond),) if beyond else (),
                unverified=self._unverified,
                redacted=tuple(self._redacted),
            ),
            read=tuple(self._read),
        )

    def _match(self, file: ChangedFile, role: Role, text: str) -> None:
        source = SourceFile(file.path, file.status, text, file.added)
        reading = read_file(source, role, rules=self._rules, own_names=self._own_names)
        rows, dropped = verify(reading.rows, text)
        found = {"rows": tuple(rows), "moved_from": file.moved_from}
        self._readings.append(_told(reading.model_copy(update=found)))
        self._read.append(file.path)
        self._unverified += dropped
        if reading.manifest is None and _is_malformed_manifest(file.path, text):
            self._not_read["malformed manifest"].append(file.path)


def _with_contents(
    files: Sequence[ChangedFile], contents: Contents, reading: _OneReading
) -> Iterator[tuple[ChangedFile, bytes | None]]:
    readable: list[ChangedFile] = []
    for file in files:
        if file.status == "removed":
            reading.leave_out(file, None)
        elif reason := reading.reason_by_name(file):
            reading.leave_out(file, reason)
        else:
            readable.append(file)
    yield from zip(readable, contents([file.object_id for file in readable]), strict=True)


def _reason_by_name(file: ChangedFile) -> str | None:
    if file.mode & FILE_TYPE != REGULAR_FILE:
        return "submodule" if file.mode & FILE_TYPE == _SUBMODULE else "symbolic link"
    return role_of(file.path).not_read_because


def _is_malformed_manifest(path: str, text: str) -> bool:
    try:
        manifest_of(path, text)
    except ValueError:
        return True
    return False


def _told(reading: FileReading) -> FileReading:
    """`reading` with words that can be stored: parsing undoes escapes, and what they hid may be a secret."""
    manifest = reading.manifest and without_secrets(reading.manifest)
    components = tuple(
        one.model_copy(update={"description": _clean(one.description)}) for one in reading.components
    )
    decisions = tuple(
        one.model_copy(update={"title": _clean(one.title) or "untitled", "quote": _clean(one.quote)})
        for one in reading.decisions
    )
    return reading.model_copy(update={"manifest": manifest, "components": components, "decisions": decisions})


def _clean(text: str) -> str:
    return redact(text.encode("utf-8", "replace").decode()).text
