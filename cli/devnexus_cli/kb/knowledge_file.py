"""A v1 or v2 file of the original: checked whole, then read repository by repository."""

from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter, ValidationError

from devnexus.errors import Rejected
from devnexus.knowledge.organisation_files import Organisation
from devnexus.printable import printable
from devnexus.repository import RepositoryName, id_of_name
from devnexus.schema_v2 import SCHEMA_VERSION, KnowledgeBaseV2, Model, RepositoryMetadata
from devnexus_cli.kb import v1_file, v2_file
from devnexus_cli.kb.json_text import BadJson, JsonText, Path, Wrong

MAX_BYTES = 512 * 1024 * 1024
MAX_VALUES = 30_000_000
"""Commas and brackets: more than 512 MB of real entries have, and 2 GB of memory at the very worst."""

_SHOWN_PROBLEMS = 5
_MAX_NAME = 200
_REPOSITORIES = "repositories"
_VERSION = "schema_version"
_NAME: TypeAdapter[str] = TypeAdapter(RepositoryName)


class KnowledgeFile:
    """A file that holds to v1 or v2. Making one checks all of it, and raises Rejected where it does not.

    The reason names line, column and path. Values stay as they stand in the file, whatever v2 would
    make of them; only the shapes that the original got wrong are mended.
    """

    def __init__(self, data: bytes, *, name: str) -> None:
        self._name = name
        self._text = JsonText(_decoded(data, name))
        self._starts: dict[str, int] = {}
        """Repository → where its value stands."""
        self._top: dict[str, Any] = {}
        """Every other top-level field."""
        try:
            self._read_index()
        except BadJson as error:
            raise self._rejected(error.offset, error.reason) from error
        self.is_v1 = self._check_version()
        self.organisation = self._organisation()
        self.repositories = len(self._starts)
        self.entries = sum(len(metadata.get("history", ())) for _, metadata in self.read())

    def read(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Each name with v2's RepositoryMetadata of it, in the file's order."""
        for name, start in self._starts.items():
            self._text.offset = start
            value = self._text.value()
            try:
                metadata = self._converted(name, value)
            except Wrong as error:
                raise self._wrong(error, start, (_REPOSITORIES, name)) from error
            yield name, metadata

    def _read_index(self) -> None:
        found = False
        for key in self._text.keys():
            if key == _REPOSITORIES:
                found = True
                self._read_names()
            else:
                self._top[key] = self._text.value()
        self._text.end()
        if not found:
            raise BadJson(
                self._text.start, f"there is no {_REPOSITORIES!r}: this is no knowledge base of v1 or v2"
            )

    def _read_names(self) -> None:
        same: dict[str, str] = {}
        for name in self._text.keys():
            start = self._text.offset
            try:
                _NAME.validate_python(name)
            except ValidationError:
                raise BadJson(start, f"the repository {name[:_MAX_NAME]!r} is not <owner>/<name>") from None
            if len(name) > _MAX_NAME:
                raise BadJson(start, f"the name of a repository is longer than {_MAX_NAME} characters")
            if other := same.get(id_of_name(name)):
                raise BadJson(start, f"to GitHub {name} and {other} are one repository: keep one of them")
            same[id_of_name(name)] = name
            self._starts[name] = start
            self._text.value()

    def _check_version(self) -> bool:
        """Whether this is v1; Rejected for what is neither v1 nor v2."""
        if _VERSION not in self._top:
            return True
        version = self._top[_VERSION]
        if version == SCHEMA_VERSION:
            return False
        newer = isinstance(version, str) and version.replace(".", "").isdigit() and version > SCHEMA_VERSION
        why = "is newer than this devnexus can read" if newer else "is no version of this file"
        raise self._wrong(
            Wrong((_VERSION,), f'{version!r} {why}: v2 says "{SCHEMA_VERSION}", v1 has no such field'),
            self._text.start,
            (),
        )

    def _organisation(self) -> Organisation:
        top = {name: value for name, value in self._top.items() if name != _VERSION}
        try:
            if self.is_v1:
                return Organisation(fields=v1_file.migrated_fields(top))
            _validate(KnowledgeBaseV2, {**self._top, _REPOSITORIES: {}})
        except Wrong as error:
            raise self._wrong(error, self._text.start, ()) from error
        return Organisation(
            component_index=top.pop("component_index", {}),
            consolidation_history=top.pop("consolidation_history", ()),
            fields=top,
        )

    def _converted(self, name: str, value: object) -> dict[str, Any]:
        if not self.is_v1:
            metadata = v2_file.mended(value)
            _validate(RepositoryMetadata, metadata)
            return metadata
        dates = [self._top.get(field) for field in ("last_updated", "created_at")]
        metadata = v1_file.migrated(name, value, dates_of_file=dates)
        try:
            _validate(RepositoryMetadata, metadata)
        except Wrong as error:
            raise Wrong(v1_file.path_before_migration(error.path), error.reason) from error
        return metadata

    def _wrong(self, error: Wrong, start: int, above: Path) -> Rejected:
        where = ".".join(str(step) for step in (*above, *error.path))
        return self._rejected(self._text.find(start, error.path), f"{where}: {error.reason}")

    def _rejected(self, offset: int, reason: str) -> Rejected:
        line, column = self._text.place(offset)
        return Rejected(f"{self._name}:{line}:{column}: {printable(reason)}\nNothing was imported.")


def _decoded(data: bytes, name: str) -> str:
    if len(data) > MAX_BYTES:
        raise Rejected(f"{name} is larger than {MAX_BYTES // 1024**2} MB\nNothing was imported.")
    try:
        text = data.decode("utf-8-sig")  # PowerShell puts a byte order mark there
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Rejected(f"{name}:{line}: not UTF-8: {error.reason}\nNothing was imported.") from error
    if sum(map(text.count, ",[{")) > MAX_VALUES:
        raise Rejected(f"{name} holds more than {MAX_VALUES} values\nNothing was imported.")
    return text


def _validate(model: type[Model], content: dict[str, Any]) -> None:
    try:
        model.model_validate(content)
    except ValidationError as error:
        problems = error.errors()
        first, *others = problems
        more = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in others[: _SHOWN_PROBLEMS - 1]]
        if len(problems) > _SHOWN_PROBLEMS:
            more.append(f"and {len(problems) - _SHOWN_PROBLEMS} more")
        raise Wrong(first["loc"], "; ".join([first["msg"], *more])) from error
