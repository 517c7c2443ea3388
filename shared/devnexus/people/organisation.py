"""`devnexus.yaml`: what the organisation wants read, by whom, who is told, and whose it is."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import Field

from devnexus.events.event import Cause
from devnexus.people.corrections import Hidden
from devnexus.people.documentation import Documentation
from devnexus.people.globs import PathGlob, RepositoryGlob, names_repository
from devnexus.people.section import Section, SomeWords, Word

ORGANISATION_PATH = "devnexus.yaml"

_SomeRepositories = Annotated[tuple[RepositoryGlob, ...], Field(min_length=1)]


class Repositories(Section):
    """Which repositories are analysed and shown."""

    include: tuple[RepositoryGlob, ...] | None = None
    """Only these; without it, all."""
    exclude: tuple[RepositoryGlob, ...] = ()
    """Not these, whatever `include` says."""


class Paths(Section):
    """Which files of all repositories are looked at."""

    exclude: tuple[PathGlob, ...] = ()
    """Files that are not read."""


class ClaudeUse(Section):
    """Which repositories Claude may read besides the rules, where there is a key."""

    default: bool = True
    """Whether it may read public repositories that are not listed."""
    repositories: tuple[RepositoryGlob, ...] = ()
    """It may read these; private ones only if they are listed here."""
    calls_per_day: Annotated[int, Field(ge=0)] = 200
    """So many questions a day (UTC) at most for all repositories; then the rules read alone."""
    calls_per_repository: Annotated[int, Field(ge=0)] = 50
    """So many a day at most for each."""


class Route(Section):
    """What is new goes to these targets, where every condition is met; one that is left out always is."""

    to: SomeWords
    """Names of targets, as the notifier's ROUTES_FILE has them."""
    repositories: _SomeRepositories = ("*",)
    owners: SomeWords | None = None
    """It is looked after by one of these, as `owners` says, else CODEOWNERS."""
    patterns: SomeWords | None = None
    """It is about one of these patterns: ids or names, in which `*` stands for anything."""
    categories: SomeWords | None = None
    """It is about a pattern of one of these categories."""
    causes: Annotated[tuple[Cause, ...], Field(min_length=1)] | None = None
    """It came by `live` pushes; or it is the summary of a `backfill`, an `import` and so on."""

    def hears(self, repository: str, cause: Cause) -> bool:
        """Whether it is about what `cause` brought to the repository `<owner>/<name>`."""
        return (self.causes is None or cause in self.causes) and names_repository(
            self.repositories, repository
        )

    def is_for(self, owners: Iterable[str]) -> bool:
        """Whether it is about what these look after."""
        return self.owners is None or not _lowered(self.owners).isdisjoint(_lowered(owners))

    @property
    def is_about_patterns(self) -> bool:
        """Whether it is only about certain patterns."""
        return self.patterns is not None or self.categories is not None

    def is_about(self, *, pattern: str, name: str, category: str | None) -> bool:
        """Whether it is about this pattern."""
        globs = self.patterns if self.patterns is not None else ("*",)
        named = any(fnmatchcase(word.lower(), glob.lower()) for word in (pattern, name) for glob in globs)
        return named and (self.categories is None or (category or "").lower() in _lowered(self.categories))


def _lowered(words: Iterable[str]) -> set[str]:
    return {word.lower() for word in words}


class RuleSetChoice(Section):
    """These repositories are read with this rule set."""

    repositories: _SomeRepositories
    rule_set: Word


class Organisation(Section):
    """The settings of the whole organisation; what is not set is as if the file were not there."""

    repositories: Repositories = Repositories()
    paths: Paths = Paths()
    claude: ClaudeUse = ClaudeUse()
    routes: tuple[Route, ...] | None = None
    """Who is told of what; takes the place of the routes in the notifier's ROUTES_FILE."""
    owners: Mapping[RepositoryGlob, SomeWords] = {}
    """Glob on repositories → names, handles or e-mails of those who look after them."""
    hide: tuple[Hidden, ...] = ()
    """What is not shown of any repository, and not said of any; a repository's own `confirm` wins."""
    rule_sets: tuple[RuleSetChoice, ...] = ()
    """The first that names a repository counts."""
    documentation: Documentation = Documentation()
    """What is expected of the documentation of repositories."""

    def wants(self, name: str) -> bool:
        """Whether the repository `<owner>/<name>` is analysed and shown."""
        include = self.repositories.include
        return (include is None or names_repository(include, name)) and not names_repository(
            self.repositories.exclude, name
        )

    def lets_claude_read(self, name: str, *, private: bool) -> bool:
        """Whether Claude may read the repository `<owner>/<name>`."""
        is_listed = names_repository(self.claude.repositories, name)
        return self.wants(name) and (is_listed or (self.claude.default and not private))

    def owners_of(self, name: str) -> tuple[str, ...]:
        """Who looks after the repository `<owner>/<name>`, each once, in the order of the file."""
        found = (
            owner for glob, some in self.owners.items() if names_repository([glob], name) for owner in some
        )
        return tuple(dict.fromkeys(found))

    def rule_set_for(self, name: str) -> str | None:
        """The rule set that the repository `<owner>/<name>` is read with, None for the usual one."""
        chosen = (choice for choice in self.rule_sets if names_repository(choice.repositories, name))
        return next((choice.rule_set for choice in chosen), None)
