"""What people say in the knowledge base: their files at one revision, each as it was last whole."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial

from devnexus.knowledge.last_good import LastGood, Problem, last_good_of
from devnexus.knowledge.layout import PROJECTIONS
from devnexus.knowledge.store import Store
from devnexus.people.corrections import CORRECTIONS, Corrections
from devnexus.people.mistake import Mistake
from devnexus.people.organisation import ORGANISATION_PATH, Organisation
from devnexus.people.section import Section
from devnexus.people.vocabulary import VOCABULARY_PATH, Vocabulary
from devnexus.people.yaml_file import parse
from devnexus.repository import RepositoryName

_MISNAMED = {"devnexus.yml": ORGANISATION_PATH, "vocabulary.yml": VOCABULARY_PATH}
_PLACES = (ORGANISATION_PATH, VOCABULARY_PATH, *_MISNAMED, CORRECTIONS)


@dataclass(frozen=True)
class People:
    """All that people say; what they do not say is at its default."""

    files: Mapping[str, LastGood[Section]] = field(default_factory=dict)
    """Path → what is in force of it, for every file that is there."""

    @cached_property
    def organisation(self) -> Organisation:
        """`devnexus.yaml`."""
        said = self._said(ORGANISATION_PATH)
        return said if isinstance(said, Organisation) else Organisation()

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """`vocabulary.yaml`."""
        said = self._said(VOCABULARY_PATH)
        return said if isinstance(said, Vocabulary) else Vocabulary()

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with their files, by path."""
        return tuple(good.problem for _, good in sorted(self.files.items()) if good.problem)

    def corrections(self, page: str) -> Corrections:
        """The corrections of the page at that path, however their file spells its name.

        With what `devnexus.yaml` hides everywhere, save patterns that the file confirms.
        """
        name = page.removeprefix(PROJECTIONS).removesuffix(".json").lower()
        own = self._corrections.get(name) or Corrections()
        if not self.organisation.hide:
            return own
        confirmed = {self._meant(one.pattern) for one in own.confirm}
        everywhere = (
            one
            for one in self.organisation.hide
            if one.pattern is None or self._meant(one.pattern) not in confirmed
        )
        return own.model_copy(update={"hide": (*own.hide, *everywhere)})

    @cached_property
    def _corrections(self) -> Mapping[str, Corrections]:
        return {
            path.removeprefix(CORRECTIONS).removesuffix(".yaml").lower(): good.value
            for path, good in sorted(self.files.items())
            if isinstance(good.value, Corrections)
        }

    def _meant(self, pattern: str) -> str:
        """One word for all that mean the same pattern."""
        words = self.vocabulary
        return words.canonical(pattern) or words.names.canonical_of(pattern) or pattern.lower()

    def _said(self, path: str) -> Section | None:
        return self.files[path].value if path in self.files else None


def read_people(store: Store, at: str) -> People:
    """What people say at revision `at`. Raises Unavailable or Damaged where the store cannot be read."""
    return People(_read(store, _PLACES, at))


def read_people_of(store: Store, name: RepositoryName, at: str) -> People:
    """What people say that bears on one repository, whose corrections spell its name as it does.

    Raises as `read_people`.
    """
    return People(_read(store, (ORGANISATION_PATH, VOCABULARY_PATH, f"{CORRECTIONS}{name}.yaml"), at))


def read_changed_people(store: Store, people: People, changed: Iterable[str], at: str) -> People:
    """What `read_people` gives at `at`, where `changed` are all paths that differ since `people`."""
    theirs = {path for path in changed if path.startswith(CORRECTIONS) or path in _PLACES}
    if not theirs:
        return people
    kept = {path: good for path, good in people.files.items() if path not in theirs}
    return People({**kept, **_read(store, sorted(theirs), at)})


def _read(store: Store, paths: Iterable[str], at: str) -> dict[str, LastGood[Section]]:
    contents = store.read(list(paths), at=at)
    theirs = {path: content for path, content in contents.items() if not path.endswith(".md")}
    return last_good_of(store, theirs, _parser, at=at)


def _parser(path: str) -> Callable[[bytes], Section]:
    if path == ORGANISATION_PATH:
        return partial(parse, Organisation)
    if path == VOCABULARY_PATH:
        return partial(parse, Vocabulary)
    if path.count("/") == 2 and path.endswith(".yaml"):
        return partial(parse, Corrections)
    return partial(_misnamed, path)


def _misnamed(path: str, _: bytes) -> Section:
    right = _MISNAMED.get(path, f"{CORRECTIONS}<owner>/<name>.yaml")
    raise Mistake(f"nobody reads a file of this name; call it {right}")
