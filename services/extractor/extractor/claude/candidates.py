"""From what the rules read to what Claude may be asked about, the most relevant first, fetched bit by bit."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from extractor.change import ChangedFile
from extractor.claude.cutting import IN_PART, cut
from extractor.claude.layout_changes import gone, is_only_laid_out
from extractor.claude.pieces import Piece
from extractor.claude.worth import Candidate, reason_not_to_ask
from extractor.evidence import lines_of
from extractor.reading import Contents, ReadableText, Reading, readable_text

ONLY_LAYOUT = "only its layout changed"
NOTHING_ADDED = "nothing was added to it"
_SAME_NAME = "its name differs from another's only in a secret"

MOST_COMPARED = 300
"""Files of which the content before is fetched too, the most relevant: each is a call of GitHub's API."""

_AT_A_TIME = 20
"""Files in memory at once, each with what it was before."""


@dataclass(frozen=True)
class Candidates:
    """All files that the rules read: those worth a question, and why the others are not."""

    worth: tuple[Candidate, ...]
    """The most relevant first."""
    because: Mapping[str, str]
    """Path → why Claude is not asked about it."""


@dataclass(frozen=True)
class Look:
    """One candidate after its content was fetched."""

    path: str
    pieces: tuple[Piece, ...] = ()
    """What is to be read of it, each part small enough for one call."""
    because: str = ""
    """Why there is nothing to ask, or why that is not all of it."""
    gone: str | None = None
    """As `FileReading.gone` has it; None where nothing stood there before, or nobody looked."""


def candidates(reading: Reading, files: Sequence[ChangedFile]) -> Candidates:
    """The candidates among `files`, of which `reading` tells; the same in whatever order they come."""
    named = Counter(file.path for file in files)
    by_path = {file.path: file for file in files}
    read = set(reading.read)
    worth: list[Candidate] = []
    because: dict[str, str] = {}
    for one in reading.files:
        if one.path not in read:
            continue
        reason = _SAME_NAME if named[one.path] > 1 else reason_not_to_ask(one)
        if reason:
            because[one.path] = reason
        else:
            worth.append(Candidate(by_path[one.path], one))
    return Candidates(tuple(sorted(worth, key=_by_relevance)), because)


def looks(worth: Sequence[Candidate], contents: Contents) -> Iterator[Look]:
    """Each of `worth` with its content, in that order; no more is fetched than is taken."""
    compared = set(islice((one.file.path for one in worth if one.is_changed), MOST_COMPARED))
    for start in range(0, len(worth), _AT_A_TIME):
        some = worth[start : start + _AT_A_TIME]
        found = _contents(some, compared, contents)
        for one in some:
            yield _look(one, found)


def _by_relevance(one: Candidate) -> tuple[int, str, str]:
    return -one.points, one.folder, one.file.path


def _contents(
    some: Sequence[Candidate], compared: set[str], contents: Contents
) -> Mapping[str, bytes | None]:
    wanted = {one.file.object_id: None for one in some if one.is_new or one.is_changed}
    wanted |= {one.file.before_id: None for one in some if one.file.before_id and one.file.path in compared}
    return dict(zip(wanted, contents(list(wanted)), strict=True))


def _look(one: Candidate, found: Mapping[str, bytes | None]) -> Look:
    file = one.file
    if file.object_id not in found:  # nothing but its name or its mode is another
        return Look(file.path, because=NOTHING_ADDED, gone="")
    now = readable_text(file.path, found[file.object_id])
    if isinstance(now, str):
        return Look(file.path, because=now)
    before = _text_before(file, found)
    if before is not None and is_only_laid_out(before, now.text):
        return Look(file.path, because=ONLY_LAYOUT, gone="")
    lost = None if before is None else gone(before, now.text)
    piece = _piece(one, now)
    if not any(line.strip() for _, lines in piece.hunks() for line in lines):
        return Look(file.path, because=NOTHING_ADDED, gone=lost)
    parts, is_whole = cut(piece)
    return Look(file.path, parts, because="" if is_whole else IN_PART, gone=lost)


def _text_before(file: ChangedFile, found: Mapping[str, bytes | None]) -> str | None:
    content = found.get(file.before_id) if file.before_id else None
    text = None if content is None else readable_text(file.path, content)
    return text.text if isinstance(text, ReadableText) else None


def _piece(one: Candidate, now: ReadableText) -> Piece:
    whole = range(1, len(lines_of(now.text)) + 1)
    return Piece(
        path=one.file.path,
        status="added" if one.is_new else "modified",
        object_id=one.file.object_id,
        language=one.reading.language,
        role=now.role,
        text=now.text,
        added=(whole,) if one.is_new else one.file.added,
        rules=tuple(sorted({row.rule for row in one.reading.rows})),
    )
