"""`devnexus.yaml`: what the organisation wants read, by whom, who is told, and whose it is."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from devnexus.people.corrections import Hidden
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


class Route(Section):
    """Everything new about these repositories goes to these targets."""

    to: SomeWords
    """Names of targets, as the notifier's ROUTES_FILE has them."""
    repositories: _SomeRepositories = ("*",)


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
