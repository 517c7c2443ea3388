"""Which questions a push or a snapshot leaves open, and what comes of putting them."""

from collections import deque
from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from devnexus.repository import Repository
from devnexus.values import digest
from extractor.claude.asker import Asker, NotNow
from extractor.claude.brief import RepositoryContext, request_for
from extractor.claude.calls import Call, Calls, Known
from extractor.claude.candidates import (
    NOTHING_ADDED,
    ONLY_LAYOUT,
    Candidates,
    Look,
    candidates,
    looks,
)
from extractor.claude.matter import Matter
from extractor.claude.meaning import Meaning
from extractor.claude.merged_said import merged, standing
from extractor.claude.packing import CALLS_PER_PUSH, CALLS_PER_SNAPSHOT, TOO_MUCH, pack
from extractor.claude.pieces import Piece
from extractor.claude.said import Said

_LOOKED_UP_AT_ONCE = 20

_MOST_CHARACTERS = 50_000_000
"""Of the files of which something is known: one small blob may stand at thousands of paths."""

BEYOND_MEMORY = "more is known than can be held against the code at once"


@dataclass
class Answers:
    """What is known of each file after everything was asked."""

    said: dict[str, tuple[Piece, Said]] = field(default_factory=dict)
    """Path → what was said of its piece, as far as it was said."""
    whole: set[str] = field(default_factory=set)
    """Paths of which every part has an answer."""
    asked: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Path → digests of its parts."""
    gone: dict[str, str | None] = field(default_factory=dict)
    because: dict[str, str] = field(default_factory=dict)
    """Path → why there was nothing to ask about."""
    unanswered: dict[str, str] = field(default_factory=dict)
    """Path → why a question has no answer, or not a whole one."""
    later: str | None = None
    """Why some of it is to be asked another time."""
    open: set[str] = field(default_factory=set)
    """Paths of which some part is."""


@dataclass(frozen=True)
class _Part:
    """What is kept of a piece when its text is let go."""

    digest: str
    added: tuple[range, ...]


class Questions:
    """The questions about one push or snapshot."""

    def __init__(
        self,
        matter: Matter,
        *,
        calls: Calls,
        readers: Sequence[str],
        model: str,
        meaning: Meaning,
        context: Callable[[Repository], RepositoryContext],
    ) -> None:
        """What one of `readers` said is not asked again; the first of them stands for `model`."""
        self._matter = matter
        self._repository = matter.event.repository
        self._calls = calls
        self._readers = readers
        self._model = model
        self._meaning = meaning
        self._context = context
        self._answers = Answers()
        self._parts: dict[str, tuple[_Part, ...]] = {}
        self._texts: dict[str, Piece] = {}
        """Path → one of its parts, of those that something is or will be known of: other texts are let go."""
        self._characters = 0
        self._known_parts: dict[str, Known] = {}

    def put(self, asker: Asker) -> Answers:
        """Put all that is open to `asker`, in a few calls."""
        matter, answers = self._matter, self._answers
        found = candidates(matter.reading, matter.files)
        answers.because.update(found.because)
        pieces = self._open(looks(found.worth, matter.contents))
        packed = pack(pieces, most_calls=self._calls_left())
        self._texts.update({piece.path: piece for some in packed.packs for piece in some})
        if not matter.is_tree:
            deque(pieces, maxlen=0)  # of a push it must be told which lines went, also where nothing is asked
        taken = {piece.digest for some in packed.packs for piece in some}
        answers.unanswered.update(dict.fromkeys(self._not_reached(found, taken), TOO_MUCH))
        answers.unanswered.update(packed.left_out)
        for some in packed.packs:
            self._known_parts.update(self._asked(some, asker))
        self._gather()
        return answers

    def learned(self, answers: Answers) -> Mapping[str, Known]:
        """What follows for whole files, so that the same one is never asked about again."""
        unchanged = {path for path, why in answers.because.items() if why in (NOTHING_ADDED, ONLY_LAYOUT)}
        settled = answers.whole | unchanged
        files = [file for file in self._matter.files if file.path in settled and file.status != "removed"]
        before = self._known([f"blob:{file.before_id}" for file in files if file.before_id])
        learned: dict[str, Known] = {}
        for file in files:
            known = before.get(f"blob:{file.before_id}")
            earlier = known.said if known else None
            if everything := _of_whole_file(answers.said.get(file.path), earlier):
                learned[f"blob:{file.object_id}"] = Known(everything)
        return learned

    def _calls_left(self) -> int:
        most = CALLS_PER_SNAPSHOT if self._matter.is_tree else CALLS_PER_PUSH
        return max(most - self._calls.spent(self._matter.event.id).calls, 0)

    def _open(self, found: Iterator[Look]) -> Iterator[Piece]:
        """The parts of files of which nothing is known; the others are noted."""
        asked: set[str] = set()
        while some := list(islice(found, _LOOKED_UP_AT_ONCE)):
            known = self._known([name for look in some for part in look.pieces for name in _names(part)])
            for part in [part for look in some for part in self._noted(look)]:
                if answer := _known_of(part, known):
                    self._known_parts[part.digest] = answer
                    self._keep(part)
                elif part.digest in asked:  # another file says the same
                    self._keep(part)
                else:
                    asked.add(part.digest)
                    yield part

    def _keep(self, part: Piece) -> None:
        """Keep the text of a file, as long as there is room."""
        if part.path not in self._texts and self._characters + len(part.text) <= _MOST_CHARACTERS:
            self._characters += len(part.text)
            self._texts[part.path] = replace(part)  # without the lines that its digest took

    def _noted(self, look: Look) -> Sequence[Piece]:
        """The parts of one file, after everything else about it was noted."""
        self._answers.gone[look.path] = look.gone
        self._parts[look.path] = tuple(_Part(piece.digest, piece.added) for piece in look.pieces)
        if not look.pieces:
            self._answers.because[look.path] = look.because
        elif look.because:
            self._answers.unanswered[look.path] = look.because
        return look.pieces

    def _not_reached(self, found: Candidates, taken: Container[str]) -> Iterator[str]:
        """The files of which some part is neither known nor in a call, and those not even fetched."""
        for path in (one.file.path for one in found.worth):
            parts = self._parts.get(path)
            if parts is None or any(
                part.digest not in taken and part.digest not in self._known_parts for part in parts
            ):
                yield path

    def _known(self, digests: Sequence[str]) -> Mapping[str, Known]:
        found: dict[str, Known] = {}
        for reader in self._readers:
            open_ = [one for one in digests if one not in found]
            found.update(self._calls.known(self._repository.id, reader, open_) if open_ else {})
        return found

    def _asked(self, pieces: tuple[Piece, ...], asker: Asker) -> Mapping[str, Known]:
        """What is known of the pieces after they were asked about; nothing where there is no answer."""
        digests = tuple(piece.digest for piece in pieces)
        call = Call(
            id=digest([self._repository.id, self._readers[0], digests], length=32),
            repository=self._repository.id,
            name=self._repository.name,
            record_id=self._matter.event.id,
            model=self._model,
            reader=self._readers[0],
            pieces=digests,
        )
        request = request_for(
            pieces,
            meaning=self._meaning,
            context=self._context(self._repository),
            commits=[commit.message for commit in self._matter.commits],
            model=self._model,
        )
        told = asker.ask(call, request, pieces)
        if not isinstance(told, NotNow):
            return told
        self._answers.unanswered.update(dict.fromkeys(self._paths_of(digests), told.because))
        if told.comes_later:
            self._answers.later = told.because
            self._answers.open.update(self._paths_of(digests))
        return {}

    def _paths_of(self, digests: Collection[str]) -> Iterator[str]:
        """All files with one of these parts."""
        for path, parts in self._parts.items():
            if any(part.digest in digests for part in parts):
                yield path

    def _gather(self) -> None:
        """Put together what is known of the parts of each file."""
        answers = self._answers
        for path, parts in self._parts.items():
            known = [self._known_parts[part.digest] for part in parts if part.digest in self._known_parts]
            said = [one.said for one in known if one.said is not None]
            if said and path not in self._texts:
                answers.unanswered[path] = BEYOND_MEMORY
            elif said:
                spans = tuple(span for part in parts for span in part.added)
                whole = replace(self._texts[path], added=spans)
                answers.said[path] = whole, merged(said)
                answers.asked[path] = tuple(part.digest for part in parts)
            if parts and len(said) == len(parts) and path not in answers.unanswered:
                answers.whole.add(path)
            elif useless := next((one.because for one in known if one.said is None), None):
                answers.unanswered[path] = useless


def _of_whole_file(now: tuple[Piece, Said] | None, before: Said | None) -> Said | None:
    """What is known of all lines of a file; None where some of them were never read."""
    if now is None:
        return before  # lines went or were laid out anew: what is left was read
    piece, said = now
    if piece.status == "added":
        return said
    return None if before is None else merged([standing(before, piece.text), said])


def _names(part: Piece) -> tuple[str, str]:
    """What it may be known by."""
    return part.digest, f"blob:{part.object_id}"


def _known_of(part: Piece, known: Mapping[str, Known]) -> Known | None:
    """What was said of the part itself, so that it always reads alike; else what the whole file has of it."""
    own, whole = (known.get(name) for name in _names(part))
    if own or whole is None or whole.said is None:
        return own
    lines = "\n".join(line for _, lines in part.hunks() for line in lines)
    return Known(standing(whole.said, lines))
