"""What a push did to the packages that manifests ask for: each touched manifest beside what it was before."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from devnexus.events.patterns_extracted import FileReading, Manifest
from devnexus.redact import redact, redact_each
from extractor.change import ChangedFile
from extractor.dependency_changes import dependency_changes
from extractor.manifests import manifest_of, may_be_manifest


def with_dependency_changes(
    readings: Iterable[FileReading],
    touched: Mapping[str, ChangedFile],
    contents: Callable[[Sequence[str]], list[bytes | None]],
) -> Iterator[FileReading]:
    """`readings`, in which the manifests among `touched` (path → file) tell what changed in them.

    Nothing is told where one side cannot be read: an unreadable manifest asks for nothing that we know of.
    """
    for reading in readings:
        file = touched.get(reading.path)
        if file is None or not may_be_manifest(reading.path):
            yield reading
        else:
            yield _compared(reading, file, contents)


def without_secrets(manifest: Manifest) -> Manifest:
    """`manifest` without what parsing may have brought to light: it undoes escapes."""
    told = [one.requirement for one in manifest.dependencies]
    *clean, description = redact_each([*told, manifest.description or ""])
    needed = (
        one if requirement == one.requirement else one.model_copy(update={"requirement": requirement})
        for one, requirement in zip(manifest.dependencies, clean, strict=True)
    )
    return manifest.model_copy(update={"description": description or None, "dependencies": tuple(needed)})


def _compared(
    reading: FileReading, file: ChangedFile, contents: Callable[[Sequence[str]], list[bytes | None]]
) -> FileReading:
    is_new, is_gone = file.before_id is None, reading.status == "removed"
    if is_new and (is_gone or not file.added):
        return reading  # moved away, or seen for the first time in a tree
    if reading.manifest is None and not is_gone:
        return reading
    before = None if file.before_id is None else _manifest(reading.path, contents([file.before_id])[0])
    if before is None and not is_new:
        return reading
    return reading.model_copy(update={"dependency_changes": dependency_changes(before, reading.manifest)})


def _manifest(path: str, content: bytes | None) -> Manifest | None:
    if content is None:
        return None
    try:
        manifest = manifest_of(path, redact(content.decode("utf-8", "replace")).text)
    except ValueError:
        return None
    return manifest and without_secrets(manifest)
